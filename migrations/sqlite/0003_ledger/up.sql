-- Double-entry books, one book a round, and the contributions that fill them.

CREATE TABLE ledger_accounts (
    id BLOB NOT NULL PRIMARY KEY,
    book TEXT NOT NULL,
    code TEXT NOT NULL,
    UNIQUE (book, code)
) STRICT;

CREATE TRIGGER ledger_accounts_no_update BEFORE UPDATE ON ledger_accounts
BEGIN SELECT RAISE(ABORT, 'rows of ledger_accounts are never changed or deleted'); END;

CREATE TRIGGER ledger_accounts_no_delete BEFORE DELETE ON ledger_accounts
BEGIN SELECT RAISE(ABORT, 'rows of ledger_accounts are never changed or deleted'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER ledger_accounts_no_replace BEFORE INSERT ON ledger_accounts
    WHEN EXISTS (SELECT 1 FROM ledger_accounts WHERE id = NEW.id OR (book = NEW.book AND code = NEW.code))
BEGIN SELECT RAISE(ABORT, 'rows of ledger_accounts are never changed or deleted'); END;

-- The key says what the entry is for, so that a retry collides instead of booking twice.
CREATE TABLE ledger_entries (
    id BLOB NOT NULL PRIMARY KEY,
    entry_key TEXT NOT NULL UNIQUE,
    book TEXT NOT NULL,
    occurred_on INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    narration TEXT NOT NULL
) STRICT;

CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'rows of ledger_entries are never changed or deleted'); END;

CREATE TRIGGER ledger_entries_no_delete BEFORE DELETE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'rows of ledger_entries are never changed or deleted'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER ledger_entries_no_replace BEFORE INSERT ON ledger_entries
    WHEN EXISTS (SELECT 1 FROM ledger_entries WHERE id = NEW.id OR entry_key = NEW.entry_key)
BEGIN SELECT RAISE(ABORT, 'rows of ledger_entries are never changed or deleted'); END;

-- Para; debits above zero, credits below. The postings of an entry sum to zero.
CREATE TABLE ledger_postings (
    entry_id BLOB NOT NULL REFERENCES ledger_entries,
    position INTEGER NOT NULL,
    account_id BLOB NOT NULL REFERENCES ledger_accounts,
    amount INTEGER NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (entry_id, position)
) STRICT;

CREATE INDEX ledger_postings_account ON ledger_postings (account_id);

CREATE TRIGGER ledger_postings_no_update BEFORE UPDATE ON ledger_postings
BEGIN SELECT RAISE(ABORT, 'rows of ledger_postings are never changed or deleted'); END;

CREATE TRIGGER ledger_postings_no_delete BEFORE DELETE ON ledger_postings
BEGIN SELECT RAISE(ABORT, 'rows of ledger_postings are never changed or deleted'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER ledger_postings_no_replace BEFORE INSERT ON ledger_postings
    WHEN EXISTS (SELECT 1 FROM ledger_postings WHERE (entry_id = NEW.entry_id AND position = NEW.position))
BEGIN SELECT RAISE(ABORT, 'rows of ledger_postings are never changed or deleted'); END;

CREATE TABLE contributions (
    id BLOB NOT NULL PRIMARY KEY,
    book TEXT NOT NULL,
    donor TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    fee INTEGER NOT NULL CHECK (fee >= 0),
    foreign_amount INTEGER,
    currency TEXT NOT NULL,
    rate TEXT NOT NULL,
    received_on INTEGER NOT NULL,
    note TEXT NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;

CREATE INDEX contributions_book ON contributions (book);

CREATE TRIGGER contributions_no_update BEFORE UPDATE ON contributions
BEGIN SELECT RAISE(ABORT, 'rows of contributions are never changed or deleted'); END;

CREATE TRIGGER contributions_no_delete BEFORE DELETE ON contributions
BEGIN SELECT RAISE(ABORT, 'rows of contributions are never changed or deleted'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER contributions_no_replace BEFORE INSERT ON contributions
    WHEN EXISTS (SELECT 1 FROM contributions WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of contributions are never changed or deleted'); END;

-- A contribution that was recorded wrongly, or went back: it stays on record and is counted no more.
CREATE TABLE contribution_reversals (
    contribution_id BLOB NOT NULL PRIMARY KEY REFERENCES contributions,
    reason TEXT NOT NULL CHECK (reason IN ('mistyped', 'entered_twice', 'taken_back')),
    reversed_by BLOB NOT NULL REFERENCES people,
    reversed_at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER contribution_reversals_no_update BEFORE UPDATE ON contribution_reversals
BEGIN SELECT RAISE(ABORT, 'rows of contribution_reversals are never changed or deleted'); END;

CREATE TRIGGER contribution_reversals_no_delete BEFORE DELETE ON contribution_reversals
BEGIN SELECT RAISE(ABORT, 'rows of contribution_reversals are never changed or deleted'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER contribution_reversals_no_replace BEFORE INSERT ON contribution_reversals
    WHEN EXISTS (SELECT 1 FROM contribution_reversals WHERE contribution_id = NEW.contribution_id)
BEGIN SELECT RAISE(ABORT, 'rows of contribution_reversals are never changed or deleted'); END;
