//! Privacy: what the fund holds of somebody, given back to them whole; forgetting it on request and on time.
//!
//! ```text
//! DELETE /me, fond retention, once a day ─► erasure (keys, columns, indexes) ─► the row `erasures`, an event
//!                                                                          └─► a line of the list outside the database
//! fond restore ─► the list ─► erasure again, in the restored database
//! ```

mod access_log;
mod actions;
pub mod api;
mod applications;
pub mod erasure;
pub mod list;
pub mod retention;
mod store;
