//! Calls: written by administrators, seen by everybody once they are published, explained in plain words.

use serde_json::{Value, json};

use crate::sql;
use crate::support::api::{Api, Reply, User};
use crate::support::round::Round;

/// The rules of 2020 with another code, without the seed.
fn rules(code: &str) -> Value {
    let mut rules: Value = serde_json::from_str(include_str!("../cases/2020/call.json")).unwrap();
    rules["code"] = code.into();
    rules["allocation"].as_object_mut().unwrap().remove("seed");
    rules
}

fn make(api: &Api, by: &User, code: &str) -> String {
    let reply = api.ask("POST", "calls").by(by).json(rules(code)).send();
    assert_eq!(reply.status, 201, "{reply:?}");
    reply.json()["id"].as_str().unwrap().to_owned()
}

fn at(api: &Api, by: &User, step: (&str, &str), version: i32, body: Option<Value>) -> Reply {
    let ask = api.ask(step.0, step.1).by(by).header("If-Match", &format!("\"{version}\""));
    body.map_or(api.ask(step.0, step.1).by(by).header("If-Match", &format!("\"{version}\"")), |body| ask.json(body))
        .send()
}

fn refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (status, code), "{reply:?}");
}

/// An administrator of one call alone.
fn administrator_of(round: &Round, call: &str) -> User {
    let (api, email) = (&round.api, "one-call@example.org");
    let invited = api.invite(&round.administrators[0], email, "administrator", json!({"call_id": call}));
    let path = format!("invitations/{}/confirm", invited["id"].as_str().unwrap());
    let reply = api.ask("POST", &path).by(&round.administrators[1]).header("If-Match", "\"1\"").send();
    assert_eq!(reply.status, 200, "{reply:?}");
    api.accept(email, &api.letter(email, 0).token())
}

#[test]
fn a_call_is_written_published_and_closed() {
    let api = Api::start();
    let [first, second] = api.administrators();
    let id = make(&api, &first, "spring");
    let path = format!("calls/{id}");
    assert_eq!(api.get(&path).status, 404, "nobody sees a draft");
    assert_eq!(api.get("calls").json()["items"], json!([]));
    let drafts = api.ask("GET", "call-drafts").by(&second).send().json();
    assert_eq!(drafts["items"][0]["code"], "spring");

    let seen = api.ask("GET", &format!("{path}/rules")).by(&second).send();
    assert_eq!((seen.status, seen.headers["etag"].as_str()), (200, "\"1\""), "{seen:?}");
    let now = fond::clock::Instant::now();
    let day = std::time::Duration::from_secs(86_400);
    let mut changed = rules("summer");
    changed["opens_at"] = now.minus(day).to_string().into();
    changed["closes_at"] = now.plus(day).to_string().into();
    changed["voting_closes_at"] = now.plus(day * 2).to_string().into();
    changed["allocation"]["budget"] = "1000.00".into();
    let reply = at(&api, &second, ("PUT", &format!("{path}/rules")), 1, Some(changed.clone()));
    assert_eq!((reply.status, reply.headers["etag"].as_str()), (200, "\"2\""), "{reply:?}");
    assert_eq!(reply.json()["rules"]["allocation"]["budget"], "1000.00");

    let open = ("POST", format!("{path}/open"));
    refused(&at(&api, &first, (open.0, &open.1), 1, None), 412, "stale");
    let reply = at(&api, &first, (open.0, &open.1), 2, None);
    assert_eq!((reply.status, reply.json()["phase"].as_str().unwrap()), (200, "open"), "{reply:?}");
    refused(&at(&api, &first, (open.0, &open.1), 3, None), 409, "call_state");
    refused(&at(&api, &first, ("PUT", &format!("{path}/rules")), 3, Some(changed)), 409, "call_not_draft");
    let shown = api.get(&path);
    assert_eq!((shown.status, shown.json()["code"].as_str().unwrap()), (200, "summer"));
    assert!(shown.headers["cache-control"].starts_with("public") && shown.headers["vary"].contains("Accept-Language"));

    let close = format!("{path}/close");
    refused(&at(&api, &first, ("POST", &close), 3, Some(json!({"reason": " "}))), 422, "invalid");
    refused(&at(&api, &first, ("POST", &close), 2, Some(json!({"reason": "funds_exhausted"}))), 412, "stale");
    let reply = at(&api, &first, ("POST", &close), 3, Some(json!({"reason": "funds_exhausted"})));
    assert_eq!((reply.status, reply.json()["phase"].as_str().unwrap()), (200, "closed"), "{reply:?}");
    refused(&at(&api, &first, ("POST", &close), 4, Some(json!({"reason": "funds_exhausted"}))), 409, "call_not_open");
    let call = api.get(&path).json();
    assert_ne!(call["closes_at"], call["rules"]["closes_at"], "the rules stay as they were published");
    let kinds = ["call_made", "call_changed", "call_published", "call_closed"];
    for kind in kinds {
        let count = format!("SELECT COUNT(*) AS number FROM events WHERE kind = '{kind}'");
        assert_eq!(api.database.number(&count), 1, "{kind}");
    }
}

