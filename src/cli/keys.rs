//! `fond keys`: making keys, and saving the master key for its custodians.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Subcommand;
use indicatif::ProgressBar;

use super::backup::recipients;
use super::erase::scrub;
use super::{Failure, Place, print};
use crate::backup;
use crate::config::Settings;
use crate::crypto::{self, MasterKey, SigningKeys};
use crate::db::Db;
use crate::startup;

/// Make keys, and save the master key
#[derive(Subcommand)]
pub enum Keys {
    /// Make a new master key and write it to a file that only you can read
    ///
    /// Keep a copy in a safe place: without the master key nothing personal in the database can be opened.
    #[command(after_help = "Example:\n  fond keys master --out /etc/fond/master.key")]
    Master {
        /// The new file; an existing one is never overwritten
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Put a new master key, or new keys of the indexes, in the place of those of a database, beside running servers
    ///
    /// The master key: every data key is wrapped anew; what they seal is not touched. The file of the master key holds both
    /// keys meanwhile, and the new one alone in the end. A running server notices by itself, if it may read the file. Save
    /// the new key for the custodians then: the old one opens only backups from before.
    ///
    /// With --indexes: the keys by which people, accounts and addresses are found without being readable. Every index is made
    /// anew from the old one. It takes half a minute and more, since servers are given time to take note. Links that were
    /// mailed and not used until then are dead in the end; whoever asks gets a new one.
    ///
    /// What is interrupted goes on the next time.
    #[command(
        after_help = "Examples:\n  fond keys rotate\n  fond keys rotate --indexes\n  FOND__MASTER_KEY_FILE=/etc/fond/master.key fond keys rotate --database postgres://localhost/fond"
    )]
    Rotate {
        /// The keys of the indexes, not the master key
        #[arg(long)]
        indexes: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Make keys that sign access tokens, in a file that only you can read
    ///
    /// With --rotate a new key goes before those of the file; the two newest of them stay, so that nobody is logged out.
    /// A running server reads the file when it starts.
    #[command(
        after_help = "Examples:\n  fond keys signing --out /etc/fond/signing.keys\n  fond keys signing --out /etc/fond/signing.keys --rotate"
    )]
    Signing {
        /// The new file; an existing one is never overwritten, but for --rotate
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Put a new key first in this file, which exists
        #[arg(long)]
        rotate: bool,
    },
    /// Save the master key for custodians, encrypted to their public keys; each of them opens it alone
    ///
    /// It is the key that the settings name, or that lies beside the SQLite database,
    /// and it is tried on that database first. A custodian opens the file with the
    /// age tool (https://age-encryption.org):
    ///
    ///   age --decrypt -i key.txt master.key.age > master.key; chmod 600 master.key
    #[command(
        verbatim_doc_comment,
        after_help = "Example:\n  fond keys escrow --recipient age1… --recipient age1… --out master.key.age"
    )]
    Escrow {
        /// The new file; an existing one is never overwritten
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// A custodian's public key (age1…), two at least; instead of backup.recipients of the settings
        #[arg(long, value_name = "KEY")]
        recipient: Vec<String>,
        #[command(flatten)]
        place: Place,
    },
}

impl Keys {
    pub(super) fn run(&self) -> Result<(), Failure> {
        match self {
            Self::Master { out } => {
                MasterKey::create(out)?;
                print(&format!("A new master key is in {}. Keep a copy where the database is not.", out.display()))
            }
            Self::Rotate { indexes: false, place } => rotate(place),
            Self::Rotate { indexes: true, place } => rotate_indexes(place),
            Self::Escrow { out, recipient, place } => escrow(out, recipient, place),
            Self::Signing { out, rotate: false } => {
                SigningKeys::create(out)?;
                print(&format!("A new signing key is in {}.", out.display()))
            }
            Self::Signing { out, rotate: true } => {
                SigningKeys::rotate(out)?;
                print(&format!("A new signing key stands first in {}. Restart what uses it.", out.display()))
            }
        }
    }
}

fn rotate(place: &Place) -> Result<(), Failure> {
    let settings = Settings::load(place.config.as_deref())?;
    let engine = startup::engine(&settings, place.database.as_deref())?;
    let path = startup::master_key_file(&settings, &engine)?;
    let master = MasterKey::read(&path)?;
    backup::require_finished(&engine)?;
    backup::require_there(&engine)?;
    let db = Db::open(&engine, &settings.database.tuning())?;
    let bar = ProgressBar::no_length();
    let rotated = crypto::rotate(&db, master, &mut |wrapped| bar.set_position(wrapped));
    bar.finish_and_clear();
    let rotated = rotated?;
    // The old key must not open what is left of the old wrapped keys either.
    scrub(&db)?;
    print(&format!(
        "A new master key is in {}; {} keys are wrapped by it. Save it for the custodians.",
        path.display(),
        rotated
    ))
}

fn rotate_indexes(place: &Place) -> Result<(), Failure> {
    let fond = place.open_existing()?;
    let bar = ProgressBar::new_spinner().with_message("servers take note of the new keys first");
    bar.enable_steady_tick(Duration::from_millis(200));
    let rotated = crypto::rotate_indexes(&fond.db, &fond.vault, crypto::PAUSE, &mut |renewed| {
        bar.set_message(format!("{renewed} indexes made anew"));
    });
    bar.finish_and_clear();
    let rotated = rotated?;
    scrub(&fond.db)?;
    print(&format!(
        "The indexes have new keys; {} were made anew. Links mailed before and not used yet are dead: who asks gets a new one.",
        rotated
    ))
}

fn escrow(out: &Path, named: &[String], place: &Place) -> Result<(), Failure> {
    let settings = Settings::load(place.config.as_deref())?;
    let recipients = recipients(named, &settings)?;
    let engine = startup::engine(&settings, place.database.as_deref())?;
    let key = startup::master_key(&settings, &engine)?;
    backup::require_finished(&engine)?;
    backup::require_there(&engine)?;
    startup::open_whole(&settings, &engine, &key)?;
    let written = backup::escrow(&key, &recipients, out)?;
    print(&format!(
        "The master key is in {}, for {} custodians. Each opens it with:\n  age --decrypt -i key.txt {} > master.key; \
         chmod 600 master.key",
        written.path.display(),
        recipients.count(),
        written.path.display()
    ))
}
