//! Signing in, staying signed in, signing out.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::second_factor::{self, SecondFactor};
use crate::accounts::rules::{Actor, Caller, Email, Permission};
use crate::accounts::store::sessions::SessionRow;
use crate::accounts::store::{logins, sessions};
use crate::audit::{self, Kind};
use crate::clock::Instant;
use crate::crypto::{IndexKind, Vault, random_bytes};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{PersonId, SessionId};
use crate::jobs::{self, JobKind};
use crate::page::{Limit, Page, TimeCursor};

/// What goes with every way to sign in.
pub struct SignIn {
    /// Browser and system in two words.
    pub device: String,
    pub second_factor: Option<SecondFactor>,
    /// How long a session lasts without being refreshed.
    pub lifetime: Duration,
}

/// By what somebody proved who they are.
pub enum Proof {
    /// A link or code that was sent to their address.
    Mail,
    /// A password that matched this stored hash, and its hash under higher parameters where it was time for that.
    Password { matched: String, rehashed: Option<String> },
}

/// A session that began or went on.
pub struct SignedIn {
    pub person: PersonId,
    pub session: SessionId,
    /// 256 random bits; here and in the answer only, the database has their hash.
    pub refresh_token: Zeroizing<String>,
    pub has_second_factor: bool,
}

/// What a typed password is compared with.
pub struct Credentials {
    /// Who it would be; nobody, for an unknown address or an account without a password.
    pub person: Option<PersonId>,
    /// Their stored hash; for nobody, that of another account, so that it costs what a known one costs, also while old
    /// hashes have other parameters than new ones. Nothing where there is no hash at all.
    pub stored: Option<String>,
}

/// What is compared at a log-in. The same statements run for every address.
pub fn credentials(conn: &mut Conn, vault: &Vault, email: &Email) -> Result<Credentials> {
    let index = vault.index(conn, IndexKind::Email, &email.folded())?;
    let login = logins::by_email(conn, &index)?;
    let (next, first) = (logins::next_hash(conn, index.written()?)?, logins::first_hash(conn)?);
    let known = login.and_then(|login| Some((login.person_id, login.password_hash?)));
    let (person, own) = known.unzip();
    Ok(Credentials { person, stored: own.or(next).or(first) })
}

/// Whether there is such a session, or was until it is forgotten.
pub fn is_known(conn: &mut Conn, id: SessionId) -> Result<bool> {
    Ok(sessions::find(conn, id)?.is_some())
}

/// Begins a session for somebody who proved who they are.
///
/// # Errors
/// [`Error::TotpRequired`] where a second factor is enrolled and none is given; a field error where it is wrong;
/// [`Error::WrongCredentials`] where the password was changed meanwhile.
pub fn begin(
    conn: &mut Conn,
    vault: &Vault,
    person: PersonId,
    proof: &Proof,
    sign_in: &SignIn,
    now: Instant,
) -> Result<SignedIn> {
    let login = logins::find(conn, person)?.ok_or(Error::WrongCredentials)?;
    if let Proof::Password { matched, rehashed } = proof {
        if login.password_hash.as_ref() != Some(matched) {
            return Err(Error::WrongCredentials);
        }
        if let Some(rehashed) = rehashed {
            logins::rehash(conn, person, matched, rehashed)?;
        }
    }
    let has_second_factor = login.totp_confirmed_at.is_some();
    if has_second_factor {
        let given = sign_in.second_factor.as_ref().ok_or(Error::TotpRequired)?;
        second_factor::check(conn, vault, &login, given, now)?;
    }
    let session = SessionRow {
        id: SessionId::new(),
        person_id: person,
        device: sign_in.device.clone(),
        created_at: now,
        refreshed_at: now,
        expires_at: now.plus(sign_in.lifetime),
        proven_at: now,
        second_factor_at: has_second_factor.then_some(now),
        ended_at: None,
    };
    sessions::insert(conn, &session)?;
    let refresh_token = new_token(conn, session.id, now)?;
    Ok(SignedIn { person, session: session.id, refresh_token, has_second_factor })
}

