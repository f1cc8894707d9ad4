//! SIGKILL in the midst of writes: what was acknowledged is in the database when it is opened again.

use crate::binary::{Binary, asked};
use crate::load::{Load, acknowledged};
use crate::support::TestDatabase;

const KILLS: usize = 8;

/// What came of many kills.
#[derive(Debug, Default)]
struct Outcome {
    acknowledged: usize,
    /// Kills while registrations were with the server.
    hits: usize,
    /// Registrations that were with the server then.
    in_flight: usize,
    /// Of those: written all the same.
    written: usize,
    missing: usize,
}

/// Kills a server under load, again and again, on one database; `after` is what happens to the database then.
fn kills(after: impl Fn(&TestDatabase)) -> Outcome {
    let seed = std::process::id() as usize;
    let database = TestDatabase::new();
    let (mut outcome, mut sent) = (Outcome::default(), Vec::new());
    for round in 0..KILLS {
        let mut server = Binary::start(&database, &[]);
        let load = Load::default();
        let ((), more) = load.run(server.address, &format!("round{round}"), || {
            load.wait_for(100 + (seed + 37 * round) % 200);
            server.kill();
        });
        let in_flight = more.iter().filter(|sent| sent.email.is_some() && !sent.heard.is_answer()).count();
        outcome.hits += usize::from(in_flight > 0);
        outcome.in_flight += in_flight;
        sent.extend(more);
    }
    after(&database);
    let (stored, told) = (asked(&database), acknowledged(&sent));
    outcome.acknowledged = told.len();
    outcome.missing = told.iter().filter(|email| !stored.iter().any(|stored| stored == *email)).count();
    outcome.written = stored.len() + outcome.missing - told.len();
    eprintln!("seed {seed}: {outcome:?}");
    assert!(outcome.hits >= KILLS / 2, "the kills did not hit the writing: {outcome:?}");
    assert!(outcome.written <= outcome.in_flight, "nobody asked for what was written: {outcome:?}");
    outcome
}

#[test]
fn what_was_acknowledged_is_there() {
    let outcome = kills(|_| ());
    assert_eq!(outcome.missing, 0);
}

/// The known-bad variant: a database that forgets one row is caught by the same check.
#[test]
fn a_single_row_that_is_forgotten_is_caught() {
    let outcome = kills(|database| {
        use diesel::RunQueryDsl;
        let sql = "DELETE FROM mail_requests WHERE id = (SELECT id FROM mail_requests ORDER BY created_at LIMIT 1)";
        assert_eq!(diesel::sql_query(sql).execute(&mut database.raw()).unwrap(), 1);
    });
    assert_eq!(outcome.missing, 1);
}
