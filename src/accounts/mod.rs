//! People: how they sign in, the roles they are given, and what each role may do.

pub mod actions;
pub mod api;
pub mod mails;
mod rules;
pub mod signed_in;
mod store;

pub use rules::{
    Actor, Caller, Email, Factors, Grant, Invitation, InvitationState, Password, PasswordProblem, Permission,
    RECOVERY_CODES, Reach, RecoveryCode, RequestKind, Role, STEP_UP_SECONDS, Seat, TotpSecret, allows, device,
};
