//! A draft is never lost and never doubled.

use serde_json::json;

use super::{answers, apply, begin, fill};
use crate::sql;
use crate::support::api::Api;
use crate::support::round::call_now;

#[test]
fn a_draft_is_written_in_parts_and_found_again() {
    let api = Api::start();
    let (call, mut ana) = (call_now(&api, "now"), api.register("ana@example.org"));
    let id = begin(&api, &ana, &call);
    fill(&api, &ana, &id, &json!({"given_name": "Ана", "jmbg": "0101"}));
    fill(&api, &ana, &id, &json!({"income_before": "105000", "bank_account": "999"}));
    fill(&api, &ana, &id, &json!({"jmbg": null, "housing": "tenant"}));
    // The session ends, and another begins.
    assert_eq!(api.ask("DELETE", "sessions").by(&ana).send().status, 204);
    api.sign_in(&mut ana);
    let list = api.ask("GET", "me/applications").by(&ana).send().json();
    let draft = api.ask("GET", &format!("me/applications/{id}")).by(&ana).send().json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(draft["state"], "draft");
    let held = json!({"given_name": "Ана", "income_before": "105000", "bank_account": "999", "housing": "tenant"});
    assert_eq!(draft["answers"], held);
    let problems: Vec<&str> =
        draft["problems"].as_array().unwrap().iter().map(|wrong| wrong["field"].as_str().unwrap()).collect();
    assert!(problems.contains(&"jmbg") && problems.contains(&"bank_account") && !problems.contains(&"given_name"));
    assert!(draft["next_by"].is_string() && draft["next"].as_str().unwrap().len() > 20, "{draft}");
}

#[test]
fn asking_again_makes_no_second_draft() {
    let api = Api::start();
    let (call, ana) = (call_now(&api, "now"), api.register("ana@example.org"));
    let id = begin(&api, &ana, &call);
    let path = format!("calls/{call}/applications");
    for key in ["a", "b"] {
        let again = api.ask("POST", &path).by(&ana).header("Idempotency-Key", key).send();
        assert_eq!((again.status, again.json()["id"].as_str().unwrap()), (200, id.as_str()));
    }
    // Eight at once by somebody who has none yet.
    let iva = api.register("iva@example.org");
    let ids: Vec<String> = std::thread::scope(|scope| {
        let ask = || {
            let reply = api.ask("POST", &path).by(&iva).send();
            assert!(matches!(reply.status, 200 | 201), "{reply:?}");
            reply.json()["id"].as_str().unwrap().to_owned()
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|one| *one == ids[0]), "{ids:?}");
    assert_eq!(sql::rows(&api.database, "drafts"), 2);
}

#[test]
fn two_devices_meet_in_a_412_that_carries_both_versions() {
    let api = Api::start();
    let (call, ana) = (call_now(&api, "now"), api.register("ana@example.org"));
    let id = begin(&api, &ana, &call);
    let path = format!("me/applications/{id}");
    fill(&api, &ana, &id, &json!({"phone": "from the phone"}));
    let change = |tag: &str| {
        let ask = api.ask("PATCH", &path).by(&ana).header("If-Match", tag);
        ask.json(json!({"phone": "desk"})).send()
    };
    let late = change("\"1\"");
    assert_eq!((late.status, late.code().as_str()), (412, "stale"));
    let body = late.json();
    assert_eq!((&body["current"], &body["sent"]), (&json!({"phone": "from the phone"}), &json!({"phone": "desk"})));
    // A tag that never matches is of another version, too.
    for tag in ["W/\"2\"", "\"x\"", "\"02\", W/\"2\""] {
        let other = change(tag);
        assert_eq!((other.status, &other.headers["etag"]), (412, &late.headers["etag"]), "{tag}");
        assert_eq!([&other.json()["current"], &other.json()["sent"]], [&body["current"], &body["sent"]], "{tag}");
    }
    // What it carries is enough to go on.
    let again = api.ask("PATCH", &path).by(&ana).header("If-Match", &late.headers["etag"]).json(body["sent"].clone());
    assert_eq!(again.send().status, 200);
    let missing = api.ask("PATCH", &path).by(&ana).json(json!({"phone": "x"})).send();
    assert_eq!(missing.status, 428);
    // Sending it, or throwing it away, after another device changed it: what holds now is told too, and nothing is done.
    for (method, path) in [("POST", format!("{path}/submit")), ("DELETE", path.clone())] {
        let late = api.ask(method, &path).by(&ana).header("If-Match", "\"1\"").send();
        assert_eq!((late.status, late.code().as_str(), late.headers["etag"].as_str()), (412, "stale", "\"3\""));
        assert_eq!(late.json()["current"], json!({"phone": "desk"}), "{method}");
        assert!(late.json().get("sent").is_none(), "{method} brought nothing");
        let strange = api.ask(method, &path).by(&api.register(&format!("{}@example.org", method.to_lowercase())));
        assert_eq!(strange.header("If-Match", "\"1\"").send().status, 404, "{method}");
    }
}

#[test]
fn wrong_forms_are_told_all_at_once_and_nothing_of_them_is_kept() {
    let api = Api::start();
    let (call, ana) = (call_now(&api, "now"), api.register("ana@example.org"));
    let id = begin(&api, &ana, &call);
    let wrong = json!({
        "given_name": "x".repeat(101), "children_born": ["2015-02-30"], "income_before": 5, "housing": "castle",
        "household_size": "+3", "is_single_parent": "true", "declared_aid": "all", "nickname": "Ani", "phone": "1"
    });
    let change = |body: serde_json::Value| {
        let ask = api.ask("PATCH", &format!("me/applications/{id}")).by(&ana).header("If-Match", "\"1\"");
        ask.header("Accept-Language", "en").json(body).send()
    };
    let none = change(json!({"household_size": 0, "is_single_parent": "maybe"})).wrong_fields();
    assert_eq!(none, ["household_size: household_size", "is_single_parent: flag"]);
    let reply = change(wrong);
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("two decimals, in quotation marks"), "{reply:?}");
    let mut fields = reply.wrong_fields();
    fields.sort();
    assert_eq!(
        fields,
        [
            "children_born: date",
            "declared_aid: list",
            "given_name: too_long",
            "household_size: household_size",
            "housing: word",
            "income_before: amount",
            "is_single_parent: flag",
            "nickname: unknown"
        ]
    );
    let draft = api.ask("GET", &format!("me/applications/{id}")).by(&ana).send().json();
    assert_eq!(draft["answers"], json!({}));
}

