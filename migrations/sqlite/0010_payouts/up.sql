-- Payouts of awards and their executions at the bank.

-- binding: keyed hash of payee, account, amount and reference, as authorised.
CREATE TABLE payouts (
    id BLOB NOT NULL PRIMARY KEY,
    award_id BLOB NOT NULL UNIQUE REFERENCES awards,
    call_id BLOB NOT NULL REFERENCES calls,
    -- That of the application, so that payouts are listed in its order.
    reference TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('prepared', 'authorised', 'executed', 'returned', 'cancelled')),
    amount INTEGER NOT NULL CHECK (amount > 0),
    binding BLOB NOT NULL,
    prepared_by BLOB NOT NULL REFERENCES people,
    prepared_at INTEGER NOT NULL,
    authorised_by BLOB REFERENCES people CHECK (authorised_by <> prepared_by),
    authorised_at INTEGER,
    version INTEGER NOT NULL
) STRICT;

CREATE INDEX payouts_time ON payouts (call_id, prepared_at, id);

CREATE INDEX payouts_amount ON payouts (call_id, amount, id);

CREATE UNIQUE INDEX payouts_reference ON payouts (call_id, reference);

CREATE INDEX payouts_state_time ON payouts (call_id, state, prepared_at, id);

CREATE INDEX payouts_state_amount ON payouts (call_id, state, amount, id);

CREATE INDEX payouts_state_reference ON payouts (call_id, state, reference);

-- At most one execution of a payout stands; a returned one stays on record.
CREATE TABLE executions (
    id BLOB NOT NULL PRIMARY KEY,
    payout_id BLOB NOT NULL REFERENCES payouts,
    call_id BLOB NOT NULL REFERENCES calls,
    bank_reference TEXT NOT NULL,
    executed_on INTEGER NOT NULL,
    returned_on INTEGER,
    UNIQUE (call_id, bank_reference)
) STRICT;

CREATE UNIQUE INDEX executions_once ON executions (payout_id) WHERE returned_on IS NULL;
