-- Keys, jobs and the events of the audit log: what every slice stands on.

CREATE FUNCTION fond_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
END $$;

-- A key of an owner for a class of data, wrapped by the master key. Deleting the row erases what it sealed.
CREATE TABLE data_keys (
    owner_id BYTEA NOT NULL,
    class TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    -- Which master key wraps it.
    master_id BYTEA NOT NULL,
    wrapped BYTEA NOT NULL,
    PRIMARY KEY (owner_id, class, version)
);

-- The master key by which keys are wrapped from now on. One row.
CREATE TABLE current_master (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    master_id BYTEA NOT NULL
);

-- Every master key that wraps any key: one, and two from the beginning of a rotation to its end. A start asks here whether the
-- file holds them all, and not millions of keys.
CREATE TABLE wrapping_masters (
    master_id BYTEA NOT NULL PRIMARY KEY
);

-- Which version of the keys of blind indexes is written. Their versions are in data_keys. One row.
CREATE TABLE written_index_version (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL CHECK (version > 0)
);

-- Whoever has not heard yet that the master key was rotated wraps nothing by the old one any more.
CREATE FUNCTION fond_require_current_master() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.master_id <> (SELECT master_id FROM current_master) THEN
        RAISE EXCEPTION 'the master key was rotated';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER data_keys_by_current_master BEFORE INSERT ON data_keys FOR EACH ROW
    EXECUTE FUNCTION fond_require_current_master();

-- The outbox: what is to be done after the commit. Ids only, never an address, text or token.
CREATE TABLE jobs (
    id BYTEA NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    -- Those of one lane are done one after the other, and none waits for those of another.
    lane TEXT NOT NULL CHECK (lane IN ('link', 'notice', 'inside')),
    subject BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    done_at BIGINT
);

CREATE INDEX jobs_due ON jobs (due_at) WHERE done_at IS NULL;

-- What happened, as RFC 8785 JSON without personal data. Numbered once, after the commit; nothing else of a row changes.
CREATE TABLE events (
    id BYTEA NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    actor_id BYTEA,
    canonical BYTEA NOT NULL,
    sequence BIGINT CHECK (sequence >= 0)
);

CREATE UNIQUE INDEX events_sequence ON events (sequence) WHERE sequence IS NOT NULL;

CREATE INDEX events_unnumbered ON events (id) WHERE sequence IS NULL;

CREATE TRIGGER events_no_update BEFORE UPDATE ON events FOR EACH ROW
    WHEN (NOT (OLD.sequence IS NULL AND NEW.sequence IS NOT NULL AND NEW.id IS NOT DISTINCT FROM OLD.id AND NEW.kind IS NOT DISTINCT FROM OLD.kind AND NEW.recorded_at IS NOT DISTINCT FROM OLD.recorded_at AND NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id AND NEW.canonical IS NOT DISTINCT FROM OLD.canonical))
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER events_no_delete BEFORE DELETE ON events FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events
    EXECUTE FUNCTION fond_refuse_change();
