DROP TABLE access_alarms;
DROP TABLE access_subjects;
DROP TABLE access_journal;
