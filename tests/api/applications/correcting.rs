//! Putting right what one sent: who one is, how one is reached, where the money goes.

use serde_json::{Value, json};

use super::{answers, apply};
use crate::sql;
use crate::support::api::{Api, Reply, User};
use crate::support::people;
use crate::support::round::Round;

fn etag(api: &Api, by: &User, id: &str) -> String {
    api.ask("GET", &format!("me/applications/{id}")).by(by).send().headers["etag"].clone()
}

fn correct_at(api: &Api, by: &User, (id, etag): (&str, &str), body: Value) -> Reply {
    let ask = api.ask("POST", &format!("me/applications/{id}/corrections")).by(by).header("If-Match", etag);
    ask.header("Idempotency-Key", &format!("key-{etag}-{body}").replace(|c: char| !c.is_ascii_alphanumeric(), "-"))
        .json(body)
        .send()
}

fn correct(api: &Api, by: &User, id: &str, body: Value) -> Reply {
    correct_at(api, by, (id, &etag(api, by, id)), body)
}

fn receipt(api: &Api, by: &User, id: &str) -> Value {
    api.ask("GET", &format!("me/applications/{id}/receipt")).by(by).send().json()
}

#[test]
fn what_was_wrong_is_right_everywhere_and_the_rest_stays() {
    let round = Round::open();
    let api = &round.api;
    let ana = api.register("ana@example.org");
    let sent = apply(api, &ana, &round.call, &answers(1));
    let id = sent["id"].as_str().unwrap();
    let before = receipt(api, &ana, id);
    let account = people::account(77);
    let corrected = correct(api, &ana, id, json!({"family_name": "Anić Perić", "bank_account": account}));
    assert_eq!(corrected.status, 200, "{corrected:?}");
    let after = receipt(api, &ana, id);
    assert_eq!(after["family_name"], "Anić Perić", "{after:#}");
    assert_ne!(after["bank_account"], before["bank_account"]);
    for same in ["given_name", "jmbg", "phone", "account_holder", "statement", "household_size"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    let open = api.ask("POST", &format!("applications/{id}/person")).by(&round.administrators[0]);
    let opened = open.header("Idempotency-Key", "open-1").json(json!({"purpose": "answer_request"})).send();
    assert!(opened.body.contains("Anić Perić"), "{opened:?}");
    assert_eq!(sql::events(&api.database, "application_corrected"), 1);
    // The account is in another name than the applicant's now, which a person looks at.
    assert_eq!(corrected.json()["state"], "needs_review", "{corrected:?}");
    let again = correct(api, &ana, id, json!({"account_holder": "Ana Anić Perić"}));
    assert_eq!((again.status, &again.json()["state"]), (200, &json!("eligible")), "{again:?}");
}

#[test]
fn an_account_that_another_gave_goes_before_a_person() {
    let round = Round::open();
    let api = &round.api;
    let [ana, maja] = ["ana@example.org", "maja@example.org"].map(|email| api.register(email));
    let first = apply(api, &ana, &round.call, &answers(1));
    apply(api, &maja, &round.call, &answers(2));
    let theirs = answers(2)["bank_account"].clone();
    let shared = correct(api, &ana, first["id"].as_str().unwrap(), json!({"bank_account": theirs}));
    assert_eq!(shared.json()["state"], "needs_review", "{shared:?}");
}

/// Both sides: whoever was alone with an account shares it now, and the other way round.
#[test]
fn a_shared_account_is_a_finding_for_the_other_one_too() {
    let round = Round::open();
    let api = &round.api;
    let [ana, maja] = ["ana@example.org", "maja@example.org"].map(|email| api.register(email));
    let first = apply(api, &ana, &round.call, &answers(1));
    let second = apply(api, &maja, &round.call, &answers(2));
    let [first, second] = [&first, &second].map(|sent| sent["id"].as_str().unwrap().to_owned());
    let state = |of: &User, id: &str| {
        api.ask("GET", &format!("me/applications/{id}")).by(of).send().json()["state"].as_str().unwrap().to_owned()
    };
    // That she put hers right says nothing of the others.
    let theirs = people::account(77);
    assert_eq!(correct(api, &maja, &second, json!({"bank_account": theirs})).status, 200);
    assert_eq!(correct(api, &ana, &first, json!({"bank_account": theirs})).status, 200);
    assert_eq!([state(&ana, &first), state(&maja, &second)], ["needs_review"; 2]);
    // The one that was corrected stays before a person: it may have been corrected for that.
    let own = answers(1)["bank_account"].clone();
    assert_eq!(correct(api, &ana, &first, json!({"bank_account": own})).status, 200);
    assert_eq!([state(&ana, &first), state(&maja, &second)], ["needs_review", "eligible"]);
}

/// Nobody corrects away what a person was to decide on, or has confirmed.
#[test]
fn a_correction_takes_nothing_from_those_who_decide() {
    let round = Round::open();
    let api = &round.api;
    let [ana, maja] = ["ana@example.org", "maja@example.org"].map(|email| api.register(email));
    apply(api, &maja, &round.call, &answers(2));
    let mut same = answers(1);
    same["bank_account"] = answers(2)["bank_account"].clone();
    let sent = apply(api, &ana, &round.call, &same);
    let id = sent["id"].as_str().unwrap();
    let shown = || {
        let shown = api.ask("GET", &format!("applications/{id}")).by(&round.administrators[0]).send();
        let finding = shown.json()["findings"][0].clone();
        let state = shown.json()["state"].as_str().unwrap().to_owned();
        ((state, format!("{} {}", finding["finding"], finding["status"]).replace('"', "")), shown)
    };
    let decide = |resolution: &str| {
        let path = format!("applications/{id}/findings/shared_bank_account/resolutions");
        let ask = api.ask("POST", &path).by(&round.administrators[0]).header("If-Match", &shown().1.headers["etag"]);
        let decided = ask.json(json!({"resolution": resolution, "reason": "Provereno."})).send();
        assert_eq!(decided.status, 200, "{decided:?}");
    };
    let account = |number: usize| json!({"bank_account": people::account(number)});
    let open = ("needs_review".to_owned(), "shared_bank_account open".to_owned());
    assert_eq!(shown().0, open);
    assert_eq!(correct(api, &ana, id, account(77)).status, 200);
    assert_eq!(shown().0, open, "it was open");
    decide("confirmed");
    assert_eq!(shown().0.0, "ineligible");
    assert_eq!(correct(api, &ana, id, account(78)).status, 200);
    assert_eq!(shown().0, open, "it was confirmed of another account");
    decide("dismissed");
    assert_eq!(shown().0.0, "eligible");
    assert_eq!(correct(api, &ana, id, account(79)).status, 200);
    assert_eq!(shown().0.0, "eligible");
}

#[test]
fn what_is_wrong_is_refused_and_nothing_changes() {
    let round = Round::open();
    let api = &round.api;
    let [ana, other] = ["ana@example.org", "other@example.org"].map(|email| api.register(email));
    let sent = apply(api, &ana, &round.call, &answers(1));
    let id = sent["id"].as_str().unwrap();
    let (before, tag) = (receipt(api, &ana, id), etag(api, &ana, id));
    for (body, fields) in [
        (json!({}), vec!["body"]),
        (json!({"bank_account": "999-1-1", "phone": 7}), vec!["phone", "bank_account"]),
        (json!({"jmbg": people::jmbg(2)}), vec!["jmbg"]),
        (json!({"income_before": "1.00"}), vec!["income_before"]),
        (json!({"phone": "CANARY", "given_name": "\u{202e}abc"}), vec!["given_name", "phone"]),
        (json!({"phone": "=cmd|x!A1", "account_holder": "x\u{200b}x"}), vec!["account_holder", "phone"]),
    ] {
        let reply = correct_at(api, &ana, (id, &tag), body.clone());
        let wrong = reply.wrong_fields().into_iter();
        let mut wrong: Vec<_> = wrong.map(|field| field.split(':').next().unwrap().to_owned()).collect();
        wrong.sort();
        let mut expected = fields;
        expected.sort_unstable();
        assert_eq!((reply.status, wrong), (422, expected.iter().map(|field| (*field).to_owned()).collect()), "{body}");
    }
    assert_eq!(correct_at(api, &other, (id, &tag), json!({"phone": "+381 11 111"})).status, 404);
    assert_eq!(correct_at(api, &ana, (id, "\"99\""), json!({"phone": "+381 11 111"})).status, 412);
    assert_eq!(receipt(api, &ana, id), before);
    let row = sql::id(&api.database, id);
    sql::execute(&api.database, &format!("UPDATE applications SET state = 'withdrawn' WHERE id = {row}"));
    let over = correct_at(api, &ana, (id, &tag), json!({"phone": "+381 11 111"}));
    assert_eq!((over.status, over.code().as_str()), (409, "application_over"));
}
