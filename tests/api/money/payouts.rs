//! A payout: prepared, looked at, authorised by another, executed, returned, cancelled.

use fond::clock::Instant;
use serde_json::json;

use super::{Scene, is, new_key, today, tomorrow};
use crate::sql;
use crate::support::api::Reply;

#[test]
fn an_award_is_paid_by_two_people_and_once() {
    let scene = Scene::allocated(2, "45000.00");
    let (treasurer, authoriser) = (&scene.round.treasurer, &scene.round.authoriser);
    let (award, number) = scene.award(0);
    let prepare = format!("awards/{award}/payout");
    is(&scene.api().ask("POST", &prepare).by(treasurer).send(), 400, "idempotency_key_missing");
    let key = new_key();
    let prepared = scene.post_as(treasurer, &prepare, &key, json!({}));
    assert_eq!((prepared.status, &prepared.json()["outcome"]), (201, &json!("prepared")), "{prepared:?}");
    assert_eq!(scene.post_as(treasurer, &prepare, &key, json!({})).body, prepared.body);
    is(&scene.post(treasurer, &prepare, json!({})), 409, "payout_state");
    let id = prepared.json()["payout"]["id"].as_str().unwrap().to_owned();
    assert_eq!(prepared.headers["location"], format!("/api/v1/payouts/{id}"));

    let shown = scene.get(authoriser, &format!("payouts/{id}"));
    let json = shown.json();
    assert_eq!(
        (&json["payee"]["holder"], &json["reference"]),
        (&json!("Ana Anić"), &json!(format!("R{}", number + 1)))
    );
    assert!(
        json["payment_reference"].as_str().unwrap().starts_with("97 ")
            && json["payee"]["account"].as_str().unwrap().len() == 18
    );
    assert_eq!(scene.api().database.number("SELECT COUNT(*) AS number FROM events WHERE kind = 'person_opened'"), 1);
    let (etag, authorise) = (shown.headers["etag"].clone(), format!("payouts/{id}/authorise"));
    let binding = json!({"binding": json["binding"]});
    is(&scene.execute(&id, "22500.00", "B-1"), 409, "payout_state");
    is(&scene.post(authoriser, &authorise, binding.clone()), 428, "precondition_required");
    is(&scene.move_at(authoriser, &authorise, "\"9\"", binding.clone()), 412, "stale");
    is(&scene.move_at(authoriser, &authorise, &etag, json!({"binding": "00"})), 409, "payout_other");
    assert_eq!(scene.move_at(authoriser, &authorise, &etag, json!({})).wrong_fields(), ["binding: missing"]);
    is(&scene.move_at(treasurer, &authorise, &etag, binding.clone()), 403, "forbidden");
    let authorised = scene.move_at(authoriser, &authorise, &etag, binding.clone());
    assert_eq!((authorised.status, &authorised.json()["state"]), (200, &json!("authorised")), "{authorised:?}");
    assert!(!authorised.body.contains("Ana"));
    is(&scene.move_at(authoriser, &authorise, &authorised.headers["etag"], binding), 409, "payout_state");

    is(&scene.execute(&id, "22500.01", "B-1"), 409, "amount_differs");
    let body = json!({"amount": "22500.00", "executed_on": tomorrow(), "bank_reference": "B-1"});
    let execute = format!("payouts/{id}/execute");
    assert_eq!(scene.move_at(treasurer, &execute, &scene.etag_of(&id), body).wrong_fields(), ["executed_on: future"]);
    for hidden in ["a\nb", "Q\u{202e}\u{200b}1"] {
        assert_eq!(scene.execute(&id, "22500.00", hidden).wrong_fields(), ["bank_reference: control_character"]);
    }
    let executed = scene.execute(&id, "22500.00", "B-1");
    assert_eq!(
        (executed.status, &executed.json()["executions"][0]["bank_reference"]),
        (200, &json!("B-1")),
        "{executed:?}"
    );
    is(&scene.execute(&id, "22500.00", "B-2"), 409, "payout_state");
    let cancel = format!("payouts/{id}/cancel");
    is(&scene.move_at(treasurer, &cancel, &scene.etag_of(&id), json!({})), 409, "payout_state");
    is(&scene.post(treasurer, &prepare, json!({})), 409, "already_paid");
    assert_eq!((scene.balance("awards_payable"), scene.balance("bank")), ("-22500.00".into(), "977500.00".into()));

    let (other, _) = scene.award(1);
    let other = scene.prepare(&other);
    assert_eq!(scene.authorise(&other).status, 200);
    is(&scene.execute(&other, "22500.00", "B-1"), 409, "bank_reference_used");
}

