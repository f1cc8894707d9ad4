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

mod files;
mod fund;
mod money;
mod people;
mod report;
mod voting;

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
    fund.pay();
    let report = report::of(&mut fund);
    let expected = std::fs::read_to_string(case(name).join("expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&expected).unwrap();
    for (key, value) in expected["totals"].as_object().unwrap() {
        assert_eq!(&report["totals"][key], value, "{name}: totals.{key}");
    }
    for (reference, line) in expected["applications"].as_object().unwrap() {
        assert_eq!(&report["applications"][reference], line, "{name}: application {reference}");
    }
    assert_eq!(report, expected, "{name}");
}

/// Methods of sharing the money whose outcome does not hang on the reference codes, which chance gives here (that of a draw
/// does), and the round of 2020. One after the other, for they set the same clock.
#[test]
fn rounds_over_http() {
    for name in ["score-order", "equal-split", "2020"] {
        play(name);
    }
}
