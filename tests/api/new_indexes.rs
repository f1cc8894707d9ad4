//! New keys for the indexes under a running server: signing in, retries and links go on.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use fond::crypto::rotate_indexes;
use serde_json::json;

use crate::support::api::{Api, PASSWORD};
use crate::support::round::call_now;

#[test]
fn people_sign_in_and_retry_while_the_indexes_get_new_keys() {
    let api = Api::start_with(|settings| settings.limits.sign_ins_per_quarter = 100_000);
    let call = call_now(&api, "now");
    let ana = api.register("ana@example.org");
    let begin = |key: &str| {
        let ask = api.ask("POST", &format!("calls/{call}/applications")).by(&ana);
        ask.header("Idempotency-Key", key).send()
    };
    let begun = begin("draft-1");
    assert_eq!(begun.status, 201, "{begun:?}");
    let sign_in = || api.post("sessions", json!({"email": "Ana@example.org", "password": PASSWORD})).status;
    let reset = |email: &str| api.post("password-resets", json!({"email": email})).status;
    assert_eq!(reset("ana@example.org"), 202);
    let before = api.letter("ana@example.org", 1).token();

    let (is_over, signed_in) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                assert_eq!(sign_in(), 201);
                assert_eq!(begin("draft-1").json(), begun.json());
                signed_in.fetch_add(1, Ordering::Relaxed);
            }
        });
        let other = api.database.open();
        rotate_indexes(&other.db, &other.vault, Duration::from_millis(2500), &mut |_| ()).unwrap();
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(signed_in.load(Ordering::Relaxed) > 5);
    assert_eq!((sign_in(), begin("draft-1").json()), (201, begun.json()));

    // Links of the old key are dead, new ones work.
    let set = |token: &str| api.post("password-resets/confirm", json!({"token": token, "new_password": PASSWORD}));
    std::thread::sleep(Duration::from_millis(1100));
    assert_eq!(set(&before).wrong_fields(), ["token: token"]);
    assert_eq!(reset("ana@example.org"), 202);
    assert_eq!(set(&api.letter("ana@example.org", 2).token()).status, 204);
}
