//! Making people known and giving them roles.

use serde::Serialize;

use super::rules::{Actor, Permission, Role};
use super::store;
use crate::audit::{self, Event, Kind};
use crate::clock::Instant;
use crate::crypto::{KeyClass, Place, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{GrantId, PersonId};
use crate::page::{Cursor, Limit, Page};

#[derive(Serialize)]
struct Registered {
    person: PersonId,
}

#[derive(Serialize)]
struct Granted {
    person: PersonId,
    role: Role,
}

/// Makes a person known who will apply, and lets them act as an applicant. They give their name when they apply.
pub fn register_applicant(conn: &mut Conn, now: Instant) -> Result<Actor> {
    let person = PersonId::new();
    store::insert_person(conn, person, None, now)?;
    let actor = Actor::new(person, Role::Applicant);
    audit::record(conn, actor.author(), now, Kind::PersonRegistered, &Registered { person })?;
    Ok(actor)
}

/// Makes a person known who works for the fund. The name is sealed under the person's identity key.
pub fn register_officer(conn: &mut Conn, vault: &Vault, actor: &Actor, name: &str, now: Instant) -> Result<PersonId> {
    actor.require(Permission::GiveRoles)?;
    let person = PersonId::new();
    let key = vault.create_key(conn, person, KeyClass::Identity)?;
    let name = key.seal(Place { table: "people", column: "name_sealed", row: person.uuid() }, name.as_bytes())?;
    store::insert_person(conn, person, Some(&name), now)?;
    audit::record(conn, actor.author(), now, Kind::PersonRegistered, &Registered { person })?;
    Ok(person)
}

/// Gives a role to another person.
///
/// # Errors
/// Refused for roles that are held otherwise: applicants register, the committee is seated, the system is no person.
pub fn grant(conn: &mut Conn, actor: &Actor, person: PersonId, role: Role, now: Instant) -> Result<()> {
    actor.require(Permission::GiveRoles)?;
    if !matches!(role, Role::Administrator | Role::Treasurer | Role::Authoriser | Role::Auditor) {
        return Err(Error::refused("role_not_granted", format!("the role “{role}” is not given by a grant")));
    }
    if actor.author().person == Some(person) {
        return Err(Error::refused("role_to_oneself", "nobody gives a role to themselves"));
    }
    store::insert_grant(conn, GrantId::new(), person, role, actor.author().person, now)?;
    audit::record(conn, actor.author(), now, Kind::RoleGranted, &Granted { person, role })
}

/// Lets a person act in a role that they were given and that has not ended.
///
/// # Errors
/// [`Error::NotFound`] where they do not hold it.
pub fn act_as(conn: &mut Conn, person: PersonId, role: Role, now: Instant) -> Result<Actor> {
    let holds = store::holds_role(conn, person, role, now)?;
    holds.then(|| Actor::new(person, role)).ok_or(Error::NotFound)
}

/// A page of the event log.
pub fn read_log(conn: &mut Conn, actor: &Actor, after: Option<Cursor>, limit: Limit) -> Result<Page<Event>> {
    actor.require(Permission::ReadLog)?;
    audit::page(conn, after, limit)
}
