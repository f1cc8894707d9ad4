//! The outbox: work that follows a change is a row written in the same transaction, and done after it.
//!
//! A job may run twice and must do no harm then. A row holds ids only, never an address, text or token.

mod failure;
mod store;
mod worker;

use std::time::Duration;

use uuid::Uuid;

pub use failure::Failure;
pub use store::DeadJob;
pub use worker::{Worker, run_one};

use crate::clock::Instant;
use crate::db::{Conn, Writes};
use crate::error::{Error, Result};
use crate::ids::JobId;
use crate::page::{Limit, Page};

crate::text_enum! {
    pub enum JobKind {
        /// An aid register came into force: the applications it names are checked again. Subject: the register.
        RecheckRegister => "recheck_register",
        /// Somebody asked for an account. Subject: the request.
        MailRegistration => "mail_registration",
        /// Somebody asked for a link to sign in. Subject: the request.
        MailSignInLink => "mail_sign_in_link",
        /// Somebody asked for a new password. Subject: the request.
        MailPasswordReset => "mail_password_reset",
        /// Somebody asked to change the address of an account: the letter to the old one. Subject: the request.
        MailOldAddress => "mail_old_address",
        /// The letter to the new one. Subject: the request.
        MailNewAddress => "mail_new_address",
        /// Somebody is invited to work for the fund. Subject: the invitation.
        MailInvitation => "mail_invitation",
        /// A role was given. Subject: the invitation.
        MailRoleGiven => "mail_role_given",
        /// The password of an account was changed. Subject: the person.
        MailPasswordChanged => "mail_password_changed",
        /// The address of an account was changed: the letter to the one that was left. Subject: the request.
        MailEmailChanged => "mail_email_changed",
        /// The second factor of an account was enrolled or removed. Subject: the person.
        MailSecondFactor => "mail_second_factor",
        /// A session was ended because its refresh token came twice. Subject: the person.
        MailSessionReused => "mail_session_reused",
        /// The fund asks an applicant something. Subject: the application.
        MailClarification => "mail_clarification",
        /// An application was submitted: its reference code. Subject: the application.
        MailApplicationReceived => "mail_application_received",
        /// The roles of somebody were suspended. Subject: the person.
        MailSuspended => "mail_suspended",
        /// They were given back. Subject: the person.
        MailRestored => "mail_restored",
        /// Somebody accepted a seat on a committee. Subject: the invitation.
        SeatMember => "seat_member",
        /// A finding was confirmed on an application that was awarded: its award is released. Subject: the application.
        ReleaseAward => "release_award",
    }
}

crate::text_enum! {
    /// Jobs of one lane are done one after the other; none waits for those of another.
    pub enum Lane {
        /// Letters that somebody sits and waits for: links and codes.
        Link => "link",
        /// Letters that tell of something. They come after whoever waits for an answer of the server.
        Notice => "notice",
        /// What ends inside the database.
        Inside => "inside",
    }
}

