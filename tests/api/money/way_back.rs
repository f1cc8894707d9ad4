//! An award given back by its applicant, or released because a late finding was confirmed.

use std::time::{Duration, Instant as Stopwatch};

use fond::clock::Instant;
use fond::eligibility::actions as eligibility;
use serde_json::json;

use super::{Scene, is, new_key, today};
use crate::support::people;

#[test]
fn an_applicant_gives_an_award_back() {
    let scene = Scene::allocated(3, "45000.00");
    let (award, number) = scene.award(0);
    let (applicant, application) = (&scene.applicants[number], scene.applications[number].clone());
    let path = format!("me/applications/{application}/decline");
    let etag = scene.version_of(&application);
    is(&scene.post(applicant, &path, json!({})), 428, "precondition_required");
    is(&scene.move_at(applicant, &path, "\"1\"", json!({})), 412, "stale");
    let other = &scene.applicants[(number + 1) % 3];
    is(&scene.move_at(other, &path, &etag, json!({})), 404, "not_found");
    is(&scene.move_at(&scene.round.administrators[0], &path, &etag, json!({})), 404, "not_found");
    is(&scene.move_at(applicant, "me/applications/x/decline", &etag, json!({})), 404, "not_found");

    let payout = scene.prepare(&award);
    is(&scene.decline(number), 409, "payment_running");
    assert_eq!(scene.authorise(&payout).status, 200);
    is(&scene.decline(number), 409, "payment_running");
    let cancel = format!("payouts/{payout}/cancel");
    assert_eq!(scene.move_at(&scene.round.treasurer, &cancel, &scene.etag_of(&payout), json!({})).status, 200);

    let key = new_key();
    let etag = scene.version_of(&application);
    let send = || {
        let ask = scene.api().ask("POST", &path).by(applicant).header("Idempotency-Key", &key);
        ask.header("If-Match", &etag).json(json!({})).send()
    };
    let declined = send();
    assert_eq!((declined.status, &declined.json()["state"]), (200, &json!("declined")), "{declined:?}");
    assert_eq!(send().body, declined.body);
    is(&scene.decline(number), 409, "application_state");
    assert_eq!(
        (scene.balance("awards_payable"), scene.balance("undistributed")),
        ("-20000.00".into(), "-980000.00".into())
    );
    is(&scene.post(&scene.round.treasurer, &format!("awards/{award}/payout"), json!({})), 409, "not_awarded");
    // Nobody looks at the account of somebody who is not awarded any more.
    let shown = scene.read(&scene.round.authoriser, &format!("payouts/{payout}"));
    assert!(shown["payee"].is_null(), "{shown}");
    for kind in ["award_declined", "award_released"] {
        let count = format!("SELECT COUNT(*) AS number FROM events WHERE kind = '{kind}'");
        assert_eq!(scene.api().database.number(&count), 1, "{kind}");
    }
}

#[test]
fn whoever_waits_for_a_decision_on_a_finding_can_give_it_back_too() {
    let scene = Scene::allocated(1, "30000.00");
    let (_, number) = scene.award(0);
    scene.hold(&scene.applications[number], "awarded");
    assert_eq!(scene.decline(number).status, 200);
    assert_eq!(scene.balance("awards_payable"), "0.00");
}

/// Confirms the finding that holds an application, as its administrator does.
fn confirm(scene: &Scene, number: usize) {
    resolve(scene, number, "other_aid_possible", "confirmed");
}

pub fn wait_for(what: &str, mut is_there: impl FnMut() -> bool) {
    let began = Stopwatch::now();
    while !is_there() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what} did not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn wait_for_release(scene: &Scene) {
    wait_for("the release", || {
        let released = scene.read(&scene.round.treasurer, &scene.path("awards?state=released"));
        released["items"][0]["release"] == "ineligible"
    });
}

/// Waits until the job that releases awards has run; says how many awards it released.
fn released_by_job(scene: &Scene) -> i64 {
    let database = &scene.api().database;
    let open = "SELECT COUNT(*) AS number FROM jobs WHERE kind = 'release_award' AND done_at IS NULL";
    wait_for("the job", || database.number(open) == 0);
    database.number("SELECT COUNT(*) AS number FROM award_releases")
}

