//! A round of the fund: its rules as typed data, its states, its seed.

pub mod actions;
pub mod api;
mod on_call;
mod rules;
mod store;

pub use actions::Call;
pub use on_call::{On, read, write_once};
pub use rules::{
    Allocation, AskedDocument, AskedWhen, Band, CallEvent, CallState, Category, Conditions, IncomeLost, Method,
    OtherAid, Plan, Problem, Rules, Score, Section, Text, Tickets, Tie, Window, YEARS, explain, said_moment,
    said_title,
};
