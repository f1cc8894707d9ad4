-- The allocation of a call: awards and the reserve list.

CREATE TABLE allocations (
    call_id BYTEA NOT NULL PRIMARY KEY REFERENCES calls,
    method TEXT NOT NULL CHECK (method IN ('category_order', 'equal_split', 'score_order', 'income_bands', 'draw')),
    budget BIGINT NOT NULL CHECK (budget >= 0),
    awarded BIGINT NOT NULL CHECK (awarded >= 0 AND awarded <= budget),
    seed TEXT,
    committed_by BYTEA NOT NULL REFERENCES people,
    committed_at BIGINT NOT NULL
);

CREATE TRIGGER allocations_no_update BEFORE UPDATE ON allocations FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER allocations_no_delete BEFORE DELETE ON allocations FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER allocations_no_truncate BEFORE TRUNCATE ON allocations
    EXECUTE FUNCTION fond_refuse_change();

CREATE TABLE awards (
    id BYTEA NOT NULL PRIMARY KEY,
    call_id BYTEA NOT NULL REFERENCES calls,
    application_id BYTEA NOT NULL UNIQUE REFERENCES applications,
    -- That of the application, so that awards are listed in its order.
    reference TEXT NOT NULL,
    rank INTEGER NOT NULL,
    gross BIGINT NOT NULL CHECK (gross > 0),
    net BIGINT NOT NULL CHECK (net > 0 AND net <= gross)
);

CREATE INDEX awards_rank ON awards (call_id, rank, id);

CREATE INDEX awards_gross ON awards (call_id, gross, id);

CREATE UNIQUE INDEX awards_reference ON awards (call_id, reference);

CREATE TRIGGER awards_no_update BEFORE UPDATE ON awards FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER awards_no_delete BEFORE DELETE ON awards FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER awards_no_truncate BEFORE TRUNCATE ON awards
    EXECUTE FUNCTION fond_refuse_change();

CREATE TABLE reserve_places (
    application_id BYTEA NOT NULL PRIMARY KEY REFERENCES applications,
    call_id BYTEA NOT NULL REFERENCES calls,
    rank INTEGER NOT NULL
);

CREATE INDEX reserve_places_call ON reserve_places (call_id, rank);

CREATE TRIGGER reserve_places_no_update BEFORE UPDATE ON reserve_places FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER reserve_places_no_delete BEFORE DELETE ON reserve_places FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER reserve_places_no_truncate BEFORE TRUNCATE ON reserve_places
    EXECUTE FUNCTION fond_refuse_change();

-- Whoever was left in no line, in the order of the allocation.
CREATE TABLE unfunded_places (
    application_id BYTEA NOT NULL PRIMARY KEY REFERENCES applications,
    call_id BYTEA NOT NULL REFERENCES calls,
    rank INTEGER NOT NULL
);

CREATE INDEX unfunded_places_call ON unfunded_places (call_id, rank);

CREATE TRIGGER unfunded_places_no_update BEFORE UPDATE ON unfunded_places FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER unfunded_places_no_delete BEFORE DELETE ON unfunded_places FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER unfunded_places_no_truncate BEFORE TRUNCATE ON unfunded_places
    EXECUTE FUNCTION fond_refuse_change();

-- An award that will not be paid: its money goes back to what can be awarded.
-- It may come back (below) and go again: turn counts from 0, so that it goes once at a time.
CREATE TABLE award_releases (
    award_id BYTEA NOT NULL REFERENCES awards,
    turn INTEGER NOT NULL CHECK (turn >= 0),
    reason TEXT NOT NULL CHECK (reason IN ('declined', 'ineligible')),
    released_at BIGINT NOT NULL,
    PRIMARY KEY (award_id, turn)
);

CREATE TRIGGER award_releases_no_update BEFORE UPDATE ON award_releases FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER award_releases_no_delete BEFORE DELETE ON award_releases FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER award_releases_no_truncate BEFORE TRUNCATE ON award_releases
    EXECUTE FUNCTION fond_refuse_change();

-- An award that was released because of a finding, and given again once that fell.
CREATE TABLE award_reinstatements (
    award_id BYTEA NOT NULL,
    turn INTEGER NOT NULL,
    reinstated_at BIGINT NOT NULL,
    PRIMARY KEY (award_id, turn),
    FOREIGN KEY (award_id, turn) REFERENCES award_releases (award_id, turn)
);

CREATE TRIGGER award_reinstatements_no_update BEFORE UPDATE ON award_reinstatements FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER award_reinstatements_no_delete BEFORE DELETE ON award_reinstatements FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER award_reinstatements_no_truncate BEFORE TRUNCATE ON award_reinstatements
    EXECUTE FUNCTION fond_refuse_change();
