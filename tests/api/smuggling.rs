//! What leaves the end of a body open is refused, and nothing behind it is answered: a proxy may have read it otherwise.

use std::time::Duration;

use crate::support::api::Api;
use crate::wire::{Heard, Wire, get};

const PATIENCE: Duration = Duration::from_secs(10);
const BODY: &str = r#"{"email": "ana@example.org"}"#;

/// A request with these headers and this body, and another behind it that a proxy took for a part of the body.
fn with_another(version: &str, headers: &[&str], body: &str) -> String {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let head =
        format!("POST /api/v1/registrations {version}\r\nHost: fond\r\nContent-Type: application/json\r\n{headers}");
    format!("{head}\r\n{body}{}", get("/version"))
}

fn chunked(body: &str) -> String {
    format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len())
}

fn length() -> String {
    format!("Content-Length: {}", BODY.len())
}

/// The statuses of all answers, until the server hangs up or nothing more comes in a while.
fn answers(api: &Api, text: &str) -> (Vec<u16>, Heard) {
    let mut wire = Wire::connect(api.address());
    assert!(wire.send(text));
    let mut statuses = Vec::new();
    let mut patience = PATIENCE;
    loop {
        match wire.hear(patience) {
            Heard::Answer(reply) => statuses.push(reply.status),
            heard => return (statuses, heard),
        }
        // Two requests were sent; only silence or the end can follow their answers.
        if statuses.len() == 2 {
            patience = Duration::from_millis(200);
        }
    }
}

#[test]
fn two_requests_that_are_told_apart_get_two_answers() {
    let api = Api::start();
    for (headers, body) in [
        (length(), BODY.to_owned()),
        ("Transfer-Encoding: chunked".to_owned(), chunked(BODY)),
        ("transfer-encoding: Chunked".to_owned(), chunked(BODY)),
    ] {
        let (statuses, end) = answers(&api, &with_another("HTTP/1.1", &[&headers], &body));
        assert!(statuses == [202, 200] && matches!(end, Heard::Silence), "{headers}: {statuses:?} {end:?}");
    }
}

#[test]
fn a_body_with_two_ends_is_refused_with_all_that_follows() {
    let api = Api::start();
    let (length, chunks) = (length(), chunked(BODY));
    let of_chunks = format!("Content-Length: {}", chunks.len());
    let te = "Transfer-Encoding: chunked";
    let cases: [(&str, &[&str], &str); 20] = [
        // Both, in either order: each of the two ends is somebody's.
        ("HTTP/1.1", &[&of_chunks, te], &chunks),
        ("HTTP/1.1", &[te, &of_chunks], &chunks),
        ("HTTP/1.1", &[&length, te], BODY),
        ("HTTP/1.1", &["Content-Length: 0", te], &chunks),
        ("HTTP/1.1", &[&length, "Transfer-Encoding: identity"], BODY),
        // The same header twice.
        ("HTTP/1.1", &[&length, "Content-Length: 0"], BODY),
        ("HTTP/1.1", &["Content-Length: 0", &length], BODY),
        ("HTTP/1.1", &[&length, &length], BODY),
        ("HTTP/1.1", &[te, te], &chunks),
        ("HTTP/1.1", &[te, "Transfer-Encoding: identity"], &chunks),
        ("HTTP/1.1", &["Transfer-Encoding: identity", te], &chunks),
        // Values that one reads and another does not.
        ("HTTP/1.1", &["Transfer-Encoding: chunked, identity"], &chunks),
        ("HTTP/1.1", &["Transfer-Encoding: gzip, chunked"], &chunks),
        ("HTTP/1.1", &["Transfer-Encoding: xchunked"], &chunks),
        ("HTTP/1.1", &["Transfer-Encoding : chunked"], &chunks),
        ("HTTP/1.1", &["X: y\r\n Transfer-Encoding: chunked"], &chunks),
        ("HTTP/1.1", &["Content-Length: +28"], BODY),
        ("HTTP/1.1", &["Content-Length: 28, 28"], BODY),
        ("HTTP/1.1", &["Content-Length: 0x1c"], BODY),
        // Chunks are of HTTP/1.1.
        ("HTTP/1.0", &[te], &chunks),
    ];
    for (version, headers, body) in cases {
        let (statuses, end) = answers(&api, &with_another(version, headers, body));
        assert!(statuses == [400] && matches!(end, Heard::Closed), "{version} {headers:?}: {statuses:?} {end:?}");
    }
}

#[test]
fn chunks_that_cannot_be_read_end_the_connection() {
    let api = Api::start();
    for body in [
        format!("zz\r\n{BODY}\r\n0\r\n\r\n"),
        format!("0x1c\r\n{BODY}\r\n0\r\n\r\n"),
        format!("-1c\r\n{BODY}\r\n0\r\n\r\n"),
        format!("1c\r\n{BODY}xx0\r\n\r\n"),
        format!("1000000000000001c\r\n{BODY}\r\n0\r\n\r\n"),
    ] {
        let (statuses, end) = answers(&api, &with_another("HTTP/1.1", &["Transfer-Encoding: chunked"], &body));
        assert!(statuses == [400] && matches!(end, Heard::Closed), "{body:?}: {statuses:?} {end:?}");
    }
}
