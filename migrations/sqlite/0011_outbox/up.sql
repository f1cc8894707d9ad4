-- Jobs that fail: when one was given up, and a word for why; never what another machine answered, for it may hold an address.
-- A job that is held is due again only when its lease ends; a worker that died gives it back that way.

ALTER TABLE jobs ADD COLUMN failure TEXT CHECK (length(failure) BETWEEN 1 AND 40);
ALTER TABLE jobs ADD COLUMN dead_at INTEGER CHECK (dead_at IS NULL OR (failure IS NOT NULL AND done_at IS NULL));

DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs (lane, due_at, id) WHERE done_at IS NULL AND dead_at IS NULL;
CREATE INDEX jobs_dead ON jobs (id) WHERE dead_at IS NOT NULL;
