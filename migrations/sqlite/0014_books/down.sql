DROP INDEX ledger_postings_order;
DROP INDEX ledger_entries_order;
DROP INDEX contributions_donor;
DROP INDEX contributions_order;
