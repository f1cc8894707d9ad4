//! What comes late: a register that nobody has compared yet, a finding that was confirmed in error, a merge taken apart.

use serde_json::json;

use super::way_back::{found, name_in_register, resolve, wait_for, wait_for_release};
use super::{Scene, is, today};
use crate::support::people;

/// While a register is not compared with the applications, nobody says that their money may go; not even a job that was given
/// up lets it.
#[test]
fn no_money_goes_before_a_new_register_was_compared() {
    let scene = Scene::allocated(2, "40000.00");
    let [(_, number), (award, _)] = [0, 1].map(|rank| scene.award(rank));
    let payout = scene.prepare(&award);
    assert_eq!(scene.authorise(&payout).status, 200);
    name_in_register(&scene, number);
    wait_for("the register to be compared", || found(&scene, number).1 == ["other_aid open"]);
    let set = |to: &str| scene.sql(&format!("UPDATE jobs SET {to} WHERE kind = 'recheck_register'"));
    // As another job than the one that the worker may be about to finish.
    let id = scene.id(&uuid::Uuid::now_v7().to_string());
    let waits = format!("id = {id}, done_at = NULL, due_at = 9000000000000000");
    for undone in [waits.as_str(), "dead_at = 1, failure = 'error'"] {
        set(undone);
        is(&scene.execute(&payout, "20000.00", "FT1"), 409, "register_compared");
    }
    set("dead_at = NULL, failure = NULL, done_at = 1");
    assert_eq!(scene.execute(&payout, "20000.00", "FT1").status, 200);
}

/// The same before a second person has authorised it.
#[test]
fn nothing_is_authorised_before_a_new_register_was_compared() {
    let scene = Scene::allocated(2, "40000.00");
    let (award, _) = scene.award(0);
    let payout = scene.prepare(&award);
    let other = scene.award(1).1;
    name_in_register(&scene, other);
    wait_for("the register to be compared", || found(&scene, other).1 == ["other_aid open"]);
    let job = "kind = 'recheck_register'";
    let id = scene.id(&uuid::Uuid::now_v7().to_string());
    scene.sql(&format!("UPDATE jobs SET id = {id}, done_at = NULL, due_at = 9000000000000000 WHERE {job}"));
    is(&scene.authorise(&payout), 409, "register_compared");
    scene.sql(&format!("UPDATE jobs SET done_at = 1 WHERE {job}"));
    assert_eq!(scene.authorise(&payout).status, 200);
}

/// Nor is it allocated, which whoever looks at the preview is told beforehand.
#[test]
fn nothing_is_allocated_before_a_new_register_was_compared() {
    let scene = Scene::decided(2);
    scene.give("6000000.00");
    scene.seed();
    // It names nobody who applied.
    name_in_register(&scene, 98);
    scene.set_call_state("voting_closed");
    let done = "SELECT COUNT(*) AS number FROM jobs WHERE kind = 'recheck_register' AND done_at IS NOT NULL";
    wait_for("the register to be compared", || scene.api().database.number(done) == 1);
    let preview = || scene.read(&scene.round.treasurer, &scene.path("allocation/preview"));
    assert_eq!(preview()["obstacles"], json!([]));
    let set = |to: &str| scene.sql(&format!("UPDATE jobs SET {to} WHERE kind = 'recheck_register'"));
    set("done_at = NULL, dead_at = 1, failure = 'error'");
    let seen = preview();
    assert_eq!(seen["obstacles"], json!(["register_compared"]), "{seen}");
    let commit = || scene.post(&scene.round.treasurer, &scene.path("allocation"), json!({"digest": seen["digest"]}));
    is(&commit(), 409, "register_compared");
    set("dead_at = NULL, failure = NULL, done_at = 1");
    assert_eq!(preview()["obstacles"], json!([]));
    assert_eq!(commit().status, 201);
}

/// A finding that was confirmed on somebody approved, and falls before the money is allocated, is asked about again.
#[test]
fn whoever_was_excluded_in_error_is_approved_again_until_the_allocation() {
    let scene = Scene::decided(2);
    // That something was put right before says nothing of it.
    let path = format!("me/applications/{}/corrections", scene.applications[0]);
    let seen = scene.version_of(&scene.applications[0]);
    let corrected = scene.move_at(&scene.applicants[0], &path, &seen, json!({"bank_account": people::account(99)}));
    assert_eq!((corrected.status, &corrected.json()["state"]), (200, &json!("approved")), "{corrected:?}");
    let register = name_in_register(&scene, 0);
    scene.set_call_state("voting_closed");
    wait_for("the finding", || found(&scene, 0).1 == ["other_aid open"]);
    resolve(&scene, 0, "other_aid", "confirmed");
    assert_eq!(found(&scene, 0).0, "ineligible");
    let administrator = &scene.round.administrators[0];
    assert_eq!(scene.post(administrator, &format!("{register}/withdraw"), json!({"reason": "wrong_file"})).status, 200);
    wait_for("the question", || found(&scene, 0) == ("needs_review".into(), vec!["excluded_before open".into()]));
    resolve(&scene, 0, "excluded_before", "dismissed");
    assert_eq!(found(&scene, 0).0, "approved");
}

