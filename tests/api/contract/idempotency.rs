//! A request that is sent twice is done once, and answered twice with the same bytes.

use serde_json::json;

use super::{is, offer, post_with_key};
use crate::sql;
use crate::support::api::{Api, Reply};

/// What a retry must see again.
fn essence(reply: &Reply) -> (u16, &str, Option<&String>, Option<&String>) {
    (reply.status, &reply.body, reply.headers.get("etag"), reply.headers.get("location"))
}

fn invitations(api: &Api) -> i64 {
    sql::rows(&api.database, "invitations WHERE invited_by IS NOT NULL")
}

#[test]
fn the_same_request_gets_the_same_answer() {
    let api = Api::start();
    let [first, _] = api.administrators();
    let one = post_with_key(&api, &first, "a", &offer("iva@example.org"));
    let other = post_with_key(&api, &first, " a ", &offer("iva@example.org"));
    assert_eq!((one.status, one.headers["etag"].as_str()), (201, "\"1\""));
    assert_eq!(one.headers["location"], format!("/api/v1/invitations/{}", one.json()["id"].as_str().unwrap()));
    assert_eq!(essence(&one), essence(&other));
    assert_ne!(one.headers["x-request-id"], other.headers["x-request-id"]);
    assert_eq!((invitations(&api), api.letters_to("iva@example.org").len() <= 1), (1, true));

    let third = post_with_key(&api, &first, "b", &offer("iva@example.org"));
    assert_ne!(third.json()["id"], one.json()["id"], "another key is another request");
    let without = |_| api.ask("POST", "invitations").by(&first).json(offer("iva@example.org")).send().json();
    assert_ne!(without(0)["id"], without(1)["id"], "without a key each is done");
}

#[test]
fn the_first_answer_stays_when_the_thing_changes() {
    let api = Api::start();
    let [first, _] = api.administrators();
    let one = post_with_key(&api, &first, "a", &offer("iva@example.org"));
    let path = one.headers["location"].clone();
    assert_eq!(api.ask("DELETE", &path).by(&first).header("If-Match", "\"1\"").send().status, 204);
    assert_eq!(essence(&one), essence(&post_with_key(&api, &first, "a", &offer("iva@example.org"))));
}

#[test]
fn a_key_with_another_payload_is_refused() {
    let api = Api::start();
    let [first, _] = api.administrators();
    post_with_key(&api, &first, "a", &offer("iva@example.org"));
    is(&post_with_key(&api, &first, "a", &offer("ana@example.org")), 422, "idempotency_mismatch");
    let change = json!({"email": "new@example.org"});
    let elsewhere = api.ask("POST", "me/email-changes").by(&first).header("Idempotency-Key", "a").json(change).send();
    is(&elsewhere, 422, "idempotency_mismatch");
    assert_eq!(invitations(&api), 1);
}

#[test]
fn a_failure_frees_its_key() {
    let api = Api::start();
    let [first, _] = api.administrators();
    let refused = post_with_key(&api, &first, "a", &offer("first@example.org"));
    is(&refused, 409, "role_to_oneself");
    let wrong = json!({"email": "iva", "role": "treasurer"});
    assert_eq!(post_with_key(&api, &first, "a", &wrong).status, 422);
    assert_eq!(sql::rows(&api.database, "idempotent_answers"), 0);
    assert_eq!(post_with_key(&api, &first, "a", &offer("iva@example.org")).status, 201);
}

#[test]
fn two_keys_are_none() {
    let api = Api::start();
    let [first, _] = api.administrators();
    for second in ["a", "b"] {
        let ask = api.ask("POST", "invitations").by(&first).json(offer("iva@example.org"));
        let reply = ask.header("Idempotency-Key", "a").header("idempotency-key", second).send();
        is(&reply, 400, "idempotency_key_invalid");
        assert_eq!(reply.wrong_fields(), ["Idempotency-Key: idempotency_key"]);
    }
    assert_eq!(invitations(&api), 0);
}

