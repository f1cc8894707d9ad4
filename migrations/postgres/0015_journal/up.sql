-- The access journal: who opened sealed data of whom, when and for what.

CREATE TABLE access_journal (
    id BYTEA NOT NULL PRIMARY KEY,
    opened_at BIGINT NOT NULL,
    -- Nobody, where the fund itself worked.
    person_id BYTEA REFERENCES people,
    session_id BYTEA,
    role TEXT NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('check_eligibility', 'review_application', 'vote', 'read_minutes', 'allocate', 'pay',
        'manage_roles', 'resolve_finding', 'contact_applicant', 'answer_request', 'find_duplicate',
        'print_receipt', 'correct_application', 'erase')),
    -- How often something was decrypted, and of how many people.
    openings BIGINT NOT NULL CHECK (openings > 0),
    subjects BIGINT NOT NULL CHECK (subjects > 0)
);

CREATE INDEX access_journal_reader ON access_journal (person_id, opened_at) WHERE person_id IS NOT NULL;
CREATE INDEX access_journal_time ON access_journal (opened_at, person_id, subjects) WHERE person_id IS NOT NULL;

-- Whose data it was, and which fields, as table.column with commas between them.
CREATE TABLE access_subjects (
    subject_id BYTEA NOT NULL REFERENCES people,
    opened_at BIGINT NOT NULL,
    journal_id BYTEA NOT NULL REFERENCES access_journal,
    fields TEXT NOT NULL,
    PRIMARY KEY (subject_id, opened_at, journal_id)
);

CREATE INDEX access_subjects_journal ON access_subjects (journal_id);

CREATE TRIGGER access_journal_no_update BEFORE UPDATE ON access_journal FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER access_journal_no_delete BEFORE DELETE ON access_journal FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER access_journal_no_truncate BEFORE TRUNCATE ON access_journal
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER access_subjects_no_update BEFORE UPDATE ON access_subjects FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER access_subjects_no_delete BEFORE DELETE ON access_subjects FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER access_subjects_no_truncate BEFORE TRUNCATE ON access_subjects
    EXECUTE FUNCTION fond_refuse_change();

-- When it was last said of somebody that they opened data of many people within an hour.
CREATE TABLE access_alarms (
    person_id BYTEA NOT NULL PRIMARY KEY REFERENCES people,
    raised_at BIGINT NOT NULL
);
