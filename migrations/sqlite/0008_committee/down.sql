DROP TABLE decisions;
DROP TABLE votes;
DROP TABLE recusals;
DROP TABLE seats;
