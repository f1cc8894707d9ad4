//! Settings of backups: to whom they are encrypted, where they lie, how long they are kept.

use std::path::PathBuf;

use serde::Deserialize;

use super::http::list;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupSettings {
    /// Public keys of age.
    #[serde(deserialize_with = "list")]
    pub recipients: Vec<String>,
    pub folder: PathBuf,
    pub keep_days: u32,
    /// How long writers may be held; 0: not at all.
    pub hold_seconds: u64,
}

impl BackupSettings {
    pub(super) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        if !(1..=36_500).contains(&self.keep_days) {
            return Err(("backup.keep_days", "must be 1 to 36500"));
        }
        // Writers of PostgreSQL wait no longer than five seconds for a lock.
        if self.hold_seconds > 4 {
            return Err(("backup.hold_seconds", "must be 0 to 4"));
        }
        Ok(())
    }
}
