//! The thread that does jobs: it survives its handler, wakes when called, and stops between two jobs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fond::clock::Instant;
use fond::jobs::{self, Failure, JobKind, Lane, Worker};
use fond::page::Limit;
use uuid::Uuid;

use crate::outbox::{LANE, enqueue};
use crate::support::TestDatabase;
use crate::wait_until;

#[test]
fn a_panic_is_a_failure_and_the_worker_goes_on() {
    let database = TestDatabase::new();
    let db = database.open().db;
    let bad = enqueue(&db, 13, Instant::now());
    enqueue(&db, 14, Instant::now());
    let worker = Worker::start(db.clone(), LANE, |job| {
        assert_ne!(job.subject.as_u128(), 13, "an unlucky number");
        Ok(())
    });
    let worker = worker.unwrap();
    let done = "SELECT COUNT(*) AS number FROM jobs WHERE done_at IS NOT NULL";
    wait_until("the other job is done", || database.number(done) == 1);
    worker.stop();
    let failed = "SELECT COUNT(*) AS number FROM jobs WHERE failure = 'panicked' AND attempts = 1 AND done_at IS NULL";
    assert_eq!(database.number(failed), 1, "{bad}");
}

#[test]
fn it_stops_after_the_job_that_runs_and_takes_no_other() {
    let database = TestDatabase::new();
    let db = database.open().db;
    for subject in 0..300 {
        enqueue(&db, subject, Instant::now());
    }
    let (began, begins) = channel();
    let (let_end, may_end) = channel::<()>();
    let worker = Worker::start(db.clone(), LANE, move |_| {
        let _ = began.send(());
        may_end.recv().map_err(|_| Failure::permanent("test_gone"))
    });
    let worker = worker.unwrap();
    begins.recv().unwrap();
    let stopping = std::thread::spawn(move || worker.stop());
    while !stopping.is_finished() {
        let_end.send(()).ok();
        std::thread::yield_now();
    }
    stopping.join().unwrap();
    let done = database.number("SELECT COUNT(*) AS number FROM jobs WHERE done_at IS NOT NULL");
    let touched = database.number("SELECT COUNT(*) AS number FROM jobs WHERE attempts > 0");
    assert_eq!(done, touched, "a job that began has ended");
    assert!((1..300).contains(&done), "{done}");
}

#[test]
fn a_ring_wakes_it_and_dropping_it_stops_it() {
    let database = TestDatabase::new();
    let db = database.open().db;
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let worker = Worker::start(db.clone(), LANE, move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(())
    });
    let worker = worker.unwrap();
    for subject in 0..20 {
        enqueue(&db, subject, Instant::now());
        worker.wake();
        worker.wake();
        wait_until("the job is done", || count.load(Ordering::SeqCst) > subject as usize);
    }
    drop(worker);
    enqueue(&db, 21, Instant::now());
    assert_eq!(database.number("SELECT COUNT(*) AS number FROM jobs WHERE attempts = 0"), 1);
}

#[test]
fn many_workers_share_the_work() {
    let database = TestDatabase::new();
    let db = database.open().db;
    for subject in 0..50 {
        enqueue(&db, subject, Instant::now());
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let workers: Vec<Worker> = (0..4)
        .map(|_| {
            let seen = seen.clone();
            let handler = move |job: &jobs::Job| {
                seen.lock().unwrap().push(job.subject.as_u128());
                if job.subject.as_u128() == 7 { Err(Failure::permanent("unlucky")) } else { Ok(()) }
            };
            Worker::start(db.clone(), LANE, handler).unwrap()
        })
        .collect();
    wait_until("all is done", || db.read(jobs::waiting_count).unwrap() == 0);
    workers.into_iter().for_each(Worker::stop);
    let mut seen = seen.lock().unwrap().clone();
    seen.sort_unstable();
    assert_eq!(seen, (0..50).collect::<Vec<u128>>());
    assert_eq!(db.read(|conn| jobs::dead(conn, None, Limit::default())).unwrap().items[0].failure, "unlucky");
}

#[test]
fn a_letter_that_somebody_waits_for_does_not_wait_for_notices() {
    let database = TestDatabase::new();
    let db = database.open().db;
    let notice = enqueue(&db, 1, Instant::now());
    let (began, begins) = channel();
    let (let_end, may_end) = channel::<()>();
    let slow = Worker::start(db.clone(), Lane::Notice, move |_| {
        began.send(()).unwrap();
        may_end.recv().map_err(|_| Failure::permanent("test_gone"))
    });
    let slow = slow.unwrap();
    begins.recv().unwrap();
    let (now, subject) = (Instant::now(), Uuid::from_u128(2));
    let link = db.write(|conn| jobs::enqueue_at(conn, JobKind::MailSignInLink, subject, now, now)).unwrap();
    let quick = Worker::start(db.clone(), Lane::Link, |_| Ok(())).unwrap();
    let done = "SELECT COUNT(*) AS number FROM jobs WHERE done_at IS NOT NULL";
    wait_until("the link is sent", || database.number(done) == 1);
    assert_eq!(database.number(&format!("{done} AND lane = 'link'")), 1, "{link} is done, {notice} is not");
    let_end.send(()).unwrap();
    wait_until("both are sent", || database.number(done) == 2);
    quick.stop();
    slow.stop();
}

/// A notice lets go first whoever waits for the database, but not for ever.
#[test]
fn who_waits_to_write_goes_first() {
    let database = TestDatabase::new();
    let db = database.open().db;
    let most = Duration::from_millis(300);
    let (let_end, may_end) = channel::<()>();
    let (began, begins) = channel();
    let may_end = Mutex::new(may_end);
    let own = db.clone();
    let writing = std::thread::spawn(move || {
        let write = own.write_async(move |_| {
            began.send(()).unwrap();
            may_end.lock().unwrap().recv().unwrap();
            Ok(())
        });
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(write)
    });
    begins.recv().unwrap();
    let waited = || {
        let clock = std::time::Instant::now();
        db.give_way(most);
        clock.elapsed()
    };
    assert!(waited() >= most, "somebody writes all the time");
    let_end.send(()).unwrap();
    writing.join().unwrap().unwrap();
    wait_until("nobody waits, so nobody is waited for", || waited() < most);
}
