//! Finding the letter that is meant, where somebody gets several.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::api::{Api, Letter, PASSWORD, User};

const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for something that other threads bring about.
pub fn eventually<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "it did not come about");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits for letter number `number` (from 0) to an address in which these words stand.
pub fn letter_with(api: &Api, email: &str, words: &str, number: usize) -> Letter {
    let is_meant = |letter: &Letter| letter.text.contains(words);
    eventually(|| api.letters_to(email).into_iter().filter(is_meant).nth(number))
}

/// Somebody new who is written to in English, with other letters than this one in the box.
pub fn register_in_english(api: &Api, email: &str) -> User {
    assert_eq!(api.post("registrations", json!({"email": email, "language": "en"})).status, 202);
    let token = letter_with(api, email, "/registration#", 0).token();
    let reply = api.post("registrations/confirm", json!({"token": token, "password": PASSWORD}));
    assert_eq!(reply.status, 201, "{reply:?}");
    user(email, &reply.json())
}

/// Who is signed in by these tokens.
pub fn user(email: &str, tokens: &serde_json::Value) -> User {
    let text = |name: &str| tokens[name].as_str().unwrap_or_else(|| panic!("no {name}: {tokens}")).to_owned();
    User {
        email: email.to_owned(),
        person: text("person_id"),
        access: text("access_token"),
        refresh: text("refresh_token"),
        session: text("session_id"),
        totp: None,
        recovery_codes: Vec::new(),
    }
}
