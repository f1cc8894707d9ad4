//! `fond migrate`: brings a database up to date.

use clap::Args;

use super::{Failure, Place, print};

/// Create the tables of a database, or bring them up to date
///
/// Every command but backup brings them up to date by itself; this one does nothing else. Besides it only serve, demo, replay
/// and user create make a database that is not there.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  fond migrate\n  FOND__MASTER_KEY_FILE=/etc/fond/master.key fond migrate --database postgres://localhost/fond"
)]
pub struct Migrate {
    #[command(flatten)]
    place: Place,
}

impl Migrate {
    pub(super) fn run(&self) -> Result<(), Failure> {
        self.place.open()?;
        print("The database is up to date.")
    }
}
