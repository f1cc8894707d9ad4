//! Applications: what a person asks and tells, sealed; the states an application goes through.

pub mod actions;
pub mod api;
mod rules;
mod store;

pub use rules::{
    Application, ApplicationEvent, ApplicationState, Handle, Household, Housing, Identity, Need, Payment, Ranking,
    Refused, Standing, Submission, Uncounted,
};
