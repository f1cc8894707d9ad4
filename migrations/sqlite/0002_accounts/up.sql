-- People and the roles they were given.

CREATE TABLE people (
    id BLOB NOT NULL PRIMARY KEY,
    name_sealed BLOB,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE role_grants (
    id BLOB NOT NULL PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES people,
    role TEXT NOT NULL CHECK (role IN ('administrator', 'treasurer', 'authoriser', 'auditor')),
    granted_by BLOB REFERENCES people,
    granted_at INTEGER NOT NULL,
    ends_at INTEGER
) STRICT;

CREATE INDEX role_grants_person ON role_grants (person_id);
