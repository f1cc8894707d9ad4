-- Applications. What is personal is sealed under the applicant's keys.

CREATE TABLE applications (
    id BLOB NOT NULL PRIMARY KEY,
    call_id BLOB NOT NULL REFERENCES calls,
    person_id BLOB NOT NULL REFERENCES people,
    reference TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('submitted', 'ineligible', 'needs_review', 'eligible', 'approved', 'rejected', 'no_quorum', 'awarded', 'reserve', 'unfunded', 'paid', 'withdrawn', 'declined')),
    held_from TEXT CHECK (held_from IN ('approved', 'awarded', 'reserve')),
    category INTEGER,
    municipality TEXT NOT NULL,
    discipline TEXT NOT NULL,
    association TEXT,
    submitted_at INTEGER NOT NULL,
    jmbg_index BLOB NOT NULL,
    account_index BLOB NOT NULL,
    name_index BLOB NOT NULL,
    household_index BLOB NOT NULL,
    identity_sealed BLOB NOT NULL,
    need_sealed BLOB NOT NULL,
    ranking_sealed BLOB NOT NULL,
    payment_sealed BLOB NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (call_id, reference),
    UNIQUE (call_id, jmbg_index)
) STRICT;

CREATE INDEX applications_account ON applications (call_id, account_index);

CREATE INDEX applications_household ON applications (call_id, household_index, submitted_at);

CREATE INDEX applications_name ON applications (call_id, name_index);
