//! The whole round of 2020 through HTTP alone: everybody does their part over the API, and the report is the published one.
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

#[test]
fn the_round_of_2020_over_http() {
    let mut fund = Fund::open("2020");
    fund.apply();
    fund.import_registers();
    fund.resolve();
    fund.vote();
    fund.allocate();
    fund.pay();
    let report = report::of(&mut fund);
    let expected = std::fs::read_to_string(case("2020").join("expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&expected).unwrap();
    for (key, value) in expected["totals"].as_object().unwrap() {
        assert_eq!(&report["totals"][key], value, "totals.{key}");
    }
    for (reference, line) in expected["applications"].as_object().unwrap() {
        assert_eq!(&report["applications"][reference], line, "application {reference}");
    }
    assert_eq!(report, expected);
}
