DROP INDEX ledger_postings_order;
DROP INDEX ledger_entries_order;
DROP INDEX contributions_donor;
DROP INDEX contributions_order;
CREATE INDEX ledger_postings_account ON ledger_postings (account_id);
CREATE INDEX contributions_book ON contributions (book);
