//! Awards: how the budget of a call is shared among the approved, and the reserve list behind them.

pub mod actions;
pub mod api;
mod rules;
mod store;

pub use rules::{Candidate, Fate, Mean, Outcome, Place, Placed, allocate, draw_number, next_amount};
