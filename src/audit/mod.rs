//! The log of what happened: every action writes its event in its own transaction, a sequencer numbers the committed ones.
//!
//! Writers never wait for a counter: events are written without a number, and [`number_committed`] gives the numbers
//! afterwards, gapless from 0. The bytes of an event never change; they are what auditors will check.

mod event;
pub mod journal;
mod store;

pub use event::{Author, Event, Kind};
use serde::Serialize;

use crate::clock::Instant;
use crate::db::{Conn, Db, Writes};
use crate::error::{Error, Result};
use crate::ids::EventId;
use crate::page::{Cursor, Limit, MOST_EXPORTED, Page, whole};

/// Which events of the log are asked for; all of them, where nothing is said.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    pub kind: Option<Kind>,
    /// Both moments belong to it.
    pub from: Option<Instant>,
    pub until: Option<Instant>,
}

/// How many events one transaction of the sequencer numbers: few enough that PostgreSQL looks each up by its id, also where
/// it last counted when most were without a number.
const BATCH: usize = 500;

/// Writes an event into the transaction of the action that it tells of.
///
/// `facts` is what happened, without personal data: ids, codes, amounts, commitments.
pub fn record(conn: &mut Conn, by: Author, now: Instant, kind: Kind, facts: &impl Serialize) -> Result<()> {
    let mut writes = Writes::default();
    record_with(conn, &mut writes, (by, now), kind, facts)?;
    writes.run(conn)
}

/// The same, together with other writes of the action.
pub fn record_with(
    conn: &mut Conn,
    writes: &mut Writes,
    (by, now): (Author, Instant),
    kind: Kind,
    facts: &impl Serialize,
) -> Result<()> {
    let id = EventId::new();
    let canonical = event::canonical(id, by, now, kind, facts)?;
    store::insert(conn, writes, (id, canonical), (by, now, kind))
}

/// Numbers the committed events that have no number yet, in the order of their ids, and says how many.
///
/// Runs beside writers. Two sequencers at once number every event once: what the other has numbered meanwhile is left as it
/// is, and whoever would give a number twice runs again.
pub fn number_committed(db: &Db) -> Result<usize> {
    let mut numbered: usize = 0;
    loop {
        let some = db.follow(|conn| store::number(conn, BATCH))?;
        numbered = numbered.saturating_add(some);
        // What comes meanwhile is left for the next time.
        if some < BATCH {
            return Ok(numbered);
        }
    }
}

/// The same, for one that asks often: where nothing waits, it only reads.
pub fn number_waiting(db: &Db) -> Result<usize> {
    if db.read(store::has_unnumbered)? { number_committed(db) } else { Ok(0) }
}

/// How many events there are. For whoever checks a whole database.
///
/// # Errors
/// [`Error::Corrupt`] where one has no number, or a number is left out.
pub fn count_gapless(conn: &mut Conn) -> Result<i64> {
    let (events, numbered, next) = store::numbering(conn)?;
    if events == numbered && events == next {
        return Ok(events);
    }
    Err(Error::corrupt(format!("{events} events, {numbered} of them numbered, and the next number is {next}")))
}

/// A page of the numbered events, in their order. Who may read them is asked by `accounts::actions::read_log`.
pub(crate) fn page(conn: &mut Conn, wanted: Wanted, after: Option<Cursor>, limit: Limit) -> Result<Page<Event>> {
    let rows = store::after(conn, wanted, after.map_or(-1, |cursor| cursor.0), limit.rows_and_one())?;
    Ok(Page::new(rows, limit, |event| Cursor(event.sequence)))
}

/// Every numbered event that is asked for. Who may read them is asked by `accounts::actions::export_log`.
///
/// # Errors
/// As for [`whole`].
pub(crate) fn all(conn: &mut Conn, wanted: Wanted) -> Result<Vec<Event>> {
    whole(store::after(conn, wanted, -1, MOST_EXPORTED.saturating_add(1))?)
}
