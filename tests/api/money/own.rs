//! What somebody gets of themselves once money is shared out: decisions, their reasons, and what the bank did.

use fond::applications::actions::{self as applications, erasing};
use fond::clock::Instant;
use fond::eligibility::{Finding, Resolution, actions as eligibility};
use fond::version::Seen;
use serde_json::json;

use super::Scene;
use crate::own_data::data;
use crate::support::people;

#[test]
fn what_was_decided_and_paid_is_told_to_whom_it_was_about() {
    let scene = Scene::allocated(2, "30000.00");
    let (api, fond) = (scene.api(), scene.api().database.open());
    let (award, number) = scene.award(0);
    let id = scene.applications[number].parse().unwrap();
    scene.hold(&scene.applications[number], "awarded");
    let decide = |conn: &mut fond::db::Conn| {
        let administrator = people::officer(conn, &fond, fond::accounts::Role::Administrator, Instant::now())?;
        let decision = (Finding::OtherAidPossible, Resolution::Dismissed);
        let application = applications::find(conn, id)?;
        eligibility::resolve(
            conn,
            &fond.vault,
            &administrator,
            (application, Seen::ANY),
            decision,
            "Another person.",
            Instant::now(),
        )
    };
    fond.db.write(decide).unwrap();
    let payout = scene.prepare(&award);
    assert_eq!(scene.authorise(&payout).status, 200);
    assert_eq!(scene.execute(&payout, "20000.00", "FT1").status, 200);

    let told = &data(api, &scene.applicants[number])["applications"][0];
    assert_eq!((&told["category"], &told["discipline"]), (&json!(1), &json!("dance")), "{told:#}");
    assert!(told.as_object().unwrap().contains_key("association"));
    assert_eq!(told["sent"]["jmbg"], people::jmbg(number + 1));
    let resolution = &told["resolutions"][0];
    assert_eq!((&resolution["resolution"], &resolution["reason"]), (&json!("dismissed"), &json!("Another person.")));
    assert_eq!(told["decision"]["outcome"], "approved");
    assert_eq!(told["award"]["gross"], "20000.00");
    assert_eq!(told["payout"]["state"], "executed");
    let at_the_bank = json!([{"executed_on": super::today(), "bank_reference": "FT1", "returned_on": null}]);
    assert_eq!(told["payout"]["at_the_bank"], at_the_bank);
    // What tells how each member voted is nobody's but the fund's.
    for secret in ["approvals", "rejections", "score_sum", "seat_id"] {
        assert!(!told.to_string().contains(secret), "{secret}");
    }

    // Whoever declined has an award that was released.
    let other = 1 - number;
    let waiting = &data(api, &scene.applicants[other])["applications"][0];
    assert_eq!((&waiting["award"], &waiting["payout"]), (&json!(null), &json!(null)), "{waiting:#}");
    assert_eq!(waiting["reserve_rank"], 2);

    // Why they needed help is forgotten at its term; the rest is theirs still.
    fond.db.write(|conn| erasing::erase_need(conn, &fond.vault, id, Instant::now())).unwrap();
    let told = &data(api, &scene.applicants[number])["applications"][0];
    assert_eq!(told["sent"]["identity"]["jmbg"], people::jmbg(number + 1), "{told:#}");
    assert_eq!((&told["resolutions"][0]["reason"], &told["is_unreadable"]), (&json!(null), &json!(false)));
    assert_eq!(told["payout"]["at_the_bank"], at_the_bank);
    fond.db.write(|conn| erasing::erase_identity(conn, &fond.vault, id, Instant::now())).unwrap();
    let told = &data(api, &scene.applicants[number])["applications"][0];
    assert_eq!((&told["sent"], &told["payout"]["at_the_bank"]), (&json!(null), &at_the_bank), "{told:#}");
}

#[test]
fn an_award_that_was_given_back_is_told_with_its_end() {
    let scene = Scene::allocated(1, "30000.00");
    assert_eq!(scene.decline(0).status, 200);
    let told = &data(scene.api(), &scene.applicants[0])["applications"][0];
    assert_eq!((&told["state"], &told["award"]["release"]["reason"]), (&json!("declined"), &json!("declined")));
}

/// Taken back because of a finding and given again: it stands, and is told so.
#[test]
fn an_award_that_was_given_again_is_told_without_an_end() {
    let scene = Scene::allocated(1, "30000.00");
    let award = scene.id(&scene.award(0).0);
    let told = || data(scene.api(), &scene.applicants[0])["applications"][0]["award"].clone();
    let row = format!("({award}, 0, 'ineligible', 1)");
    scene.sql(&format!("INSERT INTO award_releases (award_id, turn, reason, released_at) VALUES {row}"));
    assert_eq!(told()["release"]["reason"], "ineligible");
    scene.sql(&format!("INSERT INTO award_reinstatements (award_id, turn, reinstated_at) VALUES ({award}, 0, 2)"));
    let again = told();
    assert!(again["gross"].is_string() && again["release"].is_null(), "{again}");
}
