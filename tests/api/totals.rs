//! The totals over HTTP: who reads them, that they follow, and that small groups are told together.

use std::time::{Duration, Instant as Stopwatch};

use serde_json::{Value, json};

use crate::committee::{apply, close_call, step, vote_openly};
use crate::sql;
use crate::support::api::{Api, User};
use crate::support::round::{Round, call_now};

/// Waits until the totals have counted every application as it is.
pub fn settle(api: &Api) {
    let began = Stopwatch::now();
    while api.database.number("SELECT COUNT(*) AS number FROM application_counts WHERE is_waiting") > 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "the totals were not brought up to date");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn totals(round: &Round, by: &User, query: &str) -> Value {
    settle(&round.api);
    let reply = round.api.ask("GET", &format!("calls/{}/totals{query}", round.call)).by(by).send();
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

/// Value and people of each step.
fn rows(json: &Value) -> Vec<Value> {
    let row = |row: &Value| {
        let name = if row["is_other"] == true { json!("other") } else { row["value"].clone() };
        json!([name, row["submitted"], row["eligible"], row["approved"], row["awarded"], row["paid"]])
    };
    json["rows"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn those_who_check_the_fund_read_totals_and_nobody_else() {
    let round = Round::open();
    let path = format!("calls/{}/totals", round.call);
    let nowhere = "calls/0199f0c8-6f3f-7cc5-8a5e-0d5f3a1c2b4d/totals";
    for (user, here, absent) in [
        (&round.administrators[0], 200, 404),
        (&round.treasurer, 200, 404),
        (&round.auditor, 200, 404),
        (&round.authoriser, 403, 403),
        (&round.chair, 403, 403),
        (&round.members[0], 403, 403),
    ] {
        for suffix in ["", ".csv"] {
            let status = |path: &str| round.api.ask("GET", &format!("{path}{suffix}")).by(user).send().status;
            assert_eq!(
                (status(&path), status(nowhere), status("calls/x/totals")),
                (here, absent, absent),
                "{}",
                user.email
            );
        }
    }
    assert_eq!(round.api.get(&path).status, 401);
    let reply = round.api.ask("GET", &format!("{path}?by=name")).by(&round.auditor).send();
    assert_eq!((reply.status, reply.wrong_fields()), (400, vec!["by: word".to_owned()]));
}

#[test]
fn few_people_are_not_told_at_all() {
    let round = Round::open();
    for number in 0..4 {
        apply(&round, number, |_| ());
    }
    let few = totals(&round, &round.auditor, "");
    assert_eq!(few["rows"], json!([]));
    assert_eq!(few["left_out"], json!(["submitted", "eligible", "approved", "awarded", "paid"]));
    apply(&round, 4, |_| ());
    assert_eq!(rows(&totals(&round, &round.auditor, "")), [json!([null, 5, 5, 0, 0, 0])]);
}

#[test]
fn small_values_are_told_together() {
    let round = Round::open();
    let places = [("Niš", 8), ("Bor", 5), ("Ub", 2), ("Vršac", 1)];
    let mut number = 0;
    for (place, people) in places {
        for _ in 0..people {
            apply(&round, number, |sent| {
                sent.municipality = place.into();
                sent.discipline = if place == "Ub" { "=film".into() } else { "dance".into() };
                sent.association = (place == "Niš").then(|| "ULUS".to_owned());
            });
            number += 1;
        }
    }
    let by = |query: &str| rows(&totals(&round, &round.treasurer, query));
    // Three people in Ub and Vršac are too few, so Bor stands with them.
    assert_eq!(by("?by=municipality"), [json!(["Niš", 8, 8, 0, 0, 0]), json!(["other", 8, 8, 0, 0, 0])]);
    assert_eq!(by("?by=association"), [json!([null, 8, 8, 0, 0, 0]), json!(["ULUS", 8, 8, 0, 0, 0])]);
    assert_eq!(by("?by=discipline"), [json!(["other", 16, 16, 0, 0, 0])]);
    assert_eq!(by("?by=category"), [json!(["1", 16, 16, 0, 0, 0])]);
    let month = by("?by=month");
    assert_eq!((month.len(), month[0][1].clone()), (1, json!(16)));
    let csv =
        round.api.ask("GET", &format!("calls/{}/totals.csv?by=municipality", round.call)).by(&round.treasurer).send();
    let heading = "value,is_other,submitted,eligible,approved,awarded,paid,awarded_amount,paid_amount";
    let lines: Vec<&str> = csv.body.lines().collect();
    assert_eq!(lines, [heading, "Niš,false,8,8,0,0,0,0.00,0.00", ",true,8,8,0,0,0,0.00,0.00"]);
    let money = totals(&round, &round.auditor, "");
    assert_eq!(
        (&money["received"], &money["fees"], &money["currency"]),
        (&json!("0.00"), &json!("0.00"), &json!("RSD"))
    );
    let other = call_now(&round.api, "other");
    let reply = round.api.ask("GET", &format!("calls/{other}/totals")).by(&round.auditor).send();
    assert_eq!(reply.json()["rows"], json!([]));
}

/// The chair's vote decides; five are approved, six rejected.
#[test]
fn they_follow_what_is_decided() {
    let round = Round::open();
    let ids: Vec<String> = (0..11).map(|number| apply(&round, number, |_| ())).collect();
    assert_eq!(rows(&totals(&round, &round.auditor, "")), [json!([null, 11, 11, 0, 0, 0])]);
    close_call(&round);
    assert_eq!(step(&round, "open").status, 200);
    for (at, id) in ids.iter().enumerate() {
        let how = if at < 5 { "approve" } else { "reject" };
        for user in [&round.chair, &round.members[0], &round.members[1]] {
            vote_openly(&round, user, id, how);
        }
    }
    assert_eq!(step(&round, "close").status, 200);
    assert_eq!(rows(&totals(&round, &round.auditor, "")), [json!([null, 11, 11, 5, 0, 0])]);
    // One of the five is held for a late finding, and is counted where it was; it has changed, so it is counted again.
    let id = sql::id(&round.api.database, &ids[0]);
    let held = "state = 'needs_review', held_from = 'approved', version = version + 1";
    sql::execute(&round.api.database, &format!("UPDATE applications SET {held} WHERE id = {id}"));
    assert_eq!(rows(&totals(&round, &round.auditor, "")), [json!([null, 11, 11, 5, 0, 0])]);
    // It fails: four approved are too few to be told, and nobody was awarded or paid.
    let failed = "state = 'ineligible', held_from = NULL, version = version + 1";
    sql::execute(&round.api.database, &format!("UPDATE applications SET {failed} WHERE id = {id}"));
    let few = totals(&round, &round.auditor, "");
    assert_eq!(few["left_out"], json!(["eligible", "approved"]));
    assert_eq!(rows(&few), [json!([null, 11, null, null, 0, 0])]);
}
