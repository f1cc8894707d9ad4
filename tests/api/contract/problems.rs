//! Every no has the same form (RFC 9457), in the language of the request, with all that is wrong.

use serde_json::{Value, json};

use super::{is, offer};
use crate::support::api::{Api, PASSWORD, Reply};

fn post_text(api: &Api, path: &str, media_type: &str, text: &str) -> Reply {
    api.ask("POST", path).header("Content-Type", media_type).text(text).send()
}

/// One of each kind of no that can be had from outside.
fn problems(api: &Api, language: &str) -> Vec<Reply> {
    let [first, second] = ["first@example.org", "second@example.org"].map(|email| {
        let body = json!({"email": email, "password": PASSWORD});
        let reply = api.post("sessions", body);
        assert_eq!(reply.status, 201, "{reply:?}");
        crate::letters::user(email, &reply.json())
    });
    let speak = |method: &'static str, path: &str| api.ask(method, path).header("Accept-Language", language);
    let absent = uuid::Uuid::now_v7();
    vec![
        speak("POST", "registrations").header("Content-Type", "application/json").text("{").send(),
        speak("POST", "registrations").json(json!({"email": "x", "name": "y"})).send(),
        speak("POST", "registrations").text("x").send(),
        speak("POST", "registrations").json(json!({"x": "y".repeat(1024 * 1024)})).send(),
        speak("GET", "me").send(),
        speak("GET", "roles").by(&first).send(),
        speak("GET", &format!("calls/{absent}")).send(),
        speak("GET", "nothing").send(),
        speak("PUT", "me").send(),
        speak("GET", "calls?limit=0&x=y").send(),
        speak("PATCH", "me").by(&first).json(json!({"language": "en"})).send(),
        speak("PATCH", "me").by(&first).header("If-Match", "\"x\"").json(json!({"language": "en"})).send(),
        speak("PATCH", "me").by(&first).header("If-Match", "x").json(json!({"language": "en"})).send(),
        speak("POST", "sessions").json(json!({"email": "first@example.org", "password": "x"})).send(),
        speak("POST", "invitations").by(&second).header("Idempotency-Key", "").json(offer("x@example.org")).send(),
        speak("DELETE", "me/second-factor").by(&second).send(),
        speak("PUT", "me/password").by(&first).json(json!({"new_password": "short"})).send(),
    ]
}

fn is_cyrillic(letter: char) -> bool {
    ('\u{400}'..='\u{52f}').contains(&letter)
}