impl JobKind {
    pub fn lane(self) -> Lane {
        match self {
            Self::MailRegistration
            | Self::MailSignInLink
            | Self::MailPasswordReset
            | Self::MailOldAddress
            | Self::MailNewAddress => Lane::Link,
            Self::MailInvitation
            | Self::MailRoleGiven
            | Self::MailPasswordChanged
            | Self::MailEmailChanged
            | Self::MailSecondFactor
            | Self::MailSessionReused
            | Self::MailClarification
            | Self::MailApplicationReceived
            | Self::MailSuspended
            | Self::MailRestored => Lane::Notice,
            Self::RecheckRegister | Self::SeatMember | Self::ReleaseAward => Lane::Inside,
        }
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

/// A job that failed so often is given up: with the growing waits, about three hours after it came to be.
pub const MOST_ATTEMPTS: i32 = 12;

/// Adds a job to the transaction; it exists only if that commits.
pub fn enqueue(conn: &mut Conn, kind: JobKind, subject: Uuid, now: Instant) -> Result<()> {
    enqueue_at(conn, kind, subject, now, now).map(|_| ())
}

/// The same, to be done not before `due`.
pub fn enqueue_at(conn: &mut Conn, kind: JobKind, subject: Uuid, now: Instant, due: Instant) -> Result<JobId> {
    let (id, mut writes) = (JobId::new(), Writes::default());
    store::insert(conn, &mut writes, id, (kind, subject), now, due)?;
    writes.run(conn)?;
    Ok(id)
}

/// [`enqueue`], together with other writes of the action.
pub fn enqueue_with(conn: &mut Conn, writes: &mut Writes, kind: JobKind, subject: Uuid, now: Instant) -> Result<()> {
    store::insert(conn, writes, JobId::new(), (kind, subject), now, now)
}

/// The jobs of a kind that nobody has done yet, oldest first; held ones too.
pub fn waiting(conn: &mut Conn, kind: JobKind) -> Result<Vec<Job>> {
    store::undone(conn, kind, false)
}

/// What the jobs of a kind are about that nobody has done, whether or not anybody will: also those that were given up.
pub fn undone(conn: &mut Conn, kind: JobKind) -> Result<Vec<Uuid>> {
    Ok(store::undone(conn, kind, true)?.into_iter().map(|job| job.subject).collect())
}

/// Takes the job of a lane that is due the longest and holds it for `lease`: nobody else gets it before that is
/// over. A job whose worker died comes back then; one that was held [`MOST_ATTEMPTS`] times is dead (`abandoned`).
pub fn claim(conn: &mut Conn, lane: Lane, now: Instant, lease: Duration) -> Result<Option<Job>> {
    while let Some(job) = store::first_due(conn, lane, now)? {
        if job.attempts >= MOST_ATTEMPTS {
            store::bury(conn, &job, job.attempts, "abandoned", now)?;
        } else if store::hold(conn, &job, now.plus(lease))? {
            return Ok(Some(job));
        }
        // Another worker was faster, or it is dead: the next one.
    }
    Ok(None)
}

/// Records that a job was done, whoever holds it by now.
pub fn finish(conn: &mut Conn, job: &Job, now: Instant) -> Result<()> {
    store::finish(conn, job, now)
}

/// Records that a claimed job failed. It is tried again later, or dead where that would help nobody. Where the lease was
/// lost meanwhile nothing changes: the job is another's.
pub fn fail(conn: &mut Conn, job: &Job, now: Instant, failure: &Failure) -> Result<()> {
    let attempts = job.attempts.saturating_add(1);
    if failure.is_permanent || attempts >= MOST_ATTEMPTS {
        return store::bury(conn, job, attempts, &failure.word(), now);
    }
    let wait = failure::wait(attempts, getrandom::u64().unwrap_or_default());
    store::postpone(conn, job, attempts, &failure.word(), now.plus(wait))
}

/// The jobs that were given up, oldest first, behind `after`; the cursor of the next page is the id of the last one.
pub fn dead(conn: &mut Conn, after: Option<JobId>, limit: Limit) -> Result<Page<DeadJob>> {
    let mut page = Page::new(store::dead(conn, after, limit)?, limit, |_| 0);
    page.next = page.next.and_then(|_| page.items.last().map(|job| job.id.to_string()));
    Ok(page)
}

/// Gives a dead job all its attempts again.
///
/// # Errors
/// [`Error::NotFound`] where there is no such job or it is not dead.
pub fn retry(conn: &mut Conn, id: JobId, now: Instant) -> Result<()> {
    if store::revive(conn, id, now)? { Ok(()) } else { Err(Error::NotFound) }
}

/// Forgets the jobs that were done before a moment.
pub fn forget(conn: &mut Conn, before: Instant) -> Result<()> {
    store::forget(conn, before)
}

/// How many jobs wait or are held.
pub fn waiting_count(conn: &mut Conn) -> Result<i64> {
    store::waiting_count(conn)
}

/// How many jobs were given up.
pub fn dead_count(conn: &mut Conn) -> Result<i64> {
    store::dead_count(conn)
}
