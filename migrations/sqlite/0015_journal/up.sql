-- The access journal: who opened sealed data of whom, when and for what.

CREATE TABLE access_journal (
    id BLOB NOT NULL PRIMARY KEY,
    opened_at INTEGER NOT NULL,
    -- Nobody, where the fund itself worked.
    person_id BLOB REFERENCES people,
    session_id BLOB,
    role TEXT NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('check_eligibility', 'review_application', 'vote', 'read_minutes', 'allocate', 'pay',
        'manage_roles', 'resolve_finding', 'contact_applicant', 'answer_request', 'find_duplicate',
        'print_receipt', 'correct_application', 'erase')),
    -- How often something was decrypted, and of how many people.
    openings INTEGER NOT NULL CHECK (openings > 0),
    subjects INTEGER NOT NULL CHECK (subjects > 0)
) STRICT, WITHOUT ROWID;

CREATE INDEX access_journal_reader ON access_journal (person_id, opened_at) WHERE person_id IS NOT NULL;
CREATE INDEX access_journal_time ON access_journal (opened_at, person_id, subjects) WHERE person_id IS NOT NULL;

-- Whose data it was, and which fields, as table.column with commas between them.
CREATE TABLE access_subjects (
    subject_id BLOB NOT NULL REFERENCES people,
    opened_at INTEGER NOT NULL,
    journal_id BLOB NOT NULL REFERENCES access_journal,
    fields TEXT NOT NULL,
    PRIMARY KEY (subject_id, opened_at, journal_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX access_subjects_journal ON access_subjects (journal_id);

CREATE TRIGGER access_journal_no_update BEFORE UPDATE ON access_journal
BEGIN SELECT RAISE(ABORT, 'rows of access_journal are never changed or deleted'); END;

CREATE TRIGGER access_journal_no_delete BEFORE DELETE ON access_journal
BEGIN SELECT RAISE(ABORT, 'rows of access_journal are never changed or deleted'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER access_journal_no_replace BEFORE INSERT ON access_journal
    WHEN EXISTS (SELECT 1 FROM access_journal WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of access_journal are never changed or deleted'); END;

CREATE TRIGGER access_subjects_no_update BEFORE UPDATE ON access_subjects
BEGIN SELECT RAISE(ABORT, 'rows of access_subjects are never changed or deleted'); END;

CREATE TRIGGER access_subjects_no_delete BEFORE DELETE ON access_subjects
BEGIN SELECT RAISE(ABORT, 'rows of access_subjects are never changed or deleted'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER access_subjects_no_replace BEFORE INSERT ON access_subjects
    WHEN EXISTS (SELECT 1 FROM access_subjects
        WHERE subject_id = NEW.subject_id AND opened_at = NEW.opened_at AND journal_id = NEW.journal_id)
BEGIN SELECT RAISE(ABORT, 'rows of access_subjects are never changed or deleted'); END;

-- When it was last said of somebody that they opened data of many people within an hour.
CREATE TABLE access_alarms (
    person_id BLOB NOT NULL PRIMARY KEY REFERENCES people,
    raised_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
