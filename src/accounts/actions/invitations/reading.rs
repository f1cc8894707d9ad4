//! Invitations as administrators read them: those within the reach of their role.

use super::{Offered, needs_confirmation, place, state};
use crate::accounts::rules::{Actor, Email, Permission, Reach, Role};
use crate::accounts::store::invitations::{self as rows, InvitationRow};
use crate::clock::Instant;
use crate::crypto::Opener;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{CallId, InvitationId};
use crate::page::{Limit, Page, TimeCursor};

/// The address that an invitation went to; nothing, once it was forgotten.
pub(in crate::accounts::actions) fn address_of(opener: &Opener<'_>, row: &InvitationRow) -> Result<Option<Email>> {
    if row.email_sealed.is_nothing() {
        return Ok(None);
    }
    let bytes = opener.open_contact(row.person_id, place(row.id), &row.email_sealed)?;
    std::str::from_utf8(&bytes).map_err(Error::corrupt)?.parse().map(Some).map_err(Error::corrupt)
}

/// An invitation with the address that it went to.
pub(super) fn offered(email: Option<Email>, row: &InvitationRow, now: Instant) -> Offered {
    Offered {
        id: row.id,
        email,
        role: row.role,
        call: row.call_id,
        association: row.association.clone(),
        substitutes_for: row.substitutes_for,
        state: state(row, now),
        needs_confirmation: needs_confirmation(row.role),
        is_confirmed: row.confirmed_at.is_some(),
        invited_at: row.invited_at,
        expires_at: row.expires_at,
        ends_at: row.ends_at,
        person: row.person_id,
        version: row.version,
    }
}

/// # Errors
/// [`Error::NotFound`] where there is no such invitation within reach.
pub fn find(
    conn: &mut Conn,
    opener: &Opener<'_>,
    (actor, reach): (&Actor, &Reach),
    id: InvitationId,
    now: Instant,
) -> Result<Offered> {
    actor.require(Permission::ReadRoles)?;
    let row = rows::find(conn, id)?.ok_or(Error::NotFound)?;
    reach.require(row.call_id)?;
    Ok(offered(address_of(opener, &row)?, &row, now))
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
    opener: &Opener<'_>,
    (actor, reach): (&Actor, &Reach),
    role: Option<Role>,
    (after, limit): (Option<TimeCursor>, Limit),
    now: Instant,
) -> Result<Page<Offered>> {
    actor.require(Permission::ReadRoles)?;
    let before = after.map(|cursor| (cursor.at, InvitationId::from(cursor.id)));
    let found = rows::list(conn, reach.calls(), role, before, limit.rows_and_one())?;
    let rows = found.iter().map(|row| Ok(offered(address_of(opener, row)?, row, now))).collect::<Result<Vec<_>>>()?;
    Ok(Page::new(rows, limit, |row| TimeCursor { at: row.invited_at, id: row.id.uuid() }))
}
