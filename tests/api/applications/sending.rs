//! Sending an application, and seeing what became of it.

use serde_json::{Value, json};

use super::{answers, apply, begin, fill};
use crate::sql;
use crate::support::api::Api;
use crate::support::people;
use crate::support::round::call_now;

fn with(number: usize, changes: Value) -> Value {
    let mut answers = answers(number);
    for (field, value) in changes.as_object().unwrap() {
        answers[field] = value.clone();
    }
    answers
}

#[test]
fn everything_missing_is_told_at_once_and_then_it_is_sent_once() {
    let api = Api::start();
    let (call, ana) = (call_now(&api, "now"), api.register("ana@example.org"));
    let id = begin(&api, &ana, &call);
    let path = format!("me/applications/{id}/submit");
    let empty = api.ask("POST", &path).by(&ana).header("If-Match", "\"1\"").send();
    assert_eq!((empty.status, empty.wrong_fields().len()), (422, 18), "{empty:?}");
    let version = fill(&api, &ana, &id, &with(1, json!({"jmbg": "0101965660013", "bank_account": "999-1-52"})));
    let wrong = api.ask("POST", &path).by(&ana).header("If-Match", &version).send();
    assert_eq!(wrong.wrong_fields(), ["jmbg: jmbg", "bank_account: account"]);
    let version = fill(&api, &ana, &id, &answers(1));
    let send = || api.ask("POST", &path).by(&ana).header("If-Match", &version).header("Idempotency-Key", "k").send();
    let (first, second) = (send(), send());
    assert_eq!((first.status, &first.body), (200, &second.body));
    let sent = first.json();
    assert_eq!((&sent["state"], &sent["findings"]), (&json!("eligible"), &json!([])));
    assert_eq!(sent["reference"].as_str().unwrap().len(), 9);
    let again = api.ask("POST", &path).by(&ana).header("If-Match", &version).send();
    assert_eq!((again.status, again.code().as_str()), (409, "already_sent"));
    let letter = api.letter("ana@example.org", 1);
    assert!(letter.text.contains(sent["reference"].as_str().unwrap()), "{}", letter.text);
}

#[test]
fn a_second_application_is_refused_whoever_sends_it() {
    let api = Api::start();
    let (call, ana, iva) = (call_now(&api, "now"), api.register("ana@example.org"), api.register("iva@example.org"));
    apply(&api, &ana, &call, &answers(1));
    let id = begin(&api, &iva, &call);
    let version = fill(&api, &iva, &id, &with(2, json!({"jmbg": people::jmbg(1)})));
    let sent = api.ask("POST", &format!("me/applications/{id}/submit")).by(&iva).header("If-Match", &version).send();
    assert_eq!((sent.status, sent.code().as_str()), (409, "already_applied"));
    let draft = api.ask("GET", &format!("me/applications/{id}")).by(&iva).send().json();
    assert_eq!(draft["state"], "draft", "the draft is not lost");
    // Nor does withdrawing the first make room for another, and the text says nothing else.
    sql::execute(&api.database, "UPDATE applications SET state = 'withdrawn'");
    let submit = api.ask("POST", &format!("me/applications/{id}/submit")).by(&iva).header("If-Match", &version);
    let sent = submit.header("Accept-Language", "en").send();
    assert_eq!((sent.status, sent.code().as_str()), (409, "already_applied"));
    let detail = sent.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("withdrawn") && !detail.contains("stays valid"), "{detail}");
}

#[test]
fn the_same_address_in_either_script_goes_before_a_person() {
    let api = Api::start();
    let (call, ana, iva) = (call_now(&api, "now"), api.register("ana@example.org"), api.register("iva@example.org"));
    let first =
        apply(&api, &ana, &call, &with(1, json!({"address": "Ђорђа Станојевића 5", "municipality": "Београд"})));
    assert_eq!(first["state"], "eligible");
    let second =
        apply(&api, &iva, &call, &with(2, json!({"address": "Djordja Stanojevića  5", "municipality": "beograd"})));
    assert_eq!(second["state"], "needs_review");
    let found = &second["findings"][0];
    assert_eq!((&found["finding"], &found["status"]), (&json!("household_already_applied"), &json!("open")));
}

#[test]
fn findings_are_told_in_the_language_of_the_request() {
    let api = Api::start();
    let (call, ana) = (call_now(&api, "now"), api.register("ana@example.org"));
    let sent = apply(&api, &ana, &call, &with(1, json!({"account_holder": "Stage Name", "is_related_to_fund": true})));
    let path = format!("me/applications/{}", sent["id"].as_str().unwrap());
    let said = |language: &str| {
        let body = api.ask("GET", &path).by(&ana).header("Accept-Language", language).send().json();
        assert_eq!((&body["state"], body["findings"].as_array().unwrap().len()), (&json!("ineligible"), 2));
        (body["status"].as_str().unwrap().to_owned(), body["findings"][0]["message"].as_str().unwrap().to_owned())
    };
    assert_eq!(said("en").1, "The bank account is not in the name of the applicant.");
    assert_eq!(said("sr-Latn").1, "Račun u banci nije na ime podnosioca.");
    assert_eq!(said("sr").0, "Ваша пријава не испуњава услове овог позива.");
}