fn texts(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    let messages = errors.iter().map(|error| error["message"].clone());
    let all = [problem["title"].clone(), problem["detail"].clone()].into_iter().chain(messages);
    all.map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_no_has_one_form_in_three_languages() {
    let api = Api::start();
    api.register("first@example.org");
    api.register("second@example.org");
    let statuses = [400, 422, 415, 413, 401, 403, 404, 404, 405, 400, 428, 412, 400, 401, 400, 403, 422];
    let mut by_language = Vec::new();
    for (asked, given) in [("sr", "sr-Cyrl"), ("sr-Latn", "sr-Latn"), ("en-GB, sr;q=0.5", "en")] {
        let replies = problems(&api, asked);
        assert_eq!(replies.iter().map(|reply| reply.status).collect::<Vec<_>>(), statuses);
        for reply in &replies {
            let problem = reply.json();
            assert_eq!(reply.headers["content-type"], "application/problem+json");
            assert_eq!(reply.headers["content-language"], given);
            assert_eq!(problem["status"], reply.status);
            assert_eq!(problem["request_id"], reply.headers["x-request-id"].as_str());
            assert!(problem["type"].as_str().unwrap().starts_with("urn:fond:problem:"), "{problem}");
            for text in texts(&problem) {
                assert!(!text.is_empty() && !text.contains(['{', '}', '\u{2068}']), "{problem}");
                assert_eq!(text.chars().any(is_cyrillic), given == "sr-Cyrl", "{text}");
            }
        }
        by_language.push(replies);
    }
    let types = |replies: &[Reply]| replies.iter().map(Reply::code).collect::<Vec<_>>();
    assert!(by_language.iter().all(|replies| types(replies) == types(&by_language[0])));
    assert!(by_language.iter().all(|replies| replies[1].wrong_fields() == ["email: email", "name: unknown"]));
}

#[test]
fn without_a_language_it_is_serbian_in_latin_script() {
    let api = Api::start();
    for (header, given) in [("", "sr-Latn"), ("*", "sr-Latn"), ("de", "en"), (";;q=", "en"), ("hr", "sr-Latn")] {
        let reply = api.ask("GET", "me").header("Accept-Language", header).send();
        assert_eq!(reply.headers["content-language"], given, "{header}");
    }
    assert_eq!(api.get("me").headers["content-language"], "sr-Latn");
    // Two lines are one list (RFC 9110, section 5.3).
    let reply = api.ask("GET", "me").header("Accept-Language", "de;q=0.5").header("Accept-Language", "sr-Cyrl").send();
    assert_eq!(reply.headers["content-language"], "sr-Cyrl");
}

#[test]
fn all_wrong_fields_are_told_at_once() {
    let api = Api::start();
    let [first, _] = api.administrators();
    let invite = |body: Value| api.ask("POST", "invitations").by(&first).json(body).send();
    let all =
        invite(json!({"email": 7, "role": "king", "ends_at": "tomorrow", "call_id": "x", "language": "de", "me": 1}));
    is(&all, 422, "invalid");
    assert_eq!(
        all.wrong_fields(),
        ["email: wrong_type", "role: word", "ends_at: end", "call_id: id", "language: word", "me: unknown"]
    );
    assert_eq!(invite(json!({})).wrong_fields(), ["email: missing", "role: missing", "ends_at: missing"]);
    let unfit = json!({"email": "x@example.org", "role": "member", "ends_at": super::in_days(3)});
    assert_eq!(invite(unfit).wrong_fields(), ["call_id: missing", "association: missing"]);
    let past = json!({"email": "x", "role": "member", "ends_at": "2020-01-01T00:00:00Z"});
    assert_eq!(invite(past).wrong_fields(), ["email: email", "ends_at: past"]);
    for path in ["me/roles?x=1", "me/applications?limit=0", "me/seats?x=1"] {
        assert_eq!(api.ask("GET", path).by(&first).send().status, 400, "{path}");
    }
    let system = json!({"email": "x@example.org", "role": "system", "ends_at": super::in_days(3)});
    assert_eq!(invite(system).wrong_fields(), ["role: role_not_offered"]);
    let applicant = json!({"email": "x@example.org", "role": "applicant", "ends_at": super::in_days(3)});
    assert_eq!(invite(applicant).wrong_fields(), ["role: role_not_offered"]);
}

/// What cannot be given is not among the words to choose from, and is told beside everything else.
#[test]
fn only_roles_that_can_be_given_are_named() {
    let api = Api::start();
    let [first, _] = api.administrators();
    let given = "administrator, treasurer, authoriser, auditor, chair, member, substitute";
    let told = |reply: &Reply| reply.json()["errors"][0]["message"].as_str().unwrap().to_owned();
    let king = json!({"email": "x@example.org", "role": "king", "ends_at": super::in_days(3)});
    let ask = |method: &'static str, path: &str| api.ask(method, path).by(&first).header("Accept-Language", "en");
    for reply in [
        ask("POST", "invitations").json(king).send(),
        ask("GET", "invitations?role=king").send(),
        ask("GET", "roles?role=king").send(),
    ] {
        assert_eq!(reply.wrong_fields(), ["role: word"]);
        assert!(told(&reply).contains(&format!(": {given}.")), "{}", told(&reply));
    }
    let both = ask("POST", "invitations").json(json!({"email": "x", "role": "applicant"})).send();
    assert_eq!(both.wrong_fields(), ["email: email", "role: role_not_offered", "ends_at: missing"]);
    for path in ["invitations?role=applicant", "roles?role=system"] {
        let reply = ask("GET", path).send();
        assert_eq!((reply.status, reply.wrong_fields()), (400, vec!["role: role_not_offered".to_owned()]), "{path}");
    }
}

#[test]
fn a_body_that_is_no_json_object_is_a_bad_request() {
    let api = Api::start();
    for text in ["", "{", "[]", "[{\"email\": \"a@example.org\"}]", "null", "7", "\"x\"", "{\"email\": }", "\u{0}"] {
        is(&post_text(&api, "registrations", "application/json", text), 400, "bad_request");
    }
    let deep = "{\"email\":".repeat(5000) + "1";
    is(&post_text(&api, "registrations", "application/json", &deep), 400, "bad_request");
    // Where it stops is told, and nothing of what stands there.
    for (text, code, place) in
        [("{\n  \"email\": CANARY }", "json", "2:12"), ("{\"email\": \"a\"", "json", "1:13"), ("[]", "no_object", "")]
    {
        let reply = post_text(&api, "registrations", "application/json", text);
        let wrong = reply.json()["errors"][0].clone();
        assert_eq!((&wrong["field"], &wrong["code"]), (&json!("body"), &json!(code)), "{reply:?}");
        assert!(wrong["message"].as_str().unwrap().contains(place) && !reply.body.contains("CANARY"), "{reply:?}");
    }
    // A number beyond all numbers is JSON: its field is told, where that can be the name of one.
    for (text, field, place) in [
        ("{\"email\": 1e400}", "email", "1:15"),
        ("{\"a\": {\"b\": [-1e400]}}", "a.b", "1:19"),
        ("{\"CANARY\": 1e400}", "?", "1:16"),
        ("1e400", "body", "1:5"),
    ] {
        let reply = post_text(&api, "registrations", "application/json", text);
        is(&reply, 400, "bad_request");
        assert_eq!(reply.wrong_fields(), [format!("{field}: number_unreadable")], "{text}");
        let message = reply.json()["errors"][0]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(place) && !reply.body.contains("CANARY"), "{reply:?}");
    }
}

