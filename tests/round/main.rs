//! Whole rounds through HTTP alone, that of 2020 among them: everybody does their part over the API.
//!
//! The report of what is there then is the published one, that of `fond replay`.
//!
//! A binary of its own, for it stops the clock of its process and sets it to the moments of the round.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected should stop there"
)]

#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod support;

mod draw;
mod files;
mod fund;
mod money;
mod people;
mod report;
mod voting;

use std::sync::{Mutex, PoisonError};

use files::sorted;
use fund::Fund;
use serde_json::Value;
use support::case;

/// Plays a case over HTTP and compares the report of what is there then with the expected one.
fn play(name: &'static str) {
    let mut fund = Fund::open(name);
    fund.apply();
    fund.import_registers();
    fund.resolve();
    fund.vote();
    fund.allocate();
    let expected = std::fs::read_to_string(case(name).join("expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let bank = sorted(name, "payouts.csv", &["on", "bank_reference", "outcome"]);
    let (expected, bank) = match fund.rules["rules"]["allocation"]["method"].as_str() {
        Some("draw") => draw::again(&fund, expected, bank),
        _ => (expected, bank),
    };
    fund.pay(&bank);
    let report = report::of(&mut fund);
    for (key, value) in expected["totals"].as_object().unwrap() {
        assert_eq!(&report["totals"][key], value, "{name}: totals.{key}");
    }
    for (reference, line) in expected["applications"].as_object().unwrap() {
        assert_eq!(&report["applications"][reference], line, "{name}: application {reference}");
    }
    assert_eq!(report, expected, "{name}");
}

/// One round at a time sets the clock of the process.
static CLOCK: Mutex<()> = Mutex::new(());

fn play_all(names: &[&'static str]) {
    let _set = CLOCK.lock().unwrap_or_else(PoisonError::into_inner);
    names.iter().copied().for_each(play);
}

/// Chance gives the reference codes here: but for the draw, the cases are such that no outcome hangs on them.
#[test]
fn each_method_of_sharing_over_http() {
    play_all(&["score-order", "equal-split", "income-bands", "draw-tickets"]);
}

#[test]
fn the_round_of_2020_over_http() {
    play_all(&["2020"]);
}
