//! A hundred letters through a server that greylists, hangs up and goes down: each arrives, and no other twice.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::Duration;

use fond::clock::Instant;
use fond::ids::JobId;
use fond::jobs::{self, Failure, Job, run_one};
use fond::mail::Postman;

use crate::delivery::{address, letter, settings};
use crate::outbox::{LANE, enqueue};
use crate::server::{MailServer, Taken};
use crate::support::TestDatabase;
use crate::support::people::at;

const LETTERS: u128 = 100;
const GREYLISTED: &str = "40";
const DROPPED: [&str; 2] = ["20", "5"];
/// Longer than the storm, in its own time: that a lease ends is another test.
const LEASE: Duration = Duration::from_secs(1_000_000);

/// What came of a storm.
struct Outcome {
    /// Letters that never arrived.
    missing: usize,
    /// Letters that arrived again, each under its own id.
    again: usize,
    dead: i64,
    unreachable: usize,
}

/// Time that passes only while the worker has nothing to do: an hour of waiting is over in a moment.
struct Clock(Cell<u64>);

impl Clock {
    fn now(&self) -> Instant {
        at("2026-03-01T12:00:00Z").plus(Duration::from_secs(self.0.get()))
    }

    fn pass(&self) {
        self.0.set(self.0.get() + 5);
    }
}

/// `believe` is what the worker makes of the postman's answer.
fn storm(believe: impl Fn(Result<(), Failure>) -> Result<(), Failure>) -> Outcome {
    let (database, taken) = (TestDatabase::new(), Taken::new());
    let db = database.open().db;
    let clock = Clock(Cell::new(0));
    let ids: Vec<JobId> = (0..LETTERS).map(|subject| enqueue(&db, subject, clock.now())).collect();

    let server = MailServer::start(taken.path(), 0, &["--greylist", GREYLISTED, "--drop", DROPPED[0]]);
    let port = server.port;
    let postman = Postman::open(&settings(port)).unwrap();
    let unreachable = Cell::new(0);
    let mut handler = |job: &Job| {
        let sent = postman.send(job.id, &address(job), &letter(), clock.now());
        if sent == Err(Failure::temporary("unreachable")) {
            unreachable.set(unreachable.get() + 1);
        }
        believe(sent)
    };
    let is_over = || db.read(jobs::waiting_count).unwrap() == 0;
    let mut work = |until: &dyn Fn() -> bool| {
        while !until() && !is_over() {
            if !run_one(&db, LANE, &|| clock.now(), LEASE, &mut handler).unwrap() {
                clock.pass();
            }
        }
    };
    work(&|| taken.messages().len() >= 30);
    drop(server);
    work(&|| unreachable.get() >= 20);
    let _server = MailServer::start(taken.path(), port, &["--drop", DROPPED[1]]);
    work(&|| false);

    let arrived = taken.ids();
    let expected: BTreeSet<String> = ids.iter().map(|id| format!("<{id}@example.org>")).collect();
    assert!(arrived.keys().all(|id| expected.contains(id)), "a letter came that nobody wrote");
    for (subject, id) in ids.iter().enumerate() {
        let right = format!("person{subject}@example.org");
        let to = arrived.get(&format!("<{id}@example.org>")).cloned().unwrap_or_default();
        assert!(to.iter().all(|to| *to == right), "{id} came to {to:?}");
    }
    let dropped: usize = DROPPED.iter().map(|number| number.parse::<usize>().unwrap()).sum();
    assert_eq!(taken.faults("greylisted").to_string(), GREYLISTED);
    assert_eq!(taken.faults("dropped"), dropped);
    Outcome {
        missing: expected.len() - arrived.len(),
        again: taken.messages().len() - arrived.len(),
        dead: db.read(jobs::dead_count).unwrap(),
        unreachable: unreachable.get(),
    }
}

#[test]
fn nothing_is_lost() {
    let Outcome { missing, again, dead, unreachable } = storm(|sent| sent);
    assert_eq!((missing, dead), (0, 0));
    assert!(unreachable >= 20, "the server was never down");
    // Each one that was taken without an answer came again, and nothing else did.
    assert_eq!(again, 25);
}

#[test]
fn a_worker_that_believes_everything_is_sent_is_caught() {
    let missing = storm(|_| Ok(())).missing;
    assert!(missing > 0, "the harness sees no loss");
}
