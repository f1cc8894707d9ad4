//! The reserve list: who waits, and what they get when an award falls free.

use serde_json::json;

use super::{Scene, is, new_key};

#[test]
fn what_fell_free_goes_to_the_next_in_line() {
    let scene = Scene::allocated(5, "45000.00");
    let (treasurer, next) = (&scene.round.treasurer, scene.path("reserve-list/next"));
    let list = scene.read(&scene.round.auditor, &scene.path("reserve-list"));
    let line: Vec<_> = list["items"].as_array().unwrap().iter().map(|place| place["rank"].as_i64().unwrap()).collect();
    assert_eq!(line, [3, 4, 5]);
    let first = scene.read(&scene.round.auditor, &scene.path("reserve-list?limit=2"));
    let second = scene
        .read(&scene.round.auditor, &scene.path(&format!("reserve-list?cursor={}", first["next"].as_str().unwrap())));
    assert_eq!(second["items"][0], list["items"][2]);
    is(&scene.api().ask("POST", &next).by(treasurer).send(), 400, "idempotency_key_missing");
    is(&scene.post(treasurer, &next, json!({})), 409, "nothing_fell_free");
    let (_, number) = scene.award(0);
    assert_eq!(scene.decline(number).status, 200);
    let key = new_key();
    let awarded = scene.post_as(treasurer, &next, &key, json!({}));
    assert_eq!(awarded.status, 201, "{awarded:?}");
    let json = awarded.json();
    assert_eq!(
        (&json["outcome"], &json["amount"], &json["reference"]),
        (&json!("awarded"), &json!("20000.00"), &list["items"][0]["reference"])
    );
    assert_eq!(scene.post_as(treasurer, &next, &key, json!({})).body, awarded.body);
    is(&scene.post(treasurer, &next, json!({})), 409, "nothing_fell_free");
    assert_eq!(
        (scene.balance("awards_payable"), scene.balance("undistributed")),
        ("-40000.00".into(), "-960000.00".into())
    );
    // The allocation stays what it was; the award is among the awards, and is paid like any other.
    let places = &scene.read(treasurer, &scene.path("allocation"))["places"];
    assert_eq!((&places[2]["outcome"], &places[2]["amount"]), (&json!("reserve"), &json!(null)));
    let (award, _) = scene.award(2);
    assert_eq!(json["award_id"], award);
    scene.prepare(&award);
    let list = scene.read(&scene.round.auditor, &scene.path("reserve-list"));
    assert_eq!(list["items"][0]["state"], "awarded", "{list}");
}

#[test]
fn whoever_left_the_line_is_passed_over_and_whoever_waits_keeps_it_waiting() {
    let scene = Scene::allocated(4, "25000.00");
    let (treasurer, next) = (&scene.round.treasurer, scene.path("reserve-list/next"));
    let list = scene.read(treasurer, &scene.path("reserve-list"));
    let number = |place: usize| -> usize {
        list["items"][place]["reference"].as_str().unwrap()[1..].parse::<usize>().unwrap() - 1
    };
    let (_, awarded) = scene.award(0);
    assert_eq!(scene.decline(awarded).status, 200);
    scene.set_application(&scene.applications[number(0)], "state = 'withdrawn'");
    scene.hold(&scene.applications[number(1)], "reserve");
    is(&scene.post(treasurer, &next, json!({})), 409, "reserve_waits");
    scene.set_application(&scene.applications[number(1)], "state = 'ineligible', held_from = NULL");
    let reply = scene.post(treasurer, &next, json!({}));
    assert_eq!((reply.status, &reply.json()["reference"]), (201, &list["items"][2]["reference"]), "{reply:?}");
    is(&scene.post(treasurer, &next, json!({})), 409, "reserve_empty");
}

#[test]
fn the_next_is_checked_once_more() {
    let scene = Scene::allocated(2, "25000.00");
    let (treasurer, next) = (&scene.round.treasurer, scene.path("reserve-list/next"));
    let (_, awarded) = scene.award(0);
    assert_eq!(scene.decline(awarded).status, 200);
    let (own, other) = (scene.id(&scene.applications[1 - awarded]), scene.id(&scene.applications[awarded]));
    scene.sql(&format!("UPDATE applications SET account_index = (SELECT account_index FROM applications WHERE id = {other}) WHERE id = {own}"));
    let held = scene.post(treasurer, &next, json!({}));
    assert_eq!(
        (held.status, &held.json()["outcome"], &held.json()["award_id"]),
        (202, &json!("held"), &json!(null)),
        "{held:?}"
    );
    is(&scene.post(treasurer, &next, json!({})), 409, "reserve_waits");
    assert_eq!(scene.balance("awards_payable"), "0.00");
}
