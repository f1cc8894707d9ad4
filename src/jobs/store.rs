//! Queries on the outbox.

use diesel::prelude::*;
use serde::Serialize;
use uuid::Uuid;

use super::{Job, JobKind, Lane};
use crate::clock::Instant;
use crate::db::{Conn, Writes, on_each, update, write_with};
use crate::error::{Error, Result};
use crate::ids::JobId;
use crate::page::Limit;
use crate::schema::jobs;

/// A job that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeadJob {
    pub id: JobId,
    pub kind: JobKind,
    pub subject: Uuid,
    pub created_at: Instant,
    pub attempts: i32,
    /// A word for why, such as `refused_550`.
    pub failure: String,
    pub dead_at: Instant,
}

type Row = (JobId, JobKind, Vec<u8>, i32);

fn job((id, kind, subject, attempts): Row) -> Result<Job> {
    Ok(Job { id, kind, subject: Uuid::from_slice(&subject).map_err(Error::corrupt)?, attempts })
}

pub(super) fn insert(
    conn: &mut Conn,
    writes: &mut Writes,
    id: JobId,
    (kind, subject): (JobKind, Uuid),
    now: Instant,
    due: Instant,
) -> Result<()> {
    let row = (
        jobs::id.eq(id),
        jobs::kind.eq(kind),
        jobs::lane.eq(kind.lane()),
        jobs::subject.eq(subject.as_bytes().to_vec()),
        jobs::created_at.eq(now),
        jobs::due_at.eq(due),
        jobs::attempts.eq(0),
    );
    write_with!(conn, writes, diesel::insert_into(jobs::table).values(row));
    Ok(())
}

/// The jobs of a kind that nobody has done, oldest first; those that were given up only where they are asked for too.
pub(super) fn undone(conn: &mut Conn, kind: JobKind, with_dead: bool) -> Result<Vec<Job>> {
    let mut undone = jobs::table
        .filter(jobs::done_at.is_null())
        .filter(jobs::kind.eq(kind))
        .order((jobs::due_at, jobs::id))
        .select((jobs::id, jobs::kind, jobs::subject, jobs::attempts))
        .into_boxed();
    if !with_dead {
        undone = undone.filter(jobs::dead_at.is_null());
    }
    let rows: Vec<Row> = undone.load(conn)?;
    rows.into_iter().map(job).collect()
}

pub(super) fn first_due(conn: &mut Conn, lane: Lane, now: Instant) -> Result<Option<Job>> {
    let due = jobs::table
        .filter(jobs::done_at.is_null())
        .filter(jobs::dead_at.is_null())
        .filter(jobs::lane.eq(lane))
        .filter(jobs::due_at.le(now))
        .order((jobs::due_at, jobs::id))
        .select((jobs::id, jobs::kind, jobs::subject, jobs::attempts));
    let row: Option<Row> = on_each!(conn, conn => due.first(conn)).optional()?;
    row.map(job).transpose()
}

/// Whether the job was still as it was read. The attempts, counted at each hold, tell holders apart.
pub(super) fn hold(conn: &mut Conn, job: &Job, until: Instant) -> Result<bool> {
    let is_free = jobs::id
        .eq(job.id)
        .and(jobs::attempts.eq(job.attempts))
        .and(jobs::done_at.is_null())
        .and(jobs::dead_at.is_null());
    let held = (jobs::due_at.eq(until), jobs::attempts.eq(job.attempts.saturating_add(1)));
    Ok(update(jobs::table, is_free, held).execute(conn)? == 1)
}

pub(super) fn finish(conn: &mut Conn, job: &Job, now: Instant) -> Result<()> {
    let is_open = jobs::id.eq(job.id).and(jobs::done_at.is_null());
    let attempts = job.attempts.saturating_add(1);
    // A job that another holder gave up meanwhile is done all the same.
    let changes = (jobs::done_at.eq(Some(now)), jobs::attempts.eq(attempts), jobs::dead_at.eq(None::<Instant>));
    update(jobs::table, is_open, changes).execute(conn)?;
    Ok(())
}

/// `attempts` is what the row says while the caller holds the job.
pub(super) fn postpone(conn: &mut Conn, job: &Job, attempts: i32, word: &str, due: Instant) -> Result<()> {
    let is_held = jobs::id.eq(job.id).and(jobs::attempts.eq(attempts)).and(jobs::done_at.is_null());
    let changes = (jobs::due_at.eq(due), jobs::failure.eq(word));
    update(jobs::table, is_held.and(jobs::dead_at.is_null()), changes).execute(conn)?;
    Ok(())
}

pub(super) fn bury(conn: &mut Conn, job: &Job, attempts: i32, word: &str, now: Instant) -> Result<()> {
    let is_held = jobs::id.eq(job.id).and(jobs::attempts.eq(attempts)).and(jobs::done_at.is_null());
    let changes = (jobs::dead_at.eq(now), jobs::failure.eq(word));
    update(jobs::table, is_held.and(jobs::dead_at.is_null()), changes).execute(conn)?;
    Ok(())
}

pub(super) fn revive(conn: &mut Conn, id: JobId, now: Instant) -> Result<bool> {
    let is_dead = jobs::id.eq(id).and(jobs::dead_at.is_not_null());
    let changes = (jobs::dead_at.eq(None::<Instant>), jobs::due_at.eq(now), jobs::attempts.eq(0));
    Ok(diesel::update(jobs::table.filter(is_dead)).set(changes).execute(conn)? == 1)
}

pub(super) fn dead(conn: &mut Conn, after: Option<JobId>, limit: Limit) -> Result<Vec<DeadJob>> {
    type Found = (JobId, JobKind, Vec<u8>, Instant, i32, Option<String>, Option<Instant>);
    let mut query = jobs::table.filter(jobs::dead_at.is_not_null()).into_boxed();
    if let Some(id) = after {
        query = query.filter(jobs::id.gt(id));
    }
    let rows: Vec<Found> = query
        .order(jobs::id)
        .limit(limit.rows_and_one())
        .select((jobs::id, jobs::kind, jobs::subject, jobs::created_at, jobs::attempts, jobs::failure, jobs::dead_at))
        .load(conn)?;
    let dead_job = |(id, kind, subject, created_at, attempts, failure, dead_at): Found| {
        let subject = Uuid::from_slice(&subject).map_err(Error::corrupt)?;
        let dead_at = dead_at.ok_or_else(|| Error::corrupt("a dead job without a time"))?;
        let failure = failure.ok_or_else(|| Error::corrupt("a dead job without a word"))?;
        Ok(DeadJob { id, kind, subject, created_at, attempts, failure, dead_at })
    };
    rows.into_iter().map(dead_job).collect()
}

pub(super) fn waiting_count(conn: &mut Conn) -> Result<i64> {
    let waiting = jobs::table.filter(jobs::done_at.is_null()).filter(jobs::dead_at.is_null());
    Ok(waiting.count().get_result(conn)?)
}

pub(super) fn dead_count(conn: &mut Conn) -> Result<i64> {
    Ok(jobs::table.filter(jobs::dead_at.is_not_null()).count().get_result(conn)?)
}

pub(super) fn forget(conn: &mut Conn, before: Instant) -> Result<()> {
    diesel::delete(jobs::table.filter(jobs::done_at.lt(before))).execute(conn)?;
    Ok(())
}
