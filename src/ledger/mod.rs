//! The books: double entry, one book a round, append-only; and the contributions that fill them.

pub mod actions;
pub mod api;
mod rules;
mod store;

pub use rules::{
    Account, Balance, Contribution, CurrencyCode, Entry, Posted, Received, Recorded, ReversalReason, Transfer,
    TrialBalance, Turnover,
};
