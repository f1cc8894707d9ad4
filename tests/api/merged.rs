//! Two applications of one person that were merged: what a person is told, and what is forgotten of them, is of both.

use serde_json::{Value, json};

use crate::applications::{answers, apply};
use crate::erasure::{erase, keys_of, listed, withdraw};
use crate::own_data::files;
use crate::sql;
use crate::support::api::{Api, Reply, User};
use crate::support::round::Round;

pub fn id_of(application: &Value) -> String {
    application["id"].as_str().unwrap().to_owned()
}

/// Enters an application for somebody without an account.
pub fn enter(round: &Round, number: usize) -> String {
    let path = format!("calls/{}/entered-applications", round.call);
    let entered = round.api.ask("POST", &path).by(&round.administrators[0]).json(answers(number)).send();
    assert_eq!(entered.status, 201, "{entered:?}");
    id_of(&entered.json())
}

/// Moves an application, as an administrator who has just seen it.
pub fn step(round: &Round, application: &str, step: &str, body: Value) -> Reply {
    step_by(round, &round.administrators[0], application, (step, body))
}

fn step_by(round: &Round, by: &User, application: &str, (step, body): (&str, Value)) -> Reply {
    let path = format!("applications/{application}");
    let seen = round.api.ask("GET", &path).by(by).send().headers["etag"].clone();
    let ask = round.api.ask("POST", &format!("{path}/{step}")).by(by);
    ask.header("If-Match", &seen).json(body).send()
}

fn open(round: &Round, application: &str) -> Reply {
    let ask = round.api.ask("POST", &format!("applications/{application}/person")).by(&round.administrators[0]);
    ask.json(json!({"purpose": "contact_applicant"})).send()
}

/// The keys of whoever an application was entered for.
pub fn keys_under(api: &Api, application: &str) -> i64 {
    let id = sql::id(&api.database, application);
    let owner = format!("SELECT person_id FROM applications WHERE id = {id}");
    api.database.number(&format!("SELECT COUNT(*) AS number FROM data_keys WHERE owner_id IN ({owner})"))
}

