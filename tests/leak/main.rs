//! Nothing leaks: ten thousand requests that are full of secrets, and then a search of every place that they might be in.
#![cfg(unix)]
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
#[allow(dead_code, reason = "each test binary uses its part")]
mod support;

mod canary;
mod design;
mod flood;
mod forms;
mod fund;
mod places;
mod planted;
mod program;
mod requests;
mod watch;
mod wire;
