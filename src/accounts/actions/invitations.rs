//! Offering a role by mail, accepting it, and the consent of a second administrator.

use std::time::Duration;

use serde::Serialize;

use super::links::{self, Purpose};
use super::people::{name_place, require_compatible};
use super::requests::{create_person, login_like};
use crate::accounts::rules::{
    Actor, Caller, Duty, Email, Grant, Invitation, InvitationState, Permission, Role, needs_confirmation,
};
use crate::accounts::store::invitations::{self as rows, InvitationRow};
use crate::accounts::store::{logins, people};
use crate::audit::{self, Kind, journal};
use crate::clock::Instant;
use crate::crypto::{self, IndexKind, KeyClass, Place, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{CallId, GrantId, InvitationId, PersonId, SeatId};
use crate::jobs::{self, JobKind};
use crate::version::Seen;

mod reading;

pub(super) use reading::address_of;
use reading::offered;
pub use reading::{call_of, find, list};

/// How long an invitation can be accepted.
const OPEN: Duration = Duration::from_secs(14 * 86_400);
/// The command line makes so many administrators; from then on they invite each other.
const FOUNDERS: usize = 2;

#[derive(Serialize)]
struct Invited {
    invitation: InvitationId,
    role: Role,
    call: Option<CallId>,
    ends_at: Instant,
}

#[derive(Serialize)]
struct Step {
    invitation: InvitationId,
    person: Option<PersonId>,
}

#[derive(Serialize)]
struct Given {
    invitation: InvitationId,
    person: PersonId,
    role: Role,
    call: Option<CallId>,
    ends_at: Instant,
}

/// An invitation as administrators see it.
#[derive(Debug, Clone)]
pub struct Offered {
    pub id: InvitationId,
    /// Nothing, once whoever accepted it was erased, or a week after nobody could accept it any more.
    pub email: Option<Email>,
    pub role: Role,
    pub call: Option<CallId>,
    pub association: Option<String>,
    pub substitutes_for: Option<SeatId>,
    pub state: InvitationState,
    pub needs_confirmation: bool,
    pub is_confirmed: bool,
    pub invited_at: Instant,
    pub expires_at: Instant,
    pub ends_at: Instant,
    pub person: Option<PersonId>,
    pub version: i32,
}

/// Offers a role to an address.
///
/// # Errors
/// [`Error::StepUpRequired`] without a fresh second factor; refused for one's own address, and for a role that excludes
/// one which the person holds on the same call; [`Error::Fields`] for what does not fit the role.
pub fn invite(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    caller: &Caller,
    new: &Invitation,
    now: Instant,
) -> Result<Offered> {
    actor.require(Permission::GiveRoles)?;
    caller.require_step_up(now)?;
    let row = prepare(conn, vault, new, Some(caller.person), now)?;
    rows::insert(conn, &row)?;
    jobs::enqueue(conn, JobKind::MailInvitation, row.id.uuid(), now)?;
    let facts = Invited { invitation: row.id, role: row.role, call: row.call_id, ends_at: row.ends_at };
    audit::record(conn, actor.author(), now, Kind::RoleInvited, &facts)?;
    Ok(offered(Some(new.email.clone()), &row, now))
}

/// Invites one of the first two administrators and gives the token of the link, for the command line to show, and whether an
/// earlier link of the same address is withdrawn for it. Nobody else is there yet who could confirm.
///
/// # Errors
/// Refused where two administrators are there or on their way.
pub fn invite_founder(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    new: &Invitation,
    now: Instant,
) -> Result<(String, bool)> {
    actor.require(Permission::AppointDirectly)?;
    let index = vault.index(conn, IndexKind::Email, &new.email.folded())?;
    let is_again = rows::replace_founding(conn, &index, now)?;
    let holders = people::count_holders(conn, Role::Administrator, now)?;
    let waiting = rows::founding_administrators(conn, now)?;
    if holders.saturating_add(waiting) >= FOUNDERS {
        return Err(Error::refused(
            "administrators_exist",
            "two administrators are there or invited; they invite everybody else over the API",
        ));
    }
    let mut row = prepare(conn, vault, new, None, now)?;
    row.confirmed_at = Some(now);
    rows::insert(conn, &row)?;
    let facts = Invited { invitation: row.id, role: row.role, call: row.call_id, ends_at: row.ends_at };
    audit::record(conn, actor.author(), now, Kind::RoleInvited, &facts)?;
    Ok((links::token(conn, vault, Purpose::Invitation, row.id.uuid())?, is_again))
}

fn prepare(
    conn: &mut Conn,
    vault: &Vault,
    new: &Invitation,
    invited_by: Option<PersonId>,
    now: Instant,
) -> Result<InvitationRow> {
    new.check(now)?;
    let id = InvitationId::new();
    let index = vault.index(conn, IndexKind::Email, &new.email.folded())?;
    if let Some(login) = logins::by_email(conn, &index)? {
        if invited_by == Some(login.person_id) {
            return Err(Error::refused("role_to_oneself", "nobody gives a role to themselves"));
        }
        require_compatible(conn, login.person_id, new.role, new.call, now)?;
        require_first_seat(conn, login.person_id, (new.role, new.call))?;
    }
    Ok(InvitationRow {
        id,
        email_sealed: vault.contact().seal(place(id), new.email.as_str().as_bytes())?,
        email_index: index.written()?,
        language: new.language,
        role: new.role,
        call_id: new.call,
        association: new.association.clone(),
        substitutes_for: new.substitutes_for,
        ends_at: new.ends_at,
        invited_by,
        invited_at: now,
        expires_at: now.plus(OPEN),
        person_id: None,
        accepted_at: None,
        confirmed_by: None,
        confirmed_at: None,
        withdrawn_at: None,
        version: 1,
    })
}

/// One person has one seat a call, also where it has ended: what was voted by it stays theirs.
fn require_first_seat(conn: &mut Conn, person: PersonId, (role, call): (Role, Option<CallId>)) -> Result<()> {
    let (Some(Duty::Committee), Some(call)) = (role.duty(), call) else { return Ok(()) };
    match rows::seat_accepted_by(conn, person, call)? {
        None => Ok(()),
        Some(held) => {
            let message = format!("the person accepted a seat on this call before, as “{held}”");
            Err(Error::refused("seat_accepted_before", message))
        }
    }
}

fn place(id: InvitationId) -> Place {
    Place { table: "invitations", column: "email_sealed", row: id.uuid() }
}

pub(in crate::accounts) fn email_of(vault: &Vault, row: &InvitationRow) -> Result<Email> {
    let bytes = vault.open_contact(place(row.id), &row.email_sealed)?;
    std::str::from_utf8(&bytes).map_err(Error::corrupt)?.parse().map_err(Error::corrupt)
}

fn state(row: &InvitationRow, now: Instant) -> InvitationState {
    let is_confirmed = row.confirmed_at.is_some() || !needs_confirmation(row.role);
    match (row.withdrawn_at, row.accepted_at) {
        (Some(_), _) => InvitationState::Withdrawn,
        (None, Some(_)) if is_confirmed => InvitationState::Given,
        (None, Some(_)) => InvitationState::Accepted,
        (None, None) if row.expires_at <= now || row.ends_at <= now => InvitationState::Expired,
        (None, None) => InvitationState::Invited,
    }
}

/// An open invitation by its link.
fn open(conn: &mut Conn, vault: &Vault, token: &str, now: Instant) -> Result<InvitationRow> {
    let id = InvitationId::from(links::read(conn, vault, Purpose::Invitation, token)?);
    let row = rows::find(conn, id)?.filter(|row| state(row, now) == InvitationState::Invited);
    row.ok_or_else(links::spent)
}

/// What the link of an invitation leads to: the address, and whether it has an account already.
///
/// # Errors
/// A field error on `token` where it is wrong, used or too old.
pub fn behind(conn: &mut Conn, vault: &Vault, token: &str, now: Instant) -> Result<(Email, bool)> {
    let row = open(conn, vault, token, now)?;
    let has_account = login_like(conn, vault, row.email_index)?.is_some();
    Ok((email_of(vault, &row)?, has_account))
}

/// Accepts an invitation by its link; makes the account where there is none.
///
/// # Errors
/// A field error on `password` where an account is to be made and none is given; refused where the role excludes one
/// that was accepted meanwhile.
pub fn accept(
    conn: &mut Conn,
    vault: &Vault,
    token: &str,
    name: &str,
    password_hash: Option<&str>,
    now: Instant,
) -> Result<Offered> {
    let mut row = open(conn, vault, token, now)?;
    let email = email_of(vault, &row)?;
    let person = match login_like(conn, vault, row.email_index)? {
        Some(login) => login.person_id,
        None => {
            let hash = password_hash.ok_or_else(|| Error::field("password", "missing"))?;
            create_person(conn, vault, &email, row.language, Some(hash), now)?
        }
    };
    if row.invited_by == Some(person) || row.confirmed_by == Some(person) {
        return Err(Error::refused("role_to_oneself", "nobody gives a role to themselves"));
    }
    require_compatible(conn, person, row.role, row.call_id, now)?;
    require_first_seat(conn, person, (row.role, row.call_id))?;
    let key = vault.key(conn, person, KeyClass::Identity)?;
    people::set_name(conn, person, &key.seal(name_place(person), name.as_bytes())?)?;
    row.person_id = Some(person);
    row.accepted_at = Some(now);
    rows::save(conn, &row)?;
    row.version = row.version.saturating_add(1);
    let actor = super::people::own(person);
    let step = Step { invitation: row.id, person: Some(person) };
    audit::record(conn, actor.author(), now, Kind::InvitationAccepted, &step)?;
    give_if_ready(conn, &row, now)?;
    Ok(offered(Some(email), &row, now))
}

/// Agrees, as a second administrator, to a role that one alone must not give.
///
/// # Errors
/// Refused to whoever invited, to the person themselves, and for a role that excludes one which they got meanwhile;
/// [`Error::Stale`] at another version.
pub fn confirm(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    caller: &Caller,
    (id, seen): (InvitationId, Seen),
    now: Instant,
) -> Result<Offered> {
    actor.require(Permission::GiveRoles)?;
    caller.require_step_up(now)?;
    let mut row = at_version(conn, id, seen)?;
    let state = state(&row, now);
    if !needs_confirmation(row.role) || row.confirmed_at.is_some() {
        return Err(Error::refused("invitation_state", "this invitation needs no confirmation"));
    }
    if !matches!(state, InvitationState::Invited | InvitationState::Accepted) {
        return Err(Error::refused("invitation_state", format!("an invitation that is {state} cannot be confirmed")));
    }
    if row.invited_by == Some(caller.person) {
        return Err(Error::refused("second_person", "another administrator than the one who invited must confirm"));
    }
    if is_theirs(conn, vault, &row, caller.person)? {
        return Err(Error::refused("role_to_oneself", "nobody gives a role to themselves"));
    }
    if let Some(person) = row.person_id {
        require_compatible(conn, person, row.role, row.call_id, now)?;
    }
    row.confirmed_by = Some(caller.person);
    row.confirmed_at = Some(now);
    rows::save(conn, &row)?;
    row.version = row.version.saturating_add(1);
    let step = Step { invitation: id, person: row.person_id };
    audit::record(conn, actor.author(), now, Kind::InvitationConfirmed, &step)?;
    give_if_ready(conn, &row, now)?;
    let access = (actor.author(), crypto::Purpose::ManageRoles, now);
    let email = journal::during(conn, vault, access, |_, opener| address_of(opener, &row))?;
    Ok(offered(email, &row, now))
}

/// Whether an invitation went to a person, answered or not.
fn is_theirs(conn: &mut Conn, vault: &Vault, row: &InvitationRow, person: PersonId) -> Result<bool> {
    let login = logins::find(conn, person)?;
    let index = vault.like(conn, IndexKind::Email, row.email_index)?;
    Ok(row.person_id == Some(person) || login.is_some_and(|login| index.contains(&login.email_index)))
}

/// Takes an offer back before the role is given.
pub fn withdraw(
    conn: &mut Conn,
    actor: &Actor,
    caller: &Caller,
    (id, seen): (InvitationId, Seen),
    now: Instant,
) -> Result<()> {
    actor.require(Permission::GiveRoles)?;
    caller.require_step_up(now)?;
    let mut row = at_version(conn, id, seen)?;
    let state = state(&row, now);
    if !matches!(state, InvitationState::Invited | InvitationState::Accepted) {
        return Err(Error::refused("invitation_state", format!("an invitation that is {state} cannot be withdrawn")));
    }
    row.withdrawn_at = Some(now);
    rows::save(conn, &row)?;
    let step = Step { invitation: id, person: row.person_id };
    audit::record(conn, actor.author(), now, Kind::InvitationWithdrawn, &step)
}

fn at_version(conn: &mut Conn, id: InvitationId, seen: Seen) -> Result<InvitationRow> {
    let row = rows::find(conn, id)?.ok_or(Error::NotFound)?;
    seen.require(row.version, "the invitation").map(|()| row)
}

/// Gives the role once everybody has agreed. A seat is the committee's to give, so a job asks it.
fn give_if_ready(conn: &mut Conn, row: &InvitationRow, now: Instant) -> Result<()> {
    let (InvitationState::Given, Some(person)) = (state(row, now), row.person_id) else {
        return Ok(());
    };
    let is_seat = matches!(row.role, Role::Chair | Role::Member | Role::Substitute);
    if is_seat {
        return jobs::enqueue(conn, JobKind::SeatMember, row.id.uuid(), now);
    }
    let grant = Grant {
        id: GrantId::new(),
        person,
        role: row.role,
        call: row.call_id,
        association: row.association.clone(),
        granted_at: now,
        ends_at: Some(row.ends_at),
        version: 1,
    };
    people::insert_grant(conn, &grant, row.invited_by, now)?;
    let given = Given { invitation: row.id, person, role: row.role, call: row.call_id, ends_at: row.ends_at };
    jobs::enqueue(conn, JobKind::MailRoleGiven, row.id.uuid(), now)?;
    audit::record(conn, super::people::own(person).author(), now, Kind::RoleGranted, &given)
}

/// A seat that somebody accepted.
pub struct SeatOffer {
    pub person: PersonId,
    pub call: CallId,
    pub role: Role,
    pub association: String,
    pub substitutes_for: Option<SeatId>,
    pub ends_at: Instant,
}

/// What the committee seats somebody by.
///
/// # Errors
/// [`Error::NotFound`] where it was not accepted, or is no seat.
pub fn seat_offer(conn: &mut Conn, id: InvitationId) -> Result<SeatOffer> {
    let row = rows::find(conn, id)?.filter(|row| row.accepted_at.is_some() && row.withdrawn_at.is_none());
    let row = row.ok_or(Error::NotFound)?;
    match (row.person_id, row.call_id, row.association.clone()) {
        (Some(person), Some(call), Some(association)) => {
            let InvitationRow { role, substitutes_for, ends_at, .. } = row;
            Ok(SeatOffer { person, call, role, association, substitutes_for, ends_at })
        }
        _ => Err(Error::NotFound),
    }
}
