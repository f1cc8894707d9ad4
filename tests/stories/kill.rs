//! A replay that is killed at any moment leaves the database empty or whole.

use std::process::{Child, Stdio};
use std::time::Instant;

use fond::accounts::Actor;
use fond::ledger;

use crate::command::replay;
use crate::support::{TestDatabase, case};

const CASE: &str = "boundaries";
const KILLS: u64 = 20;

#[derive(Debug, PartialEq, Eq)]
enum Left {
    Empty,
    Whole,
    /// What must never be.
    Half,
}

/// Rows of every kind that a round leaves, first to last.
fn rows(database: &TestDatabase) -> [i64; 6] {
    ["contributions", "people", "applications", "votes", "decisions", "events"]
        .map(|table| database.number(&format!("SELECT COUNT(*) AS number FROM {table}")))
}

fn left(database: &TestDatabase, whole: [i64; 6]) -> Left {
    match rows(database) {
        found if found == whole => Left::Whole,
        found if found == [0; 6] => Left::Empty,
        _ => Left::Half,
    }
}

fn start(database: &TestDatabase) -> Child {
    replay(database, &case(CASE)).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn a_killed_replay_leaves_nothing_or_everything() {
    // A whole replay, to know what whole is and how long it takes.
    let database = TestDatabase::new();
    database.open();
    let began = Instant::now();
    assert!(start(&database).wait().unwrap().success());
    let (whole, lasts) = (rows(&database), began.elapsed());
    assert!(whole.iter().all(|rows| *rows > 0), "{whole:?}");

    let seed = u64::from(std::process::id());
    eprintln!("seed {seed}, a replay lasts {lasts:?}");
    let (mut tries, mut killed, mut empty) = (0_u64, 0, 0);
    while killed < KILLS {
        tries += 1;
        assert!(tries <= 3 * KILLS, "{tries} tries, and only {killed} replays were still there to be killed");
        let database = TestDatabase::new();
        database.open();
        let mut child = start(&database);
        // A point in each twentieth of the replay in turn, anywhere in it.
        let jitter =
            seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(tries.wrapping_mul(1_442_695_040_888_963_407))
                >> 33;
        let part = lasts / u32::try_from(KILLS).unwrap();
        let until = part * u32::try_from(tries % KILLS).unwrap() + part.mul_f64((jitter % 1000) as f64 / 1000.0);
        let began = Instant::now();
        while began.elapsed() < until {
            std::thread::yield_now();
        }
        if child.try_wait().unwrap().is_none() {
            child.kill().unwrap();
            killed += 1;
        }
        child.wait().unwrap();
        let found = left(&database, whole);
        assert_ne!(found, Left::Half, "killed after {until:?}: {:?}", rows(&database));
        // Whatever was committed is numbered at the next start.
        database.open();
        assert_eq!(database.number("SELECT COUNT(*) AS number FROM events WHERE sequence IS NULL"), 0);
        if found == Left::Empty {
            empty += 1;
            assert!(replay(&database, &case(CASE)).output().unwrap().status.success(), "it can be replayed again");
            assert_eq!(left(&database, whole), Left::Whole);
        }
    }
    eprintln!("{killed} of {tries} were killed, {empty} databases were empty then");
    assert!(empty >= KILLS / 4, "the kills did not hit the writing: {empty} databases were empty");
}

/// The known-bad variant: a round that writes in more than one transaction is caught by the same check.
#[test]
fn a_half_replay_is_noticed() {
    let database = TestDatabase::new();
    let fond = database.open();
    let case = fond::replay::Case::read(&case(CASE)).unwrap();
    let book = case.rules().code.clone();
    let now = fond::clock::Instant::now();
    fond.db
        .write(|conn| {
            let person =
                fond::accounts::actions::register_officer(conn, &fond.vault, &Actor::SYSTEM, "Treasurer", now)?;
            fond::accounts::actions::grant(conn, &Actor::SYSTEM, person, fond::accounts::Role::Treasurer, now)?;
            let treasurer = fond::accounts::actions::act_as(conn, person, fond::accounts::Role::Treasurer, now)?;
            let given = ledger::Contribution {
                received_on: now.date(),
                donor: "Donor".into(),
                amount: fond::money::Money::from_minor(100),
                currency: "RSD".parse()?,
                rate: fond::money::Rate::ONE,
                fee: fond::money::Money::ZERO,
                note: String::new(),
            };
            ledger::actions::contribute(conn, &treasurer, &book, &given, now)
        })
        .unwrap();
    assert_eq!(left(&database, [1; 6]), Left::Half);
}
