//! `fond keys`: making keys.

use std::path::PathBuf;

use clap::Subcommand;

use super::{Failure, print};
use crate::crypto::{MasterKey, SigningKeys};

/// Make keys
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
}

impl Keys {
    pub(super) fn run(&self) -> Result<(), Failure> {
        match self {
            Self::Master { out } => {
                MasterKey::create(out)?;
                print(&format!("A new master key is in {}. Keep a copy where the database is not.", out.display()))
            }
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
