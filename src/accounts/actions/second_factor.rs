//! The second factor: enrolling it, checking it, recovery codes.

use zeroize::Zeroizing;

use super::people::{Subject, own};
use crate::accounts::rules::{Caller, Email, RECOVERY_CODES, RecoveryCode, TotpSecret};
use crate::accounts::store::logins::{self, LoginRow};
use crate::accounts::store::sessions;
use crate::audit::{self, Kind};
use crate::clock::Instant;
use crate::crypto::{KeyClass, Opener, Place, Vault, random_bytes};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::PersonId;
use crate::jobs::{self, JobKind};

/// What somebody types as their second factor.
pub enum SecondFactor {
    /// Six digits of this half minute.
    Totp(String),
    /// One of ten, used once.
    Recovery(String),
}

/// A secret that is offered, for an authenticator app.
pub struct Offer {
    /// base32, as people type it.
    pub secret: Zeroizing<String>,
    /// otpauth://… for a QR code.
    pub url: Zeroizing<String>,
}

/// Under what name an authenticator app lists the account.
const ISSUER: &str = "Fond";

pub(super) fn place(person: PersonId) -> Place {
    Place { table: "logins", column: "totp_sealed", row: person.uuid() }
}

/// Offers a new secret. It counts once a code of it is given back; an enrolled one counts until then no more, so this
/// asks for a fresh proof.
pub fn offer(conn: &mut Conn, vault: &Vault, caller: &Caller, email: &Email, now: Instant) -> Result<Offer> {
    caller.require_proof(now)?;
    let login = logins::find(conn, caller.person)?.ok_or(Error::Unauthenticated)?;
    if login.totp_confirmed_at.is_some() {
        return Err(Error::refused("second_factor_enrolled", "a second factor is enrolled; remove it first"));
    }
    let secret = TotpSecret::from_bytes(*random_bytes()?);
    let key = vault.key(conn, caller.person, KeyClass::Identity)?;
    logins::offer_totp(conn, &login, &key.seal(place(caller.person), secret.bytes())?)?;
    let url = secret.otpauth_url(ISSUER, email.as_str())?;
    Ok(Offer { secret: Zeroizing::new(secret.base32()), url: Zeroizing::new(url) })
}

/// Enrols the offered secret by a code of it, and gives ten recovery codes that are shown once.
pub fn confirm(
    conn: &mut Conn,
    vault: &Vault,
    caller: &Caller,
    code: &str,
    now: Instant,
) -> Result<Vec<Zeroizing<String>>> {
    caller.require_proof(now)?;
    let login = logins::find(conn, caller.person)?.ok_or(Error::Unauthenticated)?;
    if login.totp_confirmed_at.is_some() {
        return Err(Error::refused("second_factor_enrolled", "a second factor is enrolled already"));
    }
    let step = matching_step(conn, vault, &login, code, now)?.ok_or_else(|| Error::field("totp_code", "code"))?;
    logins::confirm_totp(conn, &login, step, now)?;
    sessions::end_all(conn, caller.person, Some(caller.session), now)?;
    sessions::prove(conn, caller.session, Some(now), now)?;
    jobs::enqueue(conn, JobKind::MailSecondFactor, caller.person.uuid(), now)?;
    audit::record(
        conn,
        own(caller.person).author(),
        now,
        Kind::SecondFactorEnrolled,
        &Subject { person: caller.person },
    )?;
    new_codes(conn, caller.person)
}

/// Removes the second factor, to enrol another one. No role but applicant works until then.
pub fn remove(conn: &mut Conn, caller: &Caller, now: Instant) -> Result<()> {
    caller.require_step_up(now)?;
    let login = logins::find(conn, caller.person)?.ok_or(Error::Unauthenticated)?;
    logins::remove_totp(conn, &login)?;
    logins::replace_recovery_codes(conn, caller.person, &[])?;
    sessions::end_all(conn, caller.person, Some(caller.session), now)?;
    sessions::prove(conn, caller.session, None, now)?;
    jobs::enqueue(conn, JobKind::MailSecondFactor, caller.person.uuid(), now)?;
    audit::record(conn, own(caller.person).author(), now, Kind::SecondFactorRemoved, &Subject { person: caller.person })
}

/// Ten new recovery codes in place of those that are left.
pub fn renew_codes(conn: &mut Conn, caller: &Caller, now: Instant) -> Result<Vec<Zeroizing<String>>> {
    caller.require_step_up(now)?;
    audit::record(conn, own(caller.person).author(), now, Kind::RecoveryCodesMade, &Subject { person: caller.person })?;
    new_codes(conn, caller.person)
}

fn new_codes(conn: &mut Conn, person: PersonId) -> Result<Vec<Zeroizing<String>>> {
    let codes = (0..RECOVERY_CODES).map(|_| random_bytes().map(|bytes| RecoveryCode::from_bytes(*bytes)));
    let codes: Vec<RecoveryCode> = codes.collect::<Result<_>>()?;
    let hashes: Vec<[u8; 32]> = codes.iter().map(|code| code.hash(person)).collect();
    logins::replace_recovery_codes(conn, person, &hashes)?;
    Ok(codes.iter().map(|code| Zeroizing::new(code.text())).collect())
}

/// Checks a second factor and uses it up.
///
/// # Errors
/// A field error where the code is wrong or was used.
pub(super) fn check(
    conn: &mut Conn,
    vault: &Vault,
    login: &LoginRow,
    given: &SecondFactor,
    now: Instant,
) -> Result<()> {
    let (field, is_right) = match given {
        SecondFactor::Totp(code) => {
            let step = matching_step(conn, vault, login, code, now)?;
            let is_right = step.map(|step| logins::use_totp_step(conn, login.person_id, step)).transpose()?;
            ("totp_code", is_right.unwrap_or(false))
        }
        SecondFactor::Recovery(code) => {
            let person = login.person_id;
            let hash = RecoveryCode::parse(code).map(|code| code.hash(person));
            let is_right = hash.map(|hash| logins::use_recovery_code(conn, person, &hash, now)).transpose()?;
            ("recovery_code", is_right.unwrap_or(false))
        }
    };
    if is_right { Ok(()) } else { Err(Error::field(field, "code")) }
}

fn matching_step(conn: &mut Conn, vault: &Vault, login: &LoginRow, code: &str, now: Instant) -> Result<Option<i64>> {
    let Some(sealed) = &login.totp_sealed else { return Ok(None) };
    let person = login.person_id;
    let opened = Opener::own(vault, person).open(conn, (person, KeyClass::Identity), place(person), sealed)?;
    let bytes = <[u8; TotpSecret::BYTES]>::try_from(opened.as_slice()).map_err(Error::corrupt)?;
    Ok(TotpSecret::from_bytes(bytes).check(code, now, login.totp_last_step))
}
