//! Registers of other aid as files: in force as a whole or not at all, whoever sends them and however.

mod again;
mod at_once;
mod beside;
mod broken;
mod merged;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::sql;
use crate::support::api::{Reply, User};
use crate::support::people;
use crate::support::round::Round;

const HEADINGS: &str = "jmbg,name,municipality,amount,paid_on\n";
const PATIENCE: Duration = Duration::from_secs(120);

/// A programme of the round that disqualifies.
fn programme(round: &Round) -> String {
    programme_of(round, &round.call)
}

fn programme_of(round: &Round, call: &str) -> String {
    let body = json!({"code": "REP", "title": "Pomoć", "provider": "Republika", "level": "republic",
        "effect": "disqualify"});
    let path = format!("calls/{call}/aid-programmes");
    let reply = round.api.ask("POST", &path).by(&round.administrators[0]).json(body).send();
    reply.json()["id"].as_str().unwrap().to_owned()
}

fn upload(round: &Round, by: &User, programme: &str, csv: &str, query: &str) -> Reply {
    let path = format!("aid-programmes/{programme}/registers{query}");
    round.api.ask("POST", &path).by(by).header("Content-Type", "text/csv; charset=utf-8").text(csv).send()
}

/// So many rows without JMBG that name nobody.
fn strangers(count: usize) -> String {
    let row = |number: usize| format!(",Niko Nikić {number},Niš,30000.00,2020-04-15\n");
    format!("{HEADINGS}{}", (0..count).map(row).collect::<String>())
}

fn wait_for(round: &Round, count: i64, of: &str) {
    let began = Instant::now();
    let now = || round.api.database.number(&format!("SELECT COUNT(*) AS number FROM {of}"));
    while now() != count {
        assert!(began.elapsed() < PATIENCE, "{} instead of {count} {of}", now());
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (status, code), "{reply:?}");
}

#[test]
fn whoever_it_names_goes_before_a_person_and_comes_back_when_it_is_withdrawn() {
    let round = Round::open();
    let (api, administrator) = (&round.api, &round.administrators[0]);
    let programme = programme(&round);
    let applicants: Vec<User> = (0..4).map(|number| api.register(&format!("a{number}@example.org"))).collect();
    let applications: Vec<String> =
        applicants.iter().enumerate().map(|(number, user)| round.application(user, number)).collect();
    for (number, state) in [(1, "approved"), (2, "awarded")] {
        let id = sql::id(&api.database, &applications[number]);
        sql::execute(&api.database, &format!("UPDATE applications SET state = '{state}' WHERE id = {id}"));
    }
    let row = |number| format!("{},Ana Anić,Beograd,\"30.000,00\",15.4.2020.\n", people::jmbg(number));
    // Paid outside the window of the call, it changes nothing.
    let late = format!("{},Ana Anić,Beograd,1.00,2021-04-15\n", people::jmbg(3));
    let csv = format!("{HEADINGS}{}{}{}{late}", row(0), row(1), row(2));

    let dry = upload(&round, administrator, &programme, &csv, "?dry_run=true");
    let counts =
        |reply: &Reply| ["rows", "rows_with_jmbg", "rows_that_hit", "bad_rows"].map(|key| reply.json()[key].clone());
    assert_eq!((dry.status, counts(&dry)), (200, [json!(4), json!(4), json!(3), json!(0)]), "{dry:?}");
    assert_eq!([sql::rows(&api.database, "aid_registers"), sql::rows(&api.database, "aid_records")], [0, 0]);

    let reply = upload(&round, administrator, &programme, &csv, "");
    let register = reply.json();
    assert_eq!((reply.status, &register["state"], &register["record_count"]), (201, &json!("in_force"), &json!(4)));
    let path = format!("aid-registers/{}", register["id"].as_str().unwrap());
    assert_eq!(reply.headers["location"], format!("/api/v1/{path}"));
    wait_for(
        &round,
        3,
        "applications WHERE state = 'needs_review' AND held_from IN ('eligible', 'approved', 'awarded')",
    );
    wait_for(&round, 1, "applications WHERE state = 'eligible'");
    wait_for(&round, 3, "findings WHERE finding = 'other_aid' AND status = 'open'");

    let withdraw = |reason: &str| {
        api.ask("POST", &format!("{path}/withdraw")).by(administrator).json(json!({"reason": reason})).send()
    };
    assert_eq!(withdraw("").wrong_fields(), ["reason: word"]);
    assert_eq!(withdraw("Ana is on it").wrong_fields(), ["reason: word"]);
    let withdrawn = withdraw("wrong_file");
    assert_eq!((withdrawn.status, &withdrawn.json()["state"]), (200, &json!("withdrawn")), "{withdrawn:?}");
    refused(&withdraw("other"), 409, "register_state");
    wait_for(&round, 0, "findings WHERE finding = 'other_aid'");
    for (state, count) in [("eligible", 2), ("approved", 1), ("awarded", 1), ("needs_review", 0)] {
        wait_for(&round, count, &format!("applications WHERE state = '{state}'"));
    }
    for kind in ["register_imported", "register_withdrawn"] {
        wait_for(&round, 1, &format!("events WHERE kind = '{kind}'"));
    }
    assert_eq!(upload(&round, administrator, &programme, &csv, "").status, 201, "withdrawn, it may come again");
}

