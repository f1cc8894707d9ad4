//! Who does which job: the one place where kinds of jobs meet the slices that do them.

use std::sync::Arc;

use crate::accounts::mails;
use crate::applications;
use crate::clock::Instant;
use crate::committee;
use crate::config::Settings;
use crate::crypto::Vault;
use crate::db::Db;
use crate::eligibility;
use crate::error::{Error, Result};
use crate::ids::RegisterId;
use crate::jobs::{self, Failure, Job, JobKind, Lane, Worker};
use crate::mail::Postman;
use crate::payouts;

/// Starts the workers, one for each lane: whoever waits for a link does not wait for letters that tell of something, and a
/// slow mail server holds up nothing inside the database.
///
/// # Errors
/// [`Error::Settings`] for a mail server or folder that cannot be.
pub fn start(settings: &Settings, db: &Db, vault: &Arc<Vault>) -> Result<Vec<Worker>> {
    let postman = Arc::new(Postman::open(&settings.mail)?);
    let public_url = settings.http.public_url.clone();
    let (own_db, own_vault) = (db.clone(), Arc::clone(vault));
    let deliver = move |job: &Job| {
        let now = Instant::now();
        let letter = own_db.read(|conn| match applications::mails::KINDS.contains(&job.kind) {
            true => applications::mails::letter(conn, &own_vault, &public_url, job),
            false => mails::letter(conn, &own_vault, &public_url, job, now),
        });
        match letter.map_err(|error| failed(&error))? {
            Some((address, letter)) => postman.send(job.id, &address, &letter, now),
            None => Ok(()),
        }
    };
    let (own_db, own_vault) = (db.clone(), Arc::clone(vault));
    let inside = move |job: &Job| {
        let now = Instant::now();
        let done = match job.kind {
            JobKind::RecheckRegister => recheck(&own_db, &own_vault, job, now),
            JobKind::SeatMember => own_db.write(|conn| committee::actions::seat_invited(conn, job, now)),
            JobKind::ReleaseAward => own_db.write(|conn| payouts::actions::release_ineligible(conn, job, now)),
            _ => Err(Error::corrupt("a letter among other jobs")),
        };
        done.map_err(|error| failed(&error))
    };
    Ok(vec![
        Worker::start(db.clone(), Lane::Link, deliver.clone())?,
        Worker::start(db.clone(), Lane::Notice, deliver)?,
        Worker::start(db.clone(), Lane::Inside, inside)?,
    ])
}

/// How many applications are checked again in one write, so that no other write waits long.
const RECHECKED: usize = 50;

/// Checks the applications that a register names again, some at once. The job ends with the last of them: as long as it is
/// there nobody dismisses what the register brings.
fn recheck(db: &Db, vault: &Vault, job: &Job, now: Instant) -> Result<()> {
    let register = RegisterId::from(job.subject);
    let (call, named) = db.read(|conn| eligibility::actions::named_by(conn, vault, register))?;
    let mut parts = named.chunks(RECHECKED).peekable();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        db.write(|conn| {
            eligibility::actions::recheck_all(conn, vault, call, part, now)?;
            if is_last { jobs::finish(conn, job, now) } else { Ok(()) }
        })?;
    }
    Ok(())
}

/// A rule's no stays no; everything else may go well another time.
fn failed(error: &Error) -> Failure {
    tracing::warn!(%error, "a job could not be done");
    match error {
        Error::Refused(refusal) => Failure::permanent(refusal.code),
        Error::NotFound => Failure::permanent("not_found"),
        Error::Invalid(..) => Failure::permanent("invalid"),
        _ => Failure::temporary("error"),
    }
}
