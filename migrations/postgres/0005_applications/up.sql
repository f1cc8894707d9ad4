-- Applications. What is personal is sealed under the applicant's keys.

CREATE TABLE applications (
    id BYTEA NOT NULL PRIMARY KEY,
    call_id BYTEA NOT NULL REFERENCES calls,
    person_id BYTEA NOT NULL REFERENCES people,
    reference TEXT COLLATE "C" NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('submitted', 'ineligible', 'needs_review', 'eligible', 'approved', 'rejected', 'no_quorum', 'awarded', 'reserve', 'unfunded', 'paid', 'withdrawn', 'declined')),
    held_from TEXT CHECK (held_from IN ('approved', 'awarded', 'reserve')),
    category INTEGER,
    municipality TEXT NOT NULL,
    discipline TEXT NOT NULL,
    association TEXT,
    submitted_at BIGINT NOT NULL,
    jmbg_index BYTEA NOT NULL,
    account_index BYTEA NOT NULL,
    name_index BYTEA NOT NULL,
    household_index BYTEA NOT NULL,
    identity_sealed BYTEA NOT NULL,
    need_sealed BYTEA NOT NULL,
    ranking_sealed BYTEA NOT NULL,
    payment_sealed BYTEA NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (call_id, reference),
    UNIQUE (call_id, jmbg_index)
);

CREATE INDEX applications_account ON applications (call_id, account_index);

CREATE INDEX applications_household ON applications (call_id, household_index, submitted_at);

CREATE INDEX applications_name ON applications (call_id, name_index);
