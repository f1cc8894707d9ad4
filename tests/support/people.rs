//! People and a call made up for a test, where no case has what it needs.

use fond::accounts::{Actor, Role, actions as accounts};
use fond::applications::{Household, Housing, Submission};
use fond::calls::{Rules, actions as calls};
use fond::clock::Instant;
use fond::db::Conn;
use fond::error::Result;
use fond::ids::CallId;
use fond::money::Money;
use fond::startup::Fond;

use super::case;

pub fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// Somebody who works for the fund in a role.
pub fn officer(conn: &mut Conn, fond: &Fond, role: Role, now: Instant) -> Result<Actor> {
    let person = accounts::register_officer(conn, &fond.vault, &Actor::SYSTEM, "Officer", now)?;
    accounts::grant(conn, &Actor::SYSTEM, person, role, now)?;
    accounts::act_as(conn, person, role, now)
}

/// A call that takes applications, in a database that holds nothing else.
pub fn open_call(fond: &Fond, change: impl FnOnce(&mut Rules)) -> CallId {
    let text = std::fs::read_to_string(case("2020").join("call.json")).unwrap();
    let mut rules: Rules = serde_json::from_str(&text).unwrap();
    rules.allocation.seed = None;
    change(&mut rules);
    let now = at("2020-07-01T00:00:00Z");
    let made = fond.db.write(|conn| {
        let administrator = officer(conn, fond, Role::Administrator, now)?;
        let call = calls::make(conn, &administrator, &rules, now)?;
        calls::publish(conn, &administrator, call.id, now)
    });
    made.unwrap().id
}

/// A JMBG of region 66 with the right check digit, another for each number below 336,000.
pub fn jmbg(number: usize) -> String {
    let (day, month) = (1 + number / 1000 % 28, 1 + number / 28_000 % 12);
    let front = format!("{day:02}{month:02}98566{:03}", number % 1000);
    let weighted = front.chars().zip([7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    let sum: u32 = weighted.map(|(digit, weight)| digit.to_digit(10).unwrap() * weight).sum();
    let control = 11 - sum % 11;
    format!("{front}{}", if control > 9 { 0 } else { control })
}

/// An account of bank 999 with the right control number.
pub fn account(number: usize) -> String {
    let front: u64 = format!("999{number:013}").parse().unwrap();
    format!("999-{number}-{:02}", 98 - (u128::from(front) * 100 % 97))
}

/// What an applicant of category 1 sends in, another for each number.
pub fn submission(number: usize, jmbg: String) -> Submission {
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
        household: Household::Named(format!("H{number}")),
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
