//! Preview, commit and reading of the allocation; the seed.

use fond::calls::Method;
use serde_json::json;

use super::{Scene, is, new_key};
use crate::sql;
use crate::support::api::Api;
use crate::support::round::Round;

#[test]
fn what_was_previewed_is_committed_and_nothing_else() {
    let scene = Scene::decided(3);
    let treasurer = &scene.round.treasurer;
    let (preview, allocation) = (scene.path("allocation/preview"), scene.path("allocation"));
    is(&scene.get(treasurer, &preview), 409, "seed_missing");
    is(&scene.get(treasurer, &allocation), 404, "not_found");
    scene.seed();
    scene.set_budget("45000.00");
    let seen = scene.read(treasurer, &preview);
    assert_eq!(seen["obstacles"], json!(["budget_above_funds"]), "{seen}");
    assert_eq!((&seen["awarded"], &seen["left"]), (&json!("40000.00"), &json!("5000.00")));
    let outcomes: Vec<_> =
        seen["places"].as_array().unwrap().iter().map(|place| place["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["awarded", "awarded", "reserve"]);
    assert_eq!(scene.read(treasurer, &preview), seen, "the same facts give the same");
    assert_eq!(sql::rows(&scene.api().database, "awards"), 0);
    is(&scene.post(treasurer, &allocation, json!({"digest": seen["digest"]})), 409, "budget_above_funds");
    scene.give("100000.00");

    is(&scene.post(treasurer, &allocation, json!({"digest": "x"})), 409, "allocation_changed");
    assert_eq!(scene.post(treasurer, &allocation, json!({})).wrong_fields(), ["digest: missing"]);
    scene.set_budget("45000.01");
    is(&scene.post(treasurer, &allocation, json!({"digest": seen["digest"]})), 409, "allocation_changed");
    scene.set_budget("45000.00");
    assert_eq!(scene.read(treasurer, &preview)["digest"], seen["digest"]);

    let (key, body) = (new_key(), json!({"digest": seen["digest"]}));
    let committed = scene.post_as(treasurer, &allocation, &key, body.clone());
    assert_eq!(committed.status, 201, "{committed:?}");
    assert_eq!(committed.headers["location"], format!("/api/v1/{allocation}"));
    assert_eq!(committed.json()["places"], seen["places"]);
    assert_eq!(scene.post_as(treasurer, &allocation, &key, body.clone()).body, committed.body);
    is(&scene.post(treasurer, &allocation, body), 409, "call_state");
    is(&scene.get(treasurer, &preview), 409, "call_state");
    for reader in [treasurer, &scene.round.authoriser, &scene.round.auditor, &scene.round.administrators[0]] {
        assert_eq!(scene.get(reader, &allocation).body, committed.body);
    }
    assert_eq!(
        (scene.balance("awards_payable"), scene.balance("undistributed")),
        ("-40000.00".into(), "-60000.00".into())
    );
}

#[test]
fn nothing_is_previewed_while_votes_are_secret() {
    let scene = Scene::decided(1);
    for state in ["published", "voting"] {
        scene.set_call_state(state);
        is(&scene.get(&scene.round.treasurer, &scene.path("allocation/preview")), 409, "call_state");
        is(&scene.post(&scene.round.treasurer, &scene.path("allocation"), json!({"digest": "x"})), 409, "call_state");
        is(&scene.post(&scene.round.administrators[0], &scene.path("seed"), json!({"seed": "x"})), 409, "call_state");
    }
}

#[test]
fn a_late_finding_holds_the_allocation() {
    let scene = Scene::decided(2);
    scene.give("6000000.00");
    scene.seed();
    scene.hold(&scene.applications[0], "approved");
    let seen = scene.read(&scene.round.treasurer, &scene.path("allocation/preview"));
    assert_eq!(seen["obstacles"], json!(["findings_open"]));
    is(
        &scene.post(&scene.round.treasurer, &scene.path("allocation"), json!({"digest": seen["digest"]})),
        409,
        "findings_open",
    );
}

#[test]
fn a_seed_is_recorded_once() {
    let scene = Scene::decided(0);
    let (administrator, path) = (&scene.round.administrators[0], scene.path("seed"));
    assert_eq!(scene.post(administrator, &path, json!({"seed": " "})).wrong_fields(), ["seed: missing"]);
    let key = new_key();
    let first = scene.post_as(administrator, &path, &key, json!({"seed": "Loto"}));
    assert_eq!((first.status, &first.json()["seed"]), (200, &json!("Loto")));
    assert_eq!(scene.post_as(administrator, &path, &key, json!({"seed": "Loto"})).body, first.body);
    is(&scene.post(administrator, &path, json!({"seed": "Loto"})), 409, "seed_recorded");
}

#[test]
fn awards_are_listed_without_names() {
    let scene = Scene::allocated(5, "60000.00");
    let (treasurer, path) = (&scene.round.treasurer, scene.path("awards"));
    let (_, first) = scene.award(0);
    assert_eq!(scene.decline(first).status, 200);
    let ranks = |query: &str| -> Vec<i64> {
        let page = scene.read(treasurer, &format!("{path}?{query}"));
        page["items"].as_array().unwrap().iter().map(|award| award["rank"].as_i64().unwrap()).collect()
    };
    assert_eq!((ranks(""), ranks("state=standing"), ranks("state=released")), (vec![1, 2, 3], vec![2, 3], vec![1]));
    let page = scene.read(treasurer, &format!("{path}?limit=2"));
    assert_eq!(ranks(&format!("limit=2&cursor={}", page["next"].as_str().unwrap())), [3]);
    let released = &page["items"][0];
    assert_eq!((&released["release"], &released["application_state"]), (&json!("declined"), &json!("declined")));
    let file = scene.get(&scene.round.authoriser, &format!("{path}.csv?state=standing"));
    assert_eq!((file.status, file.body.lines().count()), (200, 3), "{file:?}");
    assert!(!file.body.contains("Ana") && !scene.get(treasurer, &path).body.contains("Ana"));
    is(&scene.get(treasurer, &format!("{path}?state=paid")), 400, "invalid");
    is(&scene.get(treasurer, &format!("{path}?cursor=x")), 400, "invalid");
}

/// Below the minimum score, in no line; who is withdrawn or merged afterwards was in it all the same.
#[test]
fn whoever_was_left_unfunded_stays_in_the_allocation() {
    let round = Round::open_with(Api::start(), |rules| {
        rules.allocation.method = Method::ScoreOrder;
        rules.allocation.minimum_score = serde_json::from_value(json!(60)).unwrap();
    });
    let scene = Scene::allocated_in(round, 2, "45000.00");
    let allocation = || scene.read(&scene.round.auditor, &scene.path("allocation"));
    let committed = allocation();
    let places = committed["places"].as_array().unwrap();
    let outcomes: Vec<_> = places.iter().map(|place| (place["outcome"].clone(), place["rank"].clone())).collect();
    assert_eq!(outcomes, [(json!("unfunded"), json!(null)), (json!("unfunded"), json!(null))]);
    let [one, other] = [0_usize, 1].map(|number| scene.applications[number].clone());
    scene.set_application(&one, "state = 'withdrawn'");
    let into = scene.id(&one);
    scene.set_application(&other, &format!("state = 'merged', merged_into = {into}, merged_from = 'unfunded'"));
    assert_eq!(allocation(), committed);
}
