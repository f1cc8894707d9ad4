//! Whoever was paid and asks to be forgotten.

use fond::clock::Instant;
use fond::config::Action;
use fond::privacy::{list, retention};
use serde_json::json;

use super::{Scene, is, today};
use crate::entered::{forget, rule_of};
use crate::erasure::{erase, keys_of, listed, told};
use crate::journal::rows;
use crate::merged::{enter, keys_under, step};
use crate::sql;

/// What was paid stays in the books, and who received it in the proof of payment, until the law lets it go.
#[test]
fn who_was_paid_stays_in_the_books_until_their_term() {
    let scene = Scene::allocated(2, "40000.00");
    let api = scene.api();
    let (award, number) = scene.award(0);
    let payout = scene.prepare(&award);
    assert_eq!(scene.authorise(&payout).status, 200);
    let paid = &scene.applicants[number];
    assert_eq!(erase(api, paid).code(), "application_running");
    assert_eq!(scene.execute(&payout, "20000.00", "FT1").status, 200);
    assert_eq!(erase(api, paid).status, 204);
    assert_eq!(keys_of(api, paid), ["identity", "payment"]);
    assert!(listed(api).contains("person_but_books"));
    assert!(rows(api).iter().all(|(_, purpose, _)| purpose != "erase"), "they opened their own");
    let shown = scene.read(&scene.round.treasurer, &format!("payouts/{payout}"));
    assert_eq!(shown["payee"]["holder"], "Ana Anić", "{shown}");
    // Who it was the books need, and how they were reached they do not.
    let open = format!("applications/{}/person", scene.applications[number]);
    let person = scene.post(&scene.round.administrators[0], &open, json!({"purpose": "answer_request"})).json();
    assert_eq!((&person["email"], &person["phone"]), (&json!(""), &json!("")), "{person}");
    assert_eq!((&person["given_name"], person["jmbg"].as_str().map(str::len)), (&json!("Ana"), Some(13)), "{person}");
    // What the bank gave back is still paid to them.
    let back = json!({"returned_on": today()});
    let returned =
        scene.move_at(&scene.round.treasurer, &format!("payouts/{payout}/return"), &scene.etag_of(&payout), back);
    assert_eq!(returned.status, 200, "{returned:?}");
    let again = scene.prepare(&award);
    assert_eq!(scene.authorise(&again).status, 200);
    assert_eq!(scene.execute(&again, "20000.00", "FT2").status, 200);

    let fond = api.database.open();
    let mut terms = api.database.settings().retention;
    // Those who look at it afterwards hold no role in eleven years.
    terms.accounts.action = Action::Keep;
    let list = api.database.erasures_file();
    let in_years = |years: u64| Instant::now().plus(std::time::Duration::from_secs(years * 366 * 86_400));
    let before = told(&scene.round);
    retention::run(&fond.db, &fond.vault, &terms, &list, in_years(5)).unwrap();
    assert_eq!(keys_of(api, paid), ["identity", "payment"]);
    let classes = retention::run(&fond.db, &fond.vault, &terms, &list, in_years(11)).unwrap();
    let books = classes.iter().find(|class| class.class == "books").unwrap();
    assert_eq!((books.count, books.held), (1, 1), "the other award has not been paid: {classes:?}");
    assert!(keys_of(api, paid).is_empty());
    assert_eq!(told(&scene.round), before, "no total, no entry and no award has changed");
}

