//! Transparency: totals that show nobody, and the log of what happened, for those who check the fund.

pub mod actions;
pub mod api;
mod rules;
mod store;

pub use rules::{Cells, Change, Dimension, Disclosed, DisclosedRow, LEAST, Place, Step, changes, disclose};
