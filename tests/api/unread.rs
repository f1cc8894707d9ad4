//! What never becomes a request is answered like one: a problem, an id, the headers of security.

use std::time::Duration;

use crate::support::api::{Api, Reply};
use crate::wire::{Heard, Wire, get};

const PATIENCE: Duration = Duration::from_secs(10);

fn answer(wire: &mut Wire, what: &str) -> Reply {
    match wire.hear(PATIENCE) {
        Heard::Answer(reply) => reply,
        heard => panic!("{heard:?} to {what:.40}"),
    }
}

fn is_problem(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (status, code), "{reply:?}");
    assert_eq!(reply.headers["content-type"], "application/problem+json");
    assert_eq!(reply.headers["content-language"], "sr-Latn");
    assert_eq!(reply.json()["request_id"], reply.headers["x-request-id"].as_str());
    assert_eq!((reply.headers["cache-control"].as_str(), reply.headers["connection"].as_str()), ("no-store", "close"));
    assert_eq!(reply.headers["x-content-type-options"], "nosniff");
    assert!(reply.headers["date"].ends_with(" GMT"), "{reply:?}");
}

const UNREADABLE: [&str; 6] = [
    "NONSENSE\r\n\r\n",
    "GET /health HTTP/9.9\r\nHost: fond\r\n\r\n",
    "GET /health HTTP/1.1\r\nHost fond\r\n\r\n",
    "GET /health HTTP/1.1\r\nHost: fond\r\nx: \u{0}\r\n\r\n",
    "POST /api/v1/sessions HTTP/1.1\r\nHost: fond\r\nContent-Length: many\r\n\r\n",
    "\u{1}\u{2}\u{3}\r\n\r\n",
];

#[test]
fn a_request_that_cannot_be_read_is_told_so() {
    let api = Api::start();
    for text in UNREADABLE {
        let mut wire = Wire::connect(api.address());
        assert!(wire.send(text));
        is_problem(&answer(&mut wire, text), 400, "bad_request");
        assert!(matches!(wire.hear(PATIENCE), Heard::Closed), "{text:?}");
    }
}

#[test]
fn so_is_one_behind_a_request_that_can() {
    let api = Api::start();
    let mut wire = Wire::connect(api.address());
    // At once, so that both answers may go out in one piece; and one after the other.
    assert!(wire.send(&format!("{}{}{}", get("/health"), get("/version"), UNREADABLE[0])));
    assert_eq!([0, 1].map(|_| answer(&mut wire, "right").status), [200, 200]);
    is_problem(&answer(&mut wire, "wrong"), 400, "bad_request");

    let mut wire = Wire::connect(api.address());
    for _ in 0..3 {
        assert!(wire.send(&get("/health")));
        assert_eq!(answer(&mut wire, "right").status, 200);
    }
    assert!(wire.send(UNREADABLE[0]));
    is_problem(&answer(&mut wire, "wrong"), 400, "bad_request");
}

#[test]
fn headers_that_are_too_large_are_told_so() {
    let api = Api::start();
    let mut wire = Wire::connect(api.address());
    wire.send(&format!("GET /health HTTP/1.1\r\nHost: fond\r\nx: {}", "y".repeat(256 * 1024)));
    match wire.hear(PATIENCE) {
        Heard::Answer(reply) => is_problem(&reply, 431, "headers_too_large"),
        // What was not read yet when the server hung up can take the answer with it.
        heard => assert!(matches!(heard, Heard::Closed), "{heard:?}"),
    }
}