fn new_token(conn: &mut Conn, session: SessionId, now: Instant) -> Result<Zeroizing<String>> {
    let token = Zeroizing::new(BASE64URL_NOPAD.encode(random_bytes::<32>()?.as_slice()));
    sessions::insert_token(conn, &hash(&token), session, now)?;
    Ok(token)
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// What became of a refresh token.
pub enum Refreshed {
    Renewed(SignedIn),
    /// It had been used: somebody has a copy. The session is ended and its owner is told; this commits, so it is no error.
    Reused,
}

/// How long sessions last.
#[derive(Debug, Clone, Copy)]
pub struct Lifetimes {
    /// Without being refreshed.
    pub idle: Duration,
    /// At the most.
    pub most: Duration,
}

/// Exchanges a refresh token for the next one.
///
/// # Errors
/// [`Error::Unauthenticated`] where it is unknown or its session has ended, [`Error::Suspended`] where that was why.
pub fn refresh(conn: &mut Conn, token: &str, lifetimes: Lifetimes, now: Instant) -> Result<Refreshed> {
    let hash = hash(token);
    let (id, is_used) = sessions::of_token(conn, &hash)?.ok_or(Error::Unauthenticated)?;
    let session = sessions::find(conn, id)?.ok_or(Error::Unauthenticated)?;
    let person = session.person_id;
    let login = logins::find(conn, person)?.ok_or(Error::Unauthenticated)?;
    super::people::require_open((session.ended_at, session.expires_at), login.suspended_at, now)?;
    if is_used {
        sessions::end(conn, person, id, now)?;
        jobs::enqueue(conn, JobKind::MailSessionReused, person.uuid(), now)?;
        let actor = super::people::own(person);
        audit::record(conn, actor.author(), now, Kind::SessionReused, &super::people::Subject { person })?;
        return Ok(Refreshed::Reused);
    }
    let expires_at = now.plus(lifetimes.idle).min(session.created_at.plus(lifetimes.most));
    sessions::use_token(conn, &hash, id, expires_at, now)?;
    let refresh_token = new_token(conn, id, now)?;
    let has_second_factor = login.totp_confirmed_at.is_some();
    Ok(Refreshed::Renewed(SignedIn { person, session: id, refresh_token, has_second_factor }))
}

/// A session as its owner sees it.
#[derive(Debug, Clone)]
pub struct OwnSession {
    pub id: SessionId,
    pub device: String,
    pub created_at: Instant,
    pub refreshed_at: Instant,
    pub expires_at: Instant,
    pub is_current: bool,
}

/// A page of one's own sessions, newest first.
pub fn list(
    conn: &mut Conn,
    caller: &Caller,
    after: Option<TimeCursor>,
    limit: Limit,
    now: Instant,
) -> Result<Page<OwnSession>> {
    let before = after.map(|cursor| (cursor.at, SessionId::from(cursor.id)));
    let rows = sessions::list(conn, caller.person, before, now, limit.rows_and_one())?;
    let present = |row: SessionRow| OwnSession {
        is_current: row.id == caller.session,
        id: row.id,
        device: row.device,
        created_at: row.created_at,
        refreshed_at: row.refreshed_at,
        expires_at: row.expires_at,
    };
    let rows = rows.into_iter().map(present).collect();
    Ok(Page::new(rows, limit, |row| TimeCursor { at: row.created_at, id: row.id.uuid() }))
}

/// Ends one of one's own sessions; another than the current one asks for a fresh proof.
///
/// # Errors
/// [`Error::StepUpRequired`] without one; [`Error::NotFound`] for a session that is somebody else's, has ended or never
/// was.
pub fn end(conn: &mut Conn, caller: &Caller, id: SessionId, now: Instant) -> Result<()> {
    if id != caller.session {
        caller.require_proof(now)?;
    }
    if sessions::end(conn, caller.person, id, now)? { Ok(()) } else { Err(Error::NotFound) }
}

/// Ends all of one's own sessions, the current one too. Whoever has taken a device over cannot sign its owner out with it.
///
/// # Errors
/// [`Error::StepUpRequired`] without a fresh proof.
pub fn end_all(conn: &mut Conn, caller: &Caller, now: Instant) -> Result<()> {
    caller.require_proof(now)?;
    sessions::end_all(conn, caller.person, None, now).map(|_| ())
}

#[derive(Serialize)]
struct Ended {
    /// Nobody, where it was everybody.
    person: Option<PersonId>,
    sessions: usize,
}

/// Ends the sessions of one person, or (`person` is nothing) of everybody: the way of the command line, on the day of a
/// breach. Says how many there were.
///
/// # Errors
/// [`Error::NotFound`] where that person has no account.
pub fn end_by_fund(conn: &mut Conn, actor: &Actor, person: Option<PersonId>, now: Instant) -> Result<usize> {
    actor.require(Permission::EndSessions)?;
    if let Some(person) = person {
        logins::find(conn, person)?.ok_or(Error::NotFound)?;
    }
    let sessions = sessions::end_open(conn, person, now)?;
    audit::record(conn, actor.author(), now, Kind::SessionsEnded, &Ended { person, sessions })?;
    Ok(sessions)
}

/// Proves anew who it is, for what asks for a fresh proof. Nobody with a second factor does it with a password.
pub fn prove(
    conn: &mut Conn,
    vault: &Vault,
    caller: &Caller,
    proof: Option<&Proof>,
    second_factor: Option<&SecondFactor>,
    now: Instant,
) -> Result<()> {
    let login = logins::find(conn, caller.person)?.ok_or(Error::Unauthenticated)?;
    if login.totp_confirmed_at.is_some() {
        let given = second_factor.ok_or(Error::TotpRequired)?;
        second_factor::check(conn, vault, &login, given, now)?;
        return sessions::prove(conn, caller.session, Some(now), now);
    }
    match proof {
        Some(Proof::Password { matched, .. }) if login.password_hash.as_ref() == Some(matched) => {
            sessions::prove(conn, caller.session, None, now)
        }
        _ => Err(Error::WrongCredentials),
    }
}
