//! The rows of the outbox: held by one at a time, given back by the dead, given up in the end, revived by hand.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use fond::clock::Instant;
use fond::db::Db;
use fond::error::Error;
use fond::ids::JobId;
use fond::jobs::{self, Failure, Job, JobKind, Lane, MOST_ATTEMPTS};
use fond::page::Limit;
use uuid::Uuid;

use crate::support::TestDatabase;
use crate::support::people::at;

pub const LANE: Lane = Lane::Notice;
const LEASE: Duration = Duration::from_secs(300);
const HOUR: Duration = Duration::from_secs(3600);

fn start() -> Instant {
    at("2026-03-01T12:00:00Z")
}

/// A job whose subject is this number.
pub fn enqueue(db: &Db, subject: u128, now: Instant) -> JobId {
    db.write(|conn| jobs::enqueue_at(conn, JobKind::MailPasswordChanged, Uuid::from_u128(subject), now, now)).unwrap()
}

fn claim(db: &Db, now: Instant) -> Option<Job> {
    db.write(|conn| jobs::claim(conn, LANE, now, LEASE)).unwrap()
}

fn fail(db: &Db, job: &Job, now: Instant, failure: Failure) {
    db.write(|conn| jobs::fail(conn, job, now, &failure)).unwrap();
}

fn counts(db: &Db) -> (i64, i64) {
    db.read(|conn| Ok((jobs::waiting_count(conn)?, jobs::dead_count(conn)?))).unwrap()
}

#[test]
fn no_two_hold_one_job() {
    let database = TestDatabase::new();
    let db = database.open().db;
    let all: BTreeSet<JobId> = (0..40).map(|subject| enqueue(&db, subject, start())).collect();
    let held = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some(job) = claim(&db, start()) {
                    held.lock().unwrap().push(job.id);
                }
            });
        }
    });
    let held = held.into_inner().unwrap();
    assert_eq!(held.len(), 40, "some were held twice or never");
    assert_eq!(held.into_iter().collect::<BTreeSet<_>>(), all);
}

#[test]
fn who_dies_gives_the_job_back_when_the_lease_ends() {
    let database = TestDatabase::new();
    let db = database.open().db;
    let id = enqueue(&db, 1, start());
    assert_eq!(claim(&db, start()).unwrap().attempts, 0);
    assert!(claim(&db, start().plus(LEASE - Duration::from_micros(1))).is_none());
    let again = claim(&db, start().plus(LEASE)).unwrap();
    assert_eq!((again.id, again.attempts), (id, 1));
}

#[test]
fn who_lost_the_lease_cannot_fail_the_job_of_another_but_can_finish_it() {
    let database = TestDatabase::new();
    let db = database.open().db;
    enqueue(&db, 1, start());
    let (late, later) = (claim(&db, start()).unwrap(), start().plus(LEASE));
    let holder = claim(&db, later).unwrap();
    fail(&db, &late, later, Failure::permanent("too_late"));
    assert_eq!(counts(&db), (1, 0));
    db.write(|conn| jobs::finish(conn, &late, later)).unwrap();
    fail(&db, &holder, later, Failure::permanent("too_late"));
    assert_eq!(counts(&db), (0, 0), "what is done is done");
}

#[test]
fn a_job_that_fails_waits_longer_each_time_and_is_dead_after_twelve() {
    let database = TestDatabase::new();
    let db = database.open().db;
    enqueue(&db, 1, start());
    let mut now = start();
    for attempt in 0..MOST_ATTEMPTS {
        let job = claim(&db, now).unwrap();
        assert_eq!(job.attempts, attempt);
        assert_eq!(counts(&db), (1, 0));
        fail(&db, &job, now, Failure::temporary("postponed").with_code(451));
        let shortest = Duration::from_secs((5 << attempt).min(1800)) - Duration::from_micros(1);
        assert!(claim(&db, now.plus(shortest)).is_none(), "attempt {attempt} came back too early");
        now = now.plus(HOUR);
    }
    assert!(claim(&db, now.plus(HOUR)).is_none());
    let dead = db.read(|conn| jobs::dead(conn, None, Limit::default())).unwrap().items;
    assert_eq!((dead[0].failure.as_str(), dead[0].attempts, dead.len()), ("postponed_451", MOST_ATTEMPTS, 1));
    assert_eq!(counts(&db), (0, 1));
}

