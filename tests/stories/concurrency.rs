//! Many at once, on the engine of this run: what may happen once happens once, and what may happen for all does.

use std::collections::BTreeMap;
use std::sync::Barrier;

use fond::accounts::{Actor, Role, actions as accounts};
use fond::applications::{Housing, Submission};
use fond::calls::{Rules, actions as calls};
use fond::clock::Instant;
use fond::db::Conn;
use fond::eligibility::actions as eligibility;
use fond::error::{Error, Result};
use fond::ids::{CallId, PayoutId};
use fond::money::Money;
use fond::payouts::{Execution, PayoutState, actions as payouts};
use fond::startup::Fond;

use crate::cases::replay_case;
use crate::support::{TestDatabase, copy_of, edit};

const THREADS: usize = 32;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

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

fn officer(conn: &mut Conn, fond: &Fond, role: Role, now: Instant) -> Result<Actor> {
    let person = accounts::register_officer(conn, &fond.vault, &Actor::SYSTEM, "Officer", now)?;
    accounts::grant(conn, &Actor::SYSTEM, person, role, now)?;
    accounts::act_as(conn, person, role, now)
}

/// A call that takes applications, in a database that holds nothing else.
fn open_call(fond: &Fond) -> CallId {
    let text = std::fs::read_to_string(crate::support::case("2020").join("call.json")).unwrap();
    let mut rules: Rules = serde_json::from_str(&text).unwrap();
    rules.allocation.seed = None;
    let now = at("2020-07-01T00:00:00Z");
    let made = fond.db.write(|conn| {
        let administrator = officer(conn, fond, Role::Administrator, now)?;
        let call = calls::make(conn, &administrator, &rules, now)?;
        calls::publish(conn, &administrator, call.id, now)
    });
    made.unwrap().id
}

/// A JMBG of region 66 with the right check digit, another for each number below 1000.
fn jmbg(number: usize) -> String {
    let front = format!("010198566{number:03}");
    let digits: Vec<u32> = front.chars().map(|digit| digit.to_digit(10).unwrap()).collect();
    let sum: u32 = (0..6).map(|at| (7 - at as u32) * (digits[at] + digits[at + 6])).sum();
    let control = 11 - sum % 11;
    format!("{front}{}", if control > 9 { 0 } else { control })
}

/// An account of bank 999 with the right control number.
fn account(number: usize) -> String {
    let front: u64 = format!("999{number:013}").parse().unwrap();
    format!("999-{number}-{:02}", 98 - (u128::from(front) * 100 % 97))
}

fn submission(number: usize, jmbg: String) -> Submission {
    Submission {
        reference: format!("R{number}"),
        jmbg,
        bank_account: account(number + 1),
        account_holder: "Ana Anić".into(),
        given_name: "Ana".into(),
        family_name: "Anić".into(),
        email: format!("r{number}@example.org"),
        phone: String::new(),
        municipality: "Beograd".into(),
        discipline: "dance".into(),
        association: None,
        household: format!("H{number}"),
        household_size: 2,
        is_single_parent: true,
        children_born: vec!["2015-01-01".parse().unwrap()],
        housing: Housing::Tenant,
        income_before: Money::from_minor(100),
        income_during: Money::ZERO,
        benefits: Money::ZERO,
        has_other_support: false,
        declared_aid: Vec::new(),
        is_related_to_fund: false,
        statement: String::new(),
    }
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
    let call = open_call(&fond);
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
    let call = open_call(&fond);
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
        };
        fond.db.write(|conn| payouts::execute(conn, &fond.vault, &treasurer, payout.id, &execution, now).map(|_| ()))
    });
    assert_eq!(counted, BTreeMap::from([("done".into(), 1), ("payout_state".into(), THREADS - 1)]));
    assert_eq!(database.number("SELECT COUNT(*) AS number FROM executions"), 1);
    let paid = "SELECT COUNT(*) AS number FROM ledger_entries WHERE entry_key LIKE 'execution:%'";
    assert_eq!(database.number(paid), 1);
}
