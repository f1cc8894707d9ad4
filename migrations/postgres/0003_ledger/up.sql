-- Double-entry books, one book a round, and the contributions that fill them.

CREATE TABLE ledger_accounts (
    id BYTEA NOT NULL PRIMARY KEY,
    book TEXT NOT NULL,
    code TEXT NOT NULL,
    UNIQUE (book, code)
);

CREATE TRIGGER ledger_accounts_no_update BEFORE UPDATE ON ledger_accounts FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER ledger_accounts_no_delete BEFORE DELETE ON ledger_accounts FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER ledger_accounts_no_truncate BEFORE TRUNCATE ON ledger_accounts
    EXECUTE FUNCTION fond_refuse_change();

-- The key says what the entry is for, so that a retry collides instead of booking twice.
CREATE TABLE ledger_entries (
    id BYTEA NOT NULL PRIMARY KEY,
    entry_key TEXT NOT NULL UNIQUE,
    book TEXT NOT NULL,
    occurred_on INTEGER NOT NULL,
    recorded_at BIGINT NOT NULL,
    narration TEXT NOT NULL
);

CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER ledger_entries_no_delete BEFORE DELETE ON ledger_entries FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER ledger_entries_no_truncate BEFORE TRUNCATE ON ledger_entries
    EXECUTE FUNCTION fond_refuse_change();

-- Para; debits above zero, credits below. The postings of an entry sum to zero.
CREATE TABLE ledger_postings (
    entry_id BYTEA NOT NULL REFERENCES ledger_entries,
    position INTEGER NOT NULL,
    account_id BYTEA NOT NULL REFERENCES ledger_accounts,
    amount BIGINT NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (entry_id, position)
);

CREATE INDEX ledger_postings_account ON ledger_postings (account_id);

CREATE TRIGGER ledger_postings_no_update BEFORE UPDATE ON ledger_postings FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER ledger_postings_no_delete BEFORE DELETE ON ledger_postings FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER ledger_postings_no_truncate BEFORE TRUNCATE ON ledger_postings
    EXECUTE FUNCTION fond_refuse_change();

CREATE TABLE contributions (
    id BYTEA NOT NULL PRIMARY KEY,
    book TEXT NOT NULL,
    donor TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    fee BIGINT NOT NULL CHECK (fee >= 0),
    foreign_amount BIGINT,
    currency TEXT NOT NULL,
    rate TEXT NOT NULL,
    received_on INTEGER NOT NULL,
    note TEXT NOT NULL,
    recorded_at BIGINT NOT NULL
);

CREATE INDEX contributions_book ON contributions (book);

CREATE TRIGGER contributions_no_update BEFORE UPDATE ON contributions FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER contributions_no_delete BEFORE DELETE ON contributions FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER contributions_no_truncate BEFORE TRUNCATE ON contributions
    EXECUTE FUNCTION fond_refuse_change();

-- A contribution that was recorded wrongly, or went back: it stays on record and is counted no more.
CREATE TABLE contribution_reversals (
    contribution_id BYTEA NOT NULL PRIMARY KEY REFERENCES contributions,
    reason TEXT NOT NULL CHECK (reason IN ('mistyped', 'entered_twice', 'taken_back')),
    reversed_by BYTEA NOT NULL REFERENCES people,
    reversed_at BIGINT NOT NULL
);

CREATE TRIGGER contribution_reversals_no_update BEFORE UPDATE ON contribution_reversals FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER contribution_reversals_no_delete BEFORE DELETE ON contribution_reversals FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER contribution_reversals_no_truncate BEFORE TRUNCATE ON contribution_reversals
    EXECUTE FUNCTION fond_refuse_change();
