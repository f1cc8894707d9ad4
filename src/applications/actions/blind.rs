//! Applications as the committee knows them: by reference code, without names.

use serde::de::DeserializeOwned;

use crate::applications::rules::{Application, Handle};
use crate::applications::store::blind as store;
use crate::crypto::{KeyClass, Opener, Place, Sealed};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId, PersonId};

/// The applications of a call that are voted on, but one's own and what that was merged with; of
/// one category, where it is given.
pub fn eligible(conn: &mut Conn, call: CallId, except: PersonId, category: Option<i32>) -> Result<Vec<ApplicationId>> {
    let mut found = store::eligible(conn, call, category)?;
    let theirs = super::own::theirs(conn, except)?;
    found.retain(|id| !theirs.contains(id));
    Ok(found)
}

/// What names these applications, in any order.
pub fn handles(conn: &mut Conn, ids: &[ApplicationId]) -> Result<Vec<Handle>> {
    store::handles(conn, ids)
}

/// # Errors
/// [`Error::NotFound`] where there is no such application.
pub fn handle(conn: &mut Conn, id: ApplicationId) -> Result<Handle> {
    store::handles(conn, &[id])?.pop().ok_or(Error::NotFound)
}

/// Whether an application of the call may still become eligible.
pub fn has_waiting(conn: &mut Conn, call: CallId) -> Result<bool> {
    store::has_waiting(conn, call)
}

/// Opens what somebody wrote about an application.
pub fn open_remark<T: DeserializeOwned>(
    conn: &mut Conn,
    opener: &Opener<'_>,
    application: &Application,
    place: Place,
    sealed: &Sealed,
) -> Result<T> {
    opener.open_value(conn, (application.person_id, KeyClass::Need), place, sealed)
}
