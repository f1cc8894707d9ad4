//! The address somebody signs in with, its change, and the change of the password.

use super::links::{self, Purpose};
use super::people::{Subject, own};
use super::requests;
use crate::accounts::rules::{Caller, Email, RequestKind};
use crate::accounts::store::logins::LoginRow;
use crate::accounts::store::{logins, requests as rows, sessions};
use crate::audit::{self, Kind};
use crate::clock::Instant;
use crate::crypto::{IndexKind, KeyClass, Keys, Opener, Place, Sealed, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{MailRequestId, PersonId};
use crate::jobs::{self, JobKind};

pub(super) fn place(person: PersonId) -> Place {
    Place { table: "logins", column: "email_sealed", row: person.uuid() }
}

pub(in crate::accounts) fn of_login(conn: &mut Conn, vault: &Vault, login: &LoginRow) -> Result<Email> {
    opened(conn, vault, login.person_id, &login.email_sealed)
}

/// The same for somebody else, of whom the journal is kept.
pub(super) fn of_login_by(conn: &mut Conn, opener: &Opener<'_>, login: &LoginRow) -> Result<Email> {
    let (whose, place) = ((login.person_id, KeyClass::Identity), place(login.person_id));
    parsed(&opener.open(conn, whose, place, &login.email_sealed)?)
}

/// The address of a login, opened with the key of its owner.
pub(super) fn opened(conn: &mut Conn, vault: &Vault, person: PersonId, sealed: &Sealed) -> Result<Email> {
    read(conn, vault, &Keys::of(person), person, sealed)
}

/// The same, with keys that were read already. It is shown to its owner or written to, and so told to nobody else: no journal
/// is kept of it.
pub(super) fn read(conn: &mut Conn, vault: &Vault, keys: &Keys, person: PersonId, sealed: &Sealed) -> Result<Email> {
    let whose = (person, KeyClass::Identity);
    parsed(&Opener::own(vault, person).open_among(conn, keys, whose, place(person), sealed)?)
}

fn parsed(bytes: &[u8]) -> Result<Email> {
    std::str::from_utf8(bytes).map_err(Error::corrupt)?.parse().map_err(Error::corrupt)
}

/// One's own address.
pub fn own_address(conn: &mut Conn, vault: &Vault, caller: &Caller) -> Result<Email> {
    read(conn, vault, &caller.keys, caller.person, &caller.email_sealed)
}

/// Asks to sign in with another address from now on. Both are written to, and nothing changes until both confirm.
pub fn ask_change(conn: &mut Conn, vault: &Vault, caller: &Caller, email: &Email, now: Instant) -> Result<()> {
    caller.require_proof(now)?;
    if own_address(conn, vault, caller)?.folded() == email.folded() {
        return Err(Error::field("email", "email_same"));
    }
    let person = Some(caller.person);
    requests::insert(conn, vault, RequestKind::EmailChange, person, email, caller.language, now).map(|_| ())
}

/// How far a change of address has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The other address has not confirmed yet.
    WaitsForOther,
    Changed,
}

/// Confirms a change of address by the link that was mailed to one of the two.
///
/// # Errors
/// A field error on `token` where it is wrong, used or too old, or where password or address changed since.
pub fn confirm_change(conn: &mut Conn, vault: &Vault, token: &str, now: Instant) -> Result<Change> {
    let old = links::read(conn, vault, Purpose::EmailOld, token);
    let is_old = old.is_ok();
    let id = MailRequestId::from(old.or_else(|_| links::read(conn, vault, Purpose::EmailNew, token))?);
    let request = rows::find(conn, id)?.filter(|request| request.is_open(now)).ok_or_else(links::spent)?;
    let person = request.person_id.ok_or_else(|| Error::corrupt("a change of address without a person"))?;
    let login = logins::find(conn, person)?.ok_or_else(links::spent)?;
    if login.is_newer_than(request.created_at) {
        // The old address that this request was mailed to, and may have confirmed it, is the old one no more.
        return Err(links::spent());
    }
    match is_old {
        true => rows::confirm_old(conn, id, now)?,
        false => rows::confirm_new(conn, id, now)?,
    }
    let has_other = if is_old { request.new_confirmed_at.is_some() } else { request.old_confirmed_at.is_some() };
    if !has_other {
        return Ok(Change::WaitsForOther);
    }
    requests::use_up(conn, &request, now)?;
    let email = requests::email_of(vault, &request)?;
    let index = vault.index(conn, IndexKind::Email, &email.folded())?;
    if logins::by_email(conn, &index)?.is_some() {
        return Err(links::spent());
    }
    let key = vault.key(conn, person, KeyClass::Identity)?;
    // The request keeps the old address from here on: that is where a warning must go.
    let old = of_login(conn, vault, &login)?;
    rows::set_email(conn, id, &vault.contact().seal(requests::place(id), old.as_str().as_bytes())?)?;
    logins::set_email(conn, &login, (&key.seal(place(person), email.as_str().as_bytes())?, index.written()?), now)?;
    sessions::end_all(conn, person, None, now)?;
    jobs::enqueue(conn, JobKind::MailEmailChanged, id.uuid(), now)?;
    audit::record(conn, own(person).author(), now, Kind::EmailChanged, &Subject { person })?;
    Ok(Change::Changed)
}

/// What a change of password is compared with: one's stored hash, where there is a password.
pub fn own_password(conn: &mut Conn, caller: &Caller) -> Result<Option<String>> {
    Ok(logins::find(conn, caller.person)?.ok_or(Error::Unauthenticated)?.password_hash)
}

/// The hash of a password that is to be, and what it was measured for: with a second factor a shorter one does.
pub struct NewPassword {
    pub hash: String,
    pub is_for_two_factors: bool,
}

impl NewPassword {
    /// # Errors
    /// [`Error::Stale`] where the second factor was removed while the hash was made.
    pub(super) fn set(&self, conn: &mut Conn, login: &LoginRow, now: Instant) -> Result<()> {
        if self.is_for_two_factors && login.totp_confirmed_at.is_none() {
            return Err(Error::Stale("the account"));
        }
        logins::set_password(conn, login, &self.hash, now)
    }
}

/// Sets a new password in place of the one whose stored hash was matched, or of none, and ends every other session.
///
/// # Errors
/// [`Error::StepUpRequired`] without a fresh proof; [`Error::WrongCredentials`] where it was changed meanwhile.
pub fn change_password(
    conn: &mut Conn,
    caller: &Caller,
    matched: Option<&str>,
    new: &NewPassword,
    now: Instant,
) -> Result<()> {
    let login = logins::find(conn, caller.person)?.ok_or(Error::Unauthenticated)?;
    if login.password_hash.as_deref() != matched {
        return Err(Error::WrongCredentials);
    }
    if matched.is_none() || caller.has_second_factor {
        caller.require_proof(now)?;
    }
    new.set(conn, &login, now)?;
    sessions::end_all(conn, caller.person, Some(caller.session), now)?;
    jobs::enqueue(conn, JobKind::MailPasswordChanged, caller.person.uuid(), now)?;
    audit::record(conn, own(caller.person).author(), now, Kind::PasswordChanged, &Subject { person: caller.person })
}
