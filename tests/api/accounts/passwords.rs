//! Passwords: what they must be, how exactly they are compared, what their change ends.

use serde_json::{Value, json};

use crate::letters::{letter_with, register_in_english, user};
use crate::sql;
use crate::support::api::{Api, PASSWORD, Reply, User};

const NEW: &str = "nine brown storks over Tisza";
const CHANGED: &str = "Subject: Your password was changed";

fn sign_in(api: &Api, email: &str, password: &str) -> Reply {
    api.post("sessions", json!({"email": email, "password": password}))
}

fn change(api: &Api, by: &User, current: Value, new: &str) -> Reply {
    let body = json!({"current_password": current, "new_password": new});
    api.ask("PUT", "me/password").by(by).json(body).send()
}

/// Who is signed in is told which field is wrong; whoever is not, nothing.
fn is_wrong(reply: &Reply) {
    let is_refused = (reply.status, reply.code().as_str()) == (401, "wrong_credentials");
    assert!(is_refused || reply.wrong_fields() == ["current_password: password_wrong"], "{reply:?}");
}

/// The code of the wrong field, or nothing.
fn verdict(reply: &Reply) -> Option<String> {
    match reply.status {
        204 => None,
        _ => Some(reply.wrong_fields().join(", ")),
    }
}

const COMMON: [&str; 7] = [
    "passwordpassword",
    "1234567890123456",
    "qwertyuiopasdfghjkl",
    "aaaaaaaaaaaaaaaaaaaa",
    "abcabcabcabcabcabc",
    "solidarnost2026",
    "ana@example.org1",
];

#[test]
fn a_password_that_stands_alone_has_15_characters_and_is_not_common() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let set = |new: &str| verdict(&change(&api, &ana, json!(PASSWORD), new));
    assert_eq!(set("kx7#mQw9!vTz2r"), Some("new_password: too_short".into()), "14");
    assert_eq!(set("чворак на врби"), Some("new_password: too_short".into()), "14, whatever bytes they take");
    assert_eq!(set(&"краљ и сојка ".repeat(80)), Some("new_password: too_long".into()), "1040");
    for common in COMMON {
        assert_eq!(set(common), Some("new_password: password_common".into()), "{common}");
    }
    assert_eq!(sign_in(&api, &ana.email, PASSWORD).status, 201, "nothing has changed");
    assert_eq!(set("kx7#mQw9!vTz2rL"), None, "15");
}

#[test]
fn beside_a_second_factor_8_characters_are_enough() {
    let api = Api::start();
    let mut ana = api.register("ana@example.org");
    assert_eq!(verdict(&change(&api, &ana, json!(PASSWORD), "kx7#mQw9")), Some("new_password: too_short".into()));
    api.enrol(&mut ana);
    assert_eq!(verdict(&change(&api, &ana, json!(PASSWORD), "kx7#mQw")), Some("new_password: too_short".into()));
    assert_eq!(verdict(&change(&api, &ana, json!(PASSWORD), "password")), Some("new_password: password_common".into()));
    assert_eq!(verdict(&change(&api, &ana, json!(PASSWORD), "kx7#mQw9")), None);
    // Nobody but somebody with the second factor may have it: it goes with it.
    assert_eq!(api.ask("DELETE", "me/second-factor").by(&ana).send().status, 204);
    is_wrong(&sign_in(&api, &ana.email, "kx7#mQw9"));
}

#[test]
fn passwords_are_compared_exactly() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let long = "Žubor vode, шум лишћа 🐦 ".repeat(30);
    let cases = [
        (
            "  Two blanks before and one after ",
            vec!["Two blanks before and one after", "  Two blanks before and one after"],
        ),
        ("Case Counts In Here", vec!["case counts in here", "CASE COUNTS IN HERE"]),
        ("\u{17e}ubor vode u jarku", vec!["z\u{30c}ubor vode u jarku", "zubor vode u jarku"]),
        (long.as_str(), vec![long.trim_end(), &long[..long.len() - 5]]),
    ];
    let mut current = PASSWORD.to_owned();
    for (password, wrong) in cases {
        assert_eq!(verdict(&change(&api, &ana, json!(current), password)), None, "{password}");
        for wrong in wrong {
            is_wrong(&sign_in(&api, &ana.email, wrong));
        }
        assert_eq!(sign_in(&api, &ana.email, password).status, 201, "{password}");
        current = password.to_owned();
    }
    assert!(long.chars().count() > 128);
}

