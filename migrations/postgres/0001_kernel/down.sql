DROP TABLE events;
DROP TABLE jobs;
DROP TABLE data_keys;
DROP FUNCTION fond_refuse_change();
