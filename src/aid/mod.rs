//! Other aid: the programmes of a call, registers of who received it, and whether an applicant stands on one.

pub mod actions;
pub mod api;
mod file;
mod rules;
mod runs;
mod store;

pub use rules::{AidRecord, Effect, Hits, Level, NewProgramme, Programme, RecordIndexes, Register, RegisterState};
