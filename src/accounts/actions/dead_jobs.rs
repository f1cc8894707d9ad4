//! Jobs that were given up, as an administrator sees them.

use crate::accounts::rules::{Actor, Permission};
use crate::clock::Instant;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::JobId;
use crate::jobs::{self, DeadJob};
use crate::page::{Limit, Page};

/// A page of them, oldest first.
pub fn list(conn: &mut Conn, actor: &Actor, after: Option<JobId>, limit: Limit) -> Result<Page<DeadJob>> {
    actor.require(Permission::ReadJobs)?;
    jobs::dead(conn, after, limit)
}

/// Gives one all its attempts again.
///
/// # Errors
/// [`crate::error::Error::NotFound`] where there is none such.
pub fn retry(conn: &mut Conn, actor: &Actor, id: JobId, now: Instant) -> Result<()> {
    actor.require(Permission::ReadJobs)?;
    jobs::retry(conn, id, now)
}