#[test]
fn what_is_sent_twice_is_made_once() {
    let api = Api::start();
    let [first, _] = api.administrators();
    let send =
        |code: &str| api.ask("POST", "calls").by(&first).header("Idempotency-Key", "spring-1").json(rules(code)).send();
    let (one, other) = (send("spring"), send("spring"));
    assert_eq!((one.status, &one.body), (201, &other.body));
    refused(&send("summer"), 422, "idempotency_mismatch");
    let again = api.ask("POST", "calls").by(&first).json(rules("spring")).send();
    refused(&again, 409, "call_exists");
    let id = make(&api, &first, "autumn");
    let path = format!("calls/{id}/rules");
    refused(&at(&api, &first, ("PUT", &path), 1, Some(rules("spring"))), 409, "call_exists");
    refused(&api.ask("PUT", &path).by(&first).json(rules("autumn")).send(), 428, "precondition_required");

    let id = make(&api, &first, "winter");
    let open = || {
        let ask = api.ask("POST", &format!("calls/{id}/open")).by(&first).header("If-Match", "\"1\"");
        ask.header("Idempotency-Key", "open-1").send()
    };
    let (one, other) = (open(), open());
    assert_eq!((one.status, &one.body), (200, &other.body), "{other:?}");
}

#[test]
fn every_wrong_key_is_told_by_its_path() {
    let api = Api::start();
    let [first, _] = api.administrators();
    let mut wrong = rules("x");
    wrong["allocation"]["bands"] = json!([{"amount": "1"}, {"amount": 5}]);
    wrong["allocation"]["method"] = "lottery".into();
    wrong["allocation"]["seed"] = "7".into();
    wrong["closes_at"] = "2019-01-01T00:00:00Z".into();
    wrong["payment_code"] = "1".into();
    wrong["colour"] = "red".into();
    wrong.as_object_mut().unwrap().remove("title");
    let reply = api.ask("POST", "calls").by(&first).json(wrong).send();
    let mut told = reply.wrong_fields();
    told.sort();
    assert_eq!(
        told,
        [
            "allocation.bands[1].amount: amount",
            "allocation.method: word",
            "allocation.seed: seed_later",
            "closes_at: before",
            "colour: unknown",
            "payment_code: payment_code",
            "title: missing",
        ],
        "{reply:?}"
    );
    assert_eq!(api.ask("POST", "calls").by(&first).text("{}").send().status, 415);
    assert_eq!(
        api.ask("POST", "calls").by(&first).header("Content-Type", "application/json").text("[1]").send().status,
        400
    );
}

#[test]
fn a_code_with_strange_signs_and_times_that_cannot_work_are_refused() {
    let api = Api::start();
    let [first, _] = api.administrators();
    let id = make(&api, &first, "Spring_2020.1-a");
    let path = format!("calls/{id}/rules");
    let told = |body: &Value| {
        let made = api.ask("POST", "calls").by(&first).json(body.clone()).send();
        let changed = at(&api, &first, ("PUT", &path), 1, Some(body.clone()));
        assert_eq!((made.status, changed.status), (422, 422), "{made:?} {changed:?}");
        assert_eq!(made.wrong_fields(), changed.wrong_fields());
        made.wrong_fields()
    };
    for code in [" 2020", "2020 ", "2020 1", "--help", "позив", "spr\u{456}ng", "a\u{301}"] {
        assert_eq!(told(&rules(code)), ["code: call_code"], "{code:?}");
    }
    let mut body = rules("other");
    body["reference_date"] = "1920-05-06".into();
    body["closes_at"] = body["opens_at"].clone();
    let mut wrong = told(&body);
    wrong.sort();
    assert_eq!(wrong, ["closes_at: not_after", "reference_date: year"]);
    let mut body = rules("other");
    body["aid_window"]["from"] = "0020-03-15".into();
    body["title"]["sr"] = "a\0b".into();
    body["categories"][0]["title"] = json!({"sr": "Prva", "en": "Fir\u{202e}st"});
    body["tax_basis"] = "a\nb".into();
    let mut wrong = told(&body);
    wrong.sort();
    assert_eq!(
        wrong,
        [
            "aid_window.from: year",
            "categories[0].title.en: control_character",
            "tax_basis: control_character",
            "title.sr: control_character",
        ]
    );
}

