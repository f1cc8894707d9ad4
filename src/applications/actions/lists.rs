//! Lists of a call's applications for administrators: pages, and everything that a filter shows.

use super::Wanted;
use crate::accounts::{Actor, Permission};
use crate::applications::rules::Listed;
use crate::applications::store;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId};
use crate::page::{Limit, MOST_EXPORTED, Page, TimeCursor, whole};

/// A page of a call's applications, by the time they were submitted.
pub fn page(
    conn: &mut Conn,
    actor: &Actor,
    call: CallId,
    wanted: &Wanted,
    (after, limit): (Option<TimeCursor>, Limit),
) -> Result<Page<Listed>> {
    actor.require(Permission::ReadApplications)?;
    let rows = store::lists::page(conn, call, wanted, after, limit.rows_and_one())?;
    Ok(Page::new(rows, limit, |row| TimeCursor { at: row.submitted_at, id: row.id.uuid() }))
}

/// Every row that the filter shows.
///
/// # Errors
/// As for [`whole`].
pub fn export(conn: &mut Conn, actor: &Actor, call: CallId, wanted: &Wanted) -> Result<Vec<Listed>> {
    actor.require(Permission::ReadApplications)?;
    whole(store::lists::page(conn, call, wanted, None, MOST_EXPORTED.saturating_add(1))?)
}

/// One application as a list shows it.
///
/// # Errors
/// [`Error::NotFound`] where there is none such.
pub fn listed(conn: &mut Conn, actor: &Actor, id: ApplicationId) -> Result<Listed> {
    actor.require(Permission::ReadApplications)?;
    store::lists::find(conn, id)?.ok_or(Error::NotFound)
}
