//! Every case gives exactly its expected report.

use fond::replay::{self, Case, Report};

use crate::support::{TestDatabase, case, case_names};

pub fn replay_case(database: &TestDatabase, folder: &std::path::Path) -> Report {
    let fond = database.open();
    let case = Case::read(folder).unwrap();
    fond.db.write(|conn| replay::run(conn, &fond.vault, &case, &mut |_, _| Ok(()))).unwrap()
}

fn expect(name: &str) {
    let expected = std::fs::read_to_string(case(name).join("expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&expected).unwrap();
    let report = serde_json::to_value(replay_case(&TestDatabase::new(), &case(name))).unwrap();
    for (key, value) in expected["totals"].as_object().unwrap() {
        assert_eq!(&report["totals"][key], value, "{name}: totals.{key}");
    }
    for (reference, line) in expected["applications"].as_object().unwrap() {
        assert_eq!(&report["applications"][reference], line, "{name}: application {reference}");
    }
    assert_eq!(report, expected, "{name}");
}

#[test]
fn the_round_of_2020() {
    expect("2020");
    let published = std::fs::read_to_string(case("2020").join("expected.json")).unwrap();
    for figure in
        ["\"attempts\": 1681", "\"submitted\": 1668", "\"awarded\": \"5182800.00\"", "\"undistributed\": \"387200.00\""]
    {
        assert!(published.contains(figure), "{figure}");
    }
}

/// The small cases, each a rule or a method on its boundaries. Split in two, so that two cores share the work.
fn expect_some(half: usize) {
    let names: Vec<String> = case_names().into_iter().filter(|name| name != "2020").collect();
    assert!(names.len() >= 60, "the cases are not there: {names:?}");
    for name in names.iter().skip(half).step_by(2) {
        expect(name);
    }
}

#[test]
fn small_cases_first_half() {
    expect_some(0);
}

#[test]
fn small_cases_second_half() {
    expect_some(1);
}
