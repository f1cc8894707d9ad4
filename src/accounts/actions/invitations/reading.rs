//! Invitations as administrators read them: those within the reach of their role.

use super::{Offered, offered};
use crate::accounts::rules::{Actor, Permission, Reach, Role};
use crate::accounts::store::invitations as rows;
use crate::clock::Instant;
use crate::crypto::Vault;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{CallId, InvitationId};
use crate::page::{Limit, Page, TimeCursor};

/// # Errors
/// [`Error::NotFound`] where there is no such invitation within reach.
pub fn find(
    conn: &mut Conn,
    vault: &Vault,
    (actor, reach): (&Actor, &Reach),
    id: InvitationId,
    now: Instant,
) -> Result<Offered> {
    actor.require(Permission::ReadRoles)?;
    let row = rows::find(conn, id)?.ok_or(Error::NotFound)?;
    reach.require(row.call_id)?;
    offered(vault, &row, now)
}

/// For which call an invitation is; nothing, for all of them.
///
/// # Errors
/// [`Error::NotFound`] where there is no such invitation.
pub fn call_of(conn: &mut Conn, id: InvitationId) -> Result<Option<CallId>> {
    Ok(rows::find(conn, id)?.ok_or(Error::NotFound)?.call_id)
}

/// A page of the invitations within reach, newest first; where asked, of one role alone.
pub fn list(
    conn: &mut Conn,
    vault: &Vault,
    (actor, reach): (&Actor, &Reach),
    role: Option<Role>,
    (after, limit): (Option<TimeCursor>, Limit),
    now: Instant,
) -> Result<Page<Offered>> {
    actor.require(Permission::ReadRoles)?;
    let before = after.map(|cursor| (cursor.at, InvitationId::from(cursor.id)));
    let found = rows::list(conn, reach.calls(), role, before, limit.rows_and_one())?;
    let rows = found.iter().map(|row| offered(vault, row, now)).collect::<Result<Vec<_>>>()?;
    Ok(Page::new(rows, limit, |row| TimeCursor { at: row.invited_at, id: row.id.uuid() }))
}
