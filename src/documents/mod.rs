//! Documents that people send: looked at by their bytes, sealed under a key of their owner, and kept outside the database.
//!
//! Whose they are and when they may come is the affair of `applications`. A document is put in the store before its row is
//! committed and taken away after; what is there without a row is swept away.

pub mod actions;
mod rules;
mod store;
mod sweep;

pub use actions::{Document, New};
pub use rules::{Clean, Fault, LARGEST, LARGEST_TOGETHER, MOST, MediaType, clean};
pub use sweep::{discard, sweep};
