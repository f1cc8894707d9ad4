DROP INDEX jobs_dead;
DROP INDEX jobs_due;
ALTER TABLE jobs DROP COLUMN dead_at;
ALTER TABLE jobs DROP COLUMN failure;
CREATE INDEX jobs_due ON jobs (due_at) WHERE done_at IS NULL;
