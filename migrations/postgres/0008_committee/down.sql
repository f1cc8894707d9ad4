DROP TABLE conflict_declarations;
DROP TABLE decisions;
DROP TABLE votes;
DROP TABLE recusals;
DROP TABLE seats;
