//! Nothing tells whether an address has an account: not the status, the body, a header or the time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use diesel::RunQueryDsl;
use serde_json::{Value, json};

use crate::ranks::mann_whitney;
use crate::support::api::{Api, Reply};

/// Requests about known addresses, and as many about unknown ones.
const REQUESTS: usize = 500;
const PEOPLE: usize = 20;
/// Chance alone would fail this once in a hundred runs. So it is measured anew up to three times, and fails only where
/// all of them say so: chance does that once in a million, a leak every time.
const MEASUREMENTS: usize = 3;
const LEAST_P: f64 = 0.01;

const WRONG: &str = "seven grey cranes over Ludas";

/// An address, and whether it has an account.
fn email(number: usize, is_known: bool) -> String {
    format!("{}{:02}@example.org", if is_known { "known" } else { "other" }, number % PEOPLE)
}

fn api() -> Api {
    let api = Api::start();
    (0..PEOPLE).for_each(|number| drop(api.register(&email(number, true))));
    api
}

/// What may differ between any two answers is left out.
fn comparable(reply: Reply) -> (u16, BTreeMap<String, String>, Value) {
    let mut body = reply.json();
    for own in ["request_id", "device_token"] {
        let Some(value) = body.get_mut(own) else { continue };
        *value = json!(value.as_str().unwrap().len());
    }
    let mut headers = reply.headers;
    for own in ["x-request-id", "date", "ratelimit"] {
        *headers.get_mut(own).unwrap() = String::new();
    }
    (reply.status, headers, body)
}

/// The p of the answer times of two kinds of requests, asked in turn; chance says which of a pair goes first.
fn p(ask: impl Fn(usize, bool)) -> f64 {
    let seed = u64::from(std::process::id());
    let mut times = [Vec::new(), Vec::new()];
    for number in 0..REQUESTS {
        let is_first = (seed.wrapping_add(number as u64).wrapping_mul(6_364_136_223_846_793_005) >> 40) % 2 == 0;
        for is_known in [is_first, !is_first] {
            let began = Instant::now();
            ask(number, is_known);
            times[usize::from(is_known)].push(began.elapsed().as_secs_f64());
        }
    }
    let (_, p) = mann_whitney(&times[0], &times[1]);
    let middle = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        Duration::from_secs_f64(times[times.len() / 2])
    });
    eprintln!("seed {seed}: unknown {:?}, known {:?}, p {p:.4}", middle[0], middle[1]);
    p
}

/// Known and unknown addresses get the same answer in the same time.
fn is_told_apart(api: &Api, path: &str, body: impl Fn(&str) -> Value) -> bool {
    let ask = |number, is_known| api.post(path, body(&email(number, is_known)));
    for number in 0..PEOPLE {
        assert_eq!(comparable(ask(number, true)), comparable(ask(number, false)), "{path}");
    }
    (0..MEASUREMENTS).all(|_| p(|number, is_known| drop(ask(number, is_known))) <= LEAST_P)
}

/// Hashes that were made with other parameters than the settings': unknown addresses cost what those cost.
#[test]
fn logins_tell_nothing_while_hashes_are_old() {
    let api = api();
    let older = "UPDATE logins SET password_hash = REPLACE(password_hash, ',t=2,', ',t=4,')";
    assert_eq!(diesel::sql_query(older).execute(&mut api.database.raw()).unwrap(), PEOPLE);
    assert!(!is_told_apart(&api, "sessions", |email| json!({"email": email, "password": WRONG})));
}

#[test]
fn logins_tell_nothing() {
    let api = api();
    assert!(!is_told_apart(&api, "sessions", |email| json!({"email": email, "password": WRONG})));
}

#[test]
fn letters_that_are_asked_for_tell_nothing() {
    let api = api();
    for path in ["registrations", "password-resets", "sign-in-links"] {
        assert!(!is_told_apart(&api, path, |email| json!({"email": email})), "{path}");
    }
}

/// The known-bad variant: an answer that comes without hashing, as if nobody had such an address.
#[test]
fn a_login_that_skips_the_hash_is_told_apart() {
    let api = api();
    let ask = |number, is_known| {
        let mut body = json!({"email": email(number, is_known), "password": WRONG});
        if !is_known {
            body.as_object_mut().unwrap().remove("password");
        }
        drop(api.post("sessions", body));
    };
    assert!(p(ask) <= LEAST_P);
}
