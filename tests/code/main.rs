//! Tests about the code itself: what may use what, how long a file may be, what the migrations do.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected should stop there"
)]

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "shared with the stories, which use all of it")]
mod support;

mod migrations;
mod openapi;
mod texts;
mod tidy;
