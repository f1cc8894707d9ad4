//! Changing the address one signs in with: confirmed at the old one and the new one, in either order.

use serde_json::{Value, json};

use crate::letters::{letter_with, register_in_english};
use crate::sql;
use crate::support::api::{Api, PASSWORD, Reply, User};

const OLD: &str = "ana@example.org";
const NEW: &str = "Ana.Nova@example.org";

fn ask(api: &Api, by: &User, email: &str) -> Reply {
    api.ask("POST", "me/email-changes").by(by).json(json!({"email": email})).send()
}

fn confirm(api: &Api, token: &str) -> Reply {
    api.post("email-changes/confirm", json!({"token": token}))
}

fn sign_in(api: &Api, email: &str) -> u16 {
    api.post("sessions", json!({"email": email, "password": PASSWORD})).status
}

/// The tokens that went to the old and to the new address.
fn asked(api: &Api, by: &User) -> [String; 2] {
    assert_eq!(ask(api, by, NEW).status, 202);
    [letter_with(api, OLD, "/email-old#", 0).token(), letter_with(api, NEW, "/email-new#", 0).token()]
}

#[test]
fn both_addresses_confirm_in_either_order() {
    for order in [[0, 1], [1, 0]] {
        let api = Api::start();
        let ana = register_in_english(&api, OLD);
        let tokens = asked(&api, &ana);
        let first = confirm(&api, &tokens[order[0]]);
        assert_eq!((first.status, &first.json()["is_changed"]), (200, &json!(false)));
        let again = confirm(&api, &tokens[order[0]]);
        assert_eq!(
            (again.status, &again.json()["is_changed"]),
            (200, &json!(false)),
            "the same link twice is one address"
        );
        assert_eq!(api.ask("GET", "me").by(&ana).send().json()["email"], OLD);
        let second = confirm(&api, &tokens[order[1]]);
        assert_eq!((second.status, &second.json()["is_changed"]), (200, &json!(true)));
        assert_eq!(api.ask("GET", "me").by(&ana).send().status, 401, "every session has ended");
        assert_eq!((sign_in(&api, OLD), sign_in(&api, NEW)), (401, 201));
        for token in &tokens {
            assert_eq!(confirm(&api, token).wrong_fields(), ["token: token"]);
        }
        letter_with(&api, OLD, "Subject: The address of your account was changed", 0);
        assert!(api.letters_to(NEW).iter().all(|letter| !letter.text.contains("was changed")), "the old one is warned");
    }
}

#[test]
fn links_to_the_old_address_open_nothing_after_it() {
    let api = Api::start();
    let ana = register_in_english(&api, OLD);
    api.post("password-resets", json!({"email": OLD}));
    api.post("sign-in-links", json!({"email": OLD}));
    let reset = letter_with(&api, OLD, "/password-reset#", 0).token();
    let link = letter_with(&api, OLD, "/sign-in#", 0).token();
    for token in asked(&api, &ana) {
        assert_eq!(confirm(&api, &token).status, 200);
    }
    let reset =
        api.post("password-resets/confirm", json!({"token": reset, "new_password": "nine brown storks over Tisza"}));
    assert_eq!(reset.wrong_fields(), ["token: token"]);
    assert_eq!(api.post("sessions/link", json!({"token": link})).wrong_fields(), ["token: token"]);
    assert_eq!(sign_in(&api, NEW), 201);
}

#[test]
fn it_asks_for_a_fresh_proof_and_another_address() {
    let api = Api::start();
    let ana = api.register(OLD);
    assert_eq!(ask(&api, &ana, "ANA@example.org").wrong_fields(), ["email: email_same"]);
    assert_eq!(ask(&api, &ana, "ana").wrong_fields(), ["email: email"]);
    sql::let_proof_grow_old(&api, &ana, 6);
    let reply = ask(&api, &ana, NEW);
    assert_eq!((reply.status, reply.code().as_str()), (403, "step_up_required"));
    let step_up = |password: &str| {
        let body: Value = json!({"password": password});
        api.ask("POST", "sessions/current/step-up").by(&ana).json(body).send().status
    };
    assert_eq!((step_up("wrong and long enough"), ask(&api, &ana, NEW).status), (422, 403));
    assert_eq!((step_up(PASSWORD), ask(&api, &ana, NEW).status), (204, 202));
}

