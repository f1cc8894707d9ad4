//! The committee of a call: seats, recusals, votes with a reason, and the tally when the voting closes.

pub mod actions;
pub mod api;
mod rules;
mod store;

pub use rules::{
    Ballot, Decided, Decision, NewSeat, Outcome, QueuePlace, SeatKind, Seated, Tally, Vote, VoteCast, VoteRefused,
    tally,
};
