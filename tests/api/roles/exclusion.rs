//! Duties that nobody combines, on one call and on all, whenever the second one comes.

use serde_json::{Value, json};

use super::{accept, confirm, holds, refused, token, try_end_role, try_invite};
use crate::letters::letter_with;
use crate::sql;
use crate::support::api::{Api, User};
use crate::support::people;

/// What goes with a role on one call, or on all where there is none.
fn more(role: &str, call: Option<&str>) -> Value {
    let mut more = json!({});
    if let Some(call) = call {
        more["call_id"] = call.into();
    }
    if matches!(role, "auditor" | "member" | "chair") {
        more["association"] = "ULUS".into();
    }
    more
}

const DUTIES: [&str; 5] = ["administrator", "treasurer", "authoriser", "member", "auditor"];

/// Somebody who holds a role on a call or on all of them, or waits for it.
fn with_role(api: &Api, by: &User, email: &str, role: &str, call: Option<&str>) {
    let invited = try_invite(api, by, email, role, &more(role, call));
    assert_eq!(invited.status, 201, "{invited:?}");
    assert_eq!(accept(api, &token(api, email, 0)).status, 200);
}

#[test]
fn no_two_duties_go_together_on_a_call() {
    let api = Api::start();
    let [first, _] = api.administrators();
    let call = people::open_call(&api.database.open(), |_| ()).to_string();
    let other_call = other_call(&api);
    for held in DUTIES {
        let email = format!("{held}@example.org");
        with_role(&api, &first, &email, held, Some(&call));
        for wanted in DUTIES {
            let on = |call: Option<&str>| try_invite(&api, &first, &email, wanted, &more(wanted, call));
            if wanted == held {
                let again = on(Some(&call));
                match held {
                    "auditor" => refused(&again, "role_held"),
                    "member" => refused(&again, "seat_accepted_before"),
                    // They still wait for a second administrator.
                    _ => assert_eq!(again.status, 201, "{held} again"),
                }
                continue;
            }
            refused(&on(Some(&call)), "roles_exclude_each_other");
            assert_eq!(on(Some(&other_call)).status, 201, "{held} here, {wanted} there");
            if wanted != "member" {
                refused(&on(None), "roles_exclude_each_other");
            }
        }
    }
}

/// A second published call.
fn other_call(api: &Api) -> String {
    people::open_call(&api.database.open(), |rules| rules.code = "other".into()).to_string()
}

#[test]
fn a_duty_on_all_calls_excludes_the_others_on_each() {
    let api = Api::start();
    let [first, _] = api.administrators();
    let call = people::open_call(&api.database.open(), |_| ()).to_string();
    for held in DUTIES.into_iter().filter(|held| *held != "member") {
        let email = format!("{held}@example.org");
        with_role(&api, &first, &email, held, None);
        for wanted in DUTIES.into_iter().filter(|wanted| *wanted != held) {
            let reply = try_invite(&api, &first, &email, wanted, &more(wanted, Some(&call)));
            refused(&reply, "roles_exclude_each_other");
        }
    }
}

#[test]
fn of_two_invitations_that_exclude_each_other_one_can_be_accepted() {
    let api = Api::start();
    let [first, second] = api.administrators();
    let email = "iva@example.org";
    let offers = ["treasurer", "authoriser", "auditor"]
        .map(|role| try_invite(&api, &first, email, role, &more(role, None)).json());
    // All are confirmed while nobody holds anything.
    for offer in &offers[..2] {
        assert_eq!(confirm(&api, &second, offer).status, 200);
    }
    assert_eq!(accept(&api, &token_of(&api, email, "treasurer")).status, 200);
    for role in ["authoriser", "auditor"] {
        refused(&accept(&api, &token_of(&api, email, role)), "roles_exclude_each_other");
    }
    let held = api.database.number("SELECT COUNT(*) AS number FROM role_grants");
    assert_eq!(held, 3, "two administrators and a treasurer");
}