#[test]
fn changing_it_ends_the_other_sessions_and_tells_the_owner() {
    let api = Api::start();
    let ana = register_in_english(&api, "ana@example.org");
    let elsewhere = user(&ana.email, &sign_in(&api, &ana.email, PASSWORD).json());
    for wrong in [json!("wrong and long enough"), json!(""), Value::Null] {
        is_wrong(&change(&api, &ana, wrong, NEW));
    }
    assert_eq!(change(&api, &ana, json!(PASSWORD), NEW).status, 204);
    assert_eq!(api.ask("GET", "me").by(&ana).send().status, 200, "this session stays");
    assert_eq!(api.ask("GET", "me").by(&elsewhere).send().status, 401);
    is_wrong(&sign_in(&api, &ana.email, PASSWORD));
    assert_eq!(sign_in(&api, &ana.email, NEW).status, 201);
    letter_with(&api, &ana.email, CHANGED, 0);
}

#[test]
fn a_stolen_session_changes_nothing_beside_a_second_factor() {
    let api = Api::start();
    let mut ana = api.register("ana@example.org");
    api.enrol(&mut ana);
    sql::let_proof_grow_old(&api, &ana, 6);
    let reply = change(&api, &ana, json!(PASSWORD), NEW);
    assert_eq!((reply.status, reply.code().as_str()), (403, "step_up_required"));
}

#[test]
fn a_forgotten_password_is_set_anew_by_mail() {
    let api = Api::start();
    let ana = register_in_english(&api, "ana@example.org");
    assert_eq!(api.post("password-resets", json!({"email": ana.email})).status, 202);
    let token = letter_with(&api, &ana.email, "/password-reset#", 0).token();
    let set = |new: &str| api.post("password-resets/confirm", json!({"token": token, "new_password": new}));
    assert_eq!(verdict(&set("too short")), Some("new_password: too_short".into()));
    assert_eq!(verdict(&set("passwordpassword")), Some("new_password: password_common".into()));
    assert_eq!(verdict(&set(NEW)), None, "a mistake uses up no link");
    assert_eq!(verdict(&set(PASSWORD)), Some("token: token".into()));
    assert_eq!(api.ask("GET", "me").by(&ana).send().status, 401, "every session has ended");
    assert_eq!(api.post("sessions/refresh", json!({"refresh_token": ana.refresh})).status, 401);
    is_wrong(&sign_in(&api, &ana.email, PASSWORD));
    assert_eq!(sign_in(&api, &ana.email, NEW).status, 201);
    letter_with(&api, &ana.email, CHANGED, 0);
}

#[test]
fn a_new_password_leaves_the_second_factor() {
    let api = Api::start();
    let mut ana = api.register("ana@example.org");
    api.enrol(&mut ana);
    api.post("password-resets", json!({"email": ana.email}));
    let token = letter_with(&api, &ana.email, "/password-reset#", 0).token();
    let body = json!({"token": token, "new_password": "kx7#mQw9"});
    assert_eq!(api.post("password-resets/confirm", body).status, 204);
    let reply = sign_in(&api, &ana.email, "kx7#mQw9");
    assert_eq!((reply.status, reply.code().as_str()), (403, "totp_required"));
}

#[test]
fn a_password_is_stored_as_argon2id() {
    let api = Api::start();
    api.register("ana@example.org");
    let hashed = "logins WHERE password_hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'";
    assert_eq!(sql::rows(&api.database, hashed), 1);
}
