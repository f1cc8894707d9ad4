DROP TABLE clarifications;
DROP TABLE drafts;
DROP TABLE applications;
DROP TABLE application_counts;