#[test]
fn a_job_that_kills_its_workers_is_given_up() {
    let database = TestDatabase::new();
    let db = database.open().db;
    enqueue(&db, 1, start());
    let mut now = start();
    for _ in 0..MOST_ATTEMPTS {
        assert!(claim(&db, now).is_some());
        now = now.plus(LEASE);
    }
    let next = enqueue(&db, 2, now);
    assert_eq!(claim(&db, now).unwrap().id, next, "it stands in nobody's way");
    assert_eq!(db.read(|conn| jobs::dead(conn, None, Limit::default())).unwrap().items[0].failure, "abandoned");
}

#[test]
fn what_is_dead_can_be_revived_and_nothing_else() {
    let database = TestDatabase::new();
    let db = database.open().db;
    let id = enqueue(&db, 1, start());
    let retry = |id, now| db.write(|conn| jobs::retry(conn, id, now));
    assert!(matches!(retry(id, start()), Err(Error::NotFound)), "it waits");
    assert!(matches!(retry(JobId::new(), start()), Err(Error::NotFound)), "there is none");

    fail(&db, &claim(&db, start()).unwrap(), start(), Failure::permanent("refused").with_code(550));
    assert!(claim(&db, start().plus(HOUR)).is_none());
    let kind = JobKind::MailPasswordChanged;
    let of_kind = db.read(|conn| Ok((jobs::waiting(conn, kind)?.len(), jobs::undone(conn, kind)?))).unwrap();
    assert_eq!(of_kind, (0, vec![Uuid::from_u128(1)]), "nobody will do it, and nobody has");
    let later = start().plus(HOUR);
    retry(id, later).unwrap();
    assert_eq!(counts(&db), (1, 0));
    let job = claim(&db, later).unwrap();
    assert_eq!((job.id, job.attempts), (id, 0));
    db.write(|conn| jobs::finish(conn, &job, later)).unwrap();
    assert!(matches!(retry(id, later), Err(Error::NotFound)), "it is done");
}

#[test]
fn the_dead_come_in_pages() {
    let database = TestDatabase::new();
    let db = database.open().db;
    let mut all: Vec<JobId> = (0..5).map(|subject| enqueue(&db, subject, start())).collect();
    all.sort();
    while let Some(job) = claim(&db, start()) {
        fail(&db, &job, start(), Failure::permanent("refused"));
    }
    let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = db.read(|conn| jobs::dead(conn, after, Limit::new(2).unwrap())).unwrap();
        seen.extend(page.items.iter().map(|job| job.id));
        pages += 1;
        match page.next {
            Some(next) => after = Some(JobId::from(next.parse::<Uuid>().unwrap())),
            None => break,
        }
    }
    assert_eq!((seen, pages), (all, 3));
}

#[test]
fn a_job_is_not_done_before_it_is_due_nor_by_those_of_another_kind() {
    let database = TestDatabase::new();
    let db = database.open().db;
    let (subject, later) = (Uuid::from_u128(1), start().plus(HOUR));
    db.write(|conn| jobs::enqueue_at(conn, JobKind::MailPasswordChanged, subject, start(), later)).unwrap();
    db.write(|conn| jobs::enqueue(conn, JobKind::RecheckRegister, subject, start())).unwrap();
    assert!(claim(&db, start()).is_none());
    assert_eq!(claim(&db, later).unwrap().kind, JobKind::MailPasswordChanged);
    assert_eq!(db.read(|conn| jobs::waiting(conn, JobKind::RecheckRegister)).unwrap().len(), 1);
}

#[test]
fn a_job_exists_only_if_its_transaction_commits() {
    let database = TestDatabase::new();
    let db = database.open().db;
    let undone = db.write(|conn| {
        jobs::enqueue(conn, JobKind::MailPasswordChanged, Uuid::from_u128(1), start())?;
        Err::<(), _>(Error::NotFound)
    });
    assert!(undone.is_err());
    assert_eq!(counts(&db), (0, 0));
}
