-- How many people stand where in a call, and what they were given: kept beside the applications, for totals without names.

CREATE TABLE totals (
    call_id BLOB NOT NULL REFERENCES calls,
    dimension TEXT NOT NULL CHECK (dimension IN ('call', 'category', 'association', 'municipality', 'discipline', 'month')),
    value TEXT NOT NULL,
    state TEXT NOT NULL,
    people INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (call_id, dimension, value, state)
) STRICT;

-- The log is read by kind and by time, in its own order; what has no number yet is not read.
CREATE INDEX events_kind ON events (kind, sequence) WHERE sequence IS NOT NULL;
CREATE INDEX events_time ON events (recorded_at, sequence) WHERE sequence IS NOT NULL;
