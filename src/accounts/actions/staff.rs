//! People who can sign in at once: for throw-away databases, where nobody follows a mailed link.

use super::people::name_place;
use super::requests::create_person;
use super::second_factor;
use crate::accounts::rules::{Actor, Email, Permission, TotpSecret};
use crate::accounts::store::{logins, people};
use crate::clock::Instant;
use crate::crypto::{KeyClass, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::PersonId;
use crate::language::Language;

/// How somebody signs in.
pub struct ReadyLogin<'a> {
    pub email: &'a Email,
    pub name: &'a str,
    pub language: Language,
    pub password_hash: &'a str,
    /// Without one only their own applications work.
    pub second_factor: Option<&'a TotpSecret>,
}

/// Makes somebody known with a login that is ready.
pub fn make_ready(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    login: &ReadyLogin<'_>,
    now: Instant,
) -> Result<PersonId> {
    actor.require(Permission::AppointDirectly)?;
    let person = create_person(conn, vault, login.email, login.language, Some(login.password_hash), now)?;
    let key = vault.key(conn, person, KeyClass::Identity)?;
    people::set_name(conn, person, &key.seal(name_place(person), login.name.as_bytes())?)?;
    if let Some(secret) = login.second_factor {
        let row = logins::find(conn, person)?.ok_or(Error::NotFound)?;
        logins::offer_totp(conn, &row, &key.seal(second_factor::place(person), secret.bytes())?)?;
        let row = logins::find(conn, person)?.ok_or(Error::NotFound)?;
        logins::confirm_totp(conn, &row, 0, now)?;
    }
    Ok(person)
}