/// The proof of payment needs who was paid for ten years, and how they were reached for two.
#[test]
fn how_the_paid_were_reached_goes_with_who_the_others_are() {
    let scene = Scene::allocated(1, "20000.00");
    let api = scene.api();
    let (award, number) = scene.award(0);
    let payout = scene.prepare(&award);
    assert_eq!(scene.authorise(&payout).status, 200);
    assert_eq!(scene.execute(&payout, "20000.00", "FT1").status, 200);
    let person = || {
        let open = format!("applications/{}/person", scene.applications[number]);
        let shown = scene.post(&scene.round.administrators[0], &open, json!({"purpose": "answer_request"})).json();
        (shown["email"] != "", shown["given_name"].clone())
    };
    let fond = api.database.open();
    let mut terms = api.database.settings().retention;
    terms.accounts.action = Action::Keep;
    let run = |days: u64| {
        let at = Instant::now().plus(std::time::Duration::from_secs(days * 86_400));
        let classes = retention::run(&fond.db, &fond.vault, &terms, &api.database.erasures_file(), at).unwrap();
        ["contact", "books"].map(|name| classes.iter().find(|class| class.class == name).unwrap().count)
    };
    assert_eq!((run(400), person()), ([0, 0], (true, json!("Ana"))));
    assert_eq!((run(800), person()), ([1, 0], (false, json!("Ana"))));
    // The rest of it was opened by nobody, for that, and they can read so.
    let log = scene.read(&scene.applicants[number], "me/access-log");
    let opened: Vec<_> =
        log["items"].as_array().unwrap().iter().filter(|access| access["purpose"] == "erase").collect();
    assert_eq!(opened.len(), 1, "{log}");
    assert_eq!((&opened[0]["role"], &opened[0]["person_id"]), (&json!("system"), &json!(null)));
    assert_eq!(opened[0]["fields"], json!(["applications.identity"]));
    let shown = scene.read(&scene.round.treasurer, &format!("payouts/{payout}"));
    assert_eq!(shown["payee"]["holder"], "Ana Anić", "{shown}");
    assert_eq!((run(800), listed(api).matches(" contact ").count()), ([0, 0], 1));
    assert_eq!(run(3700), [0, 1]);
}

/// Two approved, of whom the fund entered the second; allocated by a budget. Gives the second.
fn allocated_with_entered(budget: &str) -> (Scene, String) {
    let scene = Scene::decided(1);
    scene.set_call_state("published");
    let entered = enter(&scene.round, 7);
    scene.decide(&entered);
    scene.set_call_state("voting_closed");
    scene.give("1000000.00");
    scene.set_budget(budget);
    scene.seed();
    allocate(&scene);
    (scene, entered)
}

fn allocate(scene: &Scene) {
    let body = json!({"digest": scene.digest()});
    let reply = scene.post(&scene.round.treasurer, &scene.path("allocation"), body);
    assert_eq!(reply.status, 201, "{reply:?}");
}

fn state(scene: &Scene, application: &str) -> String {
    let id = scene.id(application);
    sql::texts(&scene.api().database, &format!("SELECT state AS text FROM applications WHERE id = {id}")).remove(0)
}

#[test]
fn an_award_of_somebody_without_an_account_is_given_back_for_them() {
    let (scene, entered) = allocated_with_entered("40000.00");
    let because = || json!({"reason": "Javila se telefonom."});
    let shown = scene.read(&scene.round.administrators[0], &format!("applications/{entered}"));
    let awards = scene.read(&scene.round.treasurer, &scene.path("awards"));
    let of_entered = |award: &&serde_json::Value| award["reference"] == shown["reference"];
    let award = awards["items"].as_array().unwrap().iter().find(of_entered).unwrap()["id"].as_str().unwrap().to_owned();
    let payout = scene.prepare(&award);
    is(&step(&scene.round, &entered, "withdraw", because()), 409, "payment_running");
    let cancel = format!("payouts/{payout}/cancel");
    assert_eq!(scene.move_at(&scene.round.treasurer, &cancel, &scene.etag_of(&payout), json!({})).status, 200);
    assert_eq!(rule_of(&forget(scene.api(), &entered).unwrap_err()), Some("application_running"));
    let given_back = step(&scene.round, &entered, "withdraw", because());
    assert_eq!((given_back.status, &given_back.json()["state"]), (200, &json!("declined")), "{given_back:?}");
    assert_eq!(scene.balance("awards_payable"), "-20000.00");
    for kind in ["award_declined", "award_released"] {
        assert_eq!(sql::events(&scene.api().database, kind), 1, "{kind}");
    }
    forget(scene.api(), &entered).unwrap();
    assert_eq!(keys_under(scene.api(), &entered), 0);
}

