//! Other aid: the catalogue of a call, and registers without their files.

use serde_json::{Value, json};

use crate::support::api::{Reply, User};
use crate::support::round::Round;

fn programme(code: &str) -> Value {
    json!({"code": code, "title": "Pomoć", "provider": "Republika", "level": "republic", "effect": "disqualify"})
}

fn add(round: &Round, by: &User, call: &str, body: Value) -> Reply {
    round.api.ask("POST", &format!("calls/{call}/aid-programmes")).by(by).json(body).send()
}

fn draft(round: &Round) -> String {
    let mut rules: Value = serde_json::from_str(include_str!("../cases/2020/call.json")).unwrap();
    rules["code"] = "draft".into();
    rules["allocation"].as_object_mut().unwrap().remove("seed");
    let made = round.api.ask("POST", "calls").by(&round.administrators[0]).json(rules).send();
    made.json()["id"].as_str().unwrap().to_owned()
}

fn refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (status, code), "{reply:?}");
}

const ABSENT: &str = "0199f0c8-6f3f-7cc5-8a5e-0d5f3a1c2b4d";

#[test]
fn programmes_are_added_shown_and_removed() {
    let round = Round::open();
    let (api, administrator) = (&round.api, &round.administrators[0]);
    let draft = draft(&round);
    let path = format!("calls/{draft}/aid-programmes");
    let made = add(&round, administrator, &draft, programme("A")).json();
    refused(&add(&round, administrator, &draft, programme("A")), 409, "programme_exists");
    assert_eq!(api.get(&path).status, 404, "nobody sees those of a draft");
    assert_eq!(api.ask("GET", &path).by(&round.treasurer).send().status, 404, "nor whoever may not");
    let seen = api.ask("GET", &path).by(administrator).send();
    assert_eq!((seen.status, &seen.json()["items"][0]["id"]), (200, &made["id"]));
    assert!(!seen.headers["cache-control"].contains("public"));
    assert_eq!(api.ask("GET", &format!("calls/{ABSENT}/aid-programmes")).by(administrator).send().status, 404);

    let own = format!("aid-programmes/{}", made["id"].as_str().unwrap());
    assert_eq!(api.ask("DELETE", &own).by(&round.treasurer).send().status, 403);
    assert_eq!(api.ask("DELETE", &format!("aid-programmes/{ABSENT}")).by(administrator).send().status, 404);
    assert_eq!(api.ask("DELETE", &own).by(administrator).send().status, 204);
    assert_eq!(api.ask("DELETE", &own).by(administrator).send().status, 404);

    let with_register = add(&round, administrator, &draft, programme("B")).json()["id"].clone();
    let csv = "jmbg,name,municipality,amount,paid_on\n,Ana,Beograd,1,2020-04-15\n";
    let upload = format!("aid-programmes/{}/registers", with_register.as_str().unwrap());
    let reply = api.ask("POST", &upload).by(administrator).header("Content-Type", "text/csv").text(csv).send();
    assert_eq!(reply.status, 201, "{reply:?}");
    let path = format!("aid-programmes/{}", with_register.as_str().unwrap());
    refused(&api.ask("DELETE", &path).by(administrator).send(), 409, "programme_has_register");

    let published = add(&round, administrator, &round.call, programme("C")).json()["id"].clone();
    let path = format!("aid-programmes/{}", published.as_str().unwrap());
    refused(&api.ask("DELETE", &path).by(administrator).send(), 409, "call_not_draft");
    let shown = api.get(&format!("calls/{}/aid-programmes", round.call));
    assert_eq!(shown.json()["items"][0]["code"], "C");
    assert!(shown.headers["cache-control"].starts_with("public"));
    for kind in ["programme_added", "programme_removed"] {
        let count = format!("SELECT COUNT(*) AS number FROM events WHERE kind = '{kind}'");
        assert_eq!(api.database.number(&count), if kind == "programme_added" { 3 } else { 1 });
    }
}

#[test]
fn what_is_wrong_with_a_programme_is_told() {
    let round = Round::open();
    let administrator = &round.administrators[0];
    let with = |field: &str, value: Value| {
        let mut body = programme("X");
        body[field] = value;
        add(&round, administrator, &round.call, body).wrong_fields()
    };
    assert_eq!(with("effect", json!("reduce_amount")), ["effect: effect_unsupported"]);
    assert_eq!(with("effect", json!("lower_priority")), ["effect: effect_unsupported"]);
    assert_eq!(with("effect", json!("punish")), ["effect: word"]);
    assert_eq!(with("level", json!("planet")), ["level: word"]);
    assert_eq!(with("code", json!("x".repeat(41))), ["code: too_long"]);
    assert_eq!(with("title", json!("a\nb")), ["title: control_character"]);
    assert_eq!(with("is_universal", json!("maybe")), ["is_universal: flag"]);
    let mut universal = programme("X");
    (universal["is_universal"], universal["effect"]) = (json!(true), json!("disqualify"));
    let refused = add(&round, administrator, &round.call, universal.clone());
    assert_eq!((refused.status, refused.wrong_fields()), (422, vec!["effect: universal_disqualifies".to_owned()]));
    universal["effect"] = json!("ignore");
    assert_eq!(add(&round, administrator, &round.call, universal).status, 201);
    assert_eq!(add(&round, administrator, &round.call, json!({})).wrong_fields().len(), 5);
    assert_eq!(add(&round, &round.auditor, &round.call, programme("X")).status, 403);
    assert_eq!(add(&round, administrator, ABSENT, programme("X")).status, 404);
    let keyed = || {
        let ask = round.api.ask("POST", &format!("calls/{}/aid-programmes", round.call)).by(administrator);
        ask.header("Idempotency-Key", "k").json(programme("Y")).send()
    };
    let (one, other) = (keyed(), keyed());
    assert_eq!((one.status, &one.body), (201, &other.body));
}
