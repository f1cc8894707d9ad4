-- Indexes in the order in which the books are read.

-- The two that these take the place of.
DROP INDEX contributions_book;

DROP INDEX ledger_postings_account;

CREATE INDEX contributions_order ON contributions (book, received_on, id);

CREATE INDEX contributions_donor ON contributions (book, donor, received_on, id);

CREATE INDEX ledger_entries_order ON ledger_entries (book, id);

CREATE INDEX ledger_postings_order ON ledger_postings (account_id, entry_id);
