//! Contributions that were recorded wrongly: taken out of the books once, and not where an award needs them.

use serde_json::{Value, json};

use super::{Scene, is, new_key, today};
use crate::support::api::Reply;

/// Records a contribution; gives its id.
fn given(scene: &Scene, body: Value) -> String {
    let mut gift = json!({"donor": "Fund for an Open Society", "received_on": today()});
    gift.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    let reply = scene.post(&scene.round.treasurer, &scene.path("contributions"), gift);
    assert_eq!((reply.status, &reply.json()["reversed_at"]), (201, &Value::Null), "{reply:?}");
    reply.json()["id"].as_str().unwrap().to_owned()
}

fn path_of(contribution: &str) -> String {
    format!("contributions/{contribution}/reversal")
}

fn reverse(scene: &Scene, contribution: &str, reason: &str) -> Reply {
    scene.post(&scene.round.treasurer, &path_of(contribution), json!({"reason": reason}))
}

#[track_caller]
fn is_reversed(reply: &Reply, reason: &str) {
    assert_eq!((reply.status, &reply.json()["reversal_reason"]), (201, &json!(reason)), "{reply:?}");
    assert!(reply.json()["reversed_at"].is_string(), "{reply:?}");
}

/// The account says what the budget does, which counts contributions and awards.
#[track_caller]
fn undistributed_is(scene: &Scene, expected: &str) {
    let budget = scene.read(&scene.round.auditor, &scene.path("budget"));
    assert_eq!(budget["undistributed"], expected, "{budget}");
    assert_eq!(scene.balance("undistributed").trim_start_matches('-'), expected);
    assert_eq!(budget["bank_balance"], scene.balance("bank"));
}

fn count(scene: &Scene, what: &str) -> i64 {
    scene.api().database.number(&format!("SELECT COUNT(*) AS number FROM {what}"))
}

#[test]
fn what_was_mistyped_leaves_the_books_once() {
    let scene = Scene::decided(0);
    let (treasurer, auditor) = (&scene.round.treasurer, &scene.round.auditor);
    let body = json!({"donor": "A", "amount": "1000.00", "currency": "EUR", "rate": "117.1", "fee": "850.50"});
    let wrong = given(&scene, body);
    given(&scene, json!({"donor": "B", "amount": "100.00"}));
    let path = path_of(&wrong);
    let without_key = scene.api().ask("POST", &path).by(treasurer).json(json!({"reason": "mistyped"})).send();
    is(&without_key, 400, "idempotency_key_missing");
    for (body, field) in [
        (json!({}), "reason: missing"),
        (json!({"reason": "because"}), "reason: word"),
        (json!({"reason": "mistyped", "note": "x"}), "note: unknown"),
    ] {
        let reply = scene.post(treasurer, &path, body);
        assert_eq!((reply.status, reply.wrong_fields()), (422, vec![field.to_owned()]), "{reply:?}");
    }
    assert_eq!((count(&scene, "contribution_reversals"), scene.balance("bank")), (0, "116349.50".into()));

    let key = new_key();
    let first = scene.post_as(treasurer, &path, &key, json!({"reason": "mistyped"}));
    is_reversed(&first, "mistyped");
    assert_eq!(scene.post_as(treasurer, &path, &key, json!({"reason": "mistyped"})).body, first.body);
    is(&reverse(&scene, &wrong, "mistyped"), 409, "contribution_reversed");
    assert_eq!((scene.balance("bank"), scene.balance("fees")), ("100.00".into(), "0.00".into()));
    assert_eq!((scene.balance("donor:A"), scene.balance("donor:B")), ("0.00".into(), "-100.00".into()));
    let budget = scene.read(auditor, &scene.path("budget"));
    for (name, amount) in
        [("received", "100.00"), ("fees", "0.00"), ("available", "100.00"), ("bank_balance", "100.00")]
    {
        assert_eq!(budget[name], amount, "{name}: {budget}");
    }
    assert_eq!(scene.read(auditor, &scene.path("totals"))["received"], "100.00");

    let list = scene.read(auditor, &scene.path("contributions"));
    let of = |donor: &str| list["items"].as_array().unwrap().iter().find(|item| item["donor"] == donor).unwrap();
    assert_eq!(*of("A"), first.json());
    assert_eq!((&of("B")["reversed_at"], &of("B")["reversal_reason"]), (&Value::Null, &Value::Null));
    let file = scene.get(auditor, &scene.path("contributions.csv")).body;
    assert!(file.lines().next().unwrap().ends_with(",recorded_at,reversed_at,reversal_reason"), "{file}");
    assert_eq!(file.lines().filter(|line| line.ends_with(",mistyped")).count(), 1, "{file}");
    assert_eq!(file.lines().filter(|line| line.ends_with(",,")).count(), 1, "{file}");
    let entries = scene.read(auditor, &format!("{}?sort=-recorded_at", scene.path("entries")));
    assert_eq!(entries["items"][0]["key"], format!("reversal:{wrong}"), "{entries}");
    assert_eq!(entries["items"][0]["postings"].as_array().unwrap().len(), 4, "{entries}");
    assert_eq!(count(&scene, "events WHERE kind = 'contribution_reversed'"), 1);
    assert_eq!(count(&scene, "contribution_reversals"), 1);
}

