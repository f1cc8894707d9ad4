//! Queries on the outbox.

use diesel::prelude::*;
use uuid::Uuid;

use super::{Job, JobKind};
use crate::clock::Instant;
use crate::db::{Conn, update};
use crate::error::{Error, Result};
use crate::ids::JobId;
use crate::schema::jobs;

pub(super) fn insert(conn: &mut Conn, id: JobId, kind: JobKind, subject: Uuid, now: Instant) -> Result<()> {
    let row = (
        jobs::id.eq(id),
        jobs::kind.eq(kind),
        jobs::subject.eq(subject.as_bytes().as_slice()),
        jobs::created_at.eq(now),
        jobs::due_at.eq(now),
        jobs::attempts.eq(0),
    );
    diesel::insert_into(jobs::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn waiting(conn: &mut Conn, kind: JobKind) -> Result<Vec<Job>> {
    let rows: Vec<(JobId, Vec<u8>, i32)> = jobs::table
        .filter(jobs::done_at.is_null())
        .filter(jobs::kind.eq(kind))
        .order((jobs::due_at, jobs::id))
        .select((jobs::id, jobs::subject, jobs::attempts))
        .load(conn)?;
    let job = |(id, subject, attempts): (JobId, Vec<u8>, i32)| {
        Ok(Job { id, kind, subject: Uuid::from_slice(&subject).map_err(Error::corrupt)?, attempts })
    };

    rows.into_iter().map(job).collect()
}

pub(super) fn finish(conn: &mut Conn, job: &Job, now: Instant) -> Result<()> {
    let changes = (jobs::done_at.eq(now), jobs::attempts.eq(job.attempts.saturating_add(1)));
    update(jobs::table, jobs::id.eq(job.id), changes).execute(conn)?;
    Ok(())
}
