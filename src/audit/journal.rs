//! The access journal: who opened sealed data of whom, when and for what. It is written before what was opened leaves.
//!
//! A write keeps its row in its own transaction ([`during`]); a read is followed by one ([`keep`]) before it is answered.
//! Nobody's reading of their own data is on it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use super::event::{Author, Kind};
use super::store::journal as store;
use crate::clock::Instant;
use crate::crypto::{OpenLog, Opened, Opener, Purpose, Reader, Vault};
use crate::db::{Conn, Db};
use crate::error::Result;
use crate::ids::{AccessId, PersonId, SessionId};
use crate::page::{Limit, Page, TimeCursor};

/// Something that somebody opened, as the person whose it is sees it.
#[derive(Debug, Clone)]
pub struct Access {
    pub id: AccessId,
    pub opened_at: Instant,
    /// Nobody, where the fund itself worked.
    pub by: Option<PersonId>,
    pub role: String,
    pub purpose: Purpose,
    /// As `table.column`.
    pub fields: Vec<String>,
}

/// The same, as the fund needs it after a breach.
#[derive(Debug, Clone)]
pub struct Reading {
    pub opened_at: Instant,
    pub by: Option<PersonId>,
    pub session: Option<SessionId>,
    pub role: String,
    pub purpose: Purpose,
    pub subject: PersonId,
    pub fields: Vec<String>,
}

/// Over which time openings are counted for the alarm.
const ALARM_OVER: Duration = Duration::from_secs(3600);

#[derive(Serialize)]
struct ManyOpened {
    person: PersonId,
    subjects: i64,
    most: u32,
}

/// Somebody who opens for a purpose, as an author of events.
pub fn reader(by: Author, purpose: Purpose) -> Reader {
    let Author { person, session, role } = by;
    Reader { person, session, role, purpose }
}

/// Runs `work` with somebody who may open, and writes down what they opened, in the transaction that `conn` is in.
///
/// # Errors
/// Whatever `work` fails with.
pub fn during<T>(
    conn: &mut Conn,
    vault: &Vault,
    (by, purpose, now): (Author, Purpose, Instant),
    work: impl FnOnce(&mut Conn, &Opener<'_>) -> Result<T>,
) -> Result<T> {
    let log = OpenLog::new(vault);
    let value = work(conn, &log.opener(vault, reader(by, purpose)))?;
    keep(conn, &log.take_within(), now)?;
    Ok(value)
}

/// Writes down what was opened: one row for each reader and purpose, which names whose data it was.
pub fn keep(conn: &mut Conn, opened: &BTreeMap<Reader, Opened>, now: Instant) -> Result<()> {
    for (reader, opened) in opened {
        store::insert(conn, AccessId::new(), reader, opened, now)?;
    }
    Ok(())
}

/// A page of who opened data of a person, the latest first. These are several where one has more than one row of people.
pub fn of_subjects(
    conn: &mut Conn,
    subjects: &BTreeSet<PersonId>,
    after: Option<TimeCursor>,
    limit: Limit,
) -> Result<Page<Access>> {
    let rows = store::of_subjects(conn, subjects, after, limit.rows_and_one())?;
    Ok(Page::new(rows, limit, |access| TimeCursor { at: access.opened_at, id: access.id.uuid() }))
}

/// Everything that people opened of others from a moment on, the earliest first; of one person or one session, where it is
/// given. What the fund itself opened is left out.
pub fn since(
    conn: &mut Conn,
    from: Instant,
    (by, session): (Option<PersonId>, Option<SessionId>),
) -> Result<Vec<Reading>> {
    store::since(conn, from, (by, session))
}

/// Puts on the log whoever opened data of more than `most` people within an hour; once an hour.
pub fn raise_alarms(db: &Db, most: u32, now: Instant) -> Result<()> {
    let from = now.minus(ALARM_OVER);
    // Asked every second, and written once an hour: who is on the log already is left out by what is read.
    let found = db.read(|conn| {
        let told = store::alarmed(conn, from)?;
        let busiest = store::busiest(conn, from, i64::from(most))?;
        Ok(busiest.into_iter().filter(|(person, _)| !told.contains(person)).collect::<Vec<_>>())
    })?;
    for (person, subjects) in found {
        db.follow(move |conn| {
            if !store::begin_alarm(conn, person, from, now)? {
                return Ok(());
            }
            let system = Author { person: None, session: None, role: "system" };
            super::record(conn, system, now, Kind::ManyOpened, &ManyOpened { person, subjects, most })
        })?;
    }
    Ok(())
}
