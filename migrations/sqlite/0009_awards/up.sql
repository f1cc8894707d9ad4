-- The allocation of a call: awards and the reserve list.

CREATE TABLE allocations (
    call_id BLOB NOT NULL PRIMARY KEY REFERENCES calls,
    method TEXT NOT NULL CHECK (method IN ('category_order', 'equal_split', 'score_order', 'income_bands', 'draw')),
    budget INTEGER NOT NULL CHECK (budget >= 0),
    awarded INTEGER NOT NULL CHECK (awarded >= 0 AND awarded <= budget),
    seed TEXT,
    committed_by BLOB NOT NULL REFERENCES people,
    committed_at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER allocations_no_update BEFORE UPDATE ON allocations
BEGIN SELECT RAISE(ABORT, 'rows of allocations are never changed or deleted'); END;

CREATE TRIGGER allocations_no_delete BEFORE DELETE ON allocations
BEGIN SELECT RAISE(ABORT, 'rows of allocations are never changed or deleted'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER allocations_no_replace BEFORE INSERT ON allocations
    WHEN EXISTS (SELECT 1 FROM allocations WHERE call_id = NEW.call_id)
BEGIN SELECT RAISE(ABORT, 'rows of allocations are never changed or deleted'); END;

CREATE TABLE awards (
    id BLOB NOT NULL PRIMARY KEY,
    call_id BLOB NOT NULL REFERENCES calls,
    application_id BLOB NOT NULL UNIQUE REFERENCES applications,
    -- That of the application, so that awards are listed in its order.
    reference TEXT NOT NULL,
    rank INTEGER NOT NULL,
    gross INTEGER NOT NULL CHECK (gross > 0),
    net INTEGER NOT NULL CHECK (net > 0 AND net <= gross)
) STRICT;

CREATE INDEX awards_rank ON awards (call_id, rank, id);

CREATE INDEX awards_gross ON awards (call_id, gross, id);

CREATE UNIQUE INDEX awards_reference ON awards (call_id, reference);

CREATE TRIGGER awards_no_update BEFORE UPDATE ON awards
BEGIN SELECT RAISE(ABORT, 'rows of awards are never changed or deleted'); END;

CREATE TRIGGER awards_no_delete BEFORE DELETE ON awards
BEGIN SELECT RAISE(ABORT, 'rows of awards are never changed or deleted'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER awards_no_replace BEFORE INSERT ON awards
    WHEN EXISTS (SELECT 1 FROM awards WHERE id = NEW.id OR application_id = NEW.application_id OR (call_id = NEW.call_id AND reference = NEW.reference))
BEGIN SELECT RAISE(ABORT, 'rows of awards are never changed or deleted'); END;

CREATE TABLE reserve_places (
    application_id BLOB NOT NULL PRIMARY KEY REFERENCES applications,
    call_id BLOB NOT NULL REFERENCES calls,
    rank INTEGER NOT NULL
) STRICT;

CREATE INDEX reserve_places_call ON reserve_places (call_id, rank);

CREATE TRIGGER reserve_places_no_update BEFORE UPDATE ON reserve_places
BEGIN SELECT RAISE(ABORT, 'rows of reserve_places are never changed or deleted'); END;

CREATE TRIGGER reserve_places_no_delete BEFORE DELETE ON reserve_places
BEGIN SELECT RAISE(ABORT, 'rows of reserve_places are never changed or deleted'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER reserve_places_no_replace BEFORE INSERT ON reserve_places
    WHEN EXISTS (SELECT 1 FROM reserve_places WHERE application_id = NEW.application_id)
BEGIN SELECT RAISE(ABORT, 'rows of reserve_places are never changed or deleted'); END;

-- Whoever was left in no line, in the order of the allocation.
CREATE TABLE unfunded_places (
    application_id BLOB NOT NULL PRIMARY KEY REFERENCES applications,
    call_id BLOB NOT NULL REFERENCES calls,
    rank INTEGER NOT NULL
) STRICT;

CREATE INDEX unfunded_places_call ON unfunded_places (call_id, rank);

CREATE TRIGGER unfunded_places_no_update BEFORE UPDATE ON unfunded_places
BEGIN SELECT RAISE(ABORT, 'rows of unfunded_places are never changed or deleted'); END;

CREATE TRIGGER unfunded_places_no_delete BEFORE DELETE ON unfunded_places
BEGIN SELECT RAISE(ABORT, 'rows of unfunded_places are never changed or deleted'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER unfunded_places_no_replace BEFORE INSERT ON unfunded_places
    WHEN EXISTS (SELECT 1 FROM unfunded_places WHERE application_id = NEW.application_id)
BEGIN SELECT RAISE(ABORT, 'rows of unfunded_places are never changed or deleted'); END;

-- An award that will not be paid: its money goes back to what can be awarded.
-- It may come back (below) and go again: turn counts from 0, so that it goes once at a time.
CREATE TABLE award_releases (
    award_id BLOB NOT NULL REFERENCES awards,
    turn INTEGER NOT NULL CHECK (turn >= 0),
    reason TEXT NOT NULL CHECK (reason IN ('declined', 'ineligible')),
    released_at INTEGER NOT NULL,
    PRIMARY KEY (award_id, turn)
) STRICT;

CREATE TRIGGER award_releases_no_update BEFORE UPDATE ON award_releases
BEGIN SELECT RAISE(ABORT, 'rows of award_releases are never changed or deleted'); END;

CREATE TRIGGER award_releases_no_delete BEFORE DELETE ON award_releases
BEGIN SELECT RAISE(ABORT, 'rows of award_releases are never changed or deleted'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER award_releases_no_replace BEFORE INSERT ON award_releases
    WHEN EXISTS (SELECT 1 FROM award_releases WHERE award_id = NEW.award_id AND turn = NEW.turn)
BEGIN SELECT RAISE(ABORT, 'rows of award_releases are never changed or deleted'); END;

-- An award that was released because of a finding, and given again once that fell.
CREATE TABLE award_reinstatements (
    award_id BLOB NOT NULL,
    turn INTEGER NOT NULL,
    reinstated_at INTEGER NOT NULL,
    PRIMARY KEY (award_id, turn),
    FOREIGN KEY (award_id, turn) REFERENCES award_releases (award_id, turn)
) STRICT;

CREATE TRIGGER award_reinstatements_no_update BEFORE UPDATE ON award_reinstatements
BEGIN SELECT RAISE(ABORT, 'rows of award_reinstatements are never changed or deleted'); END;

CREATE TRIGGER award_reinstatements_no_delete BEFORE DELETE ON award_reinstatements
BEGIN SELECT RAISE(ABORT, 'rows of award_reinstatements are never changed or deleted'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER award_reinstatements_no_replace BEFORE INSERT ON award_reinstatements
    WHEN EXISTS (SELECT 1 FROM award_reinstatements WHERE award_id = NEW.award_id AND turn = NEW.turn)
BEGIN SELECT RAISE(ABORT, 'rows of award_reinstatements are never changed or deleted'); END;
