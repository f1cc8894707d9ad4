-- Findings on applications and what people decided on them.

CREATE TABLE findings (
    application_id BLOB NOT NULL REFERENCES applications,
    finding TEXT NOT NULL CHECK (finding IN ('underage', 'other_aid', 'other_aid_possible', 'account_holder_differs', 'related_to_fund', 'no_category', 'household_already_applied', 'shared_bank_account', 'excluded_before')),
    status TEXT NOT NULL CHECK (status IN ('failed', 'open', 'dismissed')),
    PRIMARY KEY (application_id, finding)
) STRICT;

-- The latest one of a finding holds; earlier ones stay on record.
CREATE TABLE resolutions (
    id BLOB NOT NULL PRIMARY KEY,
    application_id BLOB NOT NULL REFERENCES applications,
    finding TEXT NOT NULL CHECK (finding IN ('underage', 'other_aid', 'other_aid_possible', 'account_holder_differs', 'related_to_fund', 'no_category', 'household_already_applied', 'shared_bank_account', 'excluded_before')),
    resolution TEXT NOT NULL CHECK (resolution IN ('confirmed', 'dismissed')),
    resolved_by BLOB NOT NULL REFERENCES people,
    resolved_at INTEGER NOT NULL,
    reason_sealed BLOB NOT NULL
) STRICT;

CREATE INDEX resolutions_application ON resolutions (application_id);

CREATE TRIGGER resolutions_no_update BEFORE UPDATE ON resolutions
BEGIN SELECT RAISE(ABORT, 'rows of resolutions are never changed or deleted'); END;

CREATE TRIGGER resolutions_no_delete BEFORE DELETE ON resolutions
BEGIN SELECT RAISE(ABORT, 'rows of resolutions are never changed or deleted'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER resolutions_no_replace BEFORE INSERT ON resolutions
    WHEN EXISTS (SELECT 1 FROM resolutions WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of resolutions are never changed or deleted'); END;
