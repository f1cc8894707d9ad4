//! What everybody may check: totals by call and group without names, and the event log.

pub mod api;