#[test]
fn what_was_authorised_is_stopped_and_the_treasurer_says_what_became_of_it() {
    let scene = Scene::allocated(2, "45000.00");
    let treasurer = &scene.round.treasurer;
    let [(paid, payee), (unpaid, other)] = [scene.award(0), scene.award(1)];
    let [paid, unpaid] = [paid, unpaid].map(|award| scene.prepare(&award));
    for (payout, number) in [(&paid, payee), (&unpaid, other)] {
        assert_eq!(scene.authorise(payout).status, 200);
        scene.hold(&scene.applications[number], "awarded");
        is(&scene.execute(payout, "22500.00", "B-0"), 409, "payment_stopped");
        confirm(&scene, number);
        is(&scene.execute(payout, "22500.00", "B-0"), 409, "payment_stopped");
    }
    assert_eq!(released_by_job(&scene), 0, "the money may be at the bank");
    // The bank had paid the first: that is recorded, and what comes back goes the way of every return.
    let body = json!({"amount": "22500.00", "executed_on": today(), "bank_reference": "B-1", "despite_finding": true});
    let execute = format!("payouts/{paid}/execute");
    assert_eq!(scene.move_at(treasurer, &execute, &scene.etag_of(&paid), body).status, 200);
    let told = "SELECT COUNT(*) AS number FROM events WHERE kind = 'payout_executed' AND %";
    let like = match scene.api().database.is_postgres() {
        true => "convert_from(canonical, 'UTF8') LIKE '%\"despite_finding\":true%'",
        false => "CAST(canonical AS TEXT) LIKE '%\"despite_finding\":true%'",
    };
    assert_eq!(scene.api().database.number(&told.replace('%', like)), 1);
    assert_eq!((scene.balance("bank"), released_by_job(&scene)), ("977500.00".into(), 0));
    // It had not paid the second: the treasurer cancels it, and only then is the award free.
    let cancel = format!("payouts/{unpaid}/cancel");
    assert_eq!(scene.move_at(treasurer, &cancel, &scene.etag_of(&unpaid), json!({})).status, 200);
    wait_for_release(&scene);
    assert_eq!(released_by_job(&scene), 1);
    assert_eq!((scene.balance("awards_payable"), scene.balance("undistributed")), ("0.00".into(), "-977500.00".into()));
    let back = json!({"returned_on": today()});
    let returned = scene.move_at(treasurer, &format!("payouts/{paid}/return"), &scene.etag_of(&paid), back);
    assert_eq!(returned.status, 200, "{returned:?}");
}

#[test]
fn a_confirmed_finding_releases_the_award_and_cancels_what_was_prepared() {
    let scene = Scene::allocated(2, "45000.00");
    let (award, number) = scene.award(0);
    let payout = scene.prepare(&award);
    scene.hold(&scene.applications[number], "awarded");
    confirm(&scene, number);
    wait_for_release(&scene);
    assert_eq!(scene.read(&scene.round.treasurer, &format!("payouts/{payout}"))["state"], "cancelled");
    assert_eq!(
        (scene.balance("awards_payable"), scene.balance("undistributed")),
        ("-22500.00".into(), "-977500.00".into())
    );
    is(&scene.execute(&payout, "22500.00", "B-1"), 409, "payout_state");
    is(&scene.post(&scene.round.treasurer, &format!("awards/{award}/payout"), json!({})), 409, "not_awarded");
}

#[test]
fn a_release_that_runs_twice_is_booked_once_and_leaves_alone_what_was_paid() {
    let scene = Scene::allocated(2, "45000.00");
    let database = &scene.api().database;
    let fond = database.open();
    let (award, number) = scene.award(0);
    let payout = scene.prepare(&award);
    assert_eq!(scene.authorise(&payout).status, 200);
    assert_eq!(scene.execute(&payout, "22500.00", "B-1").status, 200);
    let (_, other) = scene.award(1);
    let release = |number: usize| {
        let subject: uuid::Uuid = scene.applications[number].parse().unwrap();
        let enqueue = |conn: &mut fond::db::Conn| {
            fond::jobs::enqueue(conn, fond::jobs::JobKind::ReleaseAward, subject, Instant::now())
        };
        fond.db.write(enqueue).unwrap();
    };
    // Not ineligible: nothing happens. Then it is, and the job comes twice.
    release(other);
    let done = |count: i64| {
        let sql = "SELECT COUNT(*) AS number FROM jobs WHERE kind = 'release_award' AND done_at IS NOT NULL";
        wait_for("the job", || database.number(sql) == count);
    };
    done(1);
    scene.set_application(&scene.applications[other], "state = 'ineligible'");
    scene.set_application(&scene.applications[number], "state = 'ineligible'");
    release(other);
    release(other);
    release(number);
    done(4);
    assert_eq!(database.number("SELECT COUNT(*) AS number FROM award_releases"), 1);
    assert_eq!(database.number("SELECT COUNT(*) AS number FROM events WHERE kind = 'award_released'"), 1);
    assert_eq!(scene.read(&scene.round.treasurer, &format!("payouts/{payout}"))["state"], "executed");
    assert_eq!((scene.balance("awards_payable"), scene.balance("bank")), ("0.00".into(), "977500.00".into()));
}

