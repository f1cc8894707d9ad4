//! `fond breach-report`: whose data somebody read, for the notice that is due within 72 hours.

use std::collections::BTreeSet;
use std::io::Write;

use clap::Args;

use super::reached::{self, Reached};
use super::{Failure, Place, no_id, print_csv};
use crate::accounts::actions::{erasing as accounts, sessions};
use crate::audit::journal::{self, Reading};
use crate::clock::Instant;
use crate::db::Conn;
use crate::error::{Error, Result, shown};
use crate::ids::{PersonId, SessionId};
use crate::web::{Cell, Csv};

const HEADINGS: [&str; 9] =
    ["opened_at", "reader", "role", "session", "purpose", "subject", "fields", "references", "reached_by"];

/// List whose data people opened since a moment
///
/// After a password, a device or a session fell into other hands: one line for each reading, as CSV on stdout, with the
/// session that it was made in. People are named by their ids, as in the event log. The last two columns say how to write to
/// them: the reference codes of their applications (CALL/CODE), and whether they have an account, are reached by what an
/// application of theirs says (an administrator opens it), or by nothing any more, because they were erased.
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
        let from = of_day.or_else(|| self.since.parse().ok()).ok_or_else(|| {
            let message = format!("“{}” is no day (2026-11-20) and no moment with an offset", shown(&self.since));
            Error::invalid("--since", message)
        })?;
        if from > Instant::now() {
            let message = format!("“{}” lies in the future: nothing can have been read since", shown(&self.since));
            return Err(Error::invalid("--since", message).into());
        }
        let person = named::<PersonId>("--person", self.person.as_deref())?;
        let session = named::<SessionId>("--session", self.session.as_deref())?;
        let fond = self.place.open_existing()?;
        let (readings, people, reached) = fond.db.read(|conn| {
            if let Some(person) = person {
                require_known(conn, person)?;
            }
            let readings = journal::since(conn, from, (person, session))?;
            if let Some(session) = session.filter(|_| readings.is_empty()) {
                require_known_session(conn, session)?;
            }
            let people: BTreeSet<PersonId> = readings.iter().map(|reading| reading.subject).collect();
            let reached = reached::of(conn, &people)?;
            Ok((readings, people, reached))
        })?;
        let nobody = Reached::default();
        let row = |reading: &Reading| row(reading, reached.get(&reading.subject).unwrap_or(&nobody));
        print_csv(&Csv::new("readings", HEADINGS, readings.iter().map(row))?)?;
        let (count, people) = (readings.len(), people.len());
        let _ = writeln!(std::io::stderr(), "{count} readings of data of {people} people since {from}");
        Ok(())
    }
}

fn named<T: std::str::FromStr>(argument: &'static str, text: Option<&str>) -> Result<Option<T>, Failure> {
    text.map(|text| text.parse().map_err(|_| no_id(argument, text).into())).transpose()
}

/// Where nobody has this id, that nothing was read would be no answer.
fn require_known(conn: &mut Conn, person: PersonId) -> Result<()> {
    match accounts::is_known(conn, person)? {
        true => Ok(()),
        false => Err(Error::invalid("--person", format!("“{person}” is the id of nobody in this database"))),
    }
}

/// The same for a session. One that ended long ago is forgotten, but stays in what was read in it.
fn require_known_session(conn: &mut Conn, session: SessionId) -> Result<()> {
    let ever = Instant::from_micros(0);
    if sessions::is_known(conn, session)? || !journal::since(conn, ever, (None, Some(session)))?.is_empty() {
        return Ok(());
    }
    let message = format!("“{session}” is the id of no session here: nothing was ever read in one of this id");
    Err(Error::invalid("--session", message))
}

fn row(reading: &Reading, reached: &Reached) -> [Cell; 9] {
    let Reading { opened_at, by, session, role, purpose, subject, fields } = reading;
    let [references, way] = reached.columns();
    [
        Cell::exact(opened_at),
        Cell::maybe(*by),
        Cell::exact(role),
        Cell::maybe(*session),
        Cell::exact(purpose),
        Cell::exact(subject),
        Cell::exact(fields.join(" ")),
        references,
        way,
    ]
}
