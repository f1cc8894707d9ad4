DROP TABLE clarifications;
DROP TABLE drafts;
DROP TABLE applications;
