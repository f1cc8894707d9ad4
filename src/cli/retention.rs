//! `fond retention`: erasing what is over its term, or showing what would be.

use std::fmt::Write as _;

use clap::Args;

use super::erase::write_down;
use super::{Failure, Place, print};
use crate::clock::Instant;
use crate::config::Settings;
use crate::error::{Error, shown};
use crate::privacy::retention;
use crate::startup::{self, Fond};

/// Erase what was kept long enough, by the terms of the settings
///
/// A running server does the same once a day. One line for each class of data: its term, what happens at the end of it, how
/// much is over it, and how much of that waits because the fund still works on it.
#[derive(Args)]
#[command(after_help = "\
Examples:
  fond retention --dry-run                         what would be erased now
  fond retention --dry-run --at 2036-12-31         what would be erased by then
  fond retention                                   erase it")]
pub struct Retention {
    /// Show what is due and erase nothing
    #[arg(long)]
    dry_run: bool,
    /// As if it were this day in Belgrade (with --dry-run)
    #[arg(long, value_name = "DAY", requires = "dry_run")]
    at: Option<String>,
    #[command(flatten)]
    place: Place,
}

impl Retention {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let no_day = |text: &str| Error::invalid("--at", format!("“{}” is no day such as 2036-12-31", shown(text)));
        let day = |text: &String| text.parse().map_err(|_| no_day(text));
        let now = self.at.as_ref().map(day).transpose()?.map_or_else(Instant::now, Instant::begin_of);
        let settings = Settings::load(self.place.config.as_deref())?;
        let database = self.place.database.as_deref();
        let Fond { db, vault } = startup::open_existing(&settings, database)?;
        let due = if self.dry_run {
            db.read(|conn| retention::due(conn, &settings.retention, now))?
        } else {
            let list = startup::erasures_file(&settings, &startup::engine(&settings, database)?);
            let due = retention::run(&db, &vault, &settings.retention, &list, now)?;
            write_down(&db, &settings, database)?;
            due
        };
        let done = if self.dry_run { "due" } else { "erased" };
        let mut text = format!("{:<10} {:>6} {:<7} {done:>9} {:>9}", "class", "days", "action", "held");
        for retention::Due { class, days, action, count, held, .. } in &due {
            // Writing into a text never fails.
            let _ = write!(text, "\n{class:<10} {days:>6} {action:<7} {count:>9} {held:>9}");
        }
        print(&text)
    }
}
