//! Queries on people and the roles they hold.

use std::time::Duration;

use diesel::prelude::*;

use crate::accounts::rules::{Grant, Role};
use crate::clock::Instant;
use crate::crypto::Sealed;
use crate::db::{Conn, on_each, update};
use crate::error::{Error, Result};
use crate::ids::{CallId, GrantId, PersonId};
use crate::schema::{logins, people, role_grants};

pub(in crate::accounts) fn insert_person(
    conn: &mut Conn,
    id: PersonId,
    name: Option<&Sealed>,
    now: Instant,
) -> Result<()> {
    let row = (people::id.eq(id), people::name_sealed.eq(name), people::created_at.eq(now));
    diesel::insert_into(people::table).values(row).execute(conn)?;
    Ok(())
}

pub(in crate::accounts) fn set_name(conn: &mut Conn, id: PersonId, name: &Sealed) -> Result<()> {
    update(people::table, people::id.eq(id), people::name_sealed.eq(Some(name))).execute(conn)?;
    Ok(())
}

pub(in crate::accounts) fn name_sealed(conn: &mut Conn, id: PersonId) -> Result<Option<Sealed>> {
    let name = people::table.filter(people::id.eq(id)).select(people::name_sealed);
    Ok(name.first(conn).optional()?.flatten())
}

pub(in crate::accounts) fn insert_grant(
    conn: &mut Conn,
    grant: &Grant,
    granted_by: Option<PersonId>,
    now: Instant,
) -> Result<()> {
    let row = (
        role_grants::id.eq(grant.id),
        role_grants::person_id.eq(grant.person),
        role_grants::role.eq(grant.role),
        role_grants::granted_by.eq(granted_by),
        role_grants::granted_at.eq(now),
        role_grants::ends_at.eq(grant.ends_at),
        role_grants::call_id.eq(grant.call),
        role_grants::association.eq(grant.association.as_deref()),
        role_grants::version.eq(grant.version),
    );
    diesel::insert_into(role_grants::table).values(row).execute(conn)?;
    Ok(())
}

type Row = (GrantId, PersonId, Role, Option<CallId>, Option<String>, Instant, Option<Instant>, i32);

/// The columns of [`Row`].
macro_rules! columns {
    () => {
        (
            role_grants::id,
            role_grants::person_id,
            role_grants::role,
            role_grants::call_id,
            role_grants::association,
            role_grants::granted_at,
            role_grants::ends_at,
            role_grants::version,
        )
    };
}

fn grant((id, person, role, call, association, granted_at, ends_at, version): Row) -> Grant {
    Grant { id, person, role, call, association, granted_at, ends_at, version }
}

/// The roles that a person holds at a moment.
pub(in crate::accounts) fn grants_of(conn: &mut Conn, person: PersonId, now: Instant) -> Result<Vec<Grant>> {
    let current = role_grants::table
        .filter(role_grants::person_id.eq(person))
        .filter(role_grants::granted_at.le(now))
        .filter(role_grants::ends_at.is_null().or(role_grants::ends_at.gt(now)))
        .select(columns!());
    let rows: Vec<Row> = on_each!(conn, conn => current.load(conn))?;
    Ok(rows.into_iter().map(grant).collect())
}

/// Every role that a person was ever given, the first one first.
pub(in crate::accounts) fn every_grant_of(conn: &mut Conn, person: PersonId) -> Result<Vec<Grant>> {
    let every = role_grants::table.filter(role_grants::person_id.eq(person));
    let rows: Vec<Row> = every.order((role_grants::granted_at, role_grants::id)).select(columns!()).load(conn)?;
    Ok(rows.into_iter().map(grant).collect())
}

/// The roles of a person that have not ended: also those that a request beside this one gave a moment after `now`.
pub(in crate::accounts) fn grants_not_over(conn: &mut Conn, person: PersonId, now: Instant) -> Result<Vec<Grant>> {
    let not_over = role_grants::table
        .filter(role_grants::person_id.eq(person))
        .filter(role_grants::ends_at.is_null().or(role_grants::ends_at.gt(now)))
        .select(columns!());
    let rows: Vec<Row> = on_each!(conn, conn => not_over.load(conn))?;
    Ok(rows.into_iter().map(grant).collect())
}

pub(in crate::accounts) fn find_grant(conn: &mut Conn, id: GrantId) -> Result<Option<Grant>> {
    let row: Option<Row> =
        role_grants::table.filter(role_grants::id.eq(id)).select(columns!()).first(conn).optional()?;
    Ok(row.map(grant))
}

/// A page of the roles given, newest first; where asked, on some calls or of one role alone.
pub(in crate::accounts) fn list_grants(
    conn: &mut Conn,
    calls: Option<&[CallId]>,
    role: Option<Role>,
    before: Option<(Instant, GrantId)>,
    rows: i64,
) -> Result<Vec<Grant>> {
    let mut found = role_grants::table.select(columns!()).into_boxed();
    if let Some(calls) = calls {
        found = found.filter(role_grants::call_id.eq_any(calls.to_vec()));
    }
    if let Some(role) = role {
        found = found.filter(role_grants::role.eq(role));
    }
    if let Some((at, id)) = before {
        found = found
            .filter(role_grants::granted_at.le(at))
            .filter(role_grants::granted_at.lt(at).or(role_grants::id.lt(id)));
    }
    let rows: Vec<Row> =
        found.order((role_grants::granted_at.desc(), role_grants::id.desc())).limit(rows).load(conn)?;
    Ok(rows.into_iter().map(grant).collect())
}

/// Ends a role: guarded by its version, which it raises.
pub(in crate::accounts) fn end_grant(conn: &mut Conn, grant: &Grant, now: Instant) -> Result<()> {
    let unchanged = role_grants::id.eq(grant.id).and(role_grants::version.eq(grant.version));
    let changes = (role_grants::ends_at.eq(Some(now)), role_grants::version.eq(grant.version.saturating_add(1)));
    let changed = update(role_grants::table, unchanged, changes).execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(Error::Stale("the role")) }
}

/// How many roles of an administrator on all calls there are besides one, of people who can act: they are not suspended
/// and have a second factor. One that ends within a minute does not count: a request beside this one, with a later now,
/// may be ending it.
pub(in crate::accounts) fn count_other_administrators(conn: &mut Conn, but: GrantId, now: Instant) -> Result<i64> {
    let soon = now.plus(Duration::from_secs(60));
    let others = role_grants::table
        .inner_join(logins::table.on(logins::person_id.eq(role_grants::person_id)))
        .filter(role_grants::id.ne(but))
        .filter(role_grants::role.eq(Role::Administrator))
        .filter(role_grants::call_id.is_null())
        .filter(role_grants::granted_at.le(now))
        .filter(role_grants::ends_at.is_null().or(role_grants::ends_at.gt(soon)))
        .filter(logins::suspended_at.is_null())
        .filter(logins::totp_confirmed_at.is_not_null());
    Ok(others.count().get_result(conn)?)
}

/// How many people with a login hold a role at a moment and are not suspended.
pub(in crate::accounts) fn count_holders(conn: &mut Conn, role: Role, now: Instant) -> Result<usize> {
    let current = role_grants::table
        .inner_join(logins::table.on(logins::person_id.eq(role_grants::person_id)))
        .filter(role_grants::role.eq(role))
        .filter(role_grants::granted_at.le(now))
        .filter(role_grants::ends_at.is_null().or(role_grants::ends_at.gt(now)))
        .filter(logins::suspended_at.is_null())
        .select(role_grants::person_id)
        .distinct();
    let people: Vec<PersonId> = current.load(conn)?;
    Ok(people.len())
}
