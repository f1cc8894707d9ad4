-- Seats, recusals, votes and decisions.

CREATE TABLE seats (
    id BLOB NOT NULL PRIMARY KEY,
    call_id BLOB NOT NULL REFERENCES calls,
    person_id BLOB NOT NULL REFERENCES people,
    seat TEXT NOT NULL CHECK (seat IN ('chair', 'member', 'substitute')),
    substitutes_for BLOB REFERENCES seats,
    association TEXT NOT NULL,
    seated_at INTEGER NOT NULL,
    -- Until when the seat can be acted by. Nothing: to the end of the round.
    ends_at INTEGER,
    CHECK ((seat = 'substitute') = (substitutes_for IS NOT NULL)),
    UNIQUE (call_id, person_id)
) STRICT;

CREATE INDEX seats_person ON seats (person_id);

CREATE TABLE recusals (
    application_id BLOB NOT NULL REFERENCES applications,
    seat_id BLOB NOT NULL REFERENCES seats,
    declared_at INTEGER NOT NULL,
    reason_sealed BLOB NOT NULL,
    PRIMARY KEY (application_id, seat_id)
) STRICT;

CREATE TRIGGER recusals_no_update BEFORE UPDATE ON recusals
BEGIN SELECT RAISE(ABORT, 'rows of recusals are never changed or deleted'); END;

CREATE TRIGGER recusals_no_delete BEFORE DELETE ON recusals
BEGIN SELECT RAISE(ABORT, 'rows of recusals are never changed or deleted'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER recusals_no_replace BEFORE INSERT ON recusals
    WHEN EXISTS (SELECT 1 FROM recusals WHERE (application_id = NEW.application_id AND seat_id = NEW.seat_id))
BEGIN SELECT RAISE(ABORT, 'rows of recusals are never changed or deleted'); END;

-- A later vote of the same seat is a further version; the highest counts.
CREATE TABLE votes (
    id BLOB NOT NULL PRIMARY KEY,
    application_id BLOB NOT NULL REFERENCES applications,
    seat_id BLOB NOT NULL REFERENCES seats,
    vote TEXT NOT NULL CHECK (vote IN ('approve', 'reject', 'abstain')),
    score INTEGER CHECK (score BETWEEN 0 AND 100),
    ballot_sealed BLOB NOT NULL,
    cast_at INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    UNIQUE (application_id, seat_id, version)
) STRICT;

CREATE TRIGGER votes_no_update BEFORE UPDATE ON votes
BEGIN SELECT RAISE(ABORT, 'rows of votes are never changed or deleted'); END;

CREATE TRIGGER votes_no_delete BEFORE DELETE ON votes
BEGIN SELECT RAISE(ABORT, 'rows of votes are never changed or deleted'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER votes_no_replace BEFORE INSERT ON votes
    WHEN EXISTS (SELECT 1 FROM votes WHERE id = NEW.id OR (application_id = NEW.application_id AND seat_id = NEW.seat_id AND version = NEW.version))
BEGIN SELECT RAISE(ABORT, 'rows of votes are never changed or deleted'); END;

CREATE TABLE decisions (
    application_id BLOB NOT NULL PRIMARY KEY REFERENCES applications,
    call_id BLOB NOT NULL REFERENCES calls,
    -- That of the application, so that decisions are listed in its order.
    reference TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('approved', 'rejected', 'no_quorum')),
    approvals INTEGER NOT NULL,
    rejections INTEGER NOT NULL,
    abstentions INTEGER NOT NULL,
    score_sum INTEGER NOT NULL,
    score_count INTEGER NOT NULL,
    decided_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX decisions_reference ON decisions (call_id, reference);

CREATE TRIGGER decisions_no_update BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'rows of decisions are never changed or deleted'); END;

CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'rows of decisions are never changed or deleted'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER decisions_no_replace BEFORE INSERT ON decisions
    WHEN EXISTS (SELECT 1 FROM decisions WHERE application_id = NEW.application_id OR (call_id = NEW.call_id AND reference = NEW.reference))
BEGIN SELECT RAISE(ABORT, 'rows of decisions are never changed or deleted'); END;

-- A member says of each application that there is no conflict before it opens for them. A conflict is a recusal.
CREATE TABLE conflict_declarations (
    application_id BLOB NOT NULL REFERENCES applications,
    seat_id BLOB NOT NULL REFERENCES seats,
    declared_at INTEGER NOT NULL,
    PRIMARY KEY (application_id, seat_id)
) STRICT;

-- What one seat has said, for its own queue.
CREATE INDEX recusals_seat ON recusals (seat_id, application_id);
CREATE INDEX votes_seat ON votes (seat_id, application_id);
CREATE INDEX conflict_declarations_seat ON conflict_declarations (seat_id, application_id);
