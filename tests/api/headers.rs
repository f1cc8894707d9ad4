//! The headers of every answer, whatever was asked and whoever asked.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpStream;

use crate::policy::bodies::sent;
use crate::policy::table::routes;
use crate::sql;
use crate::support::api::{Api, Ask, Reply, User};
use crate::support::people;

const ORIGIN: &str = "https://fond.example.org";

fn path_of(template: &str) -> String {
    let id = uuid::Uuid::now_v7().to_string();
    let path = template.replace("{id}", &id).replace("{clarification}", &id);
    path.replace("{finding}", "other_aid_possible").replace("{file}", "index.html")
}

fn ask<'a>(api: &'a Api, method: &'static str, path: &str, by: Option<&User>) -> Ask<'a> {
    let ask = api.ask(method, &path_of(path));
    let ask = match by {
        Some(user) => ask.by(user),
        None => ask,
    };
    sent(ask, method, path)
}

/// Asks every route, signed in and not; a session that was ended goes on.
fn every_answer(api: &Api, see: impl Fn(&str, &str, &Reply)) -> usize {
    let ana = api.register("ana@example.org");
    let mut count = 0;
    for (method, path) in routes() {
        for by in [None, Some(&ana)] {
            // Who erases themselves asks nothing more.
            let leaving = (method, path) == ("DELETE", "/api/v1/me") && by.is_some();
            let leaving = leaving.then(|| api.register("leaving@example.org"));
            see(method, path, &ask(api, method, path, leaving.as_ref().or(by)).send());
            sql::execute(&api.database, "UPDATE sessions SET ended_at = NULL");
            count += 1;
        }
    }
    count
}

const FIXED: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// What may be kept, and for how long; everything else is nobody's to keep.
fn kept(path: &str, reply: &Reply) -> &'static str {
    match (path, reply.status) {
        ("/api/v1/calls" | "/api/v1/calls/{id}", 200) => "public, max-age=30",
        ("/api/v1/openapi.json", 200) => "public, max-age=300",
        ("/api/docs/{file}", 200) => "public, max-age=3600",
        _ => "no-store",
    }
}

#[test]
fn every_answer_has_the_headers_of_security() {
    let api = Api::start();
    let ids = std::cell::RefCell::new(BTreeSet::new());
    let count = every_answer(&api, |method, path, reply| {
        let place = format!("{method} {path}: {reply:?}");
        for (name, value) in FIXED {
            assert_eq!(reply.headers.get(name).map(String::as_str), Some(value), "{name} of {place}");
        }
        assert_eq!(reply.headers["cache-control"], kept(path, reply), "{place}");
        let policy = &reply.headers["content-security-policy"];
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-eval"), "{place}");
        assert_eq!(policy.contains("unsafe-inline"), path == "/api/docs/{file}", "{place}");
        assert!(ids.borrow_mut().insert(reply.headers["x-request-id"].clone()), "twice the same id: {place}");
        for leak in ["server", "x-powered-by", "strict-transport-security", "set-cookie"] {
            assert!(!reply.headers.contains_key(leak), "{leak} of {place}");
        }
        assert!(!reply.headers.keys().any(|name| name.starts_with("access-control-")), "{place}");
        assert!(reply.headers.contains_key("ratelimit") && reply.headers.contains_key("ratelimit-policy"), "{place}");
        assert!(reply.headers["vary"].contains("Authorization"), "{place}");
        if reply.status == 401 {
            assert_eq!(reply.headers["www-authenticate"], "Bearer realm=\"fond\"", "{place}");
        }
        if reply.status == 204 {
            assert_eq!((reply.body.as_str(), reply.headers.get("content-type")), ("", None), "{place}");
        }
    });
    assert_eq!(count, 2 * routes().len());
}

#[test]
fn a_server_behind_https_says_so() {
    let api = Api::start_with(|settings| settings.http.public_url = ORIGIN.into());
    for path in ["/health", "me", "nothing"] {
        let value = &api.get(path).headers["strict-transport-security"];
        assert_eq!(value, "max-age=63072000; includeSubDomains");
    }
}

#[test]
fn a_request_brings_no_id_of_its_own() {
    let api = Api::start();
    let reply = api.ask("GET", "/health").header("X-Request-Id", "mine").send();
    assert_ne!(reply.headers["x-request-id"], "mine");
    assert!(reply.headers["x-request-id"].parse::<uuid::Uuid>().is_ok());
}

fn access_control(reply: &Reply) -> BTreeMap<&str, &str> {
    let named = reply.headers.iter().filter(|(name, _)| name.starts_with("access-control-"));
    named.map(|(name, value)| (name.trim_start_matches("access-control-"), value.as_str())).collect()
}

