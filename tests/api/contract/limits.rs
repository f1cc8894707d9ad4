//! How often somebody may ask: by account first, by address where nobody is signed in, by mail address at the door.

use serde_json::json;

use super::is;
use crate::support::api::{Api, PASSWORD, Reply};

fn is_too_many(reply: &Reply, policy: &str) {
    is(reply, 429, "too_many_requests");
    let seconds: u64 = reply.headers["retry-after"].parse().unwrap();
    assert!((1..=3600).contains(&seconds), "{seconds}");
    assert!(reply.headers["ratelimit-policy"].starts_with(&format!("\"{policy}\";q=")), "{reply:?}");
    assert!(reply.headers["ratelimit"].starts_with(&format!("\"{policy}\";r=")), "{reply:?}");
}

/// Asks until it is one too many; gives how often it was not.
fn use_up(ask: impl Fn() -> Reply) -> (usize, Reply) {
    for count in 0..100 {
        let reply = ask();
        if reply.status == 429 {
            return (count, reply);
        }
    }
    panic!("there is no limit");
}

#[test]
fn an_address_that_is_used_up_stops_nobody_who_is_signed_in() {
    let api = Api::start_with(|settings| settings.limits.address_per_minute = 30);
    let ana = api.register("ana@example.org");
    let (count, refused) = use_up(|| api.get("calls"));
    assert!((1..=40).contains(&count), "{count}");
    is_too_many(&refused, "address");
    assert!(refused.headers["ratelimit"].starts_with("\"address\";r=0;t="), "{refused:?}");
    is_too_many(&api.get("nothing"), "address");
    is_too_many(&api.ask("GET", "me").header("Authorization", "Bearer forged").send(), "address");
    for _ in 0..50 {
        assert_eq!(api.ask("GET", "me").by(&ana).send().status, 200);
    }
}

#[test]
fn an_account_that_is_used_up_stops_nobody_else() {
    let api = Api::start_with(|settings| settings.limits.account_per_minute = 20);
    let [ana, iva] = ["ana@example.org", "iva@example.org"].map(|email| api.register(email));
    let (count, refused) = use_up(|| api.ask("GET", "me").by(&ana).send());
    assert!((20..=22).contains(&count), "{count}");
    is_too_many(&refused, "account");
    assert_eq!(api.get("calls").status, 200);
    let other = api.ask("GET", "me").by(&iva).send();
    assert_eq!((other.status, other.headers["ratelimit-policy"].as_str()), (200, "\"account\";q=20;w=60"));
    assert_eq!(other.headers["ratelimit"], "\"account\";r=19;t=3");
}

#[test]
fn signing_in_is_counted_alike_for_known_and_unknown_addresses() {
    let api = Api::start_with(|settings| settings.limits.sign_ins_per_quarter = 5);
    api.register("ana@example.org");
    let attempts =
        |email: &str| use_up(|| api.post("sessions", json!({"email": email, "password": "wrong and long enough"})));
    let ((known, one), (unknown, other)) = (attempts("ana@example.org"), attempts("nobody@example.org"));
    assert_eq!((known, unknown), (5, 5));
    for reply in [&one, &other] {
        is(reply, 429, "too_many_requests");
        assert!(reply.headers.contains_key("retry-after"));
    }
    // However it is written, and with the right password too.
    for email in ["ANA@example.org", " ana@Example.org "] {
        is(&api.post("sessions", json!({"email": email, "password": PASSWORD})), 429, "too_many_requests");
    }
    is(&api.post("sessions", json!({"email": "iva@example.org", "password": "x"})), 401, "wrong_credentials");
}

#[test]
fn letters_are_counted_alike_for_known_and_unknown_addresses() {
    let api = Api::start_with(|settings| settings.limits.letters_per_hour = 3);
    api.register("ana@example.org");
    let links = |email: &str| use_up(|| api.post("sign-in-links", json!({"email": email}))).0;
    assert_eq!((links("ana@example.org"), links("nobody@example.org")), (2, 3), "registering was the first letter");
    is(&api.post("password-resets", json!({"email": "nobody@example.org"})), 429, "too_many_requests");
    is(&api.post("registrations", json!({"email": "Nobody@example.org"})), 429, "too_many_requests");
}

#[test]
fn codes_are_counted_for_the_account() {
    let api = Api::start_with(|settings| settings.limits.sign_ins_per_quarter = 4);
    let mut ana = api.register("ana@example.org");
    api.enrol(&mut ana);
    let wrong = json!({"totp_code": "000000"});
    let (count, _) = use_up(|| api.ask("POST", "sessions/current/step-up").by(&ana).json(wrong.clone()).send());
    assert_eq!(count, 3, "enrolling was the first");
}

#[test]
fn a_link_is_no_way_to_guess_at_the_second_factor() {
    let api = Api::start_with(|settings| settings.limits.sign_ins_per_quarter = 4);
    let mut ana = api.register("ana@example.org");
    api.enrol(&mut ana);
    let asked = api.post("sign-in-links", json!({"email": ana.email})).json();
    let letter = crate::letters::letter_with(&api, &ana.email, "/sign-in#", 0);
    let by_link = json!({"token": letter.token(), "totp_code": "000000"});
    let by_code = json!({"device_token": asked["device_token"], "code": letter.code(), "recovery_code": "0000"});
    let (count, refused) = use_up(|| api.post("sessions/link", by_link.clone()));
    assert_eq!(count, 3, "enrolling was the first");
    assert!(refused.headers.contains_key("retry-after"));
    is(&api.post("sessions/code", by_code), 429, "too_many_requests");
}

#[test]
fn only_a_trusted_proxy_says_who_asks() {
    let ask = |api: &Api, from: &str| api.ask("GET", "calls").header("X-Forwarded-For", from).send();
    let api = Api::start_with(|settings| settings.limits.address_per_minute = 2);
    ask(&api, "192.0.2.1");
    ask(&api, "192.0.2.2");
    is_too_many(&ask(&api, "192.0.2.3"), "address");

    let api = Api::start_with(|settings| {
        settings.limits.address_per_minute = 2;
        settings.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    });
    for _ in 0..2 {
        assert_eq!(ask(&api, "192.0.2.1").status, 200);
    }
    is_too_many(&ask(&api, "192.0.2.1"), "address");
    is_too_many(&ask(&api, "192.0.2.9, 192.0.2.1, 127.0.0.1"), "address");
    assert_eq!(ask(&api, "192.0.2.1, 192.0.2.2").status, 200, "what stands before the last was written by anybody");
}

#[test]
fn a_queue_of_passwords_that_is_full_is_told() {
    let api = Api::start_with(|settings| {
        settings.passwords.queue = 1;
        settings.http.workers = 4;
    });
    let body = json!({"email": "ana@example.org", "password": "wrong and long enough"});
    let replies: Vec<Reply> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..24).map(|_| scope.spawn(|| api.post("sessions", body.clone()))).collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    let (busy, others): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 503);
    assert!(!busy.is_empty() && !others.is_empty());
    for reply in busy {
        is(reply, 503, "busy");
        assert!(reply.headers["retry-after"].parse::<u64>().unwrap() >= 1);
    }
    others.into_iter().for_each(|reply| is(reply, 401, "wrong_credentials"));
    is(&api.post("sessions", body), 401, "wrong_credentials");
}
