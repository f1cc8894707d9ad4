-- Other aid: programmes of a call, registers of recipients, their records.

CREATE TABLE aid_programmes (
    id BLOB NOT NULL PRIMARY KEY,
    call_id BLOB NOT NULL REFERENCES calls,
    code TEXT NOT NULL,
    provider TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('republic', 'province', 'municipality', 'association', 'foundation')),
    is_universal INTEGER NOT NULL,
    effect TEXT NOT NULL CHECK (effect IN ('disqualify', 'ignore')),
    title TEXT NOT NULL,
    UNIQUE (call_id, code)
) STRICT;

CREATE TABLE aid_registers (
    id BLOB NOT NULL PRIMARY KEY,
    programme_id BLOB NOT NULL REFERENCES aid_programmes,
    state TEXT NOT NULL CHECK (state IN ('loading', 'in_force', 'withdrawn')),
    record_count INTEGER NOT NULL,
    imported_at INTEGER NOT NULL,
    -- SHA-256 of the file, once it is read to its end.
    digest BLOB,
    imported_by BLOB REFERENCES people,
    in_force_at INTEGER,
    withdrawn_at INTEGER
) STRICT;

CREATE INDEX aid_registers_programme ON aid_registers (programme_id);

-- A record with a JMBG is found by it alone; only one without is found by name and place.
CREATE TABLE aid_records (
    id BLOB NOT NULL PRIMARY KEY,
    register_id BLOB NOT NULL REFERENCES aid_registers,
    jmbg_index BLOB,
    name_index BLOB,
    paid_on INTEGER NOT NULL,
    details_sealed BLOB NOT NULL,
    CHECK ((jmbg_index IS NULL) <> (name_index IS NULL))
) STRICT;

CREATE INDEX aid_records_jmbg ON aid_records (jmbg_index, register_id) WHERE jmbg_index IS NOT NULL;

CREATE INDEX aid_records_name ON aid_records (name_index, register_id) WHERE name_index IS NOT NULL;

CREATE INDEX aid_records_register ON aid_records (register_id);

-- The same file of a programme comes into force once.
CREATE UNIQUE INDEX aid_registers_file ON aid_registers (programme_id, digest) WHERE state = 'in_force';
