//! Applications that the fund entered for somebody without an account: withdrawn at their wish, and then forgotten.

use fond::accounts::Actor;
use fond::applications::actions::erasing;
use fond::clock::Instant;
use fond::error::{Error, Result};
use fond::privacy::erasure;
use serde_json::{Value, json};

use crate::applications::{answers, apply};
use crate::erasure::{erase, keys_of, withdraw};
use crate::merged::{enter, id_of, keys_under, step};
use crate::sql;
use crate::support::api::Api;
use crate::support::round::Round;

fn because() -> Value {
    json!({"reason": "Javila se telefonom: ne treba joj više."})
}

/// By which rule something was refused.
pub fn rule_of(error: &Error) -> Option<&'static str> {
    match error {
        Error::Refused(refusal) => Some(refusal.code),
        _ => None,
    }
}

/// As `fond erase` does; says whether there was anything to erase.
pub fn forget(api: &Api, application: &str) -> Result<bool> {
    let (fond, id) = (api.database.open(), application.parse().unwrap());
    fond.db.write(|conn| {
        let person = erasing::owner(conn, id)?;
        erasure::erase_person(conn, &fond.vault, Actor::SYSTEM.author(), person, Instant::now())
    })
}

#[test]
fn an_entered_application_is_withdrawn_for_its_applicant_and_forgotten() {
    let round = Round::open();
    let api = &round.api;
    let ana = api.register("ana@example.org");
    let own = id_of(&apply(api, &ana, &round.call, &answers(1)));
    let entered = enter(&round, 2);
    let refused = forget(api, &entered).unwrap_err();
    assert_eq!(rule_of(&refused), Some("application_running"), "{refused}");

    // Whoever has an account does it themselves.
    assert_eq!(step(&round, &own, "withdraw", because()).status, 404);
    let path = format!("applications/{entered}/withdraw");
    let ask = |key: &str| api.ask("POST", &path).by(&round.administrators[0]).header("Idempotency-Key", key);
    assert_eq!(ask("w-1").json(because()).send().status, 428);
    assert_eq!(ask("w-2").header("If-Match", "\"99\"").json(because()).send().code(), "stale");
    for nothing in [json!({}), json!({"reason": "  "})] {
        let refused = step(&round, &entered, "withdraw", nothing);
        assert!(refused.status == 422 && refused.body.contains("reason"), "{refused:?}");
    }
    assert_eq!(sql::events(&api.database, "application_withdrawn"), 0);

    let seen = api.ask("GET", &format!("applications/{entered}")).by(&round.administrators[0]).send();
    assert_eq!(seen.json()["withdrawal_reason"], Value::Null);
    let send = || ask("w-3").header("If-Match", &seen.headers["etag"]).json(because()).send();
    let withdrawn = send();
    assert_eq!((withdrawn.status, &withdrawn.json()["state"]), (200, &json!("withdrawn")), "{withdrawn:?}");
    assert_eq!(send().body, withdrawn.body, "a retry is done once");
    assert_eq!(sql::events(&api.database, "application_withdrawn"), 1);
    assert_eq!(step(&round, &entered, "withdraw", because()).code(), "application_state");
    let reason = || {
        api.ask("GET", &format!("applications/{entered}")).by(&round.administrators[1]).send().json()["withdrawal_reason"].clone()
    };
    assert_eq!(reason(), because()["reason"]);
    let row = sql::id(&api.database, &entered);
    let kept =
        format!("SELECT COUNT(*) AS number FROM applications WHERE id = {row} AND withdrawal_sealed IS NOT NULL");
    assert_eq!((api.database.number(&kept), keys_under(api, &entered)), (1, 3));

    forget(api, &entered).unwrap();
    assert_eq!((api.database.number(&kept), keys_under(api, &entered)), (0, 0));
    assert_eq!(reason(), Value::Null);
}

