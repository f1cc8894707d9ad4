DROP INDEX events_time;
DROP INDEX events_kind;
DROP TABLE totals;
