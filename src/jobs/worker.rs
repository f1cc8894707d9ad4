//! A thread that does jobs, one after the other, until it is told to stop.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{Failure, Job, Lane, claim, fail, finish};
use crate::clock::Instant;
use crate::db::Db;
use crate::error::{Error, Result};

/// How long a job may take at most before somebody else may try it: longer than any mail server is waited for.
const LEASE: Duration = Duration::from_secs(300);
/// How long until the database is asked again where nobody wakes the worker: another process may have left a job.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// How long other bells are waited for after one: in a rush they ring hundreds of times a second, for all workers.
const TOGETHER: Duration = Duration::from_millis(20);
/// How long a notice waits at most for a moment in which nobody waits for the database: a rush is answered first, and its
/// letters follow.
const GIVES_WAY: Duration = Duration::from_millis(250);

/// A thread that does the jobs of some kinds. Dropping it stops it, as `stop` does.
pub struct Worker {
    /// Closing it ends the thread.
    bell: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the worker of a lane. The handler may be called twice for one job, and must do no harm then.
    ///
    /// # Errors
    /// [`Error::Settings`] where the machine gives no thread.
    pub fn start(
        db: Db,
        lane: Lane,
        mut handler: impl FnMut(&Job) -> Result<(), Failure> + Send + 'static,
    ) -> Result<Self> {
        let (bell, rings) = sync_channel(1);
        let mut work = move || {
            if lane == Lane::Notice {
                db.give_way(GIVES_WAY);
            }
            run_one(&db, lane, &Instant::now, LEASE, &mut handler)
        };
        let work = move || while_open(&rings, &mut work);
        let thread = std::thread::Builder::new().name("fond-jobs".into()).spawn(work);
        let thread = thread.map_err(|error| Error::Settings(format!("no thread for the jobs: {error}")))?;
        Ok(Self { bell: Some(bell), thread: Some(thread) })
    }

    /// Says that a job was committed. Never waits.
    pub fn wake(&self) {
        // A bell that is rung already, or that nobody hears any more, is as good.
        let _ = self.bell.as_ref().map(|bell| bell.try_send(()));
    }

    /// Lets the job that runs end, and takes no other.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.bell = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread of the jobs ended in a panic");
        }
    }
}

/// Works until the bell is gone; where there is nothing to do, sleeps until it rings.
fn while_open(rings: &Receiver<()>, mut work: impl FnMut() -> Result<bool>) {
    loop {
        if is_gone(rings) {
            return;
        }
        let has_worked = work().unwrap_or_else(|error| {
            tracing::error!(%error, "the jobs cannot be read or recorded; trying again");
            false
        });
        if has_worked {
            continue;
        }
        match rings.recv_timeout(LONGEST_SLEEP) {
            Ok(()) => std::thread::sleep(TOGETHER),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Whether the bell is gone. A ring that is not heard yet hides that, so all of them are heard.
fn is_gone(rings: &Receiver<()>) -> bool {
    while rings.try_recv().is_ok() {}
    matches!(rings.try_recv(), Err(TryRecvError::Disconnected))
}

/// Does one job of a lane that is due by `clock`, if there is one, and records how it ended. A panic of the handler is a failure.
///
/// # Errors
/// Those of the database. A job that was done but could not be recorded comes back after the lease.
pub fn run_one(
    db: &Db,
    lane: Lane,
    clock: &impl Fn() -> Instant,
    lease: Duration,
    handler: &mut impl FnMut(&Job) -> Result<(), Failure>,
) -> Result<bool> {
    // Idle workers only read: a write would take the one writer of SQLite once a second.
    if db.glance(|conn| super::store::first_due(conn, lane, clock()))?.is_none() {
        return Ok(false);
    }
    let now = clock();
    let Some(job) = db.follow(move |conn| claim(conn, lane, now, lease))? else { return Ok(false) };
    let outcome = catch_unwind(AssertUnwindSafe(|| handler(&job)));
    let outcome = outcome.unwrap_or(Err(Failure::temporary("panicked")));
    let now = clock();
    match outcome {
        Ok(()) => db.follow(move |conn| finish(conn, &job, now))?,
        Err(failure) => {
            tracing::warn!(job = %job.id, kind = %job.kind, attempts = job.attempts, word = failure.word(), "a job failed");
            db.follow(move |conn| fail(conn, &job, now, &failure))?;
        }
    }
    Ok(true)
}
