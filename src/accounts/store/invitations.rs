//! Queries on invitations.

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::accounts::rules::{Duty, Role};
use crate::clock::Instant;
use crate::crypto::{BlindIndex, Forms, Sealed};
use crate::db::{Conn, on_each, update};
use crate::error::{Error, FieldError, Result};
use crate::ids::{CallId, InvitationId, PersonId, SeatId};
use crate::language::Language;
use crate::schema::invitations;

#[derive(Insertable, Queryable, Clone)]
#[diesel(table_name = invitations, treat_none_as_default_value = false)]
pub(in crate::accounts) struct InvitationRow {
    pub id: InvitationId,
    pub email_sealed: Sealed,
    pub email_index: BlindIndex,
    pub language: Language,
    pub role: Role,
    pub call_id: Option<CallId>,
    pub association: Option<String>,
    pub substitutes_for: Option<SeatId>,
    pub ends_at: Instant,
    pub invited_by: Option<PersonId>,
    pub invited_at: Instant,
    pub expires_at: Instant,
    pub person_id: Option<PersonId>,
    pub accepted_at: Option<Instant>,
    pub confirmed_by: Option<PersonId>,
    pub confirmed_at: Option<Instant>,
    pub withdrawn_at: Option<Instant>,
    pub version: i32,
}

/// # Errors
/// A field error for a call or a seat that is not there: the engine knows them, this slice does not.
pub(in crate::accounts) fn insert(conn: &mut Conn, row: &InvitationRow) -> Result<()> {
    let inserted = on_each!(conn, conn => diesel::insert_into(invitations::table).values(row).execute(conn));
    match inserted {
        Err(DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _)) => Err(absent(row)),
        inserted => Ok(inserted.map(|_| ())?),
    }
}

fn absent(row: &InvitationRow) -> Error {
    let named = [("call_id", row.call_id.is_some()), ("substitutes_for", row.substitutes_for.is_some())];
    let wrong = |field: &str| FieldError { field: field.to_owned(), code: "absent", argument: None };
    Error::Fields(named.iter().filter(|(_, is_given)| *is_given).map(|(field, _)| wrong(field)).collect())
}

pub(in crate::accounts) fn find(conn: &mut Conn, id: InvitationId) -> Result<Option<InvitationRow>> {
    Ok(invitations::table.filter(invitations::id.eq(id)).first(conn).optional()?)
}

/// A page, newest first; where asked, of some calls or of one role alone.
pub(in crate::accounts) fn list(
    conn: &mut Conn,
    calls: Option<&[CallId]>,
    role: Option<Role>,
    before: Option<(Instant, InvitationId)>,
    rows: i64,
) -> Result<Vec<InvitationRow>> {
    let mut found = invitations::table.into_boxed();
    if let Some(calls) = calls {
        found = found.filter(invitations::call_id.eq_any(calls.to_vec()));
    }
    if let Some(role) = role {
        found = found.filter(invitations::role.eq(role));
    }
    if let Some((at, id)) = before {
        found = found
            .filter(invitations::invited_at.le(at))
            .filter(invitations::invited_at.lt(at).or(invitations::id.lt(id)));
    }
    Ok(found.order((invitations::invited_at.desc(), invitations::id.desc())).limit(rows).load(conn)?)
}

/// Everything that a person accepted, the first one first.
pub(in crate::accounts) fn of_person(conn: &mut Conn, person: PersonId) -> Result<Vec<InvitationRow>> {
    let theirs = invitations::table.filter(invitations::person_id.eq(person));
    Ok(theirs.order((invitations::invited_at, invitations::id)).load(conn)?)
}

/// What a person accepted that has neither been withdrawn nor reached its end.
pub(in crate::accounts) fn accepted_by(conn: &mut Conn, person: PersonId, now: Instant) -> Result<Vec<InvitationRow>> {
    let theirs = invitations::table
        .filter(invitations::person_id.eq(person))
        .filter(invitations::withdrawn_at.is_null())
        .filter(invitations::ends_at.gt(now));
    Ok(theirs.load(conn)?)
}

/// The role of a seat on a call that a person accepted, whether it still lasts or not.
pub(in crate::accounts) fn seat_accepted_by(conn: &mut Conn, person: PersonId, call: CallId) -> Result<Option<Role>> {
    let theirs = invitations::table
        .filter(invitations::person_id.eq(person))
        .filter(invitations::call_id.eq(call))
        .filter(invitations::withdrawn_at.is_null());
    let roles: Vec<Role> = theirs.select(invitations::role).load(conn)?;
    Ok(roles.into_iter().find(|role| role.duty() == Some(Duty::Committee)))
}

/// Takes back what the command line offered to an address and nobody accepted: a new link replaces the old one.
pub(in crate::accounts) fn replace_founding(conn: &mut Conn, email: &Forms, now: Instant) -> Result<bool> {
    let mut replaced: usize = 0;
    for index in email.iter() {
        let open = invitations::email_index
            .eq(index)
            .and(invitations::invited_by.is_null())
            .and(invitations::accepted_at.is_null())
            .and(invitations::withdrawn_at.is_null());
        let done = update(invitations::table, open, invitations::withdrawn_at.eq(Some(now))).execute(conn)?;
        replaced = replaced.saturating_add(done);
    }
    Ok(replaced > 0)
}

/// How many administrators the command line invited and are still on their way.
pub(in crate::accounts) fn founding_administrators(conn: &mut Conn, now: Instant) -> Result<usize> {
    let waiting = invitations::table
        .filter(invitations::role.eq(Role::Administrator))
        .filter(invitations::invited_by.is_null())
        .filter(invitations::accepted_at.is_null())
        .filter(invitations::withdrawn_at.is_null())
        .filter(invitations::expires_at.gt(now))
        .select(invitations::email_index)
        .distinct();
    let addresses: Vec<BlindIndex> = waiting.load(conn)?;
    Ok(addresses.len())
}

/// Saves the steps of an invitation: guarded by its version, which it raises.
pub(in crate::accounts) fn save(conn: &mut Conn, row: &InvitationRow) -> Result<()> {
    let unchanged = invitations::id.eq(row.id).and(invitations::version.eq(row.version));
    let changes = (
        invitations::person_id.eq(row.person_id),
        invitations::accepted_at.eq(row.accepted_at),
        invitations::confirmed_by.eq(row.confirmed_by),
        invitations::confirmed_at.eq(row.confirmed_at),
        invitations::withdrawn_at.eq(row.withdrawn_at),
        invitations::version.eq(row.version.saturating_add(1)),
    );
    let changed = update(invitations::table, unchanged, changes).execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(Error::Stale("the invitation")) }
}
