//! The books: double entry, one book a round, append-only; and the contributions that fill them.

pub mod actions;
mod rules;
mod store;

pub use rules::{Account, Balance, Contribution, CurrencyCode, Entry, Received, Transfer, TrialBalance};
