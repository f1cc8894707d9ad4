//! Privacy: what the fund holds of somebody, given back to them whole.

mod actions;
pub mod api;
