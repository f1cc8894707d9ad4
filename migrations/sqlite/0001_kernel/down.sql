DROP TABLE events;
DROP TABLE jobs;
DROP TABLE data_keys;
