-- Applications. What is personal is sealed under the applicant's keys.

CREATE TABLE applications (
    id BYTEA NOT NULL PRIMARY KEY,
    call_id BYTEA NOT NULL REFERENCES calls,
    person_id BYTEA NOT NULL REFERENCES people,
    reference TEXT COLLATE "C" NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('submitted', 'ineligible', 'needs_review', 'eligible', 'approved', 'rejected', 'no_quorum', 'awarded', 'reserve', 'unfunded', 'paid', 'withdrawn', 'declined', 'merged')),
    held_from TEXT CHECK (held_from IN ('eligible', 'approved', 'awarded', 'reserve')),
    category INTEGER,
    municipality TEXT NOT NULL,
    discipline TEXT NOT NULL,
    association TEXT,
    submitted_at BIGINT NOT NULL,
    -- When its name, its account or whose that is was put right last.
    corrected_at BIGINT,
    -- The administrator who entered it for somebody without e-mail.
    entered_by BYTEA REFERENCES people,
    -- The same person's other application, and the state before the two were merged.
    merged_into BYTEA REFERENCES applications,
    merged_from TEXT,
    jmbg_index BYTEA NOT NULL,
    account_index BYTEA NOT NULL,
    name_index BYTEA NOT NULL,
    household_index BYTEA NOT NULL,
    identity_sealed BYTEA NOT NULL,
    need_sealed BYTEA NOT NULL,
    ranking_sealed BYTEA NOT NULL,
    payment_sealed BYTEA NOT NULL,
    -- Why an administrator withdrew it, where the fund had entered it.
    withdrawal_sealed BYTEA,
    version INTEGER NOT NULL,
    CHECK ((state = 'merged') = (merged_into IS NOT NULL)),
    CHECK ((merged_into IS NULL) = (merged_from IS NULL)),
    UNIQUE (call_id, reference),
    UNIQUE (jmbg_index, call_id),
    UNIQUE (person_id, call_id)
);

-- By what finds a person alone: asked for together with the call, an empty table makes PostgreSQL choose any index that
-- begins with the call, and keep to it while the table fills.
CREATE INDEX applications_account ON applications USING hash (account_index) WITH (fillfactor = 10);

CREATE INDEX applications_household ON applications USING hash (household_index) WITH (fillfactor = 10);

CREATE INDEX applications_merged ON applications (merged_into) WHERE merged_into IS NOT NULL;

CREATE INDEX applications_name ON applications (call_id, name_index);

CREATE INDEX applications_order ON applications (call_id, submitted_at, id);

CREATE INDEX applications_state ON applications (call_id, state, submitted_at, id);

CREATE INDEX applications_category ON applications (call_id, category, submitted_at, id);

CREATE INDEX applications_municipality ON applications (call_id, municipality, submitted_at, id);

CREATE INDEX applications_discipline ON applications (call_id, discipline, submitted_at, id);

CREATE INDEX applications_association ON applications (call_id, association, submitted_at, id);

-- As the totals have counted an application: in which state (nothing: not yet) and category, and whether it has changed
-- since. Beside it, so that counting does not write the whole row and its indexes again.
CREATE TABLE application_counts (
    application_id BYTEA NOT NULL PRIMARY KEY,
    is_waiting BOOLEAN NOT NULL,
    state TEXT,
    category INTEGER
);

CREATE INDEX application_counts_waiting ON application_counts (application_id) WHERE is_waiting;

CREATE FUNCTION fond_count_application() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO application_counts (application_id, is_waiting) VALUES (NEW.id, TRUE);
    ELSE
        UPDATE application_counts SET is_waiting = TRUE WHERE application_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER applications_added AFTER INSERT ON applications FOR EACH ROW
    EXECUTE FUNCTION fond_count_application();

CREATE TRIGGER applications_changed AFTER UPDATE OF state, held_from, category ON applications FOR EACH ROW
    EXECUTE FUNCTION fond_count_application();

-- Applications that are being written: one a person and call, each class of data sealed under its own key. A draft that is
-- submitted becomes the application of the same id.
CREATE TABLE drafts (
    id BYTEA NOT NULL PRIMARY KEY,
    call_id BYTEA NOT NULL REFERENCES calls,
    person_id BYTEA NOT NULL REFERENCES people,
    identity_sealed BYTEA,
    need_sealed BYTEA,
    payment_sealed BYTEA,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (person_id, call_id)
);

-- What the fund asks an applicant about an application, and the answer.
CREATE TABLE clarifications (
    id BYTEA NOT NULL PRIMARY KEY,
    application_id BYTEA NOT NULL REFERENCES applications,
    question_sealed BYTEA NOT NULL,
    asked_by BYTEA NOT NULL REFERENCES people,
    asked_at BIGINT NOT NULL,
    answer_sealed BYTEA,
    answered_at BIGINT
);

CREATE INDEX clarifications_application ON clarifications (application_id, id);
