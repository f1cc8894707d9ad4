//! New keys for the indexes while the fund is at work: two servers beside the rotation find everybody all the time.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use fond::accounts::{Actor, actions as accounts};
use fond::aid;
use fond::applications::{self, Application};
use fond::calls::{self, Call};
use fond::crypto::{INDEX_COLUMNS, IndexColumn, MasterKey, rotate, rotate_indexes};
use fond::db::Conn;
use fond::eligibility::actions as eligibility;
use fond::error::{Error, Result};
use fond::ids::{ApplicationId, CallId, RegisterId};
use fond::replay::Case;
use fond::startup::Fond;

use crate::cases::replay_case;
use crate::support::{TestDatabase, case, people, project};

/// What servers hold is read again after a second.
const PAUSE: Duration = Duration::from_millis(2500);

/// A round that was played, and what it finds by indexes.
struct Played {
    database: TestDatabase,
    servers: [Fond; 2],
    applications: Vec<Application>,
    call: Call,
    registers: Vec<RegisterId>,
}

type Found = (BTreeMap<ApplicationId, (bool, bool)>, Vec<Vec<ApplicationId>>);

impl Played {
    fn new() -> Self {
        let database = TestDatabase::new();
        replay_case(&database, &case("2020"));
        let servers = [database.open(), database.open()];
        let code = Case::read(&case("2020")).unwrap().rules().code.clone();
        let (call, applications, registers) = servers[0]
            .db
            .read(|conn| {
                let now = fond::clock::Instant::now();
                let list = calls::actions::list(conn, None, false, None, fond::page::Limit::default(), now)?;
                let call = list.items.into_iter().find(|call| call.code == code).unwrap();
                let call = calls::actions::find(conn, call.id)?;
                let applications = applications::actions::list(conn, &Actor::SYSTEM, call.id)?;
                let registers = aid::actions::ever_in_force(conn, call.id)?;
                Ok((call, applications, registers))
            })
            .unwrap();
        Self { database, servers, applications, call, registers }
    }

    /// Who stands on a register, asked from both sides: some of the applicants, and each register whole.
    fn found(&self, server: &Fond, step: usize) -> Found {
        server
            .db
            .read(|conn| {
                let mut hits = BTreeMap::new();
                for application in self.applications.iter().step_by(step) {
                    // As it lies there now: its indexes may have another key by this time.
                    let application = applications::actions::find(conn, application.id)?;
                    let hit = aid::actions::look_up(conn, &server.vault, &application, self.call.rules.aid_window)?;
                    hits.insert(application.id, (hit.certain.is_some(), hit.possible.is_some()));
                }
                let named = |conn: &mut Conn, register| Ok(eligibility::named_by(conn, &server.vault, register)?.1);
                Ok((hits, self.registers.iter().map(|id| named(conn, *id)).collect::<Result<_>>()?))
            })
            .unwrap()
    }

    fn old_indexes(&self) -> BTreeMap<String, i64> {
        let count = |column: &IndexColumn| {
            let (table, name) = column.names();
            (format!("{table}.{name}"), self.made_by(1, table, name))
        };
        INDEX_COLUMNS.iter().map(count).collect()
    }

    /// How many values of a column have the length of an index and begin with this version.
    fn made_by(&self, version: u8, table: &str, column: &str) -> i64 {
        let begins = match self.database.is_postgres() {
            true => format!("SUBSTRING({column} FROM 1 FOR 2) = '\\x00{version:02x}'"),
            false => format!("SUBSTR({column}, 1, 2) = X'00{version:02X}'"),
        };
        let sql = format!("SELECT COUNT(*) AS number FROM {table} WHERE LENGTH({column}) = 50 AND {begins}");
        self.database.number(&sql)
    }
}

fn submit(server: &Fond, call: CallId, number: usize) -> Result<()> {
    let submission = people::submission(number, people::jmbg(number));
    let now = people::at("2020-07-20T12:00:00+02:00");
    server.db.write(|conn| {
        let actor = accounts::register_applicant(conn, now)?;
        eligibility::submit(conn, &server.vault, &actor, call, &submission, now).map(|_| ())
    })
}

fn is_second(refused: Result<()>) -> bool {
    matches!(refused, Err(Error::Refused(refusal)) if refusal.code == "already_applied")
}

/// The list of columns is written by hand: whatever looks like an index lies in one of them.
fn none_is_left_out(played: &Played) {
    let schema = std::fs::read_to_string(project("src/schema.rs")).unwrap();
    let known: Vec<(&str, &str)> = INDEX_COLUMNS.iter().map(|column| column.names()).collect();
    let (mut table, mut looked, mut filled) = ("", 0, 0);
    for line in schema.lines().map(str::trim) {
        if let Some((name, _)) = line.strip_suffix(") {").and_then(|line| line.split_once(" (")) {
            table = name;
        } else if let Some((column, kind)) = line.trim_end_matches(',').split_once(" -> ") {
            if !kind.contains("Binary") {
                continue;
            }
            looked += 1;
            let indexes = played.made_by(1, table, column);
            assert!(indexes == 0 || known.contains(&(table, column)), "{table}.{column} holds indexes");
            filled += usize::from(indexes > 0);
        }
    }
    assert!(looked > 50 && filled >= 7, "{looked} columns looked at, {filled} with indexes");
}