#[test]
fn what_is_not_seen_is_refused_in_one_line_and_a_telephone_number_is_asked_for_when_it_is_sent() {
    let api = Api::start();
    let (call, ana) = (call_now(&api, "now"), api.register("ana@example.org"));
    let id = begin(&api, &ana, &call);
    let path = format!("me/applications/{id}");
    let wrong = json!({
        "given_name": "\u{202e}abc", "family_name": "O'Nil", "account_holder": "x\u{200b}x", "address": "a\nb",
        "declared_aid": ["a\u{feff}"], "phone": "CANARY"
    });
    let reply = api.ask("PATCH", &path).by(&ana).header("If-Match", "\"1\"").json(wrong).send();
    let mut fields = reply.wrong_fields();
    fields.sort();
    let hidden = ["account_holder", "address", "declared_aid", "given_name"];
    assert_eq!((reply.status, fields), (422, hidden.map(|field| format!("{field}: control_character")).to_vec()));
    // A telephone number that is none stays in the draft, is told of there, and is not sent.
    fill(&api, &ana, &id, &answers(1));
    fill(&api, &ana, &id, &json!({"phone": "CANARY"}));
    let draft = api.ask("GET", &path).by(&ana).header("Accept-Language", "en").send();
    let problems = draft.json()["problems"].clone();
    assert_eq!((&problems[0]["field"], &problems[0]["code"]), (&json!("phone"), &json!("phone")), "{problems}");
    assert!(problems[0]["message"].as_str().unwrap().contains("5 to 20 digits"), "{problems}");
    let sent = api.ask("POST", &format!("{path}/submit")).by(&ana).header("If-Match", "*").send();
    assert_eq!((sent.status, sent.wrong_fields()), (422, vec!["phone: phone".to_owned()]));
}