#[test]
fn an_address_that_is_taken_is_not_told_and_not_taken() {
    let api = Api::start();
    let ana = register_in_english(&api, OLD);
    register_in_english(&api, NEW);
    let [taken, free] = [NEW, "free@example.org"].map(|email| ask(&api, &ana, email));
    assert_eq!((taken.status, &taken.body), (free.status, &free.body));
    let told = letter_with(&api, NEW, "Subject: You have an account already", 0);
    assert!(!told.text.contains('#'), "{}", told.text);
}

#[test]
fn an_address_that_is_taken_meanwhile_stays_where_it_is() {
    let api = Api::start();
    let ana = register_in_english(&api, OLD);
    let tokens = asked(&api, &ana);
    register_in_english(&api, NEW);
    assert_eq!(confirm(&api, &tokens[0]).status, 200);
    assert_eq!(confirm(&api, &tokens[1]).wrong_fields(), ["token: token"]);
    assert_eq!(api.ask("GET", "me").by(&ana).send().json()["email"], OLD);
}

#[test]
fn a_change_runs_out_after_a_day() {
    let api = Api::start();
    let ana = register_in_english(&api, OLD);
    let tokens = asked(&api, &ana);
    assert_eq!(confirm(&api, &tokens[0]).status, 200);
    let lasts = "mail_requests WHERE kind = 'email_change' AND expires_at - created_at = 86400000000";
    assert_eq!(sql::rows(&api.database, lasts), 1);
    sql::execute(&api.database, "UPDATE mail_requests SET expires_at = created_at + 1");
    assert_eq!(confirm(&api, &tokens[1]).wrong_fields(), ["token: token"]);
}

#[test]
fn letters_come_in_the_language_that_was_chosen() {
    let api = Api::start();
    let ana = api.register(OLD);
    let tag = api.ask("GET", "me").by(&ana).send().headers["etag"].clone();
    let patch = |language: &str| {
        let ask = api.ask("PATCH", "me").by(&ana).header("If-Match", &tag);
        ask.json(json!({"language": language})).send()
    };
    assert_eq!(patch("de").wrong_fields(), ["language: word"]);
    let changed = patch("en");
    assert_eq!((changed.status, &changed.json()["language"]), (200, &json!("en")));
    let body = json!({"current_password": PASSWORD, "new_password": "nine brown storks over Tisza"});
    assert_eq!(api.ask("PUT", "me/password").by(&ana).json(body).send().status, 204);
    letter_with(&api, OLD, "Subject: Your password was changed", 0);
}

/// A change that was begun at an older address cannot be ended once another one was: the address that must agree is the
/// one that holds.
#[test]
fn an_older_change_is_over_once_the_address_or_the_password_changed() {
    let api = Api::start();
    let ana = register_in_english(&api, OLD);
    assert_eq!(ask(&api, &ana, "other@example.org").status, 202);
    let stale = letter_with(&api, OLD, "/email-old#", 0).token();
    assert_eq!(confirm(&api, &stale).json()["is_changed"], json!(false));
    assert_eq!(ask(&api, &ana, NEW).status, 202);
    let tokens = [letter_with(&api, OLD, "/email-old#", 1).token(), letter_with(&api, NEW, "/email-new#", 0).token()];
    let changed = tokens.map(|token| confirm(&api, &token).json()["is_changed"].clone());
    assert_eq!(changed, [json!(false), json!(true)]);
    let other = letter_with(&api, "other@example.org", "/email-new#", 0).token();
    assert_eq!(confirm(&api, &other).wrong_fields(), ["token: token"]);
    assert_eq!((sign_in(&api, "other@example.org"), sign_in(&api, NEW)), (401, 201));
}
