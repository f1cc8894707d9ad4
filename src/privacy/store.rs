//! Queries on what was erased.

use diesel::prelude::*;
use uuid::Uuid;

use super::erasure::{Erased, What};
use crate::clock::Instant;
use crate::db::{Conn, update};
use crate::error::{Error, Result};
use crate::schema::erasures;

type Row = (Vec<u8>, What, Instant);

fn erased((subject, what, at): Row) -> Result<Erased> {
    Ok(Erased { subject: Uuid::from_slice(&subject).map_err(Error::corrupt)?, what, at })
}

pub(super) fn insert(conn: &mut Conn, erased: &Erased, listed_at: Option<Instant>) -> Result<()> {
    let row = (
        erasures::subject_id.eq(erased.subject.as_bytes().to_vec()),
        erasures::what.eq(erased.what),
        erasures::erased_at.eq(erased.at),
        erasures::listed_at.eq(listed_at),
    );
    diesel::insert_into(erasures::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn is_erased(conn: &mut Conn, subject: Uuid, what: What) -> Result<bool> {
    let this = erasures::table
        .filter(erasures::subject_id.eq(subject.as_bytes().to_vec()))
        .filter(erasures::what.eq(what))
        .select(erasures::erased_at);
    let found: Option<Instant> = this.first(conn).optional()?;
    Ok(found.is_some())
}

/// How much was ever erased. No row is deleted.
pub(super) fn count(conn: &mut Conn) -> Result<i64> {
    Ok(erasures::table.count().get_result(conn)?)
}

/// What is not on the list yet, oldest first.
pub(super) fn unlisted(conn: &mut Conn, rows: i64) -> Result<Vec<Erased>> {
    let waiting = erasures::table
        .filter(erasures::listed_at.is_null())
        .select((erasures::subject_id, erasures::what, erasures::erased_at))
        .order(erasures::erased_at);
    let rows: Vec<Row> = waiting.limit(rows).load(conn)?;
    rows.into_iter().map(erased).collect()
}

/// What the database says is on the list, oldest first.
pub(super) fn listed(conn: &mut Conn) -> Result<Vec<Erased>> {
    let listed = erasures::table.filter(erasures::listed_at.is_not_null());
    let columns = (erasures::subject_id, erasures::what, erasures::erased_at);
    let rows: Vec<Row> = listed.select(columns).order(erasures::erased_at).load(conn)?;
    rows.into_iter().map(erased).collect()
}

/// How much that is.
pub(super) fn count_listed(conn: &mut Conn) -> Result<i64> {
    Ok(erasures::table.filter(erasures::listed_at.is_not_null()).count().get_result(conn)?)
}

pub(super) fn mark_listed(conn: &mut Conn, listed: &[Erased], now: Instant) -> Result<()> {
    for erased in listed {
        let this = erasures::subject_id.eq(erased.subject.as_bytes().to_vec()).and(erasures::what.eq(erased.what));
        update(erasures::table, this, erasures::listed_at.eq(Some(now))).execute(conn)?;
    }
    Ok(())
}