#[test]
fn a_draft_is_its_owners_alone_and_can_be_thrown_away() {
    let api = Api::start();
    let (call, ana, iva) = (call_now(&api, "now"), api.register("ana@example.org"), api.register("iva@example.org"));
    let id = begin(&api, &ana, &call);
    let path = format!("me/applications/{id}");
    let tag = |ask: crate::support::api::Ask<'_>| ask.header("If-Match", "\"1\"").send().status;
    assert_eq!(api.ask("GET", &path).by(&iva).send().status, 404);
    assert_eq!(tag(api.ask("PATCH", &path).by(&iva).json(json!({"phone": "1"}))), 404);
    assert_eq!(tag(api.ask("POST", &format!("{path}/submit")).by(&iva)), 404);
    assert_eq!(tag(api.ask("DELETE", &path).by(&iva)), 404);
    assert_eq!(api.ask("DELETE", &path).by(&ana).header("If-Match", "\"7\"").send().status, 412);
    assert_eq!(tag(api.ask("DELETE", &path).by(&ana)), 204);
    assert_eq!(api.ask("GET", &path).by(&ana).send().status, 404);
    // And another is begun. What was sent is no draft any more.
    let sent = format!("me/applications/{}", apply(&api, &ana, &call, &answers(1))["id"].as_str().unwrap());
    for ask in [api.ask("PATCH", &sent).by(&ana).json(json!({"phone": "1"})), api.ask("DELETE", &sent).by(&ana)] {
        let reply = ask.header("If-Match", "*").send();
        assert_eq!((reply.status, reply.code().as_str()), (409, "already_sent"));
    }
}

#[test]
fn a_draft_begins_only_while_the_call_is_open() {
    let api = Api::start();
    let (call, ana) = (call_now(&api, "now"), api.register("ana@example.org"));
    let id = begin(&api, &ana, &call);
    // Too late comes before whatever is missing.
    fill(&api, &ana, &id, &json!({"phone": "+381600000000"}));
    sql::execute(&api.database, "UPDATE calls SET closes_at = opens_at");
    let iva = api.register("iva@example.org");
    let begun = api.ask("POST", &format!("calls/{call}/applications")).by(&iva).send();
    assert_eq!((begun.status, begun.code().as_str()), (409, "call_closed"));
    // What was written is still there, and cannot be sent; nobody is told to send it.
    let draft = api.ask("GET", &format!("me/applications/{id}")).by(&ana).header("Accept-Language", "en").send();
    assert_eq!(draft.json()["next_by"], json!(null));
    assert!(draft.json()["next"].as_str().unwrap().starts_with("It cannot be sent"), "{draft:?}");
    let sent = api.ask("POST", &format!("me/applications/{id}/submit")).by(&ana);
    let sent = sent.header("If-Match", &draft.headers["etag"]).send();
    assert_eq!((draft.status, sent.status, sent.code().as_str()), (200, 409, "call_closed"));
    assert_eq!(api.ask("POST", "calls/0/applications").by(&ana).send().status, 404);
}

#[test]
fn what_word_processors_put_between_lines_is_taken() {
    let api = Api::start();
    let (call, ana) = (call_now(&api, "now"), api.register("ana@example.org"));
    let id = begin(&api, &ana, &call);
    fill(&api, &ana, &id, &json!({"statement": "Prvi red.\r\nDrugi\tred.\rTreći."}));
    let change = |body: serde_json::Value| {
        let ask = api.ask("PATCH", &format!("me/applications/{id}")).by(&ana).header("If-Match", "*");
        ask.json(body).send()
    };
    assert_eq!(change(json!({"statement": "a\u{7}b"})).wrong_fields(), ["statement: control_character"]);
    let large = change(json!({"income_before": "99999999999999999999", "household_size": 99_999_999_999_u64}));
    let mut fields = large.wrong_fields();
    fields.sort();
    assert_eq!(fields, ["household_size: household_size", "income_before: amount_too_large"]);
    assert!(large.body.contains("92233720368547758.07"), "{large:?}");
    let unborn = change(json!({"children_born": ["2015-01-01", "2999-01-01"]}));
    assert_eq!((unborn.status, unborn.wrong_fields()), (422, vec!["children_born: future".to_owned()]));
}