/// The round is over: the fund holds nobody by the reserve list, or by a finding that nobody decides about.
#[test]
fn nobody_waits_for_ever_for_a_round_that_is_over() {
    for held in [false, true] {
        let (scene, _) = allocated_with_entered("20000.00");
        let api = scene.api();
        let reserve =
            sql::texts(&api.database, "SELECT reference AS text FROM applications WHERE state = 'reserve'").remove(0);
        let list =
            scene.read(&scene.round.administrators[0], &scene.path(&format!("applications?reference={reserve}")));
        let waiting = list["items"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(rule_of(&forget(api, &waiting).unwrap_err()), Some("application_running"), "it can be awarded yet");
        if held {
            // Before a person, without a vote of the committee that is over.
            scene.set_application(&waiting, "state = 'needs_review', held_from = NULL");
        } else {
            let (fond, mut terms) = (api.database.open(), api.database.settings().retention);
            terms.accounts.action = Action::Keep;
            let later = Instant::now().plus(std::time::Duration::from_secs(400 * 86_400));
            retention::run(&fond.db, &fond.vault, &terms, &api.database.erasures_file(), later).unwrap();
            // By an order that was erased nobody is awarded.
            let next = scene.post(&scene.round.treasurer, &scene.path("reserve-list/next"), json!({}));
            is(&next, 409, "reserve_empty");
        }
        forget(api, &waiting).unwrap();
        assert_eq!(keys_under(api, &waiting), 0);
    }
}

/// A backup was made after the voting closed; two were awarded, declined, and were forgotten since. Restored, it forgets them,
/// and the allocation goes on without them.
#[test]
fn a_restored_database_allots_without_those_it_has_to_forget() {
    let scene = Scene::decided(3);
    scene.give("1000000.00");
    scene.set_budget("60000.00");
    scene.seed();
    let api = scene.api();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list");
    let lines = [
        ("person", scene.applicants[0].person.as_str()),
        ("need", scene.applications[1].as_str()),
        ("identity", scene.applications[1].as_str()),
    ];
    let lines: String = lines.iter().map(|(what, id)| format!("2026-11-27T10:15:00Z {what} {id}\n")).collect();
    std::fs::write(&path, lines).unwrap();
    let fond = api.database.open();
    assert_eq!(list::apply(&fond.db, &fond.vault, &list::read(&path).unwrap()).unwrap(), 3);
    for number in [0, 1] {
        assert_eq!(state(&scene, &scene.applications[number]), "withdrawn");
    }
    assert_eq!(sql::events(&api.database, "application_withdrawn"), 2);
    let preview = scene.read(&scene.round.treasurer, &scene.path("allocation/preview"));
    assert_eq!(preview["places"].as_array().unwrap().len(), 1, "{preview}");
    allocate(&scene);
    assert_eq!(state(&scene, &scene.applications[2]), "awarded");
    assert_eq!(list::apply(&fond.db, &fond.vault, &list::read(&path).unwrap()).unwrap(), 0);
}

/// The same after the allocation: an award that was given back since goes back here too, and one that was paid since stays.
#[test]
fn a_restored_database_gives_back_the_awards_of_those_it_has_to_forget() {
    let scene = Scene::allocated(2, "40000.00");
    let api = scene.api();
    let [(award, declined), (_, paid)] = [scene.award(0), scene.award(1)];
    let payout = scene.prepare(&award);
    assert_eq!(scene.authorise(&payout).status, 200);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list");
    let [declined, paid] = [&scene.applicants[declined], &scene.applicants[paid]];
    let line = |what: &str, id: &str| format!("2026-11-27T10:15:00Z {what} {id}\n");
    std::fs::write(&path, line("person", &declined.person) + &line("person_but_books", &paid.person)).unwrap();
    let fond = api.database.open();
    assert_eq!(list::apply(&fond.db, &fond.vault, &list::read(&path).unwrap()).unwrap(), 2);
    assert_eq!(scene.read(&scene.round.treasurer, &format!("payouts/{payout}"))["state"], "cancelled");
    assert_eq!(scene.balance("awards_payable"), "-20000.00");
    assert_eq!((keys_of(api, declined).len(), keys_of(api, paid)), (0, vec!["identity".to_owned(), "payment".into()]));
}

/// What is erased all the same, and is in the way of an allocation, is named.
#[test]
fn an_allocation_names_what_it_cannot_rank() {
    let scene = Scene::decided(2);
    scene.give("1000000.00");
    scene.set_budget("40000.00");
    scene.seed();
    scene.set_application(&scene.applications[1], "need_erased_at = 1");
    let refused = scene.get(&scene.round.treasurer, &scene.path("allocation/preview"));
    is(&refused, 409, "data_erased");
    assert!(refused.json()["errors"][0]["message"].as_str().unwrap().contains("R2"), "{refused:?}");
}
