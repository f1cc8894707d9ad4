-- Seats, recusals, votes and decisions.

CREATE TABLE seats (
    id BYTEA NOT NULL PRIMARY KEY,
    call_id BYTEA NOT NULL REFERENCES calls,
    person_id BYTEA NOT NULL REFERENCES people,
    seat TEXT NOT NULL CHECK (seat IN ('chair', 'member', 'substitute')),
    substitutes_for BYTEA REFERENCES seats,
    association TEXT NOT NULL,
    seated_at BIGINT NOT NULL,
    -- Until when the seat can be acted by. Nothing: to the end of the round.
    ends_at BIGINT,
    CHECK ((seat = 'substitute') = (substitutes_for IS NOT NULL)),
    UNIQUE (call_id, person_id)
);

CREATE INDEX seats_person ON seats (person_id);

CREATE TABLE recusals (
    application_id BYTEA NOT NULL REFERENCES applications,
    seat_id BYTEA NOT NULL REFERENCES seats,
    declared_at BIGINT NOT NULL,
    reason_sealed BYTEA NOT NULL,
    PRIMARY KEY (application_id, seat_id)
);

CREATE TRIGGER recusals_no_update BEFORE UPDATE ON recusals FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER recusals_no_delete BEFORE DELETE ON recusals FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER recusals_no_truncate BEFORE TRUNCATE ON recusals
    EXECUTE FUNCTION fond_refuse_change();

-- A later vote of the same seat is a further version; the highest counts.
CREATE TABLE votes (
    id BYTEA NOT NULL PRIMARY KEY,
    application_id BYTEA NOT NULL REFERENCES applications,
    seat_id BYTEA NOT NULL REFERENCES seats,
    vote TEXT NOT NULL CHECK (vote IN ('approve', 'reject', 'abstain')),
    score INTEGER CHECK (score BETWEEN 0 AND 100),
    ballot_sealed BYTEA NOT NULL,
    cast_at BIGINT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    UNIQUE (application_id, seat_id, version)
);

CREATE TRIGGER votes_no_update BEFORE UPDATE ON votes FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER votes_no_delete BEFORE DELETE ON votes FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER votes_no_truncate BEFORE TRUNCATE ON votes
    EXECUTE FUNCTION fond_refuse_change();

CREATE TABLE decisions (
    application_id BYTEA NOT NULL PRIMARY KEY REFERENCES applications,
    call_id BYTEA NOT NULL REFERENCES calls,
    -- That of the application, so that decisions are listed in its order.
    reference TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('approved', 'rejected', 'no_quorum')),
    approvals INTEGER NOT NULL,
    rejections INTEGER NOT NULL,
    abstentions INTEGER NOT NULL,
    score_sum INTEGER NOT NULL,
    score_count INTEGER NOT NULL,
    decided_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX decisions_reference ON decisions (call_id, reference);

CREATE TRIGGER decisions_no_update BEFORE UPDATE ON decisions FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER decisions_no_truncate BEFORE TRUNCATE ON decisions
    EXECUTE FUNCTION fond_refuse_change();

-- A member says of each application that there is no conflict before it opens for them. A conflict is a recusal.
CREATE TABLE conflict_declarations (
    application_id BYTEA NOT NULL REFERENCES applications,
    seat_id BYTEA NOT NULL REFERENCES seats,
    declared_at BIGINT NOT NULL,
    PRIMARY KEY (application_id, seat_id)
);

-- What one seat has said, for its own queue.
CREATE INDEX recusals_seat ON recusals (seat_id, application_id);
CREATE INDEX votes_seat ON votes (seat_id, application_id);
CREATE INDEX conflict_declarations_seat ON conflict_declarations (seat_id, application_id);
