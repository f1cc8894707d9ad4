-- What was erased of people, on request or at the end of its term.

ALTER TABLE applications ADD COLUMN need_erased_at BIGINT;
ALTER TABLE applications ADD COLUMN identity_erased_at BIGINT;
-- How somebody is reached goes before who they are, where the books need that longer.
ALTER TABLE applications ADD COLUMN contact_erased_at BIGINT;
-- The blind index of the JMBG goes last: until then nobody applies to the call a second time.
ALTER TABLE applications ADD COLUMN jmbg_erased_at BIGINT;

-- Each is also a line of the list outside the database, by which a restored backup is made to forget again.
CREATE TABLE erasures (
    subject_id BYTEA NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('person', 'person_but_books', 'draft', 'document', 'need', 'identity', 'contact', 'jmbg', 'register')),
    erased_at BIGINT NOT NULL,
    -- When its line was written.
    listed_at BIGINT,
    PRIMARY KEY (subject_id, what)
);

CREATE INDEX erasures_unlisted ON erasures (erased_at) WHERE listed_at IS NULL;

CREATE TRIGGER erasures_no_delete BEFORE DELETE ON erasures FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER erasures_no_truncate BEFORE TRUNCATE ON erasures
    EXECUTE FUNCTION fond_refuse_change();
