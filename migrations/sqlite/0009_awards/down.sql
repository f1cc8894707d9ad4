DROP TABLE award_reinstatements;
DROP TABLE award_releases;
DROP TABLE reserve_places;
DROP TABLE awards;
DROP TABLE allocations;