#[test]
fn two_servers_find_everybody_while_the_indexes_get_new_keys() {
    let played = Played::new();
    none_is_left_out(&played);
    let call = people::open_call(&played.servers[0], |rules| rules.code = "open".into());
    let before = played.found(&played.servers[0], 1);
    assert!(before.0.values().any(|(is_certain, _)| *is_certain) && before.0.values().any(|(_, may)| *may));
    assert!(before.1.iter().any(|named| named.len() > 20), "a register names many");
    for number in 0..20 {
        submit(&played.servers[0], call, number).unwrap();
    }
    let (is_over, looked, sent) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(20));
    let renewed = thread::scope(|scope| {
        for server in &played.servers {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let (hits, named) = played.found(server, 40);
                    assert_eq!(named, before.1);
                    assert!(hits.iter().all(|(id, hit)| before.0[id] == *hit));
                    looked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        scope.spawn(|| {
            // Whoever applied, now or long ago, is known to the other server.
            while !is_over.load(Ordering::Relaxed) {
                let number = sent.fetch_add(1, Ordering::Relaxed);
                let [one, other] = [&played.servers[number % 2], &played.servers[(number + 1) % 2]];
                submit(one, call, number).unwrap();
                assert!(is_second(submit(other, call, number)), "{number}");
                assert!(is_second(submit(other, call, number % 20)), "{number}");
            }
        });
        let third = played.database.open();
        let renewed = rotate_indexes(&third.db, &third.vault, PAUSE, &mut |_| ()).unwrap();
        is_over.store(true, Ordering::Relaxed);
        renewed
    });
    let (looked, sent) = (looked.load(Ordering::Relaxed), sent.load(Ordering::Relaxed));
    assert!(renewed > 5_000 && looked > 10 && sent > 50, "{renewed} renewed, {looked} looked, {sent} sent");
    assert_eq!(played.found(&played.database.open(), 1), before);
    for server in &played.servers {
        assert!((0..sent).all(|number| is_second(submit(server, call, number))));
    }

    // Nothing is found by the old keys any more, and they are gone.
    assert!(played.old_indexes().values().all(|left| *left == 0), "{:?}", played.old_indexes());
    let old = "SELECT COUNT(*) AS number FROM data_keys WHERE version = 1 AND (class LIKE 'index%' OR class = 'link')";
    assert_eq!(played.database.number(old), 0);
}

#[test]
fn a_second_rotation_beside_one_that_runs_is_refused_and_changes_nothing() {
    let database = TestDatabase::new();
    replay_case(&database, &case("payouts"));
    let [one, other] = [database.open(), database.open()];
    let versions = "SELECT COUNT(DISTINCT version) AS number FROM data_keys";
    let mut refused = 0;
    let mut second = |_: u64| {
        let indexes = rotate_indexes(&other.db, &other.vault, Duration::ZERO, &mut |_| ()).unwrap_err().to_string();
        let master = MasterKey::read(&database.key).unwrap();
        let master = rotate(&other.db, master, &mut |_| ()).unwrap_err().to_string();
        assert!(indexes.contains("another rotation") && master.contains("another rotation"), "{indexes}, {master}");
        assert_eq!(database.number(versions), 2);
        refused += 1;
    };
    assert!(rotate_indexes(&one.db, &one.vault, Duration::ZERO, &mut second).unwrap() > 0);
    assert!(refused > 0);
    let old = "SELECT COUNT(*) AS number FROM data_keys WHERE version = 1 AND class LIKE 'index%'";
    assert_eq!(database.number(old), 0);
    rotate_indexes(&other.db, &other.vault, Duration::ZERO, &mut |_| ()).unwrap();
}

#[test]
fn a_rotation_that_was_interrupted_hides_nobody_and_goes_on() {
    let played = Played::new();
    let [fond, other] = &played.servers;
    let before = played.found(fond, 1);
    let dies = || {
        let dies = &mut |renewed: u64| assert!(renewed < 1_000, "the machine stops here");
        rotate_indexes(&fond.db, &fond.vault, PAUSE, dies)
    };
    assert!(catch_unwind(AssertUnwindSafe(dies)).is_err());
    let left: i64 = played.old_indexes().values().sum();
    assert!(left > 1_000, "{left}");
    for server in [fond, other, &played.database.open()] {
        assert_eq!(played.found(server, 3).1, before.1);
    }
    let rest = rotate_indexes(&fond.db, &fond.vault, PAUSE, &mut |_| ()).unwrap();
    assert_eq!(rest, u64::try_from(left).unwrap());
    assert_eq!(played.found(other, 1), before);
    assert!(played.old_indexes().values().all(|left| *left == 0));
}
