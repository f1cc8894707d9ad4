-- Calls: rounds of the fund with their rules.

-- rules: versioned JSON, see src/calls/rules.
CREATE TABLE calls (
    id BYTEA NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('draft', 'published', 'voting', 'voting_closed', 'allocated')),
    rules TEXT NOT NULL,
    -- What is shared: as the rules say, until the treasurer sets another.
    budget BIGINT NOT NULL CHECK (budget >= 0),
    opens_at BIGINT NOT NULL,
    -- As the rules say, or earlier where an administrator closed the call.
    closes_at BIGINT NOT NULL CHECK (opens_at <= closes_at),
    voting_closes_at BIGINT NOT NULL CHECK (closes_at <= voting_closes_at),
    seed TEXT,
    seed_recorded_at BIGINT,
    created_at BIGINT NOT NULL,
    version INTEGER NOT NULL
);
