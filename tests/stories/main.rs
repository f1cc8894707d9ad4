//! Whole rounds on a real database: what comes out, what is kept, what survives faults.
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

mod backup;
mod books;
mod broken;
mod cases;
mod command;
mod concurrency;
mod events;
mod indexes;
mod kill;
mod refusals;
mod retention;
mod rotation;
mod round;
mod scrubbed;
mod sealed;
mod totals;