#[test]
fn a_name_alone_is_only_possible_in_whatever_script() {
    let round = Round::open();
    let programme = programme(&round);
    let applicant = round.api.register("ana@example.org");
    round.application(&applicant, 7);
    let csv = "\u{feff}paid_on;Name;municipality;amount;JMBG\r\n15.4.2020.;Ана Анић;БЕОГРАД;30.000,00;\r\n";
    let reply = upload(&round, &round.administrators[0], &programme, csv, "");
    assert_eq!(reply.status, 201, "{reply:?}");
    wait_for(&round, 1, "findings WHERE finding = 'other_aid_possible' AND status = 'open'");
}

#[test]
fn a_long_register_is_searched_from_the_other_side() {
    let round = Round::open();
    let programme = programme(&round);
    let users: Vec<User> = (0..3).map(|number| round.api.register(&format!("a{number}@example.org"))).collect();
    users.iter().enumerate().for_each(|(number, user)| drop(round.application(user, number)));
    let csv = format!("{}{},Ana,Beograd,1,2020-04-15\n", strangers(1_500), people::jmbg(1));
    let reply = upload(&round, &round.administrators[0], &programme, &csv, "");
    assert_eq!(reply.json()["record_count"], 1_501, "{reply:?}");
    wait_for(&round, 1, "applications WHERE state = 'needs_review'");
    wait_for(&round, 2, "applications WHERE state = 'eligible'");
}

#[test]
fn the_same_file_again_changes_nothing() {
    let round = Round::open();
    let (database, administrator) = (&round.api.database, &round.administrators[0]);
    let programme = programme(&round);
    let csv = strangers(1_200);
    let first = upload(&round, administrator, &programme, &csv, "");
    let second = upload(&round, administrator, &programme, &csv, "");
    assert_eq!((first.status, second.status), (201, 200), "{second:?}");
    assert_eq!(first.json(), second.json());
    let ended = [csv.trim_end().to_owned(), format!("{csv}\n"), format!("{csv}\r\n\r\n")];
    for saved_anew in
        [csv.replace('\n', "\r\n"), format!("\u{feff}{csv}"), format!("\u{feff}{csv}").replace('\n', "\r\n")]
            .into_iter()
            .chain(ended)
    {
        let again = upload(&round, administrator, &programme, &saved_anew, "");
        assert_eq!((again.status, again.json()), (200, first.json()), "{again:?}");
    }
    assert_eq!([sql::rows(database, "aid_registers"), sql::rows(database, "aid_records")], [1, 1_200]);

    let keyed = |csv: &str| {
        let ask = round.api.ask("POST", &format!("aid-programmes/{programme}/registers")).by(administrator);
        ask.header("Content-Type", "text/csv").header("Idempotency-Key", "once").text(csv).send()
    };
    let (one, other) = (keyed(&strangers(3)), keyed(&strangers(3)));
    assert_eq!((one.status, other.status, &one.body), (201, 201, &other.body));
    refused(&keyed(&strangers(4)), 422, "idempotency_mismatch");
    assert_eq!([sql::rows(database, "aid_registers"), sql::rows(database, "aid_records")], [2, 1_203]);
    let jobs = database.number("SELECT COUNT(*) AS number FROM jobs WHERE kind = 'recheck_register'");
    assert_eq!(jobs, 2, "what changes nothing is not looked into again");
}

