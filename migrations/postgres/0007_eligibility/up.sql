-- Findings on applications and what people decided on them.

CREATE TABLE findings (
    application_id BYTEA NOT NULL REFERENCES applications,
    finding TEXT NOT NULL CHECK (finding IN ('underage', 'other_aid', 'other_aid_possible', 'account_holder_differs', 'related_to_fund', 'no_category', 'household_already_applied', 'shared_bank_account', 'excluded_before')),
    status TEXT NOT NULL CHECK (status IN ('failed', 'open', 'dismissed')),
    PRIMARY KEY (application_id, finding)
);

-- The latest one of a finding holds; earlier ones stay on record.
CREATE TABLE resolutions (
    id BYTEA NOT NULL PRIMARY KEY,
    application_id BYTEA NOT NULL REFERENCES applications,
    finding TEXT NOT NULL CHECK (finding IN ('underage', 'other_aid', 'other_aid_possible', 'account_holder_differs', 'related_to_fund', 'no_category', 'household_already_applied', 'shared_bank_account', 'excluded_before')),
    resolution TEXT NOT NULL CHECK (resolution IN ('confirmed', 'dismissed')),
    resolved_by BYTEA NOT NULL REFERENCES people,
    resolved_at BIGINT NOT NULL,
    reason_sealed BYTEA NOT NULL
);

CREATE INDEX resolutions_application ON resolutions (application_id);

CREATE TRIGGER resolutions_no_update BEFORE UPDATE ON resolutions FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER resolutions_no_delete BEFORE DELETE ON resolutions FOR EACH ROW
    EXECUTE FUNCTION fond_refuse_change();

CREATE TRIGGER resolutions_no_truncate BEFORE TRUNCATE ON resolutions
    EXECUTE FUNCTION fond_refuse_change();