#[test]
fn one_person_has_one_seat_a_call_even_after_its_end() {
    let api = Api::start();
    let administrators = api.administrators();
    let call = people::open_call(&api.database.open(), |_| ()).to_string();
    let email = "iva@example.org";
    for role in ["member", "chair"] {
        assert_eq!(try_invite(&api, &administrators[0], email, role, &more(role, Some(&call))).status, 201);
    }
    // Both were offered while neither was accepted.
    assert_eq!(accept(&api, &token_of(&api, email, "member")).status, 200);
    refused(&accept(&api, &token_of(&api, email, "chair")), "seat_accepted_before");
    // The end of what was accepted changes nothing.
    sql::execute(&api.database, "UPDATE invitations SET ends_at = 1 WHERE accepted_at IS NOT NULL AND role = 'member'");
    for role in ["member", "chair"] {
        let again = try_invite(&api, &administrators[0], email, role, &more(role, Some(&call)));
        refused(&again, "seat_accepted_before");
    }
    let other = other_call(&api);
    assert_eq!(try_invite(&api, &administrators[0], email, "chair", &more("chair", Some(&other))).status, 201);
}

/// The token of the invitation to a role.
fn token_of(api: &Api, email: &str, role: &str) -> String {
    letter_with(api, email, role, 0).token()
}

#[test]
fn what_came_to_exclude_it_meanwhile_stops_a_confirmation() {
    let api = Api::start();
    let [first, second] = api.administrators();
    let invited = try_invite(&api, &first, "iva@example.org", "treasurer", &json!({})).json();
    let iva = api.accept("iva@example.org", &token(&api, "iva@example.org", 0));
    let person = sql::id(&api.database, &iva.person);
    // As the command line could: a role past the invitations.
    sql::execute(
        &api.database,
        &format!(
            "INSERT INTO role_grants (id, person_id, role, granted_at, version) VALUES ({person}, {person}, 'auditor', 1, 1)"
        ),
    );
    refused(&confirm(&api, &second, &invited), "roles_exclude_each_other");
    assert_eq!(holds(&api, &iva), ["auditor"]);
}

#[test]
fn who_gave_a_role_up_can_be_given_another() {
    let api = Api::start();
    let administrators = api.administrators();
    let mut iva = api.officer(&administrators, "iva@example.org", "treasurer");
    assert_eq!(try_end_role(&api, &administrators[0], &iva).status, 200);
    let invited = try_invite(&api, &administrators[0], &iva.email, "authoriser", &json!({}));
    assert_eq!(invited.status, 201, "{invited:?}");
    assert_eq!(confirm(&api, &administrators[1], &invited.json()).status, 200);
    assert_eq!(accept(&api, &token(&api, &iva.email, 1)).status, 200);
    api.sign_in(&mut iva);
    assert_eq!(holds(&api, &iva), ["authoriser"]);
}

/// Runs both at once; gives their statuses, the lower first.
fn at_once(one: impl FnOnce() -> u16 + Send, other: impl FnOnce() -> u16 + Send) -> [u16; 2] {
    let mut statuses = std::thread::scope(|scope| {
        let running = [scope.spawn(one), scope.spawn(other)];
        running.map(|running| running.join().unwrap())
    });
    statuses.sort_unstable();
    statuses
}

#[test]
fn of_two_that_are_accepted_at_once_one_is_given() {
    let api = Api::start();
    let [first, _] = api.administrators();
    for number in 0..5 {
        let email = format!("n{number}@example.org");
        api.register(&email);
        let call = people::open_call(&api.database.open(), |rules| rules.code = format!("call {number}")).to_string();
        let tokens = ["auditor", "member"].map(|role| {
            let invited = try_invite(&api, &first, &email, role, &more(role, Some(&call)));
            assert_eq!(invited.status, 201, "{invited:?}");
            token_of(&api, &email, role)
        });
        let [one, other] = &tokens;
        assert_eq!(at_once(|| accept(&api, one).status, || accept(&api, other).status), [200, 409]);
    }
}

#[test]
fn two_administrators_who_end_each_other_at_once_leave_one() {
    let api = Api::start();
    let [first, second] = &api.administrators();
    let statuses = at_once(|| try_end_role(&api, first, second).status, || try_end_role(&api, second, first).status);
    assert_eq!(statuses[0], 200, "{statuses:?}");
    assert!([403, 409, 412].contains(&statuses[1]), "{statuses:?}");
    let left = "SELECT COUNT(*) AS number FROM role_grants WHERE version = 1";
    assert_eq!(api.database.number(left), 1);
}
