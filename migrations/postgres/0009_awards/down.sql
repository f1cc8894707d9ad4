DROP TABLE reserve_places;
DROP TABLE awards;
DROP TABLE allocations;
