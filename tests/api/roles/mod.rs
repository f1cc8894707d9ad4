//! Giving roles: nobody to themselves, nobody alone, none that exclude each other, each with an end.

mod ends;
mod exclusion;

use serde_json::{Value, json};

use crate::letters::letter_with;
use crate::sql;
use crate::support::api::{Api, PASSWORD, Reply, User, in_days};
use crate::support::people;

/// The body of an invitation.
fn offer(email: &str, role: &str, more: &Value) -> Value {
    let mut body = json!({"email": email, "role": role, "ends_at": in_days(30), "language": "en"});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn try_invite(api: &Api, by: &User, email: &str, role: &str, more: &Value) -> Reply {
    api.ask("POST", "invitations").by(by).json(offer(email, role, more)).send()
}

fn path(invitation: &Value) -> String {
    format!("invitations/{}", invitation["id"].as_str().unwrap())
}

fn at_any_version(api: &Api, by: &User, method: &str, path: &str, step: &str) -> Reply {
    let seen = api.ask("GET", path).by(by).send();
    let tag = seen.headers.get("etag").cloned().unwrap_or_else(|| "\"1\"".into());
    api.ask(method, &format!("{path}{step}")).by(by).header("If-Match", &tag).send()
}

fn confirm(api: &Api, by: &User, invitation: &Value) -> Reply {
    at_any_version(api, by, "POST", &path(invitation), "/confirm")
}

/// With a password, or without one where the address has an account, as the answer says.
fn accept(api: &Api, token: &str) -> Reply {
    let reply = api.post("invitations/accept", json!({"token": token, "name": "Iva Ivić", "password": PASSWORD}));
    match reply.status == 422 && reply.wrong_fields() == ["password: has_account"] {
        true => api.post("invitations/accept", json!({"token": token, "name": "Iva Ivić"})),
        false => reply,
    }
}

fn token(api: &Api, email: &str, number: usize) -> String {
    letter_with(api, email, "/invitation#", number).token()
}

fn refused(reply: &Reply, code: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (409, code), "{reply:?}");
}

fn holds(api: &Api, user: &User) -> Vec<String> {
    let roles = api.ask("GET", "me/roles").by(user).send().json();
    roles["items"].as_array().unwrap().iter().map(|item| item["role"].as_str().unwrap().to_owned()).collect()
}

fn try_end_role(api: &Api, by: &User, of: &User) -> Reply {
    let roles = api.ask("GET", "roles").by(by).send().json();
    let own = |item: &&Value| item["person_id"] == of.person.as_str();
    let id = roles["items"].as_array().unwrap().iter().find(own).unwrap()["id"].as_str().unwrap().to_owned();
    at_any_version(api, by, "POST", &format!("roles/{id}"), "/end")
}

#[test]
fn nobody_gives_a_role_to_themselves() {
    let api = Api::start();
    let [first, second] = api.administrators();
    refused(&try_invite(&api, &first, "First@Example.org", "treasurer", &json!({})), "role_to_oneself");

    // Confirming what went to oneself, before and after accepting it.
    let call = people::open_call(&api.database.open(), |_| ()).to_string();
    let own = try_invite(&api, &first, &second.email, "administrator", &json!({"call_id": call})).json();
    refused(&confirm(&api, &second, &own), "role_to_oneself");
    assert_eq!(accept(&api, &token(&api, &second.email, 0)).status, 200);
    refused(&confirm(&api, &second, &own), "role_to_oneself");
    refused(&confirm(&api, &first, &own), "second_person");
}

/// Changes the address of somebody, at both addresses.
fn move_to(api: &Api, user: &mut User, email: &str) {
    let reply = api.ask("POST", "me/email-changes").by(user).json(json!({"email": email})).send();
    assert_eq!(reply.status, 202, "{reply:?}");
    for (address, words) in [(user.email.as_str(), "/email-old#"), (email, "/email-new#")] {
        let token = letter_with(api, address, words, 0).token();
        assert_eq!(api.post("email-changes/confirm", json!({"token": token})).status, 200);
    }
    user.email = email.to_owned();
    api.sign_in(user);
}

#[test]
fn another_address_of_ones_own_is_no_way_round() {
    let api = Api::start();
    let [mut first, mut second] = api.administrators();
    let invited = try_invite(&api, &first, "aside@example.org", "administrator", &json!({})).json();
    move_to(&api, &mut first, "aside@example.org");
    refused(&accept(&api, &token(&api, "aside@example.org", 0)), "role_to_oneself");
    assert_eq!(confirm(&api, &second, &invited).status, 200);
    refused(&accept(&api, &token(&api, "aside@example.org", 0)), "role_to_oneself");

    let invited = try_invite(&api, &first, "beside@example.org", "administrator", &json!({})).json();
    assert_eq!(confirm(&api, &second, &invited).status, 200);
    move_to(&api, &mut second, "beside@example.org");
    refused(&accept(&api, &token(&api, "beside@example.org", 0)), "role_to_oneself");
}

#[test]
fn one_administrator_makes_no_accomplice_alone() {
    let api = Api::start();
    let [first, second] = api.administrators();
    for role in ["administrator", "treasurer", "authoriser"] {
        let email = format!("{role}@example.org");
        let invited = try_invite(&api, &first, &email, role, &json!({})).json();
        assert_eq!((&invited["needs_confirmation"], &invited["state"]), (&json!(true), &json!("invited")));
        refused(&confirm(&api, &first, &invited), "second_person");
        let accomplice = api.accept(&email, &token(&api, &email, 0));
        refused(&confirm(&api, &first, &invited), "second_person");
        assert_eq!(holds(&api, &accomplice), Vec::<String>::new());
        // Not yet an administrator, they confirm nobody else, and nobody confirms for them.
        let next = try_invite(&api, &first, &format!("next-{email}"), role, &json!({})).json();
        assert_eq!(confirm(&api, &accomplice, &next).status, 403);
        assert_eq!(confirm(&api, &accomplice, &invited).status, 403);
        assert_eq!(confirm(&api, &second, &invited).json()["state"], "given");
        assert_eq!(holds(&api, &accomplice), [role]);
        refused(&confirm(&api, &second, &invited), "invitation_state");
    }
}

#[test]
fn what_changes_roles_asks_for_a_fresh_second_factor() {
    let api = Api::start();
    let [first, second] = api.administrators();
    let invited = try_invite(&api, &first, "iva@example.org", "treasurer", &json!({})).json();
    sql::let_proof_grow_old(&api, &second, 6);
    let reply = confirm(&api, &second, &invited);
    assert_eq!((reply.status, reply.code().as_str()), (403, "step_up_required"));
    let body = json!({"recovery_code": second.recovery_codes[0]});
    assert_eq!(api.ask("POST", "sessions/current/step-up").by(&second).json(body).send().status, 204);
    assert_eq!(confirm(&api, &second, &invited).status, 200);
}