/// Somebody whose own application was merged into the one that the fund had entered for them asks to be forgotten.
#[test]
fn what_ones_own_was_merged_into_is_forgotten_too() {
    let round = Round::open();
    let api = &round.api;
    let ana = api.register("ana@example.org");
    let own = id_of(&apply(api, &ana, &round.call, &answers(1)));
    let entered = enter(&round, 2);
    assert_eq!(step(&round, &own, "merge", json!({"into": entered})).status, 200);
    let refused = erase(api, &ana);
    assert_eq!((refused.status, refused.code().as_str()), (409, "application_running"));
    assert_eq!(step(&round, &entered, "withdraw", because()).status, 200);
    assert_eq!(erase(api, &ana).status, 204);
    assert_eq!((keys_of(api, &ana).len(), keys_under(api, &entered)), (0, 0));
}

/// Two accounts of one person: what stands under the other is forgotten; the account itself its owner erases.
#[test]
fn the_account_of_what_was_merged_stays_its_owners() {
    let round = Round::open();
    let api = &round.api;
    let [ana, second] = ["ana@example.org", "ana.a@example.org"].map(|email| api.register(email));
    let own = id_of(&apply(api, &ana, &round.call, &answers(1)));
    let other = id_of(&apply(api, &second, &round.call, &answers(2)));
    assert_eq!(step(&round, &other, "merge", json!({"into": own})).status, 200);
    withdraw(api, &ana, &own);
    assert_eq!(erase(api, &ana).status, 204);
    assert_eq!((keys_of(api, &ana).len(), keys_of(api, &second)), (0, vec!["identity".to_owned()]));
    assert_eq!(api.ask("GET", "me").by(&second).send().status, 200);
    assert_eq!(erase(api, &second).status, 204);
    assert!(keys_of(api, &second).is_empty());
}

#[test]
fn an_entered_application_is_put_right_for_its_applicant() {
    let round = Round::open();
    let api = &round.api;
    let ana = api.register("ana@example.org");
    let own = id_of(&apply(api, &ana, &round.call, &answers(1)));
    let entered = enter(&round, 2);
    let changes = json!({"phone": "+381601112223", "bank_account": answers(3)["bank_account"]});
    // Whoever has an account does it themselves.
    assert_eq!(step(&round, &own, "corrections", changes.clone()).status, 404);
    let path = format!("applications/{entered}/corrections");
    let ask = |key: &str| api.ask("POST", &path).by(&round.administrators[0]).header("Idempotency-Key", key);
    assert_eq!(ask("c-1").json(changes.clone()).send().status, 428);
    assert_eq!(ask("c-2").header("If-Match", "\"99\"").json(changes.clone()).send().code(), "stale");
    assert_eq!(step(&round, &entered, "corrections", json!({})).status, 422);
    let wrong = step(&round, &entered, "corrections", json!({"bank_account": "999-1-1"}));
    assert_eq!(wrong.wrong_fields(), ["bank_account: account"]);
    assert_eq!(sql::events(&api.database, "application_corrected"), 0);

    let seen = api.ask("GET", &format!("applications/{entered}")).by(&round.administrators[0]).send();
    let correct = || ask("c-3").header("If-Match", &seen.headers["etag"]).json(changes.clone()).send();
    let corrected = correct();
    assert_eq!((corrected.status, &corrected.json()["state"]), (200, &json!("eligible")), "{corrected:?}");
    assert_eq!(correct().body, corrected.body, "a retry is done once");
    assert_eq!(sql::events(&api.database, "application_corrected"), 1);
    crate::journal::is_whole(api);
    assert!(crate::journal::rows(api).contains(&("administrator".into(), "correct_application".into(), 1)));
    let person = api.ask("POST", &format!("applications/{entered}/person")).by(&round.administrators[1]);
    let person = person.json(json!({"purpose": "contact_applicant"})).send().json();
    assert_eq!(person["phone"], "+381601112223", "{person}");

    // An account that another application names goes before a person.
    let shared = json!({"bank_account": answers(1)["bank_account"]});
    let held = step(&round, &entered, "corrections", shared.clone());
    assert_eq!((held.status, &held.json()["state"]), (200, &json!("needs_review")), "{held:?}");
    assert_eq!(step(&round, &entered, "withdraw", because()).status, 200);
    assert_eq!(step(&round, &entered, "corrections", shared).code(), "application_over");
}
