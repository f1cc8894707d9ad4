DROP TABLE erasures;
ALTER TABLE applications DROP COLUMN jmbg_erased_at;
ALTER TABLE applications DROP COLUMN contact_erased_at;
ALTER TABLE applications DROP COLUMN identity_erased_at;
ALTER TABLE applications DROP COLUMN need_erased_at;
