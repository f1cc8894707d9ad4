//! Who holds which role: reading it, ending it, suspending a person.

use serde::Serialize;

use crate::accounts::rules::{Actor, Caller, Grant, Permission, Reach, Role};
use crate::accounts::store::{logins, people, sessions};
use crate::audit::{self, Kind};
use crate::clock::Instant;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{CallId, GrantId, PersonId};
use crate::jobs::{self, JobKind};
use crate::page::{Limit, Page, TimeCursor};
use crate::version::Seen;

#[derive(Serialize)]
struct Ended {
    grant: GrantId,
    person: PersonId,
    role: Role,
}

/// A page of the roles within reach that were given, newest first; where asked, of one role alone.
pub fn list(
    conn: &mut Conn,
    (actor, reach): (&Actor, &Reach),
    role: Option<Role>,
    after: Option<TimeCursor>,
    limit: Limit,
) -> Result<Page<Grant>> {
    actor.require(Permission::ReadRoles)?;
    let before = after.map(|cursor| (cursor.at, GrantId::from(cursor.id)));
    let rows = people::list_grants(conn, reach.calls(), role, before, limit.rows_and_one())?;
    Ok(Page::new(rows, limit, |row| TimeCursor { at: row.granted_at, id: row.id.uuid() }))
}

/// # Errors
/// [`Error::NotFound`] where there is no such role within reach.
pub fn find(conn: &mut Conn, (actor, reach): (&Actor, &Reach), id: GrantId) -> Result<Grant> {
    actor.require(Permission::ReadRoles)?;
    let grant = people::find_grant(conn, id)?.ok_or(Error::NotFound)?;
    reach.require(grant.call).map(|()| grant)
}

/// On which call a role is held; nothing, on all of them.
///
/// # Errors
/// [`Error::NotFound`] where there is no such role.
pub fn call_of(conn: &mut Conn, id: GrantId) -> Result<Option<CallId>> {
    Ok(people::find_grant(conn, id)?.ok_or(Error::NotFound)?.call)
}

/// Ends a role now.
///
/// # Errors
/// [`Error::Stale`] at another version; refused where it has ended already, or for the last administrator who can act.
pub fn end(
    conn: &mut Conn,
    actor: &Actor,
    caller: &Caller,
    (id, seen): (GrantId, Seen),
    now: Instant,
) -> Result<Grant> {
    actor.require(Permission::GiveRoles)?;
    caller.require_step_up(now)?;
    let mut grant = people::find_grant(conn, id)?.ok_or(Error::NotFound)?;
    seen.require(grant.version, "the role")?;
    if grant.ends_at.is_some_and(|at| at <= now) {
        return Err(Error::refused("role_ended", "this role has ended already"));
    }
    let counts = grant.role == Role::Administrator && grant.call.is_none();
    if counts && people::count_other_administrators(conn, id, now)? == 0 {
        return Err(Error::refused("last_administrator", "the fund would be left without an administrator"));
    }
    people::end_grant(conn, &grant, now)?;
    grant.ends_at = Some(now);
    grant.version = grant.version.saturating_add(1);
    let facts = Ended { grant: id, person: grant.person, role: grant.role };
    audit::record(conn, actor.author(), now, Kind::RoleEnded, &facts)?;
    Ok(grant)
}

/// Stops every role of a person and signs them out. Their own things as an applicant stay theirs.
pub fn suspend(conn: &mut Conn, actor: &Actor, caller: &Caller, person: PersonId, now: Instant) -> Result<()> {
    actor.require(Permission::GiveRoles)?;
    set_suspended(conn, actor, caller, person, true, now)
}

/// Gives a suspended person their roles back.
pub fn restore(conn: &mut Conn, actor: &Actor, caller: &Caller, person: PersonId, now: Instant) -> Result<()> {
    actor.require(Permission::GiveRoles)?;
    set_suspended(conn, actor, caller, person, false, now)
}

fn set_suspended(
    conn: &mut Conn,
    actor: &Actor,
    caller: &Caller,
    person: PersonId,
    to_suspend: bool,
    now: Instant,
) -> Result<()> {
    caller.require_step_up(now)?;
    if caller.person == person {
        return Err(Error::refused("own_suspension", "nobody suspends or restores themselves"));
    }
    let login = logins::find(conn, person)?.ok_or(Error::NotFound)?;
    if login.suspended_at.is_some() == to_suspend {
        return Ok(());
    }
    logins::set_suspended(conn, &login, to_suspend.then_some(now))?;
    if to_suspend {
        sessions::end_all(conn, person, None, now)?;
    }
    let (kind, letter) = match to_suspend {
        true => (Kind::PersonSuspended, JobKind::MailSuspended),
        false => (Kind::PersonRestored, JobKind::MailRestored),
    };
    jobs::enqueue(conn, letter, person.uuid(), now)?;
    audit::record(conn, actor.author(), now, kind, &super::people::Subject { person })
}
