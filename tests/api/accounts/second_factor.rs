//! The second factor: a code works once, a recovery code once, and nothing short is left when it goes.

use std::time::Duration;

use fond::clock::Instant;
use serde_json::{Value, json};

use crate::letters::{letter_with, register_in_english};
use crate::sql;
use crate::support::api::{Api, PASSWORD, Reply, User, code};

fn sign_in(api: &Api, user: &User, more: (&str, &str)) -> Reply {
    let mut body = json!({"email": user.email, "password": PASSWORD});
    body[more.0] = more.1.into();
    api.post("sessions", body)
}

fn is_refused(reply: &Reply, field: &str) {
    assert_eq!((reply.status, reply.wrong_fields()), (422, vec![format!("{field}: code")]), "{reply:?}");
}

fn enrolled(api: &Api) -> User {
    let mut ana = register_in_english(api, "ana@example.org");
    api.enrol(&mut ana);
    ana
}

/// The moment of the code that was used last, whatever the clock says by now.
fn last_used(api: &Api) -> Instant {
    let step = api.database.number("SELECT MAX(totp_last_step) AS number FROM logins");
    Instant::from_micros(step * 30_000_000)
}

#[test]
fn a_code_works_once_and_none_before_it() {
    let api = Api::start();
    let ana = enrolled(&api);
    let secret = ana.totp.as_deref().unwrap();
    let used = last_used(&api);
    is_refused(&sign_in(&api, &ana, ("totp_code", &code(secret, used))), "totp_code");
    let next = code(secret, used.plus(Duration::from_secs(30)));
    assert_eq!(sign_in(&api, &ana, ("totp_code", &next)).status, 201);
    is_refused(&sign_in(&api, &ana, ("totp_code", &next)), "totp_code");
    is_refused(&sign_in(&api, &ana, ("totp_code", &code(secret, used))), "totp_code");
    for wrong in ["", "12345", "1234567", "abcdef", &code(secret, used.plus(Duration::from_secs(3600)))] {
        let reply = sign_in(&api, &ana, ("totp_code", wrong));
        assert_eq!(reply.status, 422, "{wrong}: {reply:?}");
    }
    let proved = api.ask("POST", "sessions/current/step-up").by(&ana).json(json!({"totp_code": next})).send();
    is_refused(&proved, "totp_code");
}

#[test]
fn of_eight_who_send_one_code_one_gets_in() {
    let api = Api::start();
    let ana = enrolled(&api);
    let next = code(ana.totp.as_deref().unwrap(), last_used(&api).plus(Duration::from_secs(30)));
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..8).map(|_| scope.spawn(|| sign_in(&api, &ana, ("totp_code", &next)).status)).collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422, 422, 422, 422, 422, 422, 422]);
}

#[test]
fn a_wrong_password_uses_up_no_code() {
    let api = Api::start();
    let ana = enrolled(&api);
    let body = json!({"email": ana.email, "password": "wrong and long enough", "recovery_code": ana.recovery_codes[0]});
    assert_eq!(api.post("sessions", body).code(), "wrong_credentials");
    assert_eq!(sign_in(&api, &ana, ("recovery_code", &ana.recovery_codes[0])).status, 201);
}

#[test]
fn each_of_ten_recovery_codes_works_once() {
    let api = Api::start();
    let ana = enrolled(&api);
    assert_eq!(ana.recovery_codes.len(), 10);
    for code in &ana.recovery_codes {
        let digits = code.chars().filter(char::is_ascii_alphanumeric).count();
        assert_eq!((digits, code.len()), (26, 32), "128 bits in base 32, in groups: {code}");
        let typed = code.to_lowercase().replace('-', " ");
        assert_eq!(sign_in(&api, &ana, ("recovery_code", &typed)).status, 201, "{code}");
        is_refused(&sign_in(&api, &ana, ("recovery_code", code)), "recovery_code");
    }
}

#[test]
fn new_recovery_codes_end_the_old_ones() {
    let api = Api::start();
    let ana = enrolled(&api);
    let made = api.ask("POST", "me/recovery-codes").by(&ana).send();
    let codes: Vec<Value> = made.json()["recovery_codes"].as_array().unwrap().clone();
    assert_eq!((made.status, codes.len()), (200, 10));
    is_refused(&sign_in(&api, &ana, ("recovery_code", &ana.recovery_codes[0])), "recovery_code");
    assert_eq!(sign_in(&api, &ana, ("recovery_code", codes[0].as_str().unwrap())).status, 201);
}

#[test]
fn a_code_of_somebody_else_is_wrong() {
    let api = Api::start();
    let ana = enrolled(&api);
    let mut iva = api.register("iva@example.org");
    api.enrol(&mut iva);
    is_refused(&sign_in(&api, &ana, ("recovery_code", &iva.recovery_codes[0])), "recovery_code");
    let next = Instant::now().plus(Duration::from_secs(30));
    is_refused(&sign_in(&api, &ana, ("totp_code", &code(iva.totp.as_deref().unwrap(), next))), "totp_code");
}

#[test]
fn removing_it_forgets_the_password_and_ends_the_other_sessions() {
    let api = Api::start();
    let mut ana = enrolled(&api);
    let mut elsewhere = ana.clone();
    api.sign_in(&mut elsewhere);
    assert_eq!(api.ask("DELETE", "me/second-factor").by(&ana).send().status, 204);
    let me = api.ask("GET", "me").by(&ana).send().json();
    assert_eq!((&me["has_password"], &me["has_second_factor"]), (&json!(false), &json!(false)));
    assert_eq!(api.ask("GET", "me").by(&elsewhere).send().status, 401);
    assert_eq!(api.post("sessions", json!({"email": ana.email, "password": PASSWORD})).status, 401);
    letter_with(&api, &ana.email, "Subject: The second factor of your account was changed", 1);
    assert_eq!(sql::rows(&api.database, "recovery_codes"), 0);

    let set = |new: &str| api.ask("PUT", "me/password").by(&ana).json(json!({"new_password": new})).send();
    assert_eq!(set("kx7#mQw9").wrong_fields(), ["new_password: too_short"]);
    assert_eq!(set(PASSWORD).status, 204);
    assert_eq!(api.post("sessions", json!({"email": ana.email, "password": PASSWORD})).status, 201);
    api.enrol(&mut ana);
}

#[test]
fn enrolling_asks_for_a_fresh_proof_and_a_right_code() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let confirm =
        |code: &str| api.ask("POST", "me/second-factor/confirm").by(&ana).json(json!({"totp_code": code})).send();
    is_refused(&confirm("123456"), "totp_code");
    let offered = api.ask("POST", "me/second-factor").by(&ana).send().json();
    let secret = offered["secret"].as_str().unwrap();
    assert!(offered["url"].as_str().unwrap().starts_with("otpauth://totp/Fond:"), "{offered}");
    assert_eq!(secret.len(), 32);
    let replaced = api.ask("POST", "me/second-factor").by(&ana).send().json();
    is_refused(&confirm(&code(secret, Instant::now())), "totp_code");
    sql::let_proof_grow_old(&api, &ana, 6);
    let right = code(replaced["secret"].as_str().unwrap(), Instant::now());
    assert_eq!(confirm(&right).code(), "step_up_required");
    sql::let_proof_grow_old(&api, &ana, -6);
    assert_eq!(confirm(&code(replaced["secret"].as_str().unwrap(), Instant::now())).status, 200);
    assert_eq!(confirm(&right).code(), "second_factor_enrolled");
}
