-- Keys, jobs and the events of the audit log: what every slice stands on.

-- A key of an owner for a class of data, wrapped by the master key. Deleting the row erases what it sealed.
CREATE TABLE data_keys (
    owner_id BLOB NOT NULL,
    class TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    -- Which master key wraps it.
    master_id BLOB NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (owner_id, class, version)
) STRICT, WITHOUT ROWID;

-- The master key by which keys are wrapped from now on. One row.
CREATE TABLE current_master (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    master_id BLOB NOT NULL
) STRICT;

-- Every master key that wraps any key: one, and two from the beginning of a rotation to its end. A start asks here whether the
-- file holds them all, and not millions of keys.
CREATE TABLE wrapping_masters (
    master_id BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Which version of the keys of blind indexes is written. Their versions are in data_keys. One row.
CREATE TABLE written_index_version (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL CHECK (version > 0)
) STRICT;

-- Whoever has not heard yet that the master key was rotated wraps nothing by the old one any more.
CREATE TRIGGER data_keys_by_current_master BEFORE INSERT ON data_keys
    WHEN NEW.master_id <> (SELECT master_id FROM current_master)
BEGIN SELECT RAISE(ABORT, 'the master key was rotated'); END;

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