/// Checks an application again, as a register that came into force or was withdrawn makes it.
fn check_anew(scene: &Scene, number: usize) {
    let (fond, id) = (scene.api().database.open(), scene.applications[number].parse().unwrap());
    fond.db.write(|conn| eligibility::check_anew(conn, &fond.vault, id, Instant::now())).unwrap();
}

/// While an award stands whose finding was confirmed, nothing takes the application away from under it; where the finding
/// falls, the award stands as before.
#[test]
fn what_stands_is_neither_withdrawn_nor_merged_and_comes_back_when_the_finding_falls() {
    let scene = Scene::allocated(2, "45000.00");
    let [(award, number), (_, other)] = [scene.award(0), scene.award(1)];
    let application = scene.applications[number].clone();
    let payout = scene.prepare(&award);
    assert_eq!(scene.authorise(&payout).status, 200);
    scene.hold(&application, "awarded");
    let merge = format!("applications/{application}/merge");
    let into = json!({"into": scene.applications[other]});
    let try_both = |state: &str| {
        let withdraw = format!("me/applications/{application}/withdraw");
        let withdrawn = scene.move_at(&scene.applicants[number], &withdraw, &scene.version_of(&application), json!({}));
        is(&withdrawn, 409, "application_state");
        let merged = scene.move_at(&scene.round.administrators[0], &merge, "*", into.clone());
        assert_eq!(merged.status, 409, "{state}: {merged:?}");
    };
    try_both("held");
    confirm(&scene, number);
    try_both("confirmed");
    assert_eq!(released_by_job(&scene), 0, "the money may be at the bank");
    check_anew(&scene, number);
    let state = scene.read(&scene.applicants[number], &format!("me/applications/{application}"))["state"].clone();
    assert_eq!(state, "awarded");
    assert_eq!(scene.execute(&payout, "22500.00", "B-7").status, 200);
    assert_eq!(scene.balance("awards_payable"), "-22500.00");
    // The bank cannot give back what it has not paid yet.
    let back = json!({"returned_on": "1985-01-01"});
    let returned = scene.move_at(&scene.round.treasurer, &format!("payouts/{payout}/return"), "*", back);
    assert_eq!((returned.status, returned.wrong_fields()), (422, vec!["returned_on: before_execution".to_owned()]));
}

/// Nobody waits for a voting that is over: what was not in it stays as the voting left it.
#[test]
fn after_the_voting_nobody_becomes_eligible_any_more() {
    let scene = Scene::allocated(2, "45000.00");
    let (_, number) = scene.award(0);
    let (application, other) = (scene.applications[number].clone(), scene.applications[(number + 1) % 2].clone());
    let database = &scene.api().database;
    let [id, into] = [&application, &other].map(|id| crate::sql::id(database, id));
    let set = |changes: &str| {
        crate::sql::execute(
            database,
            &format!("UPDATE applications SET {changes}, version = version + 1 WHERE id = {id}"),
        );
    };
    let state = || {
        let is =
            |state: &str| format!("SELECT COUNT(*) AS number FROM applications WHERE id = {id} AND state = '{state}'");
        ["ineligible", "merged", "eligible"].into_iter().find(|state| database.number(&is(state)) == 1)
    };
    set("state = 'ineligible', held_from = NULL");
    check_anew(&scene, number);
    assert_eq!(state(), Some("ineligible"));
    set(&format!("state = 'merged', merged_into = {into}, merged_from = 'eligible'"));
    let unmerge = format!("applications/{application}/unmerge");
    is(&scene.move_at(&scene.round.administrators[0], &unmerge, "*", json!({})), 409, "voting_closed");
    check_anew(&scene, number);
    assert_eq!(state(), Some("merged"));
    let programme = json!({"code": "LATE", "provider": "X", "level": "republic", "is_universal": false,
        "effect": "disqualify", "title": "Late"});
    is(&scene.post(&scene.round.administrators[0], &scene.path("aid-programmes"), programme), 409, "call_state");
}