#[test]
fn only_administrators_work_on_calls_and_those_of_one_call_on_that_alone() {
    let round = Round::open();
    let api = &round.api;
    let draft = make(api, &round.administrators[0], "draft");
    let of_one = administrator_of(&round, &draft);
    let applicant = api.register("ana@example.org");
    let rules_path = format!("calls/{draft}/rules");
    let foreign = format!("calls/{}/rules", round.call);
    let absent = "calls/0199f0c8-6f3f-7cc5-8a5e-0d5f3a1c2b4d/rules";
    let get = |path: &str, by: &User| api.ask("GET", path).by(by).send().status;
    assert_eq!(get(&rules_path, &of_one), 200);
    assert_eq!([get(&foreign, &of_one), get(absent, &of_one)], [404, 404]);
    assert_eq!(get("call-drafts", &of_one), 403);
    assert_eq!(api.ask("POST", "calls").by(&of_one).json(rules("own")).send().status, 403);
    assert_eq!(at(api, &of_one, ("PUT", &rules_path), 1, Some(rules("draft"))).status, 200);
    for somebody in [&applicant, &round.treasurer, &round.authoriser, &round.auditor, &round.chair] {
        for path in [&rules_path, &foreign, absent, "call-drafts"] {
            assert_eq!(get(path, somebody), 403, "{path}");
        }
        assert_eq!(api.ask("POST", "calls").by(somebody).json(rules("other")).send().status, 403);
        for step in ["open", "close"] {
            let path = format!("calls/{draft}/{step}");
            assert_eq!(at(api, somebody, ("POST", &path), 2, Some(json!({"reason": "other"}))).status, 403, "{step}");
        }
    }
    for path in [&rules_path, "call-drafts"] {
        assert_eq!(api.get(path).status, 401);
    }
    sql::let_proof_grow_old(api, &of_one, 6);
    refused(&at(api, &of_one, ("POST", &format!("calls/{draft}/open")), 2, None), 403, "step_up_required");
    let close = format!("calls/{}/close", round.call);
    sql::let_proof_grow_old(api, &round.administrators[0], 6);
    let reply = at(api, &round.administrators[0], ("POST", &close), 2, Some(json!({"reason": "other"})));
    refused(&reply, 403, "step_up_required");
}

#[test]
fn drafts_are_listed_in_pages() {
    let api = Api::start();
    let [first, _] = api.administrators();
    for code in ["a", "b", "c"] {
        make(&api, &first, code);
    }
    let page = |query: &str| api.ask("GET", &format!("call-drafts?limit=2{query}")).by(&first).send().json();
    let codes = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap().to_owned()).collect()
    };
    let one = page("");
    let other = page(&format!("&cursor={}", one["next"].as_str().unwrap()));
    assert_eq!((codes(&one), codes(&other)), (vec!["c".into(), "b".into()], vec!["a".into()]));
    assert_eq!(other["next"], Value::Null);
}

#[test]
fn a_call_is_explained_in_three_languages() {
    let round = Round::open();
    let api = &round.api;
    let body = json!({"code": "REP-ART", "title": "Pomoć samostalnim umetnicima", "provider": "Ministarstvo kulture",
        "level": "republic", "effect": "disqualify"});
    let path = format!("calls/{}/aid-programmes", round.call);
    assert_eq!(api.ask("POST", &path).by(&round.administrators[0]).json(body).send().status, 201);
    let explained = |language: &str| {
        let reply = api.ask("GET", &format!("calls/{}", round.call)).header("Accept-Language", language).send();
        assert_eq!(reply.status, 200, "{reply:?}");
        (reply.headers["etag"].clone(), reply.json())
    };
    let (cyrillic, latin, english) = (explained("sr-Cyrl"), explained("sr-Latn"), explained("en"));
    assert!(cyrillic.0 != latin.0 && latin.0 != english.0);
    let has = |call: &Value, words: &str| {
        let text = call["explained"].to_string();
        assert!(text.contains(words), "{words}: {text}");
    };
    has(&cyrillic.1, "Помоћ самосталним уметницима (Министарство културе)");
    has(&latin.1, "Pomoć samostalnim umetnicima (Ministarstvo kulture)");
    has(&cyrillic.1, "По категоријама".to_lowercase().as_str());
    has(&latin.1, "30.000,00 dinara");
    has(&english.1, "30,000.00 dinars");
    assert_eq!(english.1["aid_programmes"][0]["effect"], "disqualify");
    assert_eq!(english.1["rules"]["appeal_days"], 8);
    assert_eq!(english.1["rules"]["allocation"].get("seed"), None);
}
