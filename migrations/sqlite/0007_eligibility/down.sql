DROP TABLE resolutions;
DROP TABLE findings;
