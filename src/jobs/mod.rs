//! The outbox: work that follows a change is a row written in the same transaction, and done after it.
//!
//! A job may run twice and must do no harm then. A row holds ids only, never an address, text or token.

mod store;

use uuid::Uuid;

use crate::clock::Instant;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::JobId;

crate::text_enum! {
    pub enum JobKind {
        /// An aid register came into force: the applications it names are checked again. Subject: the register.
        RecheckRegister => "recheck_register",
    }
}

/// Something to be done about a subject.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    pub id: JobId,
    pub kind: JobKind,
    pub subject: Uuid,
    /// How often it was tried before.
    pub attempts: i32,
}

/// Adds a job to the transaction; it exists only if that commits.
pub fn enqueue(conn: &mut Conn, kind: JobKind, subject: Uuid, now: Instant) -> Result<()> {
    store::insert(conn, JobId::new(), kind, subject, now)
}

/// The jobs of a kind that nobody has done yet, oldest first.
pub fn waiting(conn: &mut Conn, kind: JobKind) -> Result<Vec<Job>> {
    store::waiting(conn, kind)
}

/// Records that a job was done.
pub fn finish(conn: &mut Conn, job: &Job, now: Instant) -> Result<()> {
    store::finish(conn, job, now)
}
