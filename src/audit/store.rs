//! Queries on the events.

pub(super) mod journal;

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::Wanted;
use super::event::{Author, Event, Kind};
use crate::clock::Instant;
use crate::db::{Conn, Writes, write_with};
use crate::error::Result;
use crate::ids::EventId;
use crate::schema::events;

pub(super) fn insert(
    conn: &mut Conn,
    writes: &mut Writes,
    (id, canonical): (EventId, Vec<u8>),
    (by, at, kind): (Author, Instant, Kind),
) -> Result<()> {
    let row = (
        events::id.eq(id),
        events::kind.eq(kind),
        events::recorded_at.eq(at),
        events::actor_id.eq(by.person),
        events::canonical.eq(canonical),
    );
    write_with!(conn, writes, diesel::insert_into(events::table).values(row));
    Ok(())
}

/// Numbers at most `batch` events in one statement; says how many.
pub(super) fn number(conn: &mut Conn, batch: usize) -> Result<usize> {
    let batch = i64::try_from(batch).unwrap_or(i64::MAX);
    let update = diesel::sql_query(
        "UPDATE events SET sequence = numbered.place FROM (
            SELECT waiting.id AS event,
                (SELECT COALESCE(MAX(sequence), -1) FROM events WHERE sequence IS NOT NULL) + ROW_NUMBER() OVER (ORDER BY waiting.id) AS place
            FROM (SELECT id FROM events WHERE sequence IS NULL ORDER BY id LIMIT $1) AS waiting
        ) AS numbered WHERE events.id = numbered.event AND events.sequence IS NULL",
    );
    Ok(update.bind::<BigInt, _>(batch).execute(conn)?)
}

pub(super) fn has_unnumbered(conn: &mut Conn) -> Result<bool> {
    // The latest first: of the earlier ones PostgreSQL keeps many that have their number by now.
    let waiting = events::table.filter(events::sequence.is_null()).order(events::id.desc()).select(events::id);
    let waiting: Option<EventId> = waiting.first(conn).optional()?;
    Ok(waiting.is_some())
}

/// How many events there are, how many have a number, and which number comes next.
pub(super) fn numbering(conn: &mut Conn) -> Result<(i64, i64, i64)> {
    let (events, numbered) =
        (events::table.count().get_result(conn)?, events::table.filter(events::sequence.is_not_null()));
    let last: Option<Option<i64>> =
        numbered.order(events::sequence.desc()).select(events::sequence).first(conn).optional()?;
    let next = last.flatten().map_or(0, |last| last.saturating_add(1));
    Ok((events, numbered.count().get_result(conn)?, next))
}

pub(super) fn after(conn: &mut Conn, wanted: Wanted, sequence: i64, rows: i64) -> Result<Vec<Event>> {
    let numbered = events::table.filter(events::sequence.gt(sequence)).select((
        events::id,
        events::kind,
        events::recorded_at,
        events::canonical,
        events::sequence.assume_not_null(),
    ));
    let mut found = numbered.into_boxed();
    if let Some(kind) = wanted.kind {
        found = found.filter(events::kind.eq(kind));
    }
    if let Some(from) = wanted.from {
        found = found.filter(events::recorded_at.ge(from));
    }
    if let Some(until) = wanted.until {
        found = found.filter(events::recorded_at.le(until));
    }
    Ok(found.order(events::sequence).limit(rows).load(conn)?)
}
