//! What anybody may ask by mail: to register, to sign in, to set a new password.
//!
//! Whoever asks gets the same answer after the same work, whether or not the address is known: a row and a job are
//! written, and the worker looks afterwards who it is (`accounts::mails`).

use std::time::Duration;

use super::email::NewPassword;
use super::links::{self, Purpose};
use super::sessions::{self, Proof, SignIn, SignedIn};
use crate::accounts::rules::{Email, RequestKind};
use crate::accounts::store::requests::RequestRow;
use crate::accounts::store::{logins, requests, sessions as session_rows};
use crate::audit::{self, Kind};
use crate::clock::Instant;
use crate::crypto::{BlindIndex, IndexKind, KeyClass, Place, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{MailRequestId, PersonId};
use crate::jobs::{self, JobKind};
use crate::language::Language;

/// Writes down what somebody asks for an address, and enqueues the mail that answers it.
pub fn ask(
    conn: &mut Conn,
    vault: &Vault,
    kind: RequestKind,
    email: &Email,
    language: Language,
    now: Instant,
) -> Result<MailRequestId> {
    insert(conn, vault, kind, None, email, language, now)
}

pub(super) fn insert(
    conn: &mut Conn,
    vault: &Vault,
    kind: RequestKind,
    person_id: Option<PersonId>,
    email: &Email,
    language: Language,
    now: Instant,
) -> Result<MailRequestId> {
    let id = MailRequestId::new();
    let request = RequestRow {
        id,
        kind,
        person_id,
        email_sealed: vault.contact().seal(place(id), email.as_str().as_bytes())?,
        language,
        created_at: now,
        expires_at: now.plus(Duration::from_secs(kind.lifetime_seconds())),
        tries: 0,
        old_confirmed_at: None,
        new_confirmed_at: None,
        used_at: None,
    };
    requests::insert(conn, &request)?;
    let mails: &[JobKind] = match kind {
        RequestKind::Registration => &[JobKind::MailRegistration],
        RequestKind::SignIn => &[JobKind::MailSignInLink],
        RequestKind::PasswordReset => &[JobKind::MailPasswordReset],
        RequestKind::EmailChange => &[JobKind::MailOldAddress, JobKind::MailNewAddress],
    };
    for mail in mails {
        jobs::enqueue(conn, *mail, id.uuid(), now)?;
    }
    Ok(id)
}

pub(super) fn place(id: MailRequestId) -> Place {
    Place { table: "mail_requests", column: "email_sealed", row: id.uuid() }
}

/// The address that a request was made for.
pub(in crate::accounts) fn email_of(vault: &Vault, request: &RequestRow) -> Result<Email> {
    let bytes = vault.open_contact(place(request.id), &request.email_sealed)?;
    let text = std::str::from_utf8(&bytes).map_err(Error::corrupt)?;
    text.parse().map_err(Error::corrupt)
}

/// An open request by its link.
///
/// # Errors
/// A field error on `token` where it is wrong, used or too old.
pub(super) fn open(conn: &mut Conn, vault: &Vault, purpose: Purpose, token: &str, now: Instant) -> Result<RequestRow> {
    let id = MailRequestId::from(links::read(conn, vault, purpose, token)?);
    requests::find(conn, id)?.filter(|request| request.is_open(now)).ok_or_else(links::spent)
}

pub(super) fn use_up(conn: &mut Conn, request: &RequestRow, now: Instant) -> Result<()> {
    if requests::use_up(conn, request.id, now)? { Ok(()) } else { Err(links::spent()) }
}

/// The account of an address.
pub(in crate::accounts) fn login_of(conn: &mut Conn, vault: &Vault, email: &Email) -> Result<Option<logins::LoginRow>> {
    let index = vault.index(conn, IndexKind::Email, &email.folded())?;
    logins::by_email(conn, &index)
}

/// The account of an address that is known by an index alone.
pub(super) fn login_like(conn: &mut Conn, vault: &Vault, index: BlindIndex) -> Result<Option<logins::LoginRow>> {
    let index = vault.like(conn, IndexKind::Email, index)?;
    logins::by_email(conn, &index)
}

/// The address behind a link, for the rules of a password that is set with it.
///
/// # Errors
/// A field error on `token` where it is wrong, used or too old.
pub fn email_behind(
    conn: &mut Conn,
    vault: &Vault,
    purpose: Purpose,
    token: &str,
    now: Instant,
) -> Result<(Email, bool)> {
    let request = open(conn, vault, purpose, token, now)?;
    let email = email_of(vault, &request)?;
    let login = login_of(conn, vault, &email)?;
    let has_second_factor = login.is_some_and(|login| login.totp_confirmed_at.is_some());
    Ok((email, has_second_factor))
}

/// Whose account a link is for, if there is one.
///
/// # Errors
/// A field error on `token` where it is wrong, used or too old.
pub fn person_behind(
    conn: &mut Conn,
    vault: &Vault,
    purpose: Purpose,
    token: &str,
    now: Instant,
) -> Result<Option<PersonId>> {
    let request = open(conn, vault, purpose, token, now)?;
    let email = email_of(vault, &request)?;
    let login = login_of(conn, vault, &email)?;
    Ok(login.map(|login| login.person_id))
}

/// Makes the account of a confirmed address and signs its owner in.
pub fn confirm_registration(
    conn: &mut Conn,
    vault: &Vault,
    token: &str,
    password_hash: Option<&str>,
    sign_in: &SignIn,
    now: Instant,
) -> Result<SignedIn> {
    let request = open(conn, vault, Purpose::Registration, token, now)?;
    use_up(conn, &request, now)?;
    let email = email_of(vault, &request)?;
    if login_of(conn, vault, &email)?.is_some() {
        return Err(links::spent());
    }
    let person = create_person(conn, vault, &email, request.language, password_hash, now)?;
    sessions::begin(conn, vault, person, &Proof::Mail, sign_in, now)
}

/// A person with a login. The address is confirmed: they came by a link that was sent there.
pub(super) fn create_person(
    conn: &mut Conn,
    vault: &Vault,
    email: &Email,
    language: Language,
    password_hash: Option<&str>,
    now: Instant,
) -> Result<PersonId> {
    let applicant = super::register_applicant(conn, now)?;
    let person = applicant.person()?;
    let key = vault.create_key(conn, person, KeyClass::Identity)?;
    let login = logins::LoginRow {
        person_id: person,
        email_sealed: key.seal(super::email::place(person), email.as_str().as_bytes())?,
        email_index: vault.index(conn, IndexKind::Email, &email.folded())?.written()?,
        language,
        password_hash: password_hash.map(str::to_owned),
        totp_sealed: None,
        totp_confirmed_at: None,
        totp_last_step: None,
        suspended_at: None,
        created_at: now,
        secured_at: now,
        version: 1,
    };
    logins::insert(conn, &login)?;
    Ok(person)
}

/// Signs in by the mailed link.
pub fn sign_in_by_link(
    conn: &mut Conn,
    vault: &Vault,
    token: &str,
    sign_in: &SignIn,
    now: Instant,
) -> Result<SignedIn> {
    let request = open(conn, vault, Purpose::SignIn, token, now)?;
    finish_sign_in(conn, vault, &request, sign_in, now)
}

/// What became of a short code.
pub enum Typed {
    SignedIn(SignedIn),
    /// Wrong; the try is counted, so this is a result that commits and not an error.
    Wrong,
}

/// Signs in by the short code, on the device that asked for it.
pub fn sign_in_by_code(
    conn: &mut Conn,
    vault: &Vault,
    device: &str,
    code: &str,
    sign_in: &SignIn,
    now: Instant,
) -> Result<Typed> {
    let request = open(conn, vault, Purpose::Device, device, now)?;
    if request.tries >= RequestKind::TRIES {
        return Err(links::spent());
    }
    if !links::is_code(conn, vault, request.id.uuid(), code)? {
        requests::count_try(conn, &request)?;
        return Ok(Typed::Wrong);
    }
    finish_sign_in(conn, vault, &request, sign_in, now).map(Typed::SignedIn)
}

fn finish_sign_in(
    conn: &mut Conn,
    vault: &Vault,
    request: &RequestRow,
    sign_in: &SignIn,
    now: Instant,
) -> Result<SignedIn> {
    let email = email_of(vault, request)?;
    let login = login_of(conn, vault, &email)?;
    let login = login.filter(|login| !login.is_newer_than(request.created_at)).ok_or_else(links::spent)?;
    let signed_in = sessions::begin(conn, vault, login.person_id, &Proof::Mail, sign_in, now)?;
    use_up(conn, request, now)?;
    Ok(signed_in)
}

/// Sets a new password by the mailed link, and ends every session.
pub fn reset_password(conn: &mut Conn, vault: &Vault, token: &str, new: &NewPassword, now: Instant) -> Result<()> {
    let request = open(conn, vault, Purpose::PasswordReset, token, now)?;
    use_up(conn, &request, now)?;
    let email = email_of(vault, &request)?;
    let login = login_of(conn, vault, &email)?;
    let login = login.filter(|login| !login.is_newer_than(request.created_at)).ok_or_else(links::spent)?;
    new.set(conn, &login, now)?;
    session_rows::end_all(conn, login.person_id, None, now)?;
    jobs::enqueue(conn, JobKind::MailPasswordChanged, login.person_id.uuid(), now)?;
    let actor = super::people::own(login.person_id);
    audit::record(conn, actor.author(), now, Kind::PasswordChanged, &super::people::Subject { person: login.person_id })
}
