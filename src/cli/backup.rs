//! `fond backup`: the whole database in one file, encrypted to its custodians.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::watched::Watched;
use super::{Failure, Place, print};
use crate::backup::{self, Job, Made, Recipients};
use crate::clock::Instant;
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::startup;

/// Back up the database, encrypted to its custodians, while it is in use
///
/// Needs no key but their public ones; each custodian opens the file alone, with fond restore or with the age tool. The master
/// key is never in a backup: fond keys escrow saves it. Backups in the folder that are older than backup.keep_days are deleted
/// once the new one stands. PostgreSQL needs pg_dump, as new as the server.
#[derive(Args)]
#[command(after_help = "\
Examples:
  fond backup --out /mnt/backups --recipient age1… --recipient age1…
  FOND_CONFIG=/etc/fond.toml fond backup             with folder and recipients of [backup] in the settings")]
pub struct Backup {
    /// The folder it is written to; instead of backup.folder of the settings
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// A custodian's public key (age1…), two at least; instead of backup.recipients of the settings
    #[arg(long, value_name = "KEY")]
    recipient: Vec<String>,
    #[command(flatten)]
    place: Place,
}

impl Backup {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let settings = Settings::load(self.place.config.as_deref())?;
        let recipients = recipients(&self.recipient, &settings)?;
        let folder = self.out.as_deref().unwrap_or(&settings.backup.folder);
        if folder.as_os_str().is_empty() {
            return Err(Error::Settings("name the folder of the backups: --out FOLDER, or backup.folder".into()).into());
        }
        let engine = startup::engine(&settings, self.place.database.as_deref())?;
        let job = Job {
            engine: &engine,
            folder,
            recipients: &recipients,
            hold: Duration::from_secs(settings.backup.hold_seconds),
            clock: Instant::now,
        };
        let mut watched = Watched::start()?;
        let made = backup::make(&job, &mut |progress| watched.show(progress));
        watched.end();
        let made = made?;
        print(&told(&made))?;
        let keep = Duration::from_secs(u64::from(settings.backup.keep_days).saturating_mul(86_400));
        for deleted in backup::expire(folder, &made, keep)? {
            print(&format!("deleted after {} days: {}", settings.backup.keep_days, deleted.display()))?;
        }
        Ok(())
    }
}

/// The recipients of the command line, else those of the settings.
pub(super) fn recipients(named: &[String], settings: &Settings) -> Result<Recipients> {
    match named {
        [] => Recipients::parse("backup.recipients", &settings.backup.recipients),
        named => Recipients::parse("--recipient", named),
    }
}

fn told(made: &Made) -> String {
    let Made { file, moment, is_up_to_its_end } = made;
    let holds = match is_up_to_its_end {
        true => format!("everything acknowledged before its end (writers were held from {moment} on)"),
        false => format!("everything acknowledged before {moment}"),
    };
    format!(
        "{} {} bytes SHA-256 {}\nIt holds {holds}.\nThe master key is not in it: fond keys escrow saves it.",
        file.path.display(),
        file.bytes,
        file.sha256
    )
}