#[test]
fn one_from_before_the_allocation_leaves_with_what_closed_it() {
    let scene = Scene::decided(2);
    scene.give("1000000.00");
    let twice = given(&scene, json!({"amount": "1000.00", "fee": "10.00"}));
    scene.set_budget("45000.00");
    scene.seed();
    let body = json!({"digest": scene.digest()});
    assert_eq!(scene.post(&scene.round.treasurer, &scene.path("allocation"), body).status, 201);
    undistributed_is(&scene, "955990.00");
    is_reversed(&reverse(&scene, &twice, "entered_twice"), "entered_twice");
    undistributed_is(&scene, "955000.00");
    // One that came after it likewise, also where the bank kept more than was given.
    let late = given(&scene, json!({"donor": "Late", "amount": "500.00", "fee": "700.00"}));
    undistributed_is(&scene, "954800.00");
    is_reversed(&reverse(&scene, &late, "taken_back"), "taken_back");
    undistributed_is(&scene, "955000.00");
    for account in ["fees", "donor:Late", "donor:Fund for an Open Society"] {
        assert_eq!(scene.balance(account), "0.00", "{account}");
    }
}

#[test]
fn what_the_awards_need_stays() {
    let scene = Scene::allocated(2, "45000.00");
    let list = scene.read(&scene.round.treasurer, &scene.path("contributions"));
    let first = list["items"][0]["id"].as_str().unwrap().to_owned();
    is(&reverse(&scene, &first, "mistyped"), 409, "contribution_needed");
    given(&scene, json!({"amount": "44999.99"}));
    is(&reverse(&scene, &first, "mistyped"), 409, "contribution_needed");
    assert_eq!(count(&scene, "contribution_reversals"), 0);
    undistributed_is(&scene, "999999.99");
    given(&scene, json!({"amount": "0.01"}));
    is_reversed(&reverse(&scene, &first, "mistyped"), "mistyped");
    undistributed_is(&scene, "0.00");
}

#[test]
fn what_fell_free_is_not_awarded_again_without_the_money() {
    let scene = Scene::allocated(2, "25000.00");
    let (treasurer, next) = (&scene.round.treasurer, scene.path("reserve-list/next"));
    let (_, awarded) = scene.award(0);
    assert_eq!(scene.decline(awarded).status, 200);
    let list = scene.read(treasurer, &scene.path("contributions"));
    is_reversed(&reverse(&scene, list["items"][0]["id"].as_str().unwrap(), "taken_back"), "taken_back");
    undistributed_is(&scene, "0.00");
    is(&scene.post(treasurer, &next, json!({})), 409, "nothing_fell_free");
    given(&scene, json!({"amount": "20000.00"}));
    let given_next = scene.post(treasurer, &next, json!({}));
    assert_eq!((given_next.status, &given_next.json()["outcome"]), (201, &json!("awarded")), "{given_next:?}");
    undistributed_is(&scene, "0.00");
}

/// A fee may be above its gift, as long as it takes nothing that is awarded; before the allocation nothing is.
#[test]
fn a_fee_takes_nothing_that_is_awarded() {
    let scene = Scene::decided(0);
    given(&scene, json!({"amount": "0.01", "fee": "1000000000.00"}));

    let scene = Scene::allocated(2, "45000.00");
    let path = scene.path("contributions");
    let gift = |fee: &str| json!({"donor": "Late", "amount": "0.01", "fee": fee, "received_on": today()});
    for fee in ["1000000000.00", "955000.02"] {
        is(&scene.post(&scene.round.treasurer, &path, gift(fee)), 409, "fee_above_funds");
    }
    assert_eq!(count(&scene, "contributions"), 1);
    undistributed_is(&scene, "955000.00");
    given(&scene, json!({"amount": "0.01", "fee": "955000.01"}));
    undistributed_is(&scene, "0.00");
    is(&scene.post(&scene.round.treasurer, &path, gift("0.02")), 409, "fee_above_funds");

    // Where nothing is awarded, what is undistributed does not fall below nothing all the same.
    let scene = Scene::allocated(0, "45000.00");
    let path = scene.path("contributions");
    is(&scene.post(&scene.round.treasurer, &path, gift("1000000.02")), 409, "fee_above_funds");
    given(&scene, json!({"amount": "0.01", "fee": "1000000.01"}));
    undistributed_is(&scene, "0.00");
    given(&scene, json!({"amount": "0.01", "fee": "0.01"}));
}
