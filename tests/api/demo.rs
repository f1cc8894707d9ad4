//! The fund to try: who signs in finds what is promised to wait for them.

use fond::crypto::{Hasher, PasswordText};
use fond::demo::{self, PASSWORD};
use serde_json::{Value, json};

use crate::support::TestDatabase;
use crate::support::api::Api;
use crate::support::papers;

#[test]
fn the_applicant_of_the_demo_sends_the_documents_that_its_calls_ask_for() {
    let database = TestDatabase::new();
    let hasher = Hasher::start(&database.settings().passwords).unwrap();
    let hash = hasher.hash_blocking(PasswordText::new(PASSWORD.to_owned())).unwrap();
    let fond = database.open();
    demo::fill(&fond.db, &fond.vault, &hash, |_| ()).unwrap();
    drop(fond);
    let api = Api::start_on(database, |_| ());
    let signed_in = api.post("sessions", json!({"email": "applicant@example.org", "password": PASSWORD}));
    assert_eq!(signed_in.status, 201, "{signed_in:?}");
    let bearer = format!("Bearer {}", signed_in.json()["access_token"].as_str().unwrap());
    let mine = api.ask("GET", "me/applications").header("Authorization", &bearer).send().json();
    let of = |state: &str| -> String {
        let all = mine["items"].as_array().unwrap();
        let found = all.iter().find(|one| one["state"] == state).unwrap_or_else(|| panic!("no {state}: {mine:#}"));
        found["id"].as_str().unwrap().to_owned()
    };
    for (state, kind) in [("draft", "income_proof"), ("awarded", "contract")] {
        let path = format!("me/applications/{}/documents?kind={kind}&name=a.pdf", of(state));
        let ask = api.ask("POST", &path).header("Authorization", &bearer).header("Content-Type", "text/plain");
        let sent = ask.bytes(&papers::pdf()).send();
        assert_eq!((sent.status, &sent.json()["kind"]), (201, &Value::from(kind)), "{sent:?}");
    }
}
