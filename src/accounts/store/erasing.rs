//! Queries on everything that an account is made of, when it is erased.

use diesel::prelude::*;

use crate::clock::Instant;
use crate::crypto::{BlindIndex, Sealed};
use crate::db::{Conn, update};
use crate::error::Result;
use crate::ids::{InvitationId, PersonId, SessionId};
use crate::schema::{
    invitations, logins, mail_requests, people, recovery_codes, refresh_tokens, role_grants, sessions,
};

/// How many people one query names.
const CHUNK: usize = 500;
/// How many invitations one write forgets.
const AT_ONCE: i64 = 1000;

/// Deletes how somebody signs in: address, password, second factor, sessions, requests by mail.
pub(in crate::accounts) fn delete_login(conn: &mut Conn, person: PersonId) -> Result<()> {
    let own = sessions::table.filter(sessions::person_id.eq(person));
    let ids: Vec<SessionId> = own.select(sessions::id).load(conn)?;
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::session_id.eq_any(&ids))).execute(conn)?;
    diesel::delete(own).execute(conn)?;
    diesel::delete(recovery_codes::table.filter(recovery_codes::person_id.eq(person))).execute(conn)?;
    diesel::delete(mail_requests::table.filter(mail_requests::person_id.eq(person))).execute(conn)?;
    diesel::delete(logins::table.filter(logins::person_id.eq(person))).execute(conn)?;
    Ok(())
}

/// The invitations to an address that nobody accepted.
pub(in crate::accounts) fn offered_to(conn: &mut Conn, email: BlindIndex) -> Result<Vec<InvitationId>> {
    let offered =
        invitations::table.filter(invitations::email_index.eq(email)).filter(invitations::person_id.is_null());
    Ok(offered.select(invitations::id).load(conn)?)
}

/// Some invitations with an address that nobody accepted, and that ran out or were withdrawn before a moment.
pub(in crate::accounts) fn unanswered(conn: &mut Conn, before: Instant) -> Result<Vec<InvitationId>> {
    let over =
        invitations::expires_at.lt(before).or(invitations::ends_at.lt(before)).or(invitations::withdrawn_at.lt(before));
    let kept = invitations::person_id.is_null().and(invitations::email_sealed.ne(Sealed::nothing()));
    Ok(invitations::table.filter(kept).filter(over).select(invitations::id).limit(AT_ONCE).load(conn)?)
}

/// Forgets the address of an invitation that nobody accepted; from now on nobody can.
pub(in crate::accounts) fn withdraw_forgotten(
    conn: &mut Conn,
    id: InvitationId,
    index: BlindIndex,
    now: Instant,
) -> Result<()> {
    forget_address(conn, id, index)?;
    let open = invitations::id.eq(id).and(invitations::withdrawn_at.is_null());
    update(invitations::table, open, invitations::withdrawn_at.eq(Some(now))).execute(conn)?;
    Ok(())
}

/// Forgets the address that an invitation went to.
pub(in crate::accounts) fn forget_address(conn: &mut Conn, id: InvitationId, index: BlindIndex) -> Result<()> {
    let changes = (invitations::email_sealed.eq(Sealed::nothing()), invitations::email_index.eq(index));
    update(invitations::table, invitations::id.eq(id), changes).execute(conn)?;
    Ok(())
}

pub(in crate::accounts) fn delete_name(conn: &mut Conn, person: PersonId) -> Result<()> {
    update(people::table, people::id.eq(person), people::name_sealed.eq(None::<Sealed>)).execute(conn)?;
    Ok(())
}

pub(in crate::accounts) fn is_known(conn: &mut Conn, person: PersonId) -> Result<bool> {
    let known: Option<PersonId> =
        people::table.filter(people::id.eq(person)).select(people::id).first(conn).optional()?;
    Ok(known.is_some())
}

/// Whether their identity key still seals something here: an address to sign in with, or a name.
pub(in crate::accounts) fn has_account(conn: &mut Conn, person: PersonId) -> Result<bool> {
    let login: Option<PersonId> =
        logins::table.filter(logins::person_id.eq(person)).select(logins::person_id).first(conn).optional()?;
    let named = people::table.filter(people::id.eq(person)).filter(people::name_sealed.is_not_null());
    let named: Option<PersonId> = named.select(people::id).first(conn).optional()?;
    Ok(login.is_some() || named.is_some())
}

/// Who of these people can sign in.
pub(in crate::accounts) fn with_login(conn: &mut Conn, people: &[PersonId]) -> Result<Vec<PersonId>> {
    let mut found = Vec::new();
    for chunk in people.chunks(CHUNK) {
        let theirs = logins::table.filter(logins::person_id.eq_any(chunk)).select(logins::person_id);
        let rows: Vec<PersonId> = theirs.load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Accounts from before a moment that nobody is signed in to, and whose owners hold no role.
pub(in crate::accounts) fn idle(conn: &mut Conn, before: Instant, now: Instant) -> Result<Vec<PersonId>> {
    let signed_in = sessions::table
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .select(sessions::person_id)
        .distinct();
    let with_role = role_grants::table
        .filter(role_grants::ends_at.is_null().or(role_grants::ends_at.gt(now)))
        .select(role_grants::person_id)
        .distinct();
    let old = logins::table.filter(logins::created_at.lt(before)).filter(logins::secured_at.lt(before));
    let old = old.filter(logins::person_id.ne_all(signed_in)).filter(logins::person_id.ne_all(with_role));
    Ok(old.select(logins::person_id).order(logins::person_id).load(conn)?)
}

/// Whether one account is among them.
pub(in crate::accounts) fn is_idle(conn: &mut Conn, person: PersonId, before: Instant, now: Instant) -> Result<bool> {
    let old = logins::table.filter(logins::created_at.lt(before)).filter(logins::secured_at.lt(before));
    let old = old.filter(logins::person_id.eq(person)).select(logins::person_id);
    let old: Option<PersonId> = old.first(conn).optional()?;
    let signed_in = sessions::table.filter(sessions::ended_at.is_null()).filter(sessions::expires_at.gt(now));
    let signed_in = signed_in.filter(sessions::person_id.eq(person)).select(sessions::person_id);
    let signed_in: Option<PersonId> = signed_in.first(conn).optional()?;
    let with_role = role_grants::table.filter(role_grants::ends_at.is_null().or(role_grants::ends_at.gt(now)));
    let with_role = with_role.filter(role_grants::person_id.eq(person)).select(role_grants::person_id);
    let with_role: Option<PersonId> = with_role.first(conn).optional()?;
    Ok(old.is_some() && signed_in.is_none() && with_role.is_none())
}