#[test]
fn pages_of_other_origins_may_call_nothing() {
    let api = Api::start();
    for (method, path) in routes() {
        let reply = ask(&api, method, path, None).header("Origin", ORIGIN).send();
        assert_eq!(access_control(&reply), BTreeMap::new(), "{method} {path}");
    }
    let preflight = api.ask("OPTIONS", "me").header("Origin", ORIGIN);
    let reply = preflight.header("Access-Control-Request-Method", "GET").send();
    assert_eq!((reply.status, access_control(&reply)), (405, BTreeMap::new()));
}

#[test]
fn pages_of_the_origin_that_is_named_may_call() {
    let api = Api::start_with(|settings| settings.http.allowed_origins = vec![ORIGIN.into()]);
    for path in ["calls", "me", "nothing", "calls?limit=0"] {
        let reply = api.ask("GET", path).header("Origin", ORIGIN).send();
        let told = access_control(&reply);
        assert_eq!(told["allow-origin"], ORIGIN, "{path}");
        assert!(!told.contains_key("allow-credentials"), "{path}: tokens are sent by hand");
        for name in ["ETag", "Location", "Retry-After", "X-Request-Id"] {
            let exposed = told["expose-headers"].to_lowercase();
            assert!(exposed.contains(&name.to_lowercase()), "{name} of {path}: {exposed}");
        }
        for other in ["https://evil.example.org", "http://fond.example.org", "https://fond.example.org:8443", "null"] {
            let reply = api.ask("GET", path).header("Origin", other).send();
            assert_eq!(access_control(&reply).get("allow-origin"), None, "{other}");
        }
    }
}

fn preflight(api: &Api, origin: &str) -> Reply {
    api.ask("OPTIONS", "invitations")
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "authorization, content-type, if-none-match, idempotency-key")
        .send()
}

#[test]
fn a_preflight_is_an_answer_like_others() {
    let api = Api::start_with(|settings| settings.http.allowed_origins = vec![ORIGIN.into()]);
    let right = preflight(&api, ORIGIN);
    let told = access_control(&right);
    assert_eq!((right.status, told["allow-origin"]), (200, ORIGIN), "{right:?}");
    let headers = told["allow-headers"].to_lowercase();
    assert!(told["allow-methods"].contains("POST") && headers.contains("idempotency-key"), "{right:?}");
    assert!(headers.contains("if-none-match"), "{headers}");
    let wrong = preflight(&api, "https://evil.example.org");
    assert_eq!((wrong.status, access_control(&wrong).get("allow-origin")), (400, None), "{wrong:?}");
    assert_eq!(wrong.code(), "bad_request");
    for reply in [right, wrong] {
        assert!(reply.headers["x-request-id"].parse::<uuid::Uuid>().is_ok());
        assert_eq!(reply.headers["cache-control"], "no-store");
        for (name, value) in FIXED {
            assert_eq!(reply.headers.get(name).map(String::as_str), Some(value), "{name}");
        }
    }
}

/// Head and body of an answer, as they come.
fn raw(api: &Api, path: &str, accept_encoding: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(api.address()).unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: {accept_encoding}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    (String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase(), bytes[end + 4..].to_vec())
}

#[test]
fn answers_are_compressed_for_those_who_ask() {
    let api = Api::start();
    people::open_call(&api.database.open(), |_| ());
    for path in ["/api/v1/openapi.json", "/api/v1/calls", "/api/v1/me"] {
        let (head, plain) = raw(&api, path, "identity");
        assert!(!head.contains("content-encoding"), "{head}");
        for (asked, given) in [("gzip", "gzip"), ("br", "br"), ("br;q=0.5, gzip;q=0.1", "br"), ("gzip, br;q=0", "gzip")]
        {
            let (head, body) = raw(&api, path, asked);
            assert!(head.contains(&format!("content-encoding: {given}\r\n")), "{asked}: {head}");
            assert!(head.contains("accept-encoding"), "caches are told: {head}");
            assert_ne!(body, plain);
            if path.ends_with("json") {
                assert!(body.len() < plain.len() / 3, "{given} of {path}: {} of {}", body.len(), plain.len());
            }
        }
    }
    let (head, _) = raw(&api, "/api/v1/calls", "zstd, x-unknown");
    assert!(!head.contains("content-encoding"), "{head}");
}

