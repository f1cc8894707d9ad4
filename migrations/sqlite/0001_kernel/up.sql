-- Keys, jobs and the events of the audit log: what every slice stands on.

-- A key of an owner for a class of data, wrapped by the master key. Deleting the row erases what it sealed.
CREATE TABLE data_keys (
    owner_id BLOB NOT NULL,
    class TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    wrapped BLOB NOT NULL,
    PRIMARY KEY (owner_id, class)
) STRICT, WITHOUT ROWID;

-- The outbox: what is to be done after the commit. Ids only, never an address, text or token.
CREATE TABLE jobs (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    -- Those of one lane are done one after the other, and none waits for those of another.
    lane TEXT NOT NULL CHECK (lane IN ('link', 'notice', 'inside')),
    subject BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    done_at INTEGER
) STRICT;

CREATE INDEX jobs_due ON jobs (due_at) WHERE done_at IS NULL;

-- What happened, as RFC 8785 JSON without personal data. Numbered once, after the commit; nothing else of a row changes.
CREATE TABLE events (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    actor_id BLOB,
    canonical BLOB NOT NULL,
    sequence INTEGER CHECK (sequence >= 0)
) STRICT;

CREATE UNIQUE INDEX events_sequence ON events (sequence) WHERE sequence IS NOT NULL;

CREATE INDEX events_unnumbered ON events (id) WHERE sequence IS NULL;

CREATE TRIGGER events_no_update BEFORE UPDATE ON events
    WHEN NOT (OLD.sequence IS NULL AND NEW.sequence IS NOT NULL AND NEW.id IS OLD.id AND NEW.kind IS OLD.kind AND NEW.recorded_at IS OLD.recorded_at AND NEW.actor_id IS OLD.actor_id AND NEW.canonical IS OLD.canonical AND NOT EXISTS (SELECT 1 FROM events WHERE sequence = NEW.sequence))
BEGIN SELECT RAISE(ABORT, 'rows of events are never changed or deleted'); END;

CREATE TRIGGER events_no_delete BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'rows of events are never changed or deleted'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER events_no_replace BEFORE INSERT ON events
    WHEN EXISTS (SELECT 1 FROM events WHERE id = NEW.id OR sequence = NEW.sequence)
BEGIN SELECT RAISE(ABORT, 'rows of events are never changed or deleted'); END;
