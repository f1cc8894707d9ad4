//! Applications: what a person asks and tells, sealed; the states an application goes through.

pub mod actions;
pub mod api;
pub mod mails;
mod rules;
mod store;

pub use rules::{
    Answers, Application, ApplicationEvent, ApplicationState, Handle, Household, Housing, Identity, Listed, Need, Part,
    Payment, Ranking, Refused, Standing, Submission, Uncounted,
};