#[test]
fn who_withdraws_is_out_of_it() {
    let api = Api::start();
    let (call, ana, iva) = (call_now(&api, "now"), api.register("ana@example.org"), api.register("iva@example.org"));
    let sent = apply(&api, &ana, &call, &answers(1));
    let path = format!("me/applications/{}", sent["id"].as_str().unwrap());
    let withdraw = format!("{path}/withdraw");
    let tag = api.ask("GET", &path).by(&ana).send().headers["etag"].clone();
    assert_eq!(api.ask("POST", &withdraw).by(&iva).header("If-Match", &tag).send().status, 404);
    assert_eq!(api.ask("POST", &withdraw).by(&ana).header("If-Match", "\"9\"").send().status, 412);
    let withdrawn = api.ask("POST", &withdraw).by(&ana).header("If-Match", &tag).send();
    assert_eq!((withdrawn.status, &withdrawn.json()["state"]), (200, &json!("withdrawn")));
    let tag = &withdrawn.headers["etag"];
    let again = api.ask("POST", &withdraw).by(&ana).header("If-Match", tag).send();
    assert_eq!((again.status, again.code().as_str()), (409, "application_state"));
    // The household is free again.
    let other = apply(&api, &iva, &call, &with(2, json!({"address": answers(1)["address"]})));
    assert_eq!(other["state"], "eligible");
}

#[test]
fn the_receipt_is_the_owners_alone_and_never_kept() {
    let api = Api::start();
    let (call, ana, iva) = (call_now(&api, "now"), api.register("ana@example.org"), api.register("iva@example.org"));
    let sent = apply(&api, &ana, &call, &answers(1));
    let path = format!("me/applications/{}/receipt", sent["id"].as_str().unwrap());
    let receipt = api.ask("GET", &path).by(&ana).header("Accept-Language", "en").send();
    assert_eq!((receipt.status, receipt.headers["cache-control"].as_str()), (200, "no-store"));
    let body = receipt.json();
    assert_eq!((&body["jmbg"], &body["email"]), (&people::jmbg(1).into(), &json!("ana@example.org")));
    assert!(body["text"].as_str().unwrap().contains(sent["reference"].as_str().unwrap()));
    for other in [api.ask("GET", &path).by(&iva), api.ask("GET", &path)] {
        assert!(matches!(other.send().status, 401 | 404));
    }
}

#[test]
fn asking_beforehand_keeps_nothing() {
    let api = Api::start();
    let call = call_now(&api, "now");
    let before = ["events", "applications", "drafts", "people"].map(|table| crate::sql::rows(&api.database, table));
    let facts = json!({
        "born": "1985-01-01", "household_size": 2, "is_single_parent": true, "children_born": ["2015-01-01"],
        "income_before": "100000.00", "income_during": "0"
    });
    let path = format!("calls/{call}/pre-check");
    let reply = api.ask("POST", &path).header("Accept-Language", "en").json(facts.clone()).send();
    let body = reply.json();
    assert_eq!((reply.status, &body["outcome"], &body["category"]), (200, &json!("eligible"), &json!(1)), "{body}");
    assert_eq!(body["categories"][1]["fits"], false);
    let condition = |at: usize| body["categories"][1]["conditions"][at]["condition"].as_str().unwrap();
    assert_eq!(condition(2), "The applicant is at least 65 years old.");
    let mut poor = facts.clone();
    poor["born"] = "2010-01-01".into();
    poor["income_during"] = "90000.00".into();
    let body = api.post(&path, poor).json();
    let found: Vec<&str> =
        body["findings"].as_array().unwrap().iter().map(|found| found["finding"].as_str().unwrap()).collect();
    assert_eq!((found, &body["category"]), (vec!["no_category", "underage"], &Value::Null));
    // What only the catalogue of the call tells is told beside everything else.
    let unknown = api.post(
        &path,
        json!({"born": "1985-13-01", "household_size": 2, "is_single_parent": true,
        "income_before": "1.00", "declared_aid": ["X"], "x": 1}),
    );
    let wrong = ["born: date", "income_during: missing", "x: unknown", "declared_aid: programme_unknown"];
    assert_eq!((unknown.status, unknown.wrong_fields()), (422, wrong.map(str::to_owned).to_vec()));
    let unborn = json!({"born": "2999-01-01", "household_size": 2, "is_single_parent": true, "children_born": ["2998-01-01"],
        "income_before": "1.00", "income_during": "0"});
    assert_eq!(api.post(&path, unborn).wrong_fields(), ["born: future", "children_born: future"]);
    let elsewhere = format!("calls/{}/pre-check", fond::ids::CallId::new());
    assert_eq!(api.post(&elsewhere, json!({"born": "1985-01-01"})).status, 404);
    let after = ["events", "applications", "drafts", "people"].map(|table| crate::sql::rows(&api.database, table));
    assert_eq!(before, after);
    // Whoever asks about a call that is over is told so.
    let note = || {
        let reply = api.ask("POST", &path).header("Accept-Language", "en").json(facts.clone()).send();
        reply.json()["note"].as_str().unwrap().to_owned()
    };
    assert!(note().starts_with("This is what follows"));
    sql::execute(&api.database, "UPDATE calls SET closes_at = opens_at");
    assert!(note().starts_with("This call takes no applications now. This is what follows"));
}
