-- People and the roles they were given.

CREATE TABLE people (
    id BYTEA NOT NULL PRIMARY KEY,
    name_sealed BYTEA,
    created_at BIGINT NOT NULL
);

CREATE TABLE role_grants (
    id BYTEA NOT NULL PRIMARY KEY,
    person_id BYTEA NOT NULL REFERENCES people,
    role TEXT NOT NULL CHECK (role IN ('administrator', 'treasurer', 'authoriser', 'auditor')),
    granted_by BYTEA REFERENCES people,
    granted_at BIGINT NOT NULL,
    ends_at BIGINT
);

CREATE INDEX role_grants_person ON role_grants (person_id);
