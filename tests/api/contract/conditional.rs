//! Changes only of what was seen, and answers that need not be sent again.

use serde_json::json;

use super::{is, offer, post_with_key};
use crate::support::api::{Api, Reply, User};
use crate::support::people;

fn patch(api: &Api, by: &User, tag: Option<&str>) -> Reply {
    let ask = api.ask("PATCH", "me").by(by).json(json!({"language": "en"}));
    match tag {
        Some(tag) => ask.header("If-Match", tag),
        None => ask,
    }
    .send()
}

/// Tags none of which is that of what stands, `"1"`: a weak one never is.
const OTHERS: [&str; 8] =
    ["\"0\"", "\"-1\"", "W/\"1\"", "\"01\"", "\"99999999999\"", "\"x\"", "\"1,1\"", "W/\"1\", \"2\""];
/// What is neither a list of tags nor `*`.
const GARBLED: [&str; 8] = ["1", "\"1", "", ",", "w/\"1\"", "\"1\" \"1\"", "W/\"1\", \"2\", *", "*, *"];

/// Of what stands nothing is changed: 412 for another version, 400 with the name of the header for what names none.
fn is_not_changed(send: impl Fn(&str) -> Reply) {
    for tag in OTHERS {
        is(&send(tag), 412, "stale");
    }
    for tag in GARBLED {
        let reply = send(tag);
        is(&reply, 400, "bad_request");
        assert_eq!(reply.wrong_fields(), ["If-Match: if_match"], "{tag}");
    }
}

#[test]
fn a_change_names_the_version_that_was_seen() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    is(&patch(&api, &ana, None), 428, "precondition_required");
    is_not_changed(|tag| patch(&api, &ana, Some(tag)));
    let tag = api.ask("GET", "me").by(&ana).send().headers["etag"].clone();
    let changed = patch(&api, &ana, Some(&tag));
    assert_eq!((changed.status, &changed.json()["language"]), (200, &json!("en")));
    assert_ne!(changed.headers["etag"], tag);
    is(&patch(&api, &ana, Some(&tag)), 412, "stale");
    assert_eq!(patch(&api, &ana, Some(&changed.headers["etag"])).status, 200);
}

#[test]
fn steps_of_invitations_and_roles_name_it_too() {
    let api = Api::start();
    let [first, second] = api.administrators();
    let invitation = post_with_key(&api, &first, "a", &offer("iva@example.org")).headers["location"].clone();
    let roles = api.ask("GET", "roles").by(&first).send().json();
    let role = format!("/api/v1/roles/{}", roles["items"][0]["id"].as_str().unwrap());
    for (method, path) in
        [("POST", format!("{invitation}/confirm")), ("DELETE", invitation.clone()), ("POST", format!("{role}/end"))]
    {
        let ask = || api.ask(method, &path).by(&second);
        is(&ask().send(), 428, "precondition_required");
        is_not_changed(|tag| ask().header("If-Match", tag).send());
    }
    let confirmed = api.ask("POST", &format!("{invitation}/confirm")).by(&second).header("If-Match", "\"1\"").send();
    assert_eq!((confirmed.status, confirmed.headers["etag"].as_str()), (200, "\"2\""));
    is(&api.ask("DELETE", &invitation).by(&second).header("If-Match", "\"1\"").send(), 412, "stale");
}

#[test]
fn what_the_header_should_be_is_told_in_three_languages() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let parts = [("en", "in its quotation marks"), ("sr-Latn", "sa navodnicima"), ("sr-Cyrl", "са наводницима")];
    for (language, part) in parts {
        let ask = api.ask("PATCH", "me").by(&ana).header("If-Match", "1").header("Accept-Language", language);
        let message = ask.json(json!({"language": "en"})).send().json()["errors"][0]["message"].clone();
        assert!(message.as_str().unwrap().contains(part), "{message}");
    }
}

#[test]
fn a_list_of_versions_and_whatever_there_is() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    for (tags, status) in [
        ("\"7\", \"1\"", 200),
        ("\"1\",\"7\"", 412),
        ("W/\"2\", \"2\"", 200),
        ("*", 200),
        ("*", 200),
        (" \"5\" , \"x\"", 200),
    ] {
        assert_eq!(patch(&api, &ana, Some(tags)).status, status, "{tags}");
    }
    let twice = api.ask("PATCH", "me").by(&ana).json(json!({"language": "en"}));
    let twice = twice.header("If-Match", "\"1\"").header("If-Match", "\"6\"").send();
    assert_eq!(twice.status, 200, "{twice:?}");

    // Whatever there is: what is not there stays 404.
    let [first, _] = api.administrators();
    let absent = format!("invitations/{}", uuid::Uuid::now_v7());
    is(&api.ask("DELETE", &absent).by(&first).header("If-Match", "*").send(), 404, "not_found");
    let invitation = post_with_key(&api, &first, "a", &offer("iva@example.org")).headers["location"].clone();
    assert_eq!(api.ask("DELETE", &invitation).by(&first).header("If-Match", "*").send().status, 204);
}

#[test]
fn of_two_changes_of_one_version_one_wins() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let tag = api.ask("GET", "me").by(&ana).send().headers["etag"].clone();
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let patches: Vec<_> = (0..8).map(|_| scope.spawn(|| patch(&api, &ana, Some(&tag)).status)).collect();
        patches.into_iter().map(|patch| patch.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
}

#[test]
fn what_is_public_is_not_sent_again() {
    let api = Api::start();
    let call = people::open_call(&api.database.open(), |_| ());
    for path in ["calls".to_owned(), format!("calls/{call}")] {
        let full = api.get(&path);
        assert_eq!((full.status, full.headers["cache-control"].as_str()), (200, "public, max-age=30"));
        let tag = &full.headers["etag"];
        for held in [tag.clone(), format!("\"other\", {tag}"), tag.replace("W/", ""), "*".into()] {
            let short = api.ask("GET", &path).header("If-None-Match", &held).send();
            assert_eq!((short.status, short.body.as_str(), &short.headers["etag"]), (304, "", tag), "{held}");
            assert_eq!(short.headers["cache-control"], "public, max-age=30");
            assert!(short.headers.contains_key("x-request-id"));
        }
        assert_eq!(api.ask("GET", &path).header("If-None-Match", "W/\"other\"").send().status, 200);
    }
    let absent = format!("calls/{}", uuid::Uuid::now_v7());
    assert_eq!(api.ask("GET", &absent).header("If-None-Match", "*").send().status, 404);
}
