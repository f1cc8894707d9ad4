//! The verbs of the accounts, one file for each thing that people do with them.

pub mod dead_jobs;
pub mod email;
pub mod erasing;
pub mod invitations;
pub mod links;
mod people;
pub mod requests;
pub mod roles;
pub mod second_factor;
pub mod sessions;
pub mod staff;
pub mod working;

pub use people::{
    Me, act, act_as, act_on, caller, caller_with_keys, change_language, export_log, forget_old, grant, me,
    officer_name, own_grants, reach, read_log, register_applicant, register_officer, require_able, require_compatible,
};