/// Who read what, page by page.
fn readings(api: &Api, user: &User, rows: u32) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = api.ask("GET", &format!("me/access-log?limit={rows}{cursor}")).by(user).send().json();
        all.extend(page["items"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

fn data(api: &Api, user: &User) -> Value {
    serde_json::from_str(&files(api, user)[0].1).unwrap()
}

#[test]
fn what_was_merged_is_told_and_forgotten_with_ones_own() {
    let round = Round::open();
    let api = &round.api;
    let [ana, other] = ["ana@example.org", "other@example.org"].map(|email| api.register(email));
    let own = id_of(&apply(api, &ana, &round.call, &answers(1)));
    let foreign = id_of(&apply(api, &other, &round.call, &answers(3)));
    let entered = enter(&round, 2);
    assert_eq!(readings(api, &ana, 100), [] as [Value; 0]);
    assert_eq!(data(api, &ana)["applications"].as_array().unwrap().len(), 1);
    assert_eq!(step(&round, &entered, "merge", json!({"into": own})).status, 200);
    assert_eq!((open(&round, &entered).status, open(&round, &foreign).status), (200, 200));

    let seen = readings(api, &ana, 100);
    assert_eq!((&seen[0]["purpose"], &seen[0]["role"]), (&json!("contact_applicant"), &json!("administrator")));
    assert!(seen.iter().any(|reading| reading["purpose"] == "print_receipt"), "{seen:?}");
    assert_eq!(readings(api, &ana, 1), seen, "each once, whatever the page");
    assert_eq!(readings(api, &other, 100).len(), 1, "nobody else sees them");
    let told = data(api, &ana);
    let mut ids: Vec<&str> = told["applications"].as_array().unwrap().iter().map(sent_id).collect();
    ids.sort_unstable();
    let mut expected = [own.as_str(), &entered];
    expected.sort_unstable();
    assert_eq!(ids, expected, "{told:#}");
    assert_eq!(told["readings"].as_array().unwrap().len(), seen.len());

    withdraw(api, &ana, &own);
    assert!(keys_under(api, &entered) > 0);
    assert_eq!(erase(api, &ana).status, 204);
    assert_eq!((keys_of(api, &ana).len(), keys_under(api, &entered), keys_of(api, &other).len()), (0, 0, 3));
    let opened = open(&round, &entered);
    assert_eq!((opened.status, opened.code().as_str()), (409, "data_erased"), "{opened:?}");
    let shown = api.ask("GET", &format!("applications/{entered}")).by(&round.administrators[0]).send();
    assert_eq!((shown.status, &shown.json()["facts"]), (200, &Value::Null), "{shown:?}");
    // A backup may be older than the merging: each is on the list for itself.
    let list = listed(api);
    for line in [format!(" need {entered}\n"), format!(" identity {entered}\n"), format!(" person {}\n", ana.person)] {
        assert!(list.contains(&line), "{line} in {list}");
    }
    assert_eq!(sql::events(&api.database, "data_erased"), 3);
    // Nobody could decide about it: it does not come back.
    let apart = step(&round, &entered, "unmerge", json!({}));
    assert_eq!((apart.status, apart.code().as_str()), (409, "data_erased"), "{apart:?}");
}

fn sent_id(application: &Value) -> &str {
    application["sent"]["id"].as_str().unwrap_or_else(|| panic!("{application:#}"))
}

/// What is taken apart is nobody's but its own again.
#[test]
fn what_is_taken_apart_again_is_told_no_more() {
    let round = Round::open();
    let api = &round.api;
    let ana = api.register("ana@example.org");
    let own = id_of(&apply(api, &ana, &round.call, &answers(1)));
    let entered = enter(&round, 2);
    assert_eq!(step(&round, &entered, "merge", json!({"into": own})).status, 200);
    assert_eq!(step(&round, &entered, "unmerge", json!({})).status, 200);
    assert_eq!(data(api, &ana)["applications"].as_array().unwrap().len(), 1);
    withdraw(api, &ana, &own);
    assert_eq!(erase(api, &ana).status, 204);
    assert_eq!((keys_of(api, &ana).len(), keys_under(api, &entered)), (0, 3));
    assert_eq!(open(&round, &entered).status, 200);
}

/// Puts an application to another one, whoever may.
pub fn put_together(round: &Round, id: &str, into: &str) {
    let [id, into] = [id, into].map(|id| sql::id(&round.api.database, id));
    let change = format!("state = 'merged', merged_into = {into}, merged_from = state, version = version + 1");
    let changed = sql::execute(&round.api.database, &format!("UPDATE applications SET {change} WHERE id = {id}"));
    assert_eq!(changed, 1);
}

/// What an administrator sent in was merged into the one that the fund had entered for them: it is theirs, though it stands
/// under another person.
#[test]
fn nobody_decides_about_what_their_own_was_merged_into() {
    let round = Round::open();
    let [first, second] = &round.administrators;
    let (own, entered) = (round.application(first, 5), enter(&round, 20));
    put_together(&round, &own, &entered);
    let id = sql::id(&round.api.database, &entered);
    sql::execute(&round.api.database, &format!("DELETE FROM findings WHERE application_id = {id}"));
    sql::execute(&round.api.database, &format!("INSERT INTO findings VALUES ({id}, 'other_aid_possible', 'open')"));
    let waits = format!("UPDATE applications SET state = 'needs_review', held_from = NULL WHERE id = {id}");
    assert_eq!(sql::execute(&round.api.database, &waits), 1);
    let decide = |by: &User| {
        let path = format!("applications/{entered}");
        let seen = round.api.ask("GET", &path).by(by).send().headers["etag"].clone();
        let ask = round.api.ask("POST", &format!("{path}/findings/other_aid_possible/resolutions")).by(by);
        let ask = ask.header("If-Match", &seen).header("Idempotency-Key", &format!("decide-{}", by.person));
        ask.json(json!({"resolution": "dismissed", "reason": "Another person."})).send()
    };
    let own = decide(first);
    assert_eq!((own.status, own.code().as_str()), (409, "own_application"), "{own:?}");
    let others = decide(second);
    assert_eq!(others.status, 200, "{others:?}");
}

/// A merge may settle what was found on either of the two: who asked for one of them leaves it to a colleague.
#[test]
fn nobody_merges_their_own_or_takes_it_apart() {
    let round = Round::open();
    let [first, second] = &round.administrators;
    let (own, other) = (round.application(first, 5), round.application(second, 6));
    let third = enter(&round, 20);
    let merge = |by: &User, id: &str, into: &str| step_by(&round, by, id, ("merge", json!({"into": into})));
    let part = |by: &User, id: &str| step_by(&round, by, id, ("unmerge", json!({})));
    let refused =
        |reply: Reply| assert_eq!((reply.status, reply.code().as_str()), (409, "own_application"), "{reply:?}");
    refused(merge(first, &own, &third));
    refused(merge(first, &third, &own));
    // Of two administrators neither: each has one of them.
    refused(merge(first, &own, &other));
    refused(merge(second, &own, &other));
    let merged = merge(second, &own, &third);
    assert_eq!(merged.status, 200, "{merged:?}");
    refused(part(first, &own));
    // What the fund entered for them is theirs since.
    refused(merge(first, &third, &other));
    let apart = part(second, &own);
    assert_eq!(apart.status, 200, "{apart:?}");
    let merged = merge(second, &third, &own);
    assert_eq!(merged.status, 200, "{merged:?}");
    refused(part(first, &third));
}

/// A third who names the account of what is merged or taken apart is checked again, too.
#[test]
fn whoever_shares_the_account_of_what_comes_or_goes_is_checked_again() {
    let round = Round::open();
    let administrator = &round.administrators[0];
    let [first, into] = [1, 2].map(|number| enter(&round, number));
    let merge = || assert_eq!(step(&round, &first, "merge", json!({"into": into})).status, 200);
    merge();
    let mut same = answers(3);
    same["bank_account"] = answers(1)["bank_account"].clone();
    let path = format!("calls/{}/entered-applications", round.call);
    let entered = round.api.ask("POST", &path).by(administrator).json(same).send();
    assert_eq!(entered.status, 201, "{entered:?}");
    let third = id_of(&entered.json());
    let stands = |id: &str| stands(&round, id);
    let (shared, alone) = ("needs_review shared_bank_account:open", "eligible");
    assert_eq!(stands(&third), alone);
    assert_eq!(step(&round, &first, "unmerge", json!({})).status, 200);
    assert_eq!([stands(&first), stands(&third), stands(&into)], [shared, shared, alone]);
    merge();
    assert_eq!([stands(&third), stands(&into)], [alone; 2]);
}

/// The state of an application and its findings, in one line.
pub fn stands(round: &Round, id: &str) -> String {
    let shown = round.api.ask("GET", &format!("applications/{id}")).by(&round.administrators[0]).send().json();
    let findings = shown["findings"].as_array().unwrap().iter();
    let findings = findings.map(|raised| format!(" {}:{}", text(&raised["finding"]), text(&raised["status"])));
    text(&shown["state"]).to_owned() + &findings.collect::<String>()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Whoever goes before another one of the same household again: the later one is asked about.
#[test]
fn whoever_follows_in_the_household_of_what_is_apart_again_is_asked_about() {
    let round = Round::open();
    let with = |number: usize, address: &str| {
        let mut answers = answers(number);
        answers["address"] = address.into();
        let path = format!("calls/{}/entered-applications", round.call);
        id_of(&round.api.ask("POST", &path).by(&round.administrators[0]).json(answers).send().json())
    };
    let (first, other) = (with(1, "Sremska 4"), with(2, "Dunavska 9"));
    assert_eq!(step(&round, &first, "merge", json!({"into": other})).status, 200);
    let later = with(3, "Сремска 4");
    assert_eq!(stands(&round, &later), "eligible");
    assert_eq!(step(&round, &first, "unmerge", json!({})).status, 200);
    let follows = "needs_review household_already_applied:open";
    assert_eq!([stands(&round, &first), stands(&round, &later)], ["eligible", follows]);
}
