//! While a payment is under way: who is paid, and where, stays, and nothing that it is paid for is taken apart.

use serde_json::{Value, json};

use super::{Scene, is};
use crate::merged::enter;
use crate::sql;
use crate::support::api::Reply;
use crate::support::people;
use crate::support::round::Round;

/// Everything that says who is paid, or where; the last says more beside it.
fn of_the_payee() -> [Value; 5] {
    [
        json!({"given_name": "Iva"}),
        json!({"family_name": "Ivić"}),
        json!({"account_holder": "Iva Ivić"}),
        json!({"bank_account": people::account(77)}),
        json!({"bank_account": people::account(77), "phone": "+381601112223"}),
    ]
}

fn cancel(scene: &Scene, payout: &str) {
    let path = format!("payouts/{payout}/cancel");
    let cancelled = scene.move_at(&scene.round.treasurer, &path, &scene.etag_of(payout), json!({}));
    assert_eq!(cancelled.status, 200, "{cancelled:?}");
}

#[test]
fn who_is_paid_stays_while_the_payment_is_authorised() {
    let scene = Scene::allocated(1, "30000.00");
    let (award, number) = scene.award(0);
    let (ana, id) = (&scene.applicants[number], scene.applications[number].as_str());
    let path = format!("me/applications/{id}/corrections");
    let correct = |changes: Value| scene.move_at(ana, &path, &scene.version_of(id), changes);
    let corrected = |changes: Value| {
        let reply = correct(changes);
        assert_eq!((reply.status, &reply.json()["state"]), (200, &json!("awarded")), "{reply:?}");
    };
    // What is only prepared is not with the bank: authorising it is refused, and it is prepared anew.
    let payout = scene.prepare(&award);
    corrected(json!({"bank_account": people::account(76)}));
    is(&scene.authorise(&payout), 409, "payout_changed");
    cancel(&scene, &payout);
    assert_eq!(scene.prepare(&award), payout);
    assert_eq!(scene.authorise(&payout).status, 200);

    let before = sql::events(&scene.api().database, "application_corrected");
    for changes in of_the_payee() {
        is(&correct(changes), 409, "correction_fixed");
    }
    assert_eq!(sql::events(&scene.api().database, "application_corrected"), before);
    // To an administrator it is still not there: whoever has an account does it themselves.
    let others = format!("applications/{id}/corrections");
    let holder = json!({"account_holder": "Iva Ivić"});
    is(&scene.move_at(&scene.round.administrators[0], &others, "*", holder), 404, "not_found");
    corrected(json!({"phone": "+381601112223", "email": "ana.a@example.org"}));

    // Cancelled, it is put right and prepared anew, and what the bank does is recorded.
    cancel(&scene, &payout);
    corrected(json!({"bank_account": people::account(77)}));
    assert_eq!(scene.prepare(&award), payout);
    assert_eq!(scene.authorise(&payout).status, 200);
    is(&correct(json!({"bank_account": people::account(78)})), 409, "correction_fixed");
    assert_eq!(scene.execute(&payout, "30000.00", "B-1").status, 200);
    is(&correct(json!({"phone": "+381601112224"})), 409, "application_over");
}

/// An application that the fund entered is put right by an administrator, who may no more than its applicant could.
#[test]
fn who_is_paid_stays_for_somebody_without_an_account_too() {
    let round = Round::open();
    let entered = enter(&round, 1);
    let scene = Scene { round, applicants: Vec::new(), applications: vec![entered] };
    let (id, treasurer) = (scene.applications[0].as_str(), &scene.round.treasurer);
    scene.decide(id);
    scene.set_call_state("voting_closed");
    scene.give("1000000.00");
    scene.set_budget("30000.00");
    scene.seed();
    let committed = scene.post(treasurer, &scene.path("allocation"), json!({"digest": scene.digest()}));
    assert_eq!(committed.status, 201, "{committed:?}");
    let awards = scene.read(treasurer, &scene.path("awards"));
    let payout = scene.prepare(awards["items"][0]["id"].as_str().unwrap());
    assert_eq!(scene.authorise(&payout).status, 200);
    let path = format!("applications/{id}/corrections");
    let correct = |changes: Value| scene.move_at(&scene.round.administrators[0], &path, &scene.version_of(id), changes);
    for changes in of_the_payee() {
        is(&correct(changes), 409, "correction_fixed");
    }
    assert_eq!(sql::events(&scene.api().database, "application_corrected"), 0);
    assert_eq!(correct(json!({"phone": "+381601112223"})).status, 200);
    cancel(&scene, &payout);
    assert_eq!(correct(json!({"bank_account": people::account(77)})).status, 200);
}

/// The last of three that were merged one into the other is paid for all of them.
#[test]
fn nothing_is_taken_apart_while_the_last_of_a_chain_is_paid() {
    let scene = Scene::allocated(3, "20000.00");
    let (award, paid) = scene.award(0);
    let others: Vec<&str> =
        (0..3).filter(|number| *number != paid).map(|number| scene.applications[number].as_str()).collect();
    let (first, second, last) = (others[0], others[1], scene.applications[paid].as_str());
    let step = |id: &str, step: &str, body: Value| -> Reply {
        let path = format!("applications/{id}/{step}");
        scene.move_at(&scene.round.administrators[0], &path, &scene.version_of(id), body)
    };
    for (id, into) in [(first, second), (second, last)] {
        let merged = step(id, "merge", json!({"into": into}));
        assert_eq!(merged.status, 200, "{merged:?}");
    }
    let payout = scene.prepare(&award);
    let stay = || [first, second].map(|id| is(&step(id, "unmerge", json!({})), 409, "payout_running"));
    stay();
    assert_eq!(scene.authorise(&payout).status, 200);
    stay();
    cancel(&scene, &payout);
    let apart = step(first, "unmerge", json!({}));
    assert_eq!((apart.status, &apart.json()["state"]), (200, &json!("reserve")), "{apart:?}");
}
