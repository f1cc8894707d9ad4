//! Sixteen at once: whatever moves money happens once, and the same key is answered with the same bytes.

use serde_json::{Value, json};

use super::{Scene, new_key, today};
use crate::sql;
use crate::support::api::{Reply, User};

const CLIENTS: usize = 16;

/// Sends the same from sixteen clients at once, each with a key of its own or all with one.
fn all_at_once(
    scene: &Scene,
    user: &User,
    path: &str,
    etag: Option<&str>,
    body: &Value,
    key: Option<&str>,
) -> Vec<Reply> {
    let send = || {
        let own = new_key();
        let ask = scene.api().ask("POST", path).by(user).header("Idempotency-Key", key.unwrap_or(&own));
        let ask = etag.into_iter().fold(ask, |ask, etag| ask.header("If-Match", etag));
        ask.json(body.clone()).send()
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(send)).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    })
}

/// One succeeds, the others are told why not.
#[track_caller]
fn one_succeeds(replies: &[Reply], codes: &[&str]) {
    let (done, others): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| matches!(reply.status, 200 | 201));
    assert_eq!(done.len(), 1, "{replies:?}");
    for other in others {
        assert!(codes.contains(&other.code().as_str()), "{other:?}");
    }
}

#[track_caller]
fn all_are_answered_alike(replies: &[Reply]) {
    for reply in replies {
        assert!(matches!(reply.status, 200 | 201), "{reply:?}");
        assert_eq!((reply.status, &reply.body), (replies[0].status, &replies[0].body));
    }
}

#[test]
fn an_allocation_is_committed_once() {
    for key in [None, Some("one")] {
        let scene = Scene::decided(3);
        scene.give("100000.00");
        scene.set_budget("45000.00");
        scene.seed();
        let body = json!({"digest": scene.digest()});
        let replies = all_at_once(&scene, &scene.round.treasurer, &scene.path("allocation"), None, &body, key);
        match key {
            None => one_succeeds(&replies, &["call_state"]),
            Some(_) => all_are_answered_alike(&replies),
        }
        assert_eq!(sql::rows(&scene.api().database, "awards"), 2);
        assert_eq!(scene.balance("awards_payable"), "-40000.00");
    }
}

#[test]
fn a_payout_moves_once() {
    let scene = Scene::allocated(2, "45000.00");
    let (treasurer, authoriser) = (&scene.round.treasurer, &scene.round.authoriser);
    for (rank, key) in [None, Some("one")].into_iter().enumerate() {
        let check = |replies: &[Reply]| match key {
            None => one_succeeds(replies, &["payout_state", "stale", "not_awarded", "already_paid"]),
            Some(_) => all_are_answered_alike(replies),
        };
        let key = |verb: &str| key.map(|key| format!("{key}-{verb}"));
        let (award, _) = scene.award(rank);
        let prepare = format!("awards/{award}/payout");
        check(&all_at_once(&scene, treasurer, &prepare, None, &json!({}), key("prepare").as_deref()));
        let payouts = scene.read(treasurer, &scene.path("payouts"));
        let id = payouts["items"][rank]["id"].as_str().unwrap().to_owned();
        let shown = scene.get(authoriser, &format!("payouts/{id}"));
        let (etag, body) = (shown.headers["etag"].as_str(), json!({"binding": shown.json()["binding"]}));
        let path = format!("payouts/{id}/authorise");
        check(&all_at_once(&scene, authoriser, &path, Some(etag), &body, key("authorise").as_deref()));
        let body = json!({"amount": "22500.00", "executed_on": today(), "bank_reference": format!("B-{rank}")});
        let path = format!("payouts/{id}/execute");
        check(&all_at_once(&scene, treasurer, &path, Some(&scene.etag_of(&id)), &body, key("execute").as_deref()));
    }
    assert_eq!(sql::rows(&scene.api().database, "executions"), 2);
    assert_eq!((scene.balance("awards_payable"), scene.balance("bank")), ("0.00".into(), "955000.00".into()));
}

#[test]
fn what_fell_free_is_given_once_and_a_payout_and_its_decline_exclude_each_other() {
    let scene = Scene::allocated(4, "45000.00");
    let (award, number) = scene.award(0);
    let (prepared, declined) = std::thread::scope(|scope| {
        let prepare = scope.spawn(|| scene.post(&scene.round.treasurer, &format!("awards/{award}/payout"), json!({})));
        let decline = scope.spawn(|| scene.decline(number));
        (prepare.join().unwrap(), decline.join().unwrap())
    });
    assert!((prepared.status == 201) != (declined.status == 200), "{prepared:?} {declined:?}");
    let (_, other) = scene.award(1);
    assert_eq!(scene.decline(other).status, 200);
    let fell_free = if declined.status == 200 { 2 } else { 1 };
    let path = scene.path("reserve-list/next");
    let replies = all_at_once(&scene, &scene.round.treasurer, &path, None, &json!({}), None);
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), fell_free, "{replies:?}");
    assert_eq!(scene.balance("awards_payable"), "-40000.00");
}
