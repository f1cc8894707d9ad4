//! Eligibility: the checks of a call over an application, what people decide on open findings, and the category.

pub mod actions;
pub mod api;
mod rules;
mod store;

pub use rules::{Examination, Facts, Finding, Outcome, Raised, Resolution, Status, conclude, examine, has_turned};
