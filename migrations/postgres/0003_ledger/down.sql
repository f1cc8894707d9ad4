DROP TABLE contribution_reversals;
DROP TABLE contributions;
DROP TABLE ledger_postings;
DROP TABLE ledger_entries;
DROP TABLE ledger_accounts;