#[test]
fn keys_of_two_people_never_meet() {
    let api = Api::start();
    let [first, second] = api.administrators();
    let [one, other] = [&first, &second].map(|by| post_with_key(&api, by, "a", &offer("iva@example.org")));
    assert_eq!((one.status, other.status), (201, 201));
    assert_ne!(one.json()["id"], other.json()["id"]);
    let third = post_with_key(&api, &second, "a", &offer("ana@example.org"));
    is(&third, 422, "idempotency_mismatch");
}

#[test]
fn a_key_is_1_to_255_signs() {
    let api = Api::start();
    let [first, _] = api.administrators();
    for key in ["", "   ", &"k".repeat(256), "a b", "a\tb"] {
        let reply = post_with_key(&api, &first, key, &offer("iva@example.org"));
        is(&reply, 400, "idempotency_key_invalid");
        assert_eq!(reply.wrong_fields(), ["Idempotency-Key: idempotency_key"]);
    }
    assert_eq!(post_with_key(&api, &first, &"k".repeat(255), &offer("iva@example.org")).status, 201);
}

#[test]
fn of_32_at_once_one_is_done() {
    let api = Api::start();
    let [first, _] = api.administrators();
    let replies: Vec<Reply> = std::thread::scope(|scope| {
        let post = || post_with_key(&api, &first, "a", &offer("iva@example.org"));
        let posts: Vec<_> = (0..32).map(|_| scope.spawn(post)).collect();
        posts.into_iter().map(|post| post.join().unwrap()).collect()
    });
    assert_eq!(replies[0].status, 201, "{:?}", replies[0]);
    for reply in &replies {
        assert_eq!(essence(reply), essence(&replies[0]));
    }
    assert_eq!((invitations(&api), sql::rows(&api.database, "idempotent_answers")), (1, 1));
}

#[test]
fn an_answer_is_kept_for_7_days() {
    let api = Api::start();
    let [first, _] = api.administrators();
    let one = post_with_key(&api, &first, "a", &offer("iva@example.org"));
    let minute = 60_000_000_i64;
    let turn = |micros: i64| {
        let sql = format!("UPDATE idempotent_answers SET created_at = created_at - {micros}");
        assert_eq!(sql::execute(&api.database, &sql), 1);
    };
    turn(7 * 24 * 60 * minute - minute);
    assert_eq!(essence(&one), essence(&post_with_key(&api, &first, "a", &offer("iva@example.org"))));
    turn(minute);
    let later = post_with_key(&api, &first, "a", &offer("ana@example.org"));
    assert_eq!((later.status, &later.json()["email"]), (201, &json!("ana@example.org")));
}

#[test]
fn a_stored_answer_cannot_be_read() {
    let api = Api::start();
    let [first, _] = api.administrators();
    post_with_key(&api, &first, "key-in-the-clear", &offer("iva@example.org"));
    let is_in = |text: &str| {
        let hex = data_encoding::HEXLOWER.encode(text.as_bytes());
        let columns = match api.database.is_postgres() {
            true => "encode(key_index || fingerprint || answer_sealed, 'hex')",
            false => "LOWER(HEX(key_index) || HEX(fingerprint) || HEX(answer_sealed))",
        };
        sql::rows(&api.database, &format!("idempotent_answers WHERE {columns} LIKE '%{hex}%'"))
    };
    assert_eq!(sql::rows(&api.database, "idempotent_answers"), 1);
    for text in ["iva@example.org", "example", "treasurer", "key-in-the-clear", "invited"] {
        assert_eq!(is_in(text), 0, "{text}");
    }
}

#[test]
fn who_lost_the_right_reads_no_first_answer() {
    let api = Api::start();
    let [first, _] = api.administrators();
    post_with_key(&api, &first, "a", &offer("iva@example.org"));
    let person = sql::id(&api.database, &first.person);
    sql::execute(&api.database, &format!("UPDATE role_grants SET ends_at = granted_at + 1 WHERE person_id = {person}"));
    is(&post_with_key(&api, &first, "a", &offer("iva@example.org")), 403, "forbidden");
}
