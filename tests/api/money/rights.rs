//! Who may do what with the money: every route, every role; what is foreign and what is absent look alike.

use serde_json::json;

use super::{Scene, is};
use crate::merged::put_together;
use crate::support::api::User;
use crate::support::round::Round;

const ABSENT: &str = "0199f0c8-6f3f-7cc5-8a5e-0d5f3a1c2b4d";

#[test]
fn every_route_asks_who_it_is() {
    let scene = Scene::allocated(2, "25000.00");
    let (award, _) = scene.award(0);
    let payout = scene.prepare(&award);
    let round = &scene.round;
    let users: [(&str, &User); 7] = [
        ("applicant", &scene.applicants[0]),
        ("administrator", &round.administrators[0]),
        ("treasurer", &round.treasurer),
        ("authoriser", &round.authoriser),
        ("auditor", &round.auditor),
        ("chair", &round.chair),
        ("member", &round.members[0]),
    ];
    let books: &[&str] = &["treasurer", "authoriser", "auditor"];
    let payers: &[&str] = &["treasurer", "authoriser"];
    let allocation: &[&str] = &["administrator", "treasurer", "authoriser", "auditor"];
    let treasurer: &[&str] = &["treasurer"];
    let routes: &[(&str, &str, &[&str])] = &[
        ("GET", "calls/{call}/contributions", books),
        ("GET", "calls/{call}/contributions.csv", books),
        ("POST", "calls/{call}/contributions", treasurer),
        ("GET", "calls/{call}/accounts", books),
        ("GET", "calls/{call}/trial-balance", books),
        ("GET", "calls/{call}/entries", books),
        ("GET", "calls/{call}/entries.csv", books),
        ("GET", "calls/{call}/budget", books),
        ("PUT", "calls/{call}/budget", treasurer),
        ("POST", "calls/{call}/seed", &["administrator"]),
        ("GET", "calls/{call}/allocation/preview", treasurer),
        ("POST", "calls/{call}/allocation", treasurer),
        ("GET", "calls/{call}/allocation", allocation),
        ("GET", "calls/{call}/awards", payers),
        ("GET", "calls/{call}/awards.csv", payers),
        ("GET", "calls/{call}/reserve-list", allocation),
        ("POST", "calls/{call}/reserve-list/next", treasurer),
        ("GET", "calls/{call}/payouts", payers),
        ("GET", "calls/{call}/payouts.csv", payers),
        ("POST", "awards/{award}/payout", treasurer),
        ("GET", "payouts/{payout}", payers),
        ("POST", "payouts/{payout}/authorise", &["authoriser"]),
        ("POST", "payouts/{payout}/execute", treasurer),
        ("POST", "payouts/{payout}/return", treasurer),
        ("POST", "payouts/{payout}/cancel", treasurer),
    ];
    let body = |path: &str| match path.rsplit('/').next().unwrap() {
        "contributions" => json!({"donor": "X", "amount": "1.00", "received_on": "2020-08-01"}),
        "budget" => json!({"budget": "1.00"}),
        "seed" => json!({"seed": "x"}),
        "allocation" => json!({"digest": "x"}),
        "authorise" => json!({"binding": "x"}),
        "execute" => json!({"amount": "1.00", "executed_on": "2020-08-01", "bank_reference": "B"}),
        "return" => json!({"returned_on": "2020-08-01"}),
        _ => json!({}),
    };
    for (method, template, allowed) in routes {
        let send = |user: Option<&User>, [call, award, payout]: [&str; 3]| {
            let path = template.replace("{call}", call).replace("{award}", award).replace("{payout}", payout);
            let ask = scene.api().ask(method, &path);
            let ask = user.into_iter().fold(ask, |ask, user| ask.by(user));
            if *method == "GET" {
                return ask.send().status;
            }
            let ask = ask.header("If-Match", "\"999\"").header("Idempotency-Key", &super::new_key());
            ask.json(body(template)).send().status
        };
        let own = [round.call.as_str(), award.as_str(), payout.as_str()];
        assert_eq!(send(None, own), 401, "{method} {template}");
        for (role, user) in users {
            let status = send(Some(user), own);
            let is_allowed = allowed.contains(&role);
            assert_eq!(status == 403, !is_allowed, "{method} {template} by {role}: {status}");
            assert!(!matches!(status, 401 | 404 | 500), "{method} {template} by {role}: {status}");
            let absent = if is_allowed { 404 } else { 403 };
            assert_eq!(send(Some(user), [ABSENT; 3]), absent, "{method} {template} by {role}, absent");
            assert_eq!(send(Some(user), ["x"; 3]), absent, "{method} {template} by {role}, no id");
        }
    }
}

#[test]
fn a_role_on_another_call_sees_nothing_of_this_one() {
    let scene = Scene::allocated(1, "30000.00");
    let (award, _) = scene.award(0);
    let payout = scene.prepare(&award);
    let call = scene.id(&crate::support::round::call_now(scene.api(), "another"));
    let person = scene.id(&scene.round.treasurer.person);
    scene.sql(&format!("UPDATE role_grants SET call_id = {call} WHERE person_id = {person}"));
    for rest in
        ["contributions", "entries", "budget", "allocation", "allocation/preview", "awards", "payouts", "reserve-list"]
    {
        assert_eq!(scene.get(&scene.round.treasurer, &scene.path(rest)).status, 404, "{rest}");
    }
    assert_eq!(scene.get(&scene.round.treasurer, &format!("payouts/{payout}")).status, 404);
    assert_eq!(scene.post(&scene.round.treasurer, &format!("awards/{award}/payout"), json!({})).status, 404);
    assert_eq!(scene.post(&scene.round.treasurer, &scene.path("reserve-list/next"), json!({})).status, 404);
}

/// What they sent in was merged into the one that the fund had entered for them: the award is theirs.
#[test]
fn nobody_pays_what_their_own_was_merged_into() {
    let round = Round::open();
    let [treasurers, authorisers] =
        [(&round.treasurer, 50), (&round.authoriser, 60)].map(|(user, number)| round.application(user, number));
    let scene = Scene::allocated_in(round, 1, "30000.00");
    let (award, number) = scene.award(0);
    let into = &scene.applications[number];
    let administrator = scene.id(&scene.round.administrators[0].person);
    scene.set_application(into, &format!("entered_by = {administrator}"));
    put_together(&scene.round, &treasurers, into);
    let path = format!("awards/{award}/payout");
    is(&scene.post(&scene.round.treasurer, &path, json!({})), 409, "own_award");
    scene.set_application(&treasurers, "state = 'eligible', merged_into = NULL, merged_from = NULL");
    let payout = scene.prepare(&award);
    put_together(&scene.round, &authorisers, into);
    is(&scene.authorise(&payout), 409, "own_award");
}
