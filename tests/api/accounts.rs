//! Registering, signing in and out, passwords, addresses, the second factor.

mod email;
mod links;
mod passwords;
mod second_factor;
mod sessions;

use serde_json::json;

use crate::support::api::{Api, PASSWORD};

#[test]
fn somebody_registers_signs_in_and_out() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let me = api.ask("GET", "me").by(&ana).send();
    assert_eq!(me.status, 200, "{me:?}");
    assert_eq!(me.json()["email"], "ana@example.org");
    assert_eq!(me.headers["etag"], "\"1\"");

    let signed_in = api.post("sessions", json!({"email": "Ana@Example.org", "password": PASSWORD}));
    assert_eq!(signed_in.status, 201, "{signed_in:?}");
    let sessions = api.ask("GET", "sessions").by(&ana).send().json();
    assert_eq!(sessions["items"].as_array().unwrap().len(), 2, "{sessions}");

    assert_eq!(api.ask("DELETE", "sessions/current").by(&ana).send().status, 204);
    let after = api.ask("GET", "me").by(&ana).send();
    assert_eq!((after.status, after.code().as_str()), (401, "unauthenticated"));
}

#[test]
fn an_officer_is_invited_confirmed_and_works() {
    let api = Api::start();
    let administrators = api.administrators();
    let treasurer = api.officer(&administrators, "treasurer@example.org", "treasurer");
    let roles = api.ask("GET", "me/roles").by(&treasurer).send().json();
    assert_eq!(roles["items"][0]["role"], "treasurer", "{roles}");
    assert_eq!(api.ask("GET", "invitations").by(&treasurer).send().status, 403);
    assert_eq!(api.ask("GET", "invitations").by(&administrators[0]).send().status, 200);
}
