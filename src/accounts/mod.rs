//! People, the roles they are given, and what each role may do. (Logging in stands on this; it is not here yet.)

pub mod actions;
mod rules;
mod store;

pub use rules::{Actor, Permission, Role, allows};
