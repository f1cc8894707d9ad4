//! The API from outside: a real server on a real port, on the engine of this run.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::float_arithmetic,
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

mod accounts;
mod aid;
mod applications;
mod binary;
mod calls;
mod committee;
mod contract;
mod demo;
mod documents;
mod durable;
mod entered;
mod enumeration;
mod erasure;
mod fields;
mod half_enrolled;
mod headers;
mod journal;
mod kept;
mod late;
mod letters;
mod load;
mod lock;
mod log;
mod merged;
mod money;
mod new_indexes;
mod own_data;
mod policy;
mod ranks;
mod registers;
mod roles;
mod slow;
mod smuggling;
mod sql;
#[cfg(unix)]
mod stop;
mod told;
mod totals;
mod traces;
mod unread;
mod walk;
mod wire;