#[test]
fn registers_are_listed_and_only_for_administrators() {
    let round = Round::open();
    let (api, administrator) = (&round.api, &round.administrators[0]);
    let programme = programme(&round);
    let ids: Vec<String> = (1..4)
        .map(|count| {
            upload(&round, administrator, &programme, &strangers(count), "").json()["id"].as_str().unwrap().to_owned()
        })
        .collect();
    let list = format!("calls/{}/aid-registers", round.call);
    let page = |query: &str| api.ask("GET", &format!("{list}{query}")).by(administrator).send().json();
    let shown = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    let one = page("?limit=2");
    let other = page(&format!("?limit=2&cursor={}", one["next"].as_str().unwrap()));
    assert_eq!([shown(&one), shown(&other)].concat(), [ids[2].clone(), ids[1].clone(), ids[0].clone()]);
    assert_eq!(shown(&page("?state=withdrawn")), Vec::<String>::new());
    assert_eq!(shown(&page("?state=in_force")).len(), 3);
    let file = |query: &str| api.ask("GET", &format!("{list}.csv{query}")).by(administrator).send();
    let first: Vec<String> =
        file("?state=in_force").body.lines().map(|line| line.split(",20").next().unwrap().to_owned()).collect();
    let row = |number: usize| format!("{},REP,in_force,{}", ids[number], number + 1);
    let heading = "id,programme,state,record_count,imported_at,in_force_at,withdrawn_at".to_owned();
    assert_eq!(first, [heading, row(2), row(1), row(0)]);
    assert_eq!((file("").body, file("?state=withdrawn").body.lines().count()), (file("?state=in_force").body, 1));

    let absent = "0199f0c8-6f3f-7cc5-8a5e-0d5f3a1c2b4d";
    let own = format!("aid-registers/{}", ids[0]);
    assert_eq!(api.ask("GET", &own).by(administrator).send().json()["record_count"], 1);
    for path in [format!("calls/{absent}/aid-registers"), format!("aid-registers/{absent}")] {
        assert_eq!(api.ask("GET", &path).by(administrator).send().status, 404, "{path}");
    }
    let applicant = api.register("ana@example.org");
    for somebody in [&applicant, &round.treasurer, &round.authoriser, &round.auditor, &round.members[0]] {
        for path in [&list, &own, &format!("aid-registers/{absent}")] {
            assert_eq!(api.ask("GET", path).by(somebody).send().status, 403, "{path}");
        }
        for id in [programme.as_str(), absent] {
            refused(&upload(&round, somebody, id, &strangers(1), ""), 403, "forbidden");
            refused(&upload(&round, somebody, id, &strangers(1), "?dry_run=true"), 403, "forbidden");
        }
        let reply = api.ask("POST", &format!("{own}/withdraw")).by(somebody).json(json!({"reason": "other"})).send();
        assert_eq!(reply.status, 403);
    }
    refused(&upload(&round, administrator, absent, &strangers(1), ""), 404, "not_found");
    refused(&upload(&round, administrator, absent, &strangers(1), "?dry_run=true"), 404, "not_found");
    assert_eq!(api.get(&list).status, 401);
    let nobody = api.ask("POST", &format!("aid-programmes/{programme}/registers")).header("Content-Type", "text/csv");
    assert_eq!(nobody.text(&strangers(1)).send().status, 401);
}
