//! People, the roles they are given, and what each role may do.

pub mod actions;
mod rules;
mod store;

pub use rules::{Actor, Permission, Role, Seat, allows};
