//! Whose an application is, by its reference code: for the command line, which writes to people and answers them.

use crate::applications::store::reaching as store;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::{ApplicationId, CallId, PersonId};

/// A reference code, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub application: ApplicationId,
    pub person: PersonId,
    pub call: CallId,
    pub reference: String,
    /// Whether the application still says who they are and how they are reached.
    pub is_readable: bool,
}

/// The reference codes of these people, also of what the fund entered for them.
pub fn of_people(conn: &mut Conn, people: &[PersonId]) -> Result<Vec<Reference>> {
    store::of_people(conn, people)
}

/// Whose application a reference code names: one in each call that has it.
pub fn by_reference(conn: &mut Conn, code: &str) -> Result<Vec<Reference>> {
    store::by_reference(conn, code)
}