#[test]
fn what_is_not_there_tells_nothing() {
    let api = Api::start();
    for path in [
        "/",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/admin",
        "/api/v1/me/",
        "//api/v1/me",
        "/api/v1/me/x",
        "/metrics",
        "/.env",
        "/api/v1/openapi.yaml",
        "/api/v1/%00",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let reply = api.ask(method, path).send();
            assert_eq!((reply.status, reply.code().as_str()), (404, "not_found"), "{method} {path}");
            assert!(!reply.body.contains(path.trim_start_matches('/')) || path.len() < 5, "{reply:?}");
        }
    }
}

#[test]
fn the_page_gives_its_own_files_and_no_others() {
    let api = Api::start();
    for file in ["..%2f..%2fCargo.toml", "..%2fmod.rs", "%2fetc%2fpasswd", ".", "index.html%00", "nothing.js"] {
        assert_eq!(api.get(&format!("/api/docs/{file}")).status, 404, "{file}");
    }
    for file in ["index.html", "swagger-ui.css", "swagger-ui-bundle.js"] {
        assert_eq!(api.get(&format!("/api/docs/{file}")).status, 200, "{file}");
    }
}

#[test]
fn document_and_page_can_be_left_out() {
    let api = Api::start_with(|settings| settings.http.docs = false);
    for path in ["/api/v1/openapi.json", "/api/docs", "/api/docs/", "/api/docs/index.html", "/api/docs/nothing.js"] {
        for method in ["GET", "POST"] {
            let reply = api.ask(method, path).send();
            assert_eq!((reply.status, reply.code().as_str()), (404, "not_found"), "{method} {path}: {reply:?}");
        }
    }
    assert_eq!([api.get("/health").status, api.get("calls").status], [200, 200]);
    assert_eq!(api.ask("POST", "/health").send().headers["allow"], "GET, HEAD");
}

#[test]
fn a_method_that_a_path_does_not_know_is_told_those_it_does() {
    let api = Api::start();
    let mut known: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (method, path) in routes() {
        let methods = known.entry(path).or_default();
        methods.extend([method].into_iter().chain((method == "GET").then_some("HEAD")));
    }
    for (path, methods) in &known {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
            if methods.contains(method) {
                continue;
            }
            let reply = api.ask(method, &path_of(path)).send();
            assert_eq!(reply.status, 405, "{method} {path}");
            assert!(method == "HEAD" || reply.code() == "method_not_allowed", "{method} {path}");
            let told: BTreeSet<&str> = reply.headers["allow"].split(", ").collect();
            assert_eq!(told, *methods, "{method} {path}");
        }
    }
}

/// The headers that stay the same from one request to the next.
fn lasting(reply: &Reply) -> BTreeMap<String, String> {
    let fleeting = ["x-request-id", "date", "ratelimit"];
    reply.headers.clone().into_iter().filter(|(name, _)| !fleeting.contains(&name.as_str())).collect()
}

#[test]
fn the_headers_of_what_can_be_read_can_be_had_alone() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let mut wire = crate::wire::Wire::connect(api.address());
    let mut count = 0;
    for (_, path) in routes().into_iter().filter(|(method, _)| *method == "GET") {
        for by in [None, Some(&ana)] {
            let path = path_of(path);
            let signed = by.map(|user| format!("Authorization: Bearer {}\r\n", user.access)).unwrap_or_default();
            let mut ask = |method: &str| {
                assert!(wire.send(&format!("{method} {path} HTTP/1.1\r\nHost: fond\r\n{signed}\r\n")));
                match wire.hear_of(method, std::time::Duration::from_secs(10)) {
                    crate::wire::Heard::Answer(reply) => reply,
                    heard => panic!("{heard:?} of {method} {path}"),
                }
            };
            // On one connection: a body that came all the same would be read as the next answer.
            let [head, get] = ["HEAD", "GET"].map(&mut ask);
            assert_eq!((head.status, head.body.as_str()), (get.status, ""), "{path}");
            assert!(head.headers.contains_key("content-length"), "{path}: {head:?}");
            let [mut head, mut get] = [lasting(&head), lasting(&get)];
            if get["content-type"] == "application/problem+json" {
                // Their bodies hold the id of the request, and are all of one length.
                assert_eq!(head.remove("content-length"), get.remove("content-length"), "{path}");
            }
            assert_eq!(head, get, "{path}");
            count += 1;
        }
    }
    assert!(count >= 20, "{count}");
}

#[test]
fn the_page_is_found_without_the_name_of_its_file() {
    let api = Api::start();
    for path in ["/api/docs", "/api/docs/"] {
        let reply = api.get(path);
        assert_eq!((reply.status, reply.headers["location"].as_str()), (308, "/api/docs/index.html"), "{path}");
        assert!(reply.headers.contains_key("x-request-id"));
    }
}
