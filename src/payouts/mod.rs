//! Payouts: prepared by one person, authorised by another, executed by the bank, sometimes returned. An award is paid at most once.

pub mod actions;
pub mod api;
mod rules;
mod store;

pub use rules::{Execution, Payout, PayoutEvent, PayoutState};