/// It is on the log for ever: nobody is named in it.
#[test]
fn a_bank_reference_is_no_text() {
    let scene = Scene::allocated(1, "30000.00");
    let id = scene.prepare(&scene.award(0).0);
    assert_eq!(scene.authorise(&id).status, 200);
    let longest = "FT/2020-11.12/0123456789ABCDEFGHijkl";
    assert_eq!(longest.len(), 36);
    for (written, code) in [
        ("Ana Anic", "bank_reference"),
        (" B-1", "bank_reference"),
        ("B-1 ", "bank_reference"),
        ("Ana_Anic", "bank_reference"),
        ("Anić", "bank_reference"),
        ("Б-1", "bank_reference"),
        ("a@b", "bank_reference"),
        ("٣", "bank_reference"),
        (longest, "too_long"),
        ("", "missing"),
    ] {
        let refused = scene.execute(&id, "30000.00", written);
        assert_eq!(
            (refused.status, refused.wrong_fields()),
            (422, vec![format!("bank_reference: {code}")]),
            "{written}"
        );
    }
    let right = &longest[..35];
    let executed = scene.execute(&id, "30000.00", right);
    assert_eq!(executed.json()["executions"][0]["bank_reference"], json!(right), "{executed:?}");
}

#[test]
fn what_the_bank_returns_is_paid_again() {
    let scene = Scene::allocated(1, "30000.00");
    let treasurer = &scene.round.treasurer;
    let (award, number) = scene.award(0);
    let id = scene.prepare(&award);
    let back = format!("payouts/{id}/return");
    let body = json!({"returned_on": today()});
    is(&scene.move_at(treasurer, &back, &scene.etag_of(&id), body.clone()), 409, "payout_state");
    assert_eq!(scene.authorise(&id).status, 200);
    assert_eq!(scene.execute(&id, "30000.00", "B-1").status, 200);
    is(&scene.decline(number), 409, "application_state");
    assert_eq!(
        scene.move_at(treasurer, &back, &scene.etag_of(&id), json!({"returned_on": "2999-01-01"})).wrong_fields(),
        ["returned_on: future"]
    );
    is(&scene.move_at(treasurer, &back, "\"1\"", body.clone()), 412, "stale");
    let returned = scene.move_at(treasurer, &back, &scene.etag_of(&id), body);
    assert_eq!(
        (returned.status, &returned.json()["executions"][0]["returned_on"]),
        (200, &json!(today())),
        "{returned:?}"
    );
    assert_eq!(scene.balance("bank"), "1000000.00");
    assert_eq!(scene.prepare(&award), id);
    let cancel = format!("payouts/{id}/cancel");
    is(&scene.move_at(treasurer, &cancel, "\"1\"", json!({})), 412, "stale");
    let cancelled = scene.move_at(treasurer, &cancel, &scene.etag_of(&id), json!({}));
    assert_eq!((cancelled.status, &cancelled.json()["state"]), (200, &json!("cancelled")));
    assert_eq!(scene.prepare(&award), id);
    assert_eq!(scene.authorise(&id).status, 200);
    assert_eq!(scene.execute(&id, "30000.00", "B-2").status, 200);
    let budget = scene.read(treasurer, &scene.path("budget"));
    assert_eq!((&budget["paid"], &budget["awarded"]), (&json!("30000.00"), &json!("30000.00")));
}

/// In Belgrade the day begins an hour or two before it does in UTC.
#[test]
fn the_bank_pays_on_the_day_of_the_authorisation_at_the_earliest() {
    let scene = Scene::allocated(1, "30000.00");
    let treasurer = &scene.round.treasurer;
    let (award, _) = scene.award(0);
    let id = scene.prepare(&award);
    assert_eq!(scene.authorise(&id).status, 200);
    let payout = scene.id(&id);
    let authorised_at = |moment: &str| {
        let at: Instant = moment.parse().unwrap();
        scene.sql(&format!("UPDATE payouts SET authorised_at = {} WHERE id = {payout}", at.micros()));
    };
    let execute = |on: &str, reference: &str| {
        let body = json!({"amount": "30000.00", "executed_on": on, "bank_reference": reference});
        scene.move_at(treasurer, &format!("payouts/{id}/execute"), &scene.etag_of(&id), body)
    };
    let is_too_early = |reply: &Reply| {
        let wrong = ["executed_on: before_authorisation".to_owned()];
        assert_eq!((reply.status, reply.wrong_fields()), (422, wrong.to_vec()), "{reply:?}");
    };
    authorised_at("2021-05-31T22:00:00Z");
    is_too_early(&execute("1985-01-01", "B-1"));
    is_too_early(&execute("2021-05-31", "B-1"));
    assert_eq!(scene.balance("bank"), "1000000.00");
    assert_eq!(execute("2021-06-01", "B-1").status, 200);
    let back = json!({"returned_on": "2021-06-02"});
    assert_eq!(scene.move_at(treasurer, &format!("payouts/{id}/return"), &scene.etag_of(&id), back).status, 200);
    // It is authorised anew, and that day counts.
    assert_eq!(scene.prepare(&award), id);
    assert_eq!(scene.authorise(&id).status, 200);
    is_too_early(&execute("2021-06-03", "B-2"));
    authorised_at("2021-06-03T21:59:59Z");
    assert_eq!(execute("2021-06-03", "B-2").status, 200);
}