/// A register that names an applicant by their number, in force; gives its path.
pub fn name_in_register(scene: &Scene, number: usize) -> String {
    let administrator = &scene.round.administrators[0];
    // The catalogue is made while the call is open.
    scene.set_call_state("published");
    let programme = json!({"code": "REP", "provider": "R", "level": "republic", "is_universal": false,
        "effect": "disqualify", "title": "Pomoć"});
    let made = scene.post(administrator, &scene.path("aid-programmes"), programme);
    assert_eq!(made.status, 201, "{made:?}");
    scene.set_call_state("allocated");
    let row = format!("{},Ana Anić,Beograd,30000.00,2020-04-15\n", people::jmbg(number + 1));
    let path = format!("aid-programmes/{}/registers", made.json()["id"].as_str().unwrap());
    let ask = scene.api().ask("POST", &path).by(administrator).header("Content-Type", "text/csv");
    let taken = ask.text(&format!("jmbg,name,municipality,amount,paid_on\n{row}")).send();
    assert_eq!(taken.status, 201, "{taken:?}");
    format!("aid-registers/{}", taken.json()["id"].as_str().unwrap())
}

/// The state of an application and what was found on it, as its administrator sees them.
pub fn found(scene: &Scene, number: usize) -> (String, Vec<String>) {
    let path = format!("applications/{}", scene.applications[number]);
    let shown = scene.read(&scene.round.administrators[0], &path);
    let said = |finding: &serde_json::Value| {
        format!("{} {}", finding["finding"].as_str().unwrap(), finding["status"].as_str().unwrap())
    };
    let findings = shown["findings"].as_array().unwrap().iter().map(said).collect();
    (shown["state"].as_str().unwrap().to_owned(), findings)
}

pub fn resolve(scene: &Scene, number: usize, finding: &str, resolution: &str) {
    let path = format!("applications/{}", scene.applications[number]);
    let seen = scene.get(&scene.round.administrators[0], &path).headers["etag"].clone();
    let body = json!({"resolution": resolution, "reason": "Proveno kod davaoca."});
    let path = format!("{path}/findings/{finding}/resolutions");
    let reply = scene.move_at(&scene.round.administrators[0], &path, &seen, body);
    assert_eq!(reply.status, 200, "{reply:?}");
}

/// An award that a register took back, which is withdrawn then: so far as before a person again.
fn taken_back(scene: &Scene, number: usize) {
    let register = name_in_register(scene, number);
    wait_for("the finding", || found(scene, number).1 == ["other_aid open"]);
    resolve(scene, number, "other_aid", "confirmed");
    wait_for_release(scene);
    assert_eq!(found(scene, number), ("ineligible".into(), vec!["other_aid failed".into()]));
    let withdrawn =
        scene.post(&scene.round.administrators[0], &format!("{register}/withdraw"), json!({"reason": "wrong_file"}));
    assert_eq!(withdrawn.status, 200, "{withdrawn:?}");
    wait_for("the finding that says why", || {
        found(scene, number) == ("needs_review".into(), vec!["excluded_before open".into()])
    });
}

