-- How people sign in, what they asked by mail, and the roles they are invited to.

CREATE TABLE logins (
    person_id BYTEA NOT NULL PRIMARY KEY REFERENCES people,
    email_sealed BYTEA NOT NULL,
    email_index BYTEA NOT NULL UNIQUE,
    language TEXT NOT NULL CHECK (language IN ('sr-Cyrl', 'sr-Latn', 'en')),
    -- Nothing, for one who signs in by mailed link alone.
    password_hash TEXT,
    totp_sealed BYTEA,
    -- An offered second factor counts from here on.
    totp_confirmed_at BIGINT,
    -- The last step of 30 seconds whose code was used: no code works twice.
    totp_last_step BIGINT,
    -- While this stands, no role but applicant works.
    suspended_at BIGINT,
    created_at BIGINT NOT NULL,
    -- When password or address changed last: links that were asked for before are spent.
    secured_at BIGINT NOT NULL,
    version INTEGER NOT NULL
);

CREATE TABLE recovery_codes (
    person_id BYTEA NOT NULL REFERENCES people,
    code_hash BYTEA NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (person_id, code_hash)
);

CREATE TABLE sessions (
    id BYTEA NOT NULL PRIMARY KEY,
    person_id BYTEA NOT NULL REFERENCES people,
    -- Browser and system in two words, for the owner to recognise it.
    device TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    refreshed_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- The last proof of who it is: password, mailed link or second factor.
    proven_at BIGINT NOT NULL,
    -- The last code of the second factor, without which no role but applicant works.
    second_factor_at BIGINT,
    ended_at BIGINT
);

CREATE INDEX sessions_person ON sessions (person_id, created_at, id);

-- Refresh tokens by their SHA-256. A used one that comes back ends its session.
CREATE TABLE refresh_tokens (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    session_id BYTEA NOT NULL REFERENCES sessions,
    issued_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

-- What somebody asked and a mailed link answers. The links are made from the id, so no token is stored.
CREATE TABLE mail_requests (
    id BYTEA NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('registration', 'sign_in', 'password_reset', 'email_change')),
    -- Known only where somebody signed in asks.
    person_id BYTEA REFERENCES people,
    email_sealed BYTEA NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('sr-Cyrl', 'sr-Latn', 'en')),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- How often a short code was tried.
    tries INTEGER NOT NULL,
    -- A change of address is confirmed at both.
    old_confirmed_at BIGINT,
    new_confirmed_at BIGINT,
    used_at BIGINT
);

CREATE INDEX mail_requests_expiry ON mail_requests (expires_at);

CREATE TABLE invitations (
    id BYTEA NOT NULL PRIMARY KEY,
    email_sealed BYTEA NOT NULL,
    email_index BYTEA NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('sr-Cyrl', 'sr-Latn', 'en')),
    role TEXT NOT NULL CHECK (role IN ('administrator', 'treasurer', 'authoriser', 'auditor', 'chair', 'member', 'substitute')),
    -- Nothing: for every call.
    call_id BYTEA REFERENCES calls,
    association TEXT,
    substitutes_for BYTEA REFERENCES seats,
    -- When the role ends.
    ends_at BIGINT NOT NULL,
    -- Nobody, where the command line invites.
    invited_by BYTEA REFERENCES people,
    invited_at BIGINT NOT NULL,
    -- Until when it can be accepted.
    expires_at BIGINT NOT NULL,
    person_id BYTEA REFERENCES people,
    accepted_at BIGINT,
    confirmed_by BYTEA REFERENCES people,
    confirmed_at BIGINT,
    withdrawn_at BIGINT,
    version INTEGER NOT NULL
);

CREATE INDEX invitations_order ON invitations (invited_at, id);
CREATE INDEX invitations_role ON invitations (role, invited_at, id);
CREATE INDEX invitations_person ON invitations (person_id);

ALTER TABLE role_grants ADD COLUMN call_id BYTEA REFERENCES calls;
ALTER TABLE role_grants ADD COLUMN association TEXT;
ALTER TABLE role_grants ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

CREATE INDEX calls_order ON calls (opens_at, id);
CREATE INDEX role_grants_order ON role_grants (granted_at, id);
CREATE INDEX role_grants_role ON role_grants (role, granted_at, id);

-- The first answer to a request with an Idempotency-Key, sealed; given again for 7 days.
CREATE TABLE idempotent_answers (
    person_id BYTEA NOT NULL REFERENCES people,
    key_index BYTEA NOT NULL,
    fingerprint BYTEA NOT NULL,
    answer_sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    -- In this order: the keys of people who came one after the other lie apart, so that PostgreSQL, which guards what was
    -- read by the page, finds fewer conflicts between them.
    PRIMARY KEY (key_index, person_id)
);

CREATE INDEX idempotent_answers_age ON idempotent_answers (created_at);
