//! The outbox and the mail: nothing lost, nothing sent to the wrong place, on a real database and a real mail server.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected should stop there"
)]

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "shared with the stories, which use all of it")]
mod support;

#[cfg(unix)]
#[path = "../api/binary.rs"]
#[expect(dead_code, reason = "shared with the tests of the API")]
mod binary;
mod delivery;
mod folder;
mod outbox;
mod rows;
mod served;
mod server;
#[cfg(unix)]
mod stop;
mod storm;
mod worker;

use std::time::{Duration, Instant};

/// Asks again and again until it is so; a machine under load gets a minute.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