#[test]
fn a_name_that_stands_twice_is_refused() {
    let api = Api::start();
    let post = |text: &str| post_text(&api, "registrations", "application/json", text);
    let twice = post(r#"{"email": "ana@example.org", "email": "iva@example.org"}"#);
    is(&twice, 422, "invalid");
    assert_eq!(twice.wrong_fields(), ["email: twice"]);
    let more = post(r#"{"email": "x", "\u0065mail": "y", "language": "en", "language": "en", "me": {"a": 1, "a": 1}}"#);
    assert_eq!(more.wrong_fields(), ["email: twice", "language: twice", "me.a: twice", "email: email", "me: unknown"]);
}

#[test]
fn a_compressed_body_is_not_taken() {
    let api = Api::start();
    let post = |encoding: &str| {
        let ask = api.ask("POST", "registrations").json(json!({"email": "ana@example.org"}));
        ask.header("Content-Encoding", encoding).send()
    };
    for encoding in ["gzip", "br", "deflate, gzip", "x", "identity, gzip"] {
        let reply = post(encoding);
        is(&reply, 415, "unsupported_content_encoding");
        assert_eq!(reply.headers["accept-encoding"], "identity");
    }
    assert_eq!(post("identity").status, 202);
}

#[test]
fn who_takes_no_form_that_there_is_gets_a_problem_all_the_same() {
    let api = Api::start();
    for path in ["me", "calls", "nothing"] {
        let reply = api.ask("GET", path).header("Accept-Encoding", "identity;q=0, *;q=0").send();
        is(&reply, 406, "not_acceptable");
        assert_eq!(reply.json()["request_id"], reply.headers["x-request-id"].as_str());
        assert_eq!(reply.headers["content-type"], "application/problem+json");
    }
}

#[test]
fn only_json_is_taken() {
    let api = Api::start();
    let body = json!({"email": "ana@example.org"}).to_string();
    for media_type in
        ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/problem+json", ""]
    {
        is(&post_text(&api, "registrations", media_type, &body), 415, "unsupported_media_type");
    }
    for media_type in ["application/json", "Application/JSON; charset=utf-8"] {
        assert_eq!(post_text(&api, "registrations", media_type, &body).status, 202, "{media_type}");
    }
}

#[test]
fn a_body_is_a_mebibyte_at_most() {
    let api = Api::start();
    let padded = |size: usize| {
        let body = json!({"email": "ana@example.org"}).to_string();
        body.clone() + &" ".repeat(size - body.len())
    };
    let post = |size: usize| post_text(&api, "registrations", "application/json", &padded(size));
    assert_eq!(post(1024 * 1024).status, 202);
    is(&post(1024 * 1024 + 1), 413, "payload_too_large");
    // Also where nobody reads the body, and where there is no such route.
    for (method, path) in [("DELETE", "sessions"), ("POST", "me/second-factor"), ("POST", "nothing")] {
        is(&api.ask(method, path).text(&padded(1024 * 1024 + 1)).send(), 413, "payload_too_large");
    }
}
