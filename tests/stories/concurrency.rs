//! Many at once, on the engine of this run: what may happen once happens once, and what may happen for all does.

use std::collections::BTreeMap;
use std::sync::Barrier;

use diesel::RunQueryDsl;
use fond::accounts::{Role, actions as accounts};
use fond::applications::Submission;
use fond::db::Conn;
use fond::eligibility::actions as eligibility;
use fond::error::{Error, Result};
use fond::ids::{CallId, PayoutId};
use fond::payouts::{Execution, PayoutState, actions as payouts};
use fond::startup::Fond;

use crate::cases::replay_case;
use crate::support::people::{at, jmbg, officer, open_call, submission};
use crate::support::{TestDatabase, copy_of, edit};

const THREADS: usize = 32;

/// Starts as many threads at the same moment and counts their outcomes: `done`, or why not.
fn at_once(work: impl Fn(usize) -> Result<()> + Sync) -> BTreeMap<String, usize> {
    let barrier = Barrier::new(THREADS);
    let outcome = |number: usize| {
        barrier.wait();
        match work(number) {
            Ok(()) => "done".to_owned(),
            Err(Error::Refused(refusal)) => refusal.code.to_owned(),
            Err(other) => other.to_string(),
        }
    };
    let mut counted = BTreeMap::new();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|number| {
                scope.spawn({
                    let outcome = &outcome;
                    move || outcome(number)
                })
            })
            .collect();
        for thread in threads {
            *counted.entry(thread.join().unwrap()).or_default() += 1;
        }
    });
    counted
}

fn apply(fond: &Fond, call: CallId, sent: &Submission) -> Result<()> {
    let now = at("2020-07-20T00:00:00Z");
    fond.db.write(|conn| {
        let applicant = accounts::register_applicant(conn, now)?;
        eligibility::submit(conn, &fond.vault, &applicant, call, sent, now).map(|_| ())
    })
}

#[test]
fn of_32_with_the_same_jmbg_one_applies() {
    let database = TestDatabase::new();
    let fond = database.open();
    let call = open_call(&fond, |_| {});
    let counted = at_once(|number| apply(&fond, call, &submission(number, jmbg(0))));
    assert_eq!(counted, BTreeMap::from([("done".into(), 1), ("already_applied".into(), THREADS - 1)]));
    assert_eq!(database.number("SELECT COUNT(*) AS number FROM applications"), 1);
    // Who was refused leaves nothing behind: one applicant, one officer.
    assert_eq!(database.number("SELECT COUNT(*) AS number FROM people"), 2);
}

#[test]
fn thirty_two_different_people_apply_at_once_to_empty_tables() {
    let database = TestDatabase::new();
    // With the patience that the fund runs with, not the one of the tests.
    let mut settings = database.settings();
    settings.database.patience_seconds = 5;
    let fond = fond::startup::open(&settings, Some(&database.url)).unwrap();
    let call = open_call(&fond, |_| {});
    let counted = at_once(|number| apply(&fond, call, &submission(number, jmbg(number))));
    assert_eq!(counted, BTreeMap::from([("done".into(), THREADS)]));
    assert_eq!(database.number("SELECT COUNT(*) AS number FROM applications WHERE state = 'eligible'"), 32);
}

#[test]
fn of_32_executions_of_a_payout_one_succeeds() {
    let database = TestDatabase::new();
    let folder = copy_of("payouts");
    edit(folder.path(), "payouts.csv", |text| text.lines().next().unwrap().to_owned() + "\n");
    replay_case(&database, folder.path());
    let fond = database.open();
    let now = at("2021-06-01T00:00:00Z");
    let treasurer = fond.db.write(|conn| officer(conn, &fond, Role::Treasurer, now)).unwrap();
    let payout = {
        let id: Vec<PayoutId> = {
            use diesel::prelude::*;
            fond::schema::payouts::table.select(fond::schema::payouts::id).limit(1).load(&mut database.raw()).unwrap()
        };
        fond.db.read(|conn| payouts::find(conn, id[0])).unwrap()
    };
    assert_eq!(payout.state, PayoutState::Authorised);
    let counted = at_once(|number| {
        let execution = Execution {
            executed_on: "2021-06-01".parse().unwrap(),
            amount: payout.amount,
            bank_reference: format!("REF{number}"),
            despite_finding: false,
        };
        fond.db.write(|conn| payouts::execute(conn, &fond.vault, &treasurer, payout.id, &execution, now).map(|_| ()))
    });
    assert_eq!(counted, BTreeMap::from([("done".into(), 1), ("payout_state".into(), THREADS - 1)]));
    assert_eq!(database.number("SELECT COUNT(*) AS number FROM executions"), 1);
    let paid = "SELECT COUNT(*) AS number FROM ledger_entries WHERE entry_key LIKE 'execution:%'";
    assert_eq!(database.number(paid), 1);
}

#[derive(diesel::QueryableByName)]
struct Backend {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pid: i32,
}

fn backend(conn: &mut Conn) -> Result<i32> {
    Ok(diesel::sql_query("SELECT pg_backend_pid() AS pid").get_result::<Backend>(conn)?.pid)
}

/// As when PostgreSQL is restarted: whoever writes or reads gets another connection and learns nothing of it.
#[test]
fn a_connection_that_postgresql_closed_is_replaced() {
    let database = TestDatabase::new();
    if !database.is_postgres() {
        // SQLite is part of the process: there is no connection to lose.
        return;
    }
    let db = database.open().db;
    let close = |pid: i32| {
        let sql = format!("SELECT pg_terminate_backend({pid}, 5000)");
        diesel::sql_query(sql).execute(&mut database.raw()).unwrap();
    };
    for _ in 0..3 {
        let lost = db.write(backend).unwrap();
        close(lost);
        assert_ne!(db.write(backend).unwrap(), lost);
        let lost = db.read(backend).unwrap();
        close(lost);
        assert_ne!(db.read(backend).unwrap(), lost);
        let glance = || actix_web::rt::System::new().block_on(db.glance_async(backend)).unwrap();
        let lost = glance();
        close(lost);
        assert_ne!(glance(), lost);
    }
}

/// PostgreSQL ends the connection in the midst of a commit. Whether that stands nobody can say, so it is not tried again, and
/// nobody is told that nothing was done.
#[test]
fn a_commit_whose_connection_is_lost_is_not_repeated() {
    let database = TestDatabase::new();
    if !database.is_postgres() {
        return;
    }
    let db = database.open().db;
    let cut = "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$";
    let at_commit = "CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON people DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION cut()";
    for sql in [cut, at_commit] {
        diesel::sql_query(sql).execute(&mut database.raw()).unwrap();
    }
    let mut tries = 0;
    let outcome = db.write(|conn| {
        tries += 1;
        accounts::register_applicant(conn, at("2020-07-20T00:00:00Z")).map(|_| ())
    });
    assert!(matches!(outcome, Err(Error::Unsure(_))), "{outcome:?}");
    assert_eq!(tries, 1);
}
