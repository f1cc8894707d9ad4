//! SIGTERM under load: what was accepted is answered, and what was answered stands in the database.

use std::time::{Duration, Instant};

use crate::binary::{Binary, asked};
use crate::load::{CLIENTS, Load, Sent, acknowledged};
use crate::lock::Lock;
use crate::support::TestDatabase;
use crate::wire::{Heard, Wire, registration};

const ROUNDS: usize = 5;
/// Ten seconds for what was accepted, and a little to end.
const STOP: Duration = Duration::from_secs(12);

/// What came of a server that was ended in the midst of its work.
#[derive(Debug, Default)]
struct Outcome {
    sent: usize,
    /// Requests that were with the server at that moment.
    in_flight: usize,
    /// Of these, the ones without a whole answer.
    lost: usize,
    /// Answered with 202, and not in the database.
    forgotten: usize,
}

impl Outcome {
    fn add(&mut self, sent: &[Sent], ended: Instant, database: &TestDatabase) {
        let was_there = |sent: &&Sent| sent.at < ended && sent.ended > ended;
        let (stored, told) = (asked(database), acknowledged(sent));
        self.sent += sent.len();
        self.in_flight += sent.iter().filter(was_there).count();
        self.lost += sent.iter().filter(was_there).filter(|sent| !sent.heard.is_answer()).count();
        self.forgotten += told.iter().filter(|email| !stored.iter().any(|stored| stored == *email)).count();
    }
}

/// Ends servers under load, each at another moment.
fn rounds(end: impl Fn(&mut Binary)) -> Outcome {
    let seed = std::process::id() as usize;
    let mut outcome = Outcome::default();
    for round in 0..ROUNDS {
        let database = TestDatabase::new();
        let mut server = Binary::start(&database, &[]);
        let load = Load::default();
        let (ended, sent) = load.run(server.address, "somebody", || {
            load.wait_for(100 + (seed + 37 * round) % 200);
            let now = Instant::now();
            end(&mut server);
            now
        });
        outcome.add(&sent, ended, &database);
    }
    eprintln!("seed {seed}: {outcome:?}");
    assert!(outcome.in_flight >= ROUNDS * CLIENTS / 4, "the end did not hit the work: {outcome:?}");
    outcome
}

#[test]
fn whoever_was_accepted_is_answered() {
    let outcome = rounds(|server| {
        server.terminate();
        let status = server.ended(STOP).expect("it ends in time");
        assert_eq!(status.code(), Some(0));
    });
    assert_eq!((outcome.lost, outcome.forgotten), (0, 0));
}

/// The known-bad variant: a server that just dies loses answers, and the same harness sees it.
#[test]
fn a_server_that_just_dies_is_caught() {
    let outcome = rounds(Binary::kill);
    assert!(outcome.lost > 0, "{outcome:?}");
}

#[test]
fn writes_that_wait_for_the_database_are_waited_for() {
    let database = TestDatabase::new();
    let mut server = Binary::start(&database, &[]);
    let lock = Lock::take(&database);
    let mut wires: Vec<Wire> = (0..CLIENTS).map(|_| Wire::connect(server.address)).collect();
    for (number, wire) in wires.iter_mut().enumerate() {
        assert!(wire.send(&registration(&format!("somebody{number}@example.org"))));
    }
    for wire in &mut wires {
        assert!(matches!(wire.hear(Duration::from_millis(20)), Heard::Silence), "all wait for the lock");
    }
    server.terminate();
    assert!(server.ended(Duration::from_secs(2)).is_none(), "it waits for them");
    drop(lock);
    let statuses: Vec<u16> = wires.iter_mut().map(|wire| wire.hear(Duration::from_secs(10)).status()).collect();
    assert_eq!(statuses, [202; CLIENTS]);
    assert_eq!(server.ended(STOP).map(|status| status.code()), Some(Some(0)));
    assert_eq!(asked(&database).len(), CLIENTS);
}

#[test]
fn slow_clients_do_not_hold_it_up() {
    let database = TestDatabase::new();
    let mut server = Binary::start(&database, &[]);
    let beginnings =
        ["", "GET /hea", "POST /api/v1/registrations HTTP/1.1\r\nHost: fond\r\nContent-Length: 9\r\n\r\n{"];
    let wires: Vec<Wire> = beginnings
        .iter()
        .cycle()
        .take(CLIENTS)
        .map(|beginning| {
            let mut wire = Wire::connect(server.address);
            assert!(wire.send(beginning) && matches!(wire.hear(Duration::from_millis(20)), Heard::Silence));
            wire
        })
        .collect();
    server.terminate();
    assert_eq!(server.ended(STOP).map(|status| status.code()), Some(Some(0)));
    drop(wires);
}
