DROP TABLE award_reinstatements;
DROP TABLE award_releases;
DROP TABLE unfunded_places;
DROP TABLE reserve_places;
DROP TABLE awards;
DROP TABLE allocations;
