DROP TABLE executions;
DROP TABLE payouts;
