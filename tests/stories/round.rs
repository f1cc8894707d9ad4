//! What must not change the outcome of a round, and rounds beside each other in one database.

use fond::replay::{self, Case, Report};

use crate::cases::replay_case;
use crate::support::{TestDatabase, case, copy_of, edit};

fn report_of(folder: &std::path::Path) -> Report {
    replay_case(&TestDatabase::new(), folder)
}

#[test]
fn the_order_of_rows_does_not_matter() {
    for name in ["random-1", "random-2", "households", "committee"] {
        let expected = report_of(&case(name));
        let folder = copy_of(name);
        for file in ["applications.csv", "votes.csv", "aid_records.csv", "committee.csv", "recusals.csv", "payouts.csv"]
        {
            let path = folder.path().join(file);
            let mut csv = csv::ReaderBuilder::new().has_headers(false).from_path(&path).unwrap();
            let mut rows: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
            rows[1..].reverse();
            let mut turned = csv::Writer::from_path(&path).unwrap();
            rows.iter().for_each(|row| turned.write_record(row).unwrap());
            turned.flush().unwrap();
        }
        assert_eq!(report_of(folder.path()), expected, "{name}");
    }
}

#[test]
fn a_rejected_application_changes_nobodys_award() {
    for name in ["category-share", "draw-tickets", "income-bands", "score-order", "equal-split"] {
        let expected = report_of(&case(name));
        let folder = copy_of(name);
        let members: Vec<String> = std::fs::read_to_string(folder.path().join("committee.csv"))
            .unwrap()
            .lines()
            .skip(1)
            .filter(|line| !line.contains("substitute"))
            .map(|line| line.split(',').next().unwrap().to_owned())
            .collect();
        let call: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(folder.path().join("call.json")).unwrap()).unwrap();
        let (opens_at, closes) = (call["opens_at"].as_str().unwrap(), call["voting_closes_at"].as_str().unwrap());
        edit(folder.path(), "applications.csv", |text| {
            format!(
                "{}\nZZ,{opens_at},Nova,Novović,0101965660012,zz@example.org,,Nigde,,,999-1-51,Nova Novović,HZZ,1,yes,2020-01-01,tenant,9000,0,0,no,,no,\n",
                text.trim_end()
            )
        });
        edit(folder.path(), "votes.csv", |text| {
            let votes = members.iter().map(|member| format!("ZZ,{member},reject,100,Nije potkrepljeno.,{closes}"));
            format!("{}\n{}\n", text.trim_end(), votes.collect::<Vec<_>>().join("\n"))
        });
        let mut report = report_of(folder.path());
        let added = serde_json::to_value(report.applications.remove("ZZ").unwrap()).unwrap();
        assert_eq!((&added["decision"], &added["award"]), (&"rejected".into(), &serde_json::Value::Null), "{name}");
        assert_eq!(report.applications, expected.applications, "{name}");
    }
}

#[test]
fn two_rounds_in_one_database_do_not_know_of_each_other() {
    let database = TestDatabase::new();
    let first = replay_case(&database, &case("payouts"));
    let second = replay_case(&database, &case("scripts"));
    assert_eq!(first, report_of(&case("payouts")));
    assert_eq!(second, report_of(&case("scripts")));
    // The same people under another code: neither their applications nor their money are those of the first round.
    let again = copy_of("payouts");
    edit(again.path(), "call.json", |text| text.replace("\"T-payouts\"", "\"another\""));
    assert_eq!(replay_case(&database, again.path()), first);
}

#[test]
fn a_second_replay_is_refused_and_changes_nothing() {
    let database = TestDatabase::new();
    replay_case(&database, &case("payouts"));
    let count = || {
        ["events", "applications", "people", "data_keys", "contributions"]
            .map(|table| database.number(&format!("SELECT COUNT(*) AS number FROM {table}")))
    };
    let before = count();
    let fond = database.open();
    let again = Case::read(&case("payouts")).unwrap();
    let error = fond.db.write(|conn| replay::run(conn, &fond.vault, &again, &mut |_, _| Ok(()))).unwrap_err();
    assert_eq!(error.refusal_code(), Some("call_exists"));
    assert!(error.to_string().contains("T-payouts"), "{error}");
    assert_eq!(count(), before);
}