/// The register was wrong: a person says so, the treasurer gives the award again, and it is paid once.
#[test]
fn an_award_that_a_withdrawn_register_took_back_is_given_again() {
    let scene = Scene::allocated(3, "45000.00");
    let (treasurer, next) = (&scene.round.treasurer, scene.path("reserve-list/next"));
    let [(award, number), (_, other)] = [scene.award(0), scene.award(1)];
    let payout = scene.prepare(&award);
    taken_back(&scene, number);
    // The place is theirs until it is decided; checked again meanwhile, it waits as before.
    is(&scene.post(treasurer, &next, json!({})), 409, "reserve_waits");
    check_anew(&scene, number);
    assert_eq!(found(&scene, number).1, ["excluded_before open"]);
    resolve(&scene, number, "excluded_before", "dismissed");
    assert_eq!(found(&scene, number).0, "reserve");
    is(&scene.post(treasurer, &format!("awards/{award}/payout"), json!({})), 409, "not_awarded");
    let released = scene.read(treasurer, &scene.path("awards?state=released"));
    let line = &released["items"][0];
    assert_eq!((&line["id"], &line["application_state"]), (&json!(award), &json!("reserve")), "{released}");
    let key = new_key();
    let again = scene.post_as(treasurer, &next, &key, json!({}));
    assert_eq!((again.status, &again.json()["award_id"]), (201, &json!(award)), "{again:?}");
    assert_eq!(again.json()["amount"], "20000.00");
    assert_eq!(scene.post_as(treasurer, &next, &key, json!({})).body, again.body);
    is(&scene.post(treasurer, &next, json!({})), 409, "nothing_fell_free");
    assert_eq!(scene.read(treasurer, &scene.path("awards?state=released"))["items"], json!([]));
    assert_eq!(
        (scene.balance("awards_payable"), scene.balance("undistributed")),
        ("-40000.00".into(), "-960000.00".into())
    );
    // It is the same award, so the same payout: paid once.
    assert_eq!(scene.prepare(&award), payout);
    assert_eq!(scene.authorise(&payout).status, 200);
    assert_eq!(scene.execute(&payout, "20000.00", "B-1").status, 200);
    is(&scene.post(treasurer, &format!("awards/{award}/payout"), json!({})), 409, "already_paid");
    // What falls free now goes down the list, and the allocation is as it was committed.
    assert_eq!(scene.decline(other).status, 200);
    assert_eq!(scene.post(treasurer, &next, json!({})).json()["amount"], "20000.00");
    let places = scene.read(treasurer, &scene.path("allocation"))["places"].clone();
    let outcomes: Vec<_> = places.as_array().unwrap().iter().map(|place| place["outcome"].clone()).collect();
    assert_eq!(outcomes, ["awarded", "awarded", "reserve"]);
    for (kind, count) in [("award_released", 2), ("award_reinstated", 1)] {
        let sql = format!("SELECT COUNT(*) AS number FROM events WHERE kind = '{kind}'");
        assert_eq!(scene.api().database.number(&sql), count, "{kind}");
    }
}

/// Where the money went down the list meanwhile, whoever comes back is the first to get what falls free; and a second finding
/// may take the award back a second time.
#[test]
fn an_award_comes_back_out_of_what_falls_free_and_may_go_again() {
    let scene = Scene::allocated(3, "45000.00");
    let (treasurer, next) = (&scene.round.treasurer, scene.path("reserve-list/next"));
    let [(award, number), (_, other)] = [scene.award(0), scene.award(1)];
    let register = name_in_register(&scene, number);
    wait_for("the finding", || found(&scene, number).1 == ["other_aid open"]);
    resolve(&scene, number, "other_aid", "confirmed");
    wait_for_release(&scene);
    let passed_on = scene.post(treasurer, &next, json!({}));
    assert_eq!((passed_on.status, &passed_on.json()["amount"]), (201, &json!("20000.00")), "{passed_on:?}");
    // Whoever confirmed it takes that back, while the register stands.
    resolve(&scene, number, "other_aid", "dismissed");
    assert_eq!(found(&scene, number), ("reserve".into(), vec!["other_aid dismissed".into()]));
    is(&scene.post(treasurer, &next, json!({})), 409, "nothing_fell_free");
    assert_eq!(scene.decline(other).status, 200);
    assert_eq!(scene.post(treasurer, &next, json!({})).json()["award_id"], json!(award));
    // Confirmed after all: it goes again.
    scene.set_application(&scene.applications[number], "state = 'needs_review', held_from = 'awarded'");
    resolve(&scene, number, "other_aid", "confirmed");
    wait_for("the second release", || released_by_job(&scene) == 3);
    assert_eq!(
        (scene.balance("awards_payable"), scene.balance("undistributed")),
        ("-20000.00".into(), "-980000.00".into())
    );
    let withdraw = format!("{register}/withdraw");
    assert_eq!(scene.post(&scene.round.administrators[0], &withdraw, json!({"reason": "other"})).status, 200);
    wait_for("a person's turn", || found(&scene, number).0 == "needs_review");
    // A person may leave it at that, and the applicant may go.
    resolve(&scene, number, "excluded_before", "confirmed");
    assert_eq!(found(&scene, number).0, "ineligible");
    is(&scene.post(treasurer, &next, json!({})), 409, "reserve_empty");
    let (application, applicant) = (&scene.applications[number], &scene.applicants[number]);
    let path = format!("me/applications/{application}/withdraw");
    assert_eq!(scene.move_at(applicant, &path, &scene.version_of(application), json!({})).status, 200);
}
