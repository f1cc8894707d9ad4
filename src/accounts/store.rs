//! Queries on people and their roles.

use diesel::prelude::*;

use super::rules::Role;
use crate::clock::Instant;
use crate::crypto::Sealed;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::{GrantId, PersonId};
use crate::schema::{people, role_grants};

pub(super) fn insert_person(conn: &mut Conn, id: PersonId, name: Option<&Sealed>, now: Instant) -> Result<()> {
    let row = (people::id.eq(id), people::name_sealed.eq(name), people::created_at.eq(now));
    diesel::insert_into(people::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn insert_grant(
    conn: &mut Conn,
    id: GrantId,
    person: PersonId,
    role: Role,
    granted_by: Option<PersonId>,
    now: Instant,
) -> Result<()> {
    let row = (
        role_grants::id.eq(id),
        role_grants::person_id.eq(person),
        role_grants::role.eq(role),
        role_grants::granted_by.eq(granted_by),
        role_grants::granted_at.eq(now),
    );
    diesel::insert_into(role_grants::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn holds_role(conn: &mut Conn, person: PersonId, role: Role, now: Instant) -> Result<bool> {
    let current = role_grants::table
        .filter(role_grants::person_id.eq(person))
        .filter(role_grants::role.eq(role))
        .filter(role_grants::granted_at.le(now))
        .filter(role_grants::ends_at.is_null().or(role_grants::ends_at.gt(now)));
    let grant: Option<GrantId> = current.select(role_grants::id).first(conn).optional()?;
    Ok(grant.is_some())
}
