//! `fond sessions`: signing people out, on the day of a breach.

use clap::{Args, Subcommand};

use super::{Failure, Place, no_id, print};
use crate::accounts::{Actor, actions::sessions};
use crate::audit;
use crate::clock::Instant;
use crate::error::Error;
use crate::ids::PersonId;

/// Sign people out
#[derive(Subcommand)]
pub enum Sessions {
    End(End),
}

/// End the sessions of one person, or of everybody
///
/// Their access tokens and refresh tokens are refused at once, by servers that run, too. Passwords and second factors stay
/// as they are: whoever has them signs in again. It is on the event log (sessions_ended).
#[derive(Args)]
#[command(after_help = "\
Examples:
  fond sessions end --person 01993c5e-7a52-7cc0-9d3c-6f3c1d1f0a10
  fond sessions end --all")]
pub struct End {
    #[command(flatten)]
    whose: Whose,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Whose {
    /// The person whose sessions end
    #[arg(long, value_name = "ID")]
    person: Option<String>,
    /// Everybody's sessions end
    #[arg(long)]
    all: bool,
}

impl Sessions {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let Self::End(command) = self;
        command.run()
    }
}

impl End {
    fn run(&self) -> Result<(), Failure> {
        let parse = |text: &str| text.parse::<PersonId>().map_err(|_| no_id("--person", text));
        let person = self.whose.person.as_deref().map(parse).transpose()?;
        let fond = self.place.open_existing()?;
        let ended = fond.db.write(|conn| sessions::end_by_fund(conn, &Actor::SYSTEM, person, Instant::now()));
        let ended = ended.map_err(|error| match error {
            Error::NotFound => Error::invalid("--person", "nobody with this id has an account"),
            other => other,
        })?;
        audit::number_committed(&fond.db)?;
        print(&format!("Sessions ended: {ended}."))
    }
}