#[test]
fn authorising_asks_for_a_fresh_code_and_another_person() {
    let scene = Scene::allocated(1, "30000.00");
    let (award, _) = scene.award(0);
    let id = scene.prepare(&award);
    sql::let_proof_grow_old(scene.api(), &scene.round.authoriser, 6);
    is(&scene.authorise(&id), 403, "step_up_required");
    sql::let_proof_grow_old(scene.api(), &scene.round.authoriser, -6);
    let (payout, person) = (scene.id(&id), scene.id(&scene.round.authoriser.person));
    scene.sql(&format!("UPDATE payouts SET prepared_by = {person} WHERE id = {payout}"));
    is(&scene.authorise(&id), 409, "own_payout");
}

#[test]
fn what_changed_after_it_was_prepared_is_not_paid() {
    let scene = Scene::allocated(2, "45000.00");
    let (award, number) = scene.award(0);
    let id = scene.prepare(&award);
    // A finding that comes now stops it before it is authorised.
    scene.hold(&scene.applications[number], "awarded");
    is(&scene.authorise(&id), 409, "not_awarded");
    // As if the account had been edited: what it is bound to is not what is stored.
    let (other, _) = scene.award(1);
    let other = scene.prepare(&other);
    let (one, another) = (scene.id(&id), scene.id(&other));
    scene.sql(&format!(
        "UPDATE payouts SET binding = (SELECT binding FROM payouts WHERE id = {one}) WHERE id = {another}"
    ));
    is(&scene.authorise(&other), 409, "payout_changed");
    scene.sql(&format!("UPDATE payouts SET state = 'authorised' WHERE id = {another}"));
    is(&scene.execute(&other, "22500.00", "B-1"), 409, "payout_changed");
}

#[test]
fn a_check_that_finds_something_holds_the_money_and_is_kept() {
    let scene = Scene::allocated(2, "45000.00");
    let (award, number) = scene.award(0);
    let (own, other) = (scene.id(&scene.applications[number]), scene.id(&scene.applications[1 - number]));
    scene.sql(&format!("UPDATE applications SET account_index = (SELECT account_index FROM applications WHERE id = {other}) WHERE id = {own}"));
    let (path, key) = (format!("awards/{award}/payout"), new_key());
    let held = scene.post_as(&scene.round.treasurer, &path, &key, json!({}));
    assert_eq!((held.status, &held.json()["outcome"]), (202, &json!("held")), "{held:?}");
    assert_eq!(
        (&held.json()["findings"], &held.json()["application_state"]),
        (&json!(["shared_bank_account"]), &json!("needs_review"))
    );
    assert_eq!(scene.post_as(&scene.round.treasurer, &path, &key, json!({})).body, held.body);
    is(&scene.post(&scene.round.treasurer, &path, json!({})), 409, "not_awarded");
    assert_eq!(sql::rows(&scene.api().database, "payouts"), 0);
}

#[test]
fn payouts_are_listed_without_names() {
    let scene = Scene::allocated(3, "60000.00");
    let (treasurer, path) = (&scene.round.treasurer, scene.path("payouts"));
    let ids: Vec<String> = (0..3).map(|rank| scene.prepare(&scene.award(rank).0)).collect();
    assert_eq!(scene.authorise(&ids[1]).status, 200);
    let found = |query: &str| -> Vec<String> {
        let page = scene.read(treasurer, &format!("{path}?{query}"));
        page["items"].as_array().unwrap().iter().map(|payout| payout["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(found(""), ids);
    assert_eq!(found("state=prepared"), [ids[0].clone(), ids[2].clone()]);
    assert_eq!(found("state=authorised"), [ids[1].clone()]);
    let first = scene.read(treasurer, &format!("{path}?limit=2"));
    assert_eq!(found(&format!("limit=2&cursor={}", first["next"].as_str().unwrap())), [ids[2].clone()]);
    let file = scene.get(&scene.round.authoriser, &format!("{path}.csv?state=prepared"));
    assert_eq!((file.status, file.body.lines().count()), (200, 3), "{file:?}");
    for text in [&file.body, &scene.get(treasurer, &path).body] {
        // An account begins its field; the digits alone may stand within an id.
        assert!(["Ana", "\"999", ",999"].iter().all(|of_a_person| !text.contains(of_a_person)), "{text}");
    }
    is(&scene.get(treasurer, &format!("{path}?state=x")), 400, "invalid");
}

#[test]
fn nobody_pays_themselves() {
    let scene = Scene::allocated(2, "45000.00");
    let [(award, number), (other, other_number)] = [scene.award(0), scene.award(1)];
    let set_owner = |number: usize, owner: &str| {
        let person = scene.id(owner);
        scene.set_application(&scene.applications[number], &format!("person_id = {person}"));
    };
    set_owner(number, &scene.round.treasurer.person);
    is(&scene.post(&scene.round.treasurer, &format!("awards/{award}/payout"), json!({})), 409, "own_award");
    let payout = scene.prepare(&other);
    let shown = scene.read(&scene.round.authoriser, &format!("payouts/{payout}"));
    set_owner(other_number, &scene.round.authoriser.person);
    let body = json!({"binding": shown["binding"]});
    let path = format!("payouts/{payout}/authorise");
    is(&scene.move_at(&scene.round.authoriser, &path, "\"1\"", body), 409, "own_award");
}
