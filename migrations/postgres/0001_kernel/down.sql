DROP TABLE events;
DROP TABLE jobs;
DROP TABLE data_keys;
DROP TABLE current_master;
DROP TABLE written_index_version;
DROP TABLE wrapping_masters;
DROP FUNCTION fond_require_current_master();
DROP FUNCTION fond_refuse_change();
