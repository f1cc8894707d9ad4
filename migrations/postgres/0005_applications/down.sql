DROP TABLE clarifications;
DROP TABLE drafts;
DROP TABLE applications;
DROP FUNCTION fond_count_application();
DROP TABLE application_counts;
