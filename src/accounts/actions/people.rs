//! Making people known, giving them roles, letting them act.

use std::time::Duration;

use serde::Serialize;

use crate::accounts::rules::{
    Actor, Caller, Duty, Email, Grant, Permission, Reach, Role, conflict, needs_confirmation,
};
use crate::accounts::store::invitations::{self, InvitationRow};
use crate::accounts::store::{logins, people, requests, sessions};
use crate::audit::{self, Event, Kind, Wanted};
use crate::clock::Instant;
use crate::crypto::{KeyClass, Keys, Opener, Place, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{CallId, GrantId, PersonId, SessionId};
use crate::language::Language;
use crate::page::{Cursor, Limit, Page};
use crate::version::Seen;

/// What an event about a person alone says.
#[derive(Serialize)]
pub(super) struct Subject {
    pub person: PersonId,
}

#[derive(Serialize)]
struct Granted {
    person: PersonId,
    role: Role,
}

/// Somebody acting for themselves.
pub(super) fn own(person: PersonId) -> Actor {
    Actor::new(person, Role::Applicant)
}

/// Makes a person known who will apply, and lets them act as an applicant. They give their name when they apply.
pub fn register_applicant(conn: &mut Conn, now: Instant) -> Result<Actor> {
    let person = PersonId::new();
    people::insert_person(conn, person, None, now)?;
    let actor = own(person);
    audit::record(conn, actor.author(), now, Kind::PersonRegistered, &Subject { person })?;
    Ok(actor)
}

/// Makes a person known who works for the fund. The name is sealed under the person's identity key.
pub fn register_officer(conn: &mut Conn, vault: &Vault, actor: &Actor, name: &str, now: Instant) -> Result<PersonId> {
    actor.require(Permission::AppointDirectly)?;
    let person = PersonId::new();
    let key = vault.create_key(conn, person, KeyClass::Identity)?;
    let name = key.seal(name_place(person), name.as_bytes())?;
    people::insert_person(conn, person, Some(&name), now)?;
    audit::record(conn, actor.author(), now, Kind::PersonRegistered, &Subject { person })?;
    Ok(person)
}

pub(super) fn name_place(person: PersonId) -> Place {
    Place { table: "people", column: "name_sealed", row: person.uuid() }
}

/// The name of somebody who works for the fund, where they gave one: minutes and lists of seats name them.
pub fn officer_name(conn: &mut Conn, opener: &Opener<'_>, person: PersonId) -> Result<Option<String>> {
    let Some(name) = people::name_sealed(conn, person)? else { return Ok(None) };
    let name = match opener.open(conn, (person, KeyClass::Identity), name_place(person), &name) {
        // Whoever was erased is named no more.
        Err(Error::NotFound) => return Ok(None),
        opened => opened?,
    };
    String::from_utf8(name.to_vec()).map(Some).map_err(Error::corrupt)
}

/// Gives a role to a person without asking anybody: the way of the command line, never of the API.
///
/// # Errors
/// Refused for roles that are held otherwise: applicants register, the committee is seated, the system is no person.
pub fn grant(conn: &mut Conn, actor: &Actor, person: PersonId, role: Role, now: Instant) -> Result<()> {
    actor.require(Permission::AppointDirectly)?;
    if !matches!(role, Role::Administrator | Role::Treasurer | Role::Authoriser | Role::Auditor) {
        return Err(Error::refused("role_not_granted", format!("the role “{role}” is not given by a grant")));
    }
    let grant = Grant {
        id: GrantId::new(),
        person,
        role,
        call: None,
        association: None,
        granted_at: now,
        ends_at: None,
        version: 1,
    };
    people::insert_grant(conn, &grant, actor.author().person, now)?;
    audit::record(conn, actor.author(), now, Kind::RoleGranted, &Granted { person, role })
}

/// Refuses a role that the person holds already, or that excludes one which they hold or have accepted on the same call.
pub fn require_compatible(
    conn: &mut Conn,
    person: PersonId,
    role: Role,
    call: Option<CallId>,
    now: Instant,
) -> Result<()> {
    let mut held: Vec<(Role, Option<CallId>)> =
        people::grants_not_over(conn, person, now)?.into_iter().map(|grant| (grant.role, grant.call)).collect();
    if held.contains(&(role, call)) {
        return Err(Error::refused("role_held", format!("the person holds the role “{role}” already")));
    }
    // What was given stands among the roles, for as long as it is held; a seat stands elsewhere, and one that waits nowhere.
    let is_elsewhere = |row: &InvitationRow| match row.role.duty() {
        Some(Duty::Committee) => true,
        _ => needs_confirmation(row.role) && row.confirmed_at.is_none(),
    };
    let accepted = invitations::accepted_by(conn, person, now)?.into_iter().filter(is_elsewhere);
    held.extend(accepted.map(|invitation| (invitation.role, invitation.call_id)));
    match conflict(&held, role, call) {
        None => Ok(()),
        Some(other) => {
            let message = format!("the role “{role}” excludes the role “{other}” on the same call");
            Err(Error::refused("roles_exclude_each_other", message))
        }
    }
}

/// Lets a person act in a role that they were given and that has not ended. The way of rounds that are played from
/// files, where nobody signs in; a request acts by [`act`].
///
/// # Errors
/// [`Error::NotFound`] where they do not hold it, or are suspended.
pub fn act_as(conn: &mut Conn, person: PersonId, role: Role, now: Instant) -> Result<Actor> {
    let is_suspended = logins::find(conn, person)?.is_some_and(|login| login.suspended_at.is_some());
    let holds = people::grants_of(conn, person, now)?.iter().any(|grant| grant.role == role);
    (holds && !is_suspended).then(|| Actor::new(person, role)).ok_or(Error::NotFound)
}

/// Who is behind a session, as the database says at this moment.
///
/// # Errors
/// [`Error::Unauthenticated`] where the session is unknown, ended, too old or somebody else's.
pub fn caller(conn: &mut Conn, person: PersonId, session: SessionId, now: Instant) -> Result<Caller> {
    let row = sessions::caller(conn, session)?.ok_or(Error::Unauthenticated)?;
    as_caller(row, Keys::of(person), (person, session), now)
}

/// The same with their keys, in one statement: for what is sealed for them, or opened, in any case.
///
/// # Errors
/// As for [`caller`].
pub fn caller_with_keys(conn: &mut Conn, person: PersonId, session: SessionId, now: Instant) -> Result<Caller> {
    let (row, keys) = sessions::caller_with_keys(conn, session)?.ok_or(Error::Unauthenticated)?;
    as_caller(row, Keys::read(person, keys), (person, session), now)
}

fn as_caller(
    row: sessions::CallerRow,
    keys: Keys,
    (person, session): (PersonId, SessionId),
    now: Instant,
) -> Result<Caller> {
    require_own(&row, person, now)?;
    Ok(Caller {
        person,
        session,
        language: row.language,
        keys,
        email_sealed: row.email_sealed,
        has_second_factor: row.totp_confirmed_at.is_some(),
        is_suspended: row.suspended_at.is_some(),
        proven_at: row.proven_at,
        second_factor_at: row.second_factor_at,
    })
}

fn require_own(row: &sessions::CallerRow, person: PersonId, now: Instant) -> Result<()> {
    if row.person_id != person {
        return Err(Error::Unauthenticated);
    }
    require_open((row.ended_at, row.expires_at), row.suspended_at, now)
}

/// Refuses a session that is over; where suspending its owner ended it, that is said.
pub(super) fn require_open(
    (ended_at, expires_at): (Option<Instant>, Instant),
    suspended_at: Option<Instant>,
    now: Instant,
) -> Result<()> {
    match ended_at {
        None if now < expires_at => Ok(()),
        Some(_) if ended_at == suspended_at => Err(Error::Suspended { is_signed_out: true }),
        _ => Err(Error::Unauthenticated),
    }
}

/// Lets somebody signed in act with a permission, on one call or (`call` is nothing) on all: the only way from a request
/// to an [`Actor`].
///
/// # Errors
/// [`Error::Forbidden`] without a role that carries it; [`Error::Suspended`] with one that is suspended;
/// [`Error::NotFound`] where they hold one on another call only; [`Error::TotpRequired`] where the second factor is
/// missing.
pub fn act(
    conn: &mut Conn,
    caller: &Caller,
    permission: Permission,
    call: Option<CallId>,
    now: Instant,
) -> Result<Actor> {
    let own = caller.applicant();
    if own.require(permission).is_ok() {
        return Ok(own);
    }
    let carrying = carrying(conn, caller, permission, now)?;
    let Some((actor, _)) = carrying.into_iter().find(|(_, on)| on.is_none() || *on == call) else {
        // A role on one call carries nothing on all of them.
        if call.is_none() {
            own.require(permission)?;
        }
        return Err(Error::NotFound);
    };
    require_second_factor(caller)?;
    Ok(actor)
}

/// Lets somebody signed in act with a permission on whatever their roles reach: for what is found first, and for lists.
/// What is found must be within [`Reach`].
///
/// # Errors
/// As for [`act`]; nobody who holds a role that carries the permission is refused for the call.
pub fn reach(conn: &mut Conn, caller: &Caller, permission: Permission, now: Instant) -> Result<(Actor, Reach)> {
    let carrying = carrying(conn, caller, permission, now)?;
    require_second_factor(caller)?;
    let everywhere = carrying.iter().find(|(_, on)| on.is_none());
    let (actor, _) = everywhere.or(carrying.first()).ok_or(Error::NotFound)?;
    let calls = carrying.iter().filter_map(|(_, on)| *on).collect();
    Ok((actor.clone(), if everywhere.is_some() { Reach::Everywhere } else { Reach::Calls(calls) }))
}

/// The roles of somebody that carry a permission, at least one, each with the call that it is for.
fn carrying(
    conn: &mut Conn,
    caller: &Caller,
    permission: Permission,
    now: Instant,
) -> Result<Vec<(Actor, Option<CallId>)>> {
    let held = people::grants_of(conn, caller.person, now)?.into_iter();
    let acting = held.map(|grant| (Actor::new(caller.person, grant.role).in_session(caller.session), grant.call));
    let carrying: Vec<_> = acting.filter(|(actor, _)| actor.require(permission).is_ok()).collect();
    if carrying.is_empty() {
        caller.applicant().require(permission)?;
    }
    if caller.is_suspended {
        return Err(Error::Suspended { is_signed_out: false });
    }
    Ok(carrying)
}

fn require_second_factor(caller: &Caller) -> Result<()> {
    let is_given = caller.has_second_factor && caller.second_factor_at.is_some();
    is_given.then_some(()).ok_or(Error::TotpRequired)
}

/// The same about something that stands on a call, or is not there at all (`call` is nothing): to whoever holds no role that
/// carries the permission the two look alike.
///
/// # Errors
/// As for [`act`]; [`Error::NotFound`] where it is not there.
pub fn act_on(
    conn: &mut Conn,
    caller: &Caller,
    permission: Permission,
    call: Option<CallId>,
    now: Instant,
) -> Result<Actor> {
    match call {
        Some(call) => act(conn, caller, permission, Some(call), now),
        None => {
            act(conn, caller, permission, Some(CallId::NONE), now)?;
            Err(Error::NotFound)
        }
    }
}

/// Asks whether somebody is able to act by a seat or role that they hold.
///
/// # Errors
/// [`Error::Suspended`] while they are; [`Error::TotpRequired`] where the second factor is missing.
pub fn require_able(caller: &Caller, permission: Permission) -> Result<()> {
    if caller.is_suspended {
        return caller.applicant().require(permission).map_err(|_| Error::Suspended { is_signed_out: false });
    }
    require_second_factor(caller)
}

/// Oneself, as the fund knows one.
#[derive(Debug, Clone)]
pub struct Me {
    pub person: PersonId,
    pub email: Email,
    pub language: Language,
    pub has_password: bool,
    pub has_second_factor: bool,
    pub is_suspended: bool,
    pub version: i32,
}

/// Who is behind a session.
///
/// # Errors
/// As for [`caller`].
pub fn me(conn: &mut Conn, vault: &Vault, person: PersonId, session: SessionId, now: Instant) -> Result<Me> {
    let (row, key) = sessions::caller_with_key(conn, session)?.ok_or(Error::Unauthenticated)?;
    require_own(&row, person, now)?;
    Ok(Me {
        person,
        email: super::email::read(conn, vault, &Keys::only(key), person, &row.email_sealed)?,
        language: row.language,
        has_password: row.has_password,
        has_second_factor: row.totp_confirmed_at.is_some(),
        is_suspended: row.suspended_at.is_some(),
        version: row.version,
    })
}

/// The roles that one holds.
pub fn own_grants(conn: &mut Conn, caller: &Caller, now: Instant) -> Result<Vec<Grant>> {
    people::grants_of(conn, caller.person, now)
}

/// Changes the language in which the fund writes to one.
///
/// # Errors
/// [`Error::Stale`] where the account is not at this version any more.
pub fn change_language(conn: &mut Conn, caller: &Caller, seen: Seen, language: Language) -> Result<()> {
    let login = logins::find(conn, caller.person)?.ok_or(Error::Unauthenticated)?;
    seen.require(login.version, "the account")?;
    logins::set_language(conn, &login, language)
}

/// How long what is over stays readable: sessions that ended, requests and offers that ran out.
const KEPT: Duration = Duration::from_secs(7 * 86_400);

/// Forgets what is long over. Does no harm twice.
pub fn forget_old(conn: &mut Conn, vault: &Vault, now: Instant) -> Result<()> {
    let before = now.minus(KEPT);
    requests::forget(conn, before)?;
    super::erasing::forget_unanswered(conn, vault, before)?;
    sessions::forget(conn, before)
}

/// A page of the event log, in its order.
pub fn read_log(
    conn: &mut Conn,
    actor: &Actor,
    wanted: Wanted,
    after: Option<Cursor>,
    limit: Limit,
) -> Result<Page<Event>> {
    actor.require(Permission::ReadLog)?;
    audit::page(conn, wanted, after, limit)
}

/// All of the event log that the filter shows, in its order.
pub fn export_log(conn: &mut Conn, actor: &Actor, wanted: Wanted) -> Result<Vec<Event>> {
    actor.require(Permission::ReadLog)?;
    audit::all(conn, wanted)
}
