//! Queries on the events.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::Wanted;
use super::event::{Author, Event, Kind};
use crate::clock::Instant;
use crate::db::{Conn, on_each};
use crate::error::Result;
use crate::ids::EventId;
use crate::schema::events;

pub(super) fn insert(
    conn: &mut Conn,
    id: EventId,
    by: Author,
    at: Instant,
    kind: Kind,
    canonical: &[u8],
) -> Result<()> {
    let row = (
        events::id.eq(id),
        events::kind.eq(kind),
        events::recorded_at.eq(at),
        events::actor_id.eq(by.person),
        events::canonical.eq(canonical),
    );
    on_each!(conn, conn => diesel::insert_into(events::table).values(row).execute(conn))?;
    Ok(())
}

/// Numbers at most `batch` events in one statement; says how many.
pub(super) fn number(conn: &mut Conn, batch: usize) -> Result<usize> {
    let batch = i64::try_from(batch).unwrap_or(i64::MAX);
    let update = diesel::sql_query(
        "UPDATE events SET sequence = numbered.place FROM (
            SELECT waiting.id AS event,
                (SELECT COALESCE(MAX(sequence), -1) FROM events) + ROW_NUMBER() OVER (ORDER BY waiting.id) AS place
            FROM (SELECT id FROM events WHERE sequence IS NULL ORDER BY id LIMIT $1) AS waiting
        ) AS numbered WHERE events.id = numbered.event",
    );
    Ok(update.bind::<BigInt, _>(batch).execute(conn)?)
}

pub(super) fn has_unnumbered(conn: &mut Conn) -> Result<bool> {
    let waiting: Option<EventId> =
        events::table.filter(events::sequence.is_null()).select(events::id).first(conn).optional()?;
    Ok(waiting.is_some())
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
