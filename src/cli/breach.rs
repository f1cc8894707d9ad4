//! `fond breach-report`: whose data somebody read, for the notice that is due within 72 hours.

use std::io::Write;

use clap::Args;

use super::{Failure, Place, print};
use crate::audit::journal::{self, Reading};
use crate::clock::Instant;
use crate::error::Error;
use crate::ids::{PersonId, SessionId};

/// List whose data people opened since a moment
///
/// After a password, a device or a session fell into other hands: one line for each reading, as CSV on stdout, with the
/// session that it was made in. People are named by their ids, as in the event log.
#[derive(Args)]
#[command(after_help = "\
Examples:
  fond breach-report --since 2026-11-20
  fond breach-report --since 2026-11-20T08:00:00Z --session 01993c5e-7a52-7cc0-9d3c-6f3c1d1f0a11
  fond breach-report --since 2026-11-20 --person 01993c5e-7a52-7cc0-9d3c-6f3c1d1f0a10 > readings.csv")]
pub struct BreachReport {
    /// From when on: a day in Belgrade, or a moment with its offset
    #[arg(long, value_name = "MOMENT")]
    since: String,
    /// Only what this person opened
    #[arg(long, value_name = "ID")]
    person: Option<String>,
    /// Only what was opened in this session
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    #[command(flatten)]
    place: Place,
}

impl BreachReport {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let of_day = self.since.parse().ok().map(Instant::begin_of);
        let from = of_day.or_else(|| self.since.parse().ok());
        let from =
            from.ok_or_else(|| Error::invalid("--since", "is no day (2026-11-20) and no moment with an offset"))?;
        let person = named::<PersonId>("--person", self.person.as_deref())?;
        let session = named::<SessionId>("--session", self.session.as_deref())?;
        let fond = self.place.open()?;
        let readings = fond.db.read(|conn| journal::since(conn, from, (person, session)))?;
        let mut people: Vec<PersonId> = readings.iter().map(|reading| reading.subject).collect();
        people.sort_unstable();
        people.dedup();
        print("opened_at,reader,role,session,purpose,subject,fields")?;
        for reading in &readings {
            print(&line(reading))?;
        }
        let (count, people) = (readings.len(), people.len());
        let _ = writeln!(std::io::stderr(), "{count} readings of data of {people} people since {from}");
        Ok(())
    }
}

fn named<T: std::str::FromStr>(argument: &'static str, text: Option<&str>) -> Result<Option<T>, Failure> {
    let wrong = |_| Error::invalid(argument, "is no id");
    Ok(text.map(str::parse).transpose().map_err(wrong)?)
}

/// Nothing in it holds a comma or a quotation mark.
fn line(reading: &Reading) -> String {
    let Reading { opened_at, by, session, role, purpose, subject, fields } = reading;
    let id = |id: Option<String>| id.unwrap_or_default();
    let (by, session) = (id(by.map(|by| by.to_string())), id(session.map(|session| session.to_string())));
    format!("{opened_at},{by},{role},{session},{purpose},{subject},{}", fields.join(" "))
}