/// After the allocation nobody is approved any more, whom it passed over.
#[test]
fn whoever_the_allocation_passed_over_does_not_come_back_into_it() {
    let scene = Scene::decided(3);
    let administrator = &scene.round.administrators[0];
    name_in_register(&scene, 0);
    scene.set_call_state("voting_closed");
    wait_for("the finding", || found(&scene, 0).1 == ["other_aid open"]);
    resolve(&scene, 0, "other_aid", "confirmed");
    let [_, merged, other] = scene.applications.clone().try_into().unwrap();
    let path = format!("applications/{merged}/merge");
    let put = scene.move_at(administrator, &path, &scene.version_of(&merged), json!({"into": other}));
    assert_eq!(put.status, 200, "{put:?}");
    scene.set_call_state("allocated");
    let path = format!("applications/{merged}/unmerge");
    is(&scene.move_at(administrator, &path, &scene.version_of(&merged), json!({})), 409, "allocated");
    let path = format!("applications/{}/findings/other_aid/resolutions", scene.applications[0]);
    let body = json!({"resolution": "dismissed", "reason": "Pogrešna evidencija."});
    let seen = scene.version_of(&scene.applications[0]);
    is(&scene.move_at(administrator, &path, &seen, body), 409, "allocated");
    assert_eq!(found(&scene, 0).0, "ineligible");
}

/// What was dismissed in error is confirmed once: nobody is asked again about what they have just said.
#[test]
fn what_was_dismissed_is_confirmed_at_once() {
    let settle = |scene: &Scene, number: usize, from: &str| {
        scene.hold(&scene.applications[number], from);
        for (resolution, state, status) in [("dismissed", from, "dismissed"), ("confirmed", "ineligible", "failed")] {
            resolve(scene, number, "other_aid_possible", resolution);
            assert_eq!(found(scene, number), (state.to_owned(), vec![format!("other_aid_possible {status}")]));
        }
    };
    let scene = Scene::allocated(3, "45000.00");
    let [first, second] = [0, 1].map(|rank| scene.award(rank).1);
    settle(&scene, first, "awarded");
    settle(&scene, 3 - first - second, "reserve");
    wait_for_release(&scene);
    assert_eq!(scene.balance("awards_payable"), "-20000.00");

    let scene = Scene::decided(1);
    settle(&scene, 0, "approved");
    resolve(&scene, 0, "other_aid_possible", "dismissed");
    assert_eq!(found(&scene, 0).0, "approved");
}

/// What the bank paid in spite of a finding is before a person once it gives the money back, whether somebody had confirmed the
/// finding or not; while it is paid there is nothing to decide.
#[test]
fn what_was_paid_despite_a_finding_and_returned_is_before_a_person() {
    let scene = Scene::allocated(2, "45000.00");
    let (administrator, treasurer) = (&scene.round.administrators[0], &scene.round.treasurer);
    for (rank, is_confirmed) in [(0, false), (1, true)] {
        let (award, number) = scene.award(rank);
        let (application, payout) = (scene.applications[number].as_str(), scene.prepare(&award));
        assert_eq!(scene.authorise(&payout).status, 200);
        scene.hold(application, "awarded");
        if is_confirmed {
            resolve(&scene, number, "other_aid_possible", "confirmed");
        }
        let body = json!({"amount": "22500.00", "executed_on": today(), "bank_reference": format!("B-{rank}"),
            "despite_finding": true});
        let execute = format!("payouts/{payout}/execute");
        let executed = scene.move_at(treasurer, &execute, &scene.etag_of(&payout), body);
        assert_eq!(executed.status, 200, "{executed:?}");
        if !is_confirmed {
            let path = format!("applications/{application}/findings/other_aid_possible/resolutions");
            let body = json!({"resolution": "dismissed", "reason": "Druga osoba."});
            is(&scene.move_at(administrator, &path, &scene.version_of(application), body), 409, "application_over");
        }
        assert_eq!(found(&scene, number).0, "paid");
        let (path, body) = (format!("payouts/{payout}/return"), json!({"returned_on": today()}));
        let returned = scene.move_at(treasurer, &path, &scene.etag_of(&payout), body);
        assert_eq!(returned.status, 200, "{returned:?}");
        assert_eq!(found(&scene, number), ("needs_review".into(), vec!["other_aid_possible open".into()]));
        is(&scene.post(treasurer, &format!("awards/{award}/payout"), json!({})), 409, "not_awarded");
        resolve(&scene, number, "other_aid_possible", "dismissed");
        assert_eq!(found(&scene, number).0, "awarded");
    }
}
