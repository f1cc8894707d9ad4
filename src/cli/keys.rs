//! `fond keys`: making keys.

use std::path::PathBuf;

use clap::Subcommand;

use super::{Failure, print};
use crate::crypto::MasterKey;

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
}

impl Keys {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let Self::Master { out } = self;
        MasterKey::create(out)?;
        print(&format!("A new master key is in {}. Keep a copy where the database is not.", out.display()))
    }
}
