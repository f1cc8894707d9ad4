//! Queries on how people sign in: address, password hash, second factor.

use diesel::prelude::*;

use crate::clock::Instant;
use crate::crypto::{BlindIndex, Forms, Sealed};
use crate::db::{Conn, on_each, update};
use crate::error::{Error, Result};
use crate::ids::PersonId;
use crate::language::Language;
use crate::schema::{logins, recovery_codes};

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = logins, treat_none_as_default_value = false)]
pub(in crate::accounts) struct LoginRow {
    pub person_id: PersonId,
    pub email_sealed: Sealed,
    pub email_index: BlindIndex,
    pub language: Language,
    pub password_hash: Option<String>,
    pub totp_sealed: Option<Sealed>,
    pub totp_confirmed_at: Option<Instant>,
    pub totp_last_step: Option<i64>,
    pub suspended_at: Option<Instant>,
    pub created_at: Instant,
    pub secured_at: Instant,
    pub version: i32,
}

pub(in crate::accounts) fn insert(conn: &mut Conn, row: &LoginRow) -> Result<()> {
    on_each!(conn, conn => diesel::insert_into(logins::table).values(row).execute(conn))?;
    Ok(())
}

impl LoginRow {
    /// Whether password or address changed after a link was asked for.
    pub fn is_newer_than(&self, asked_at: Instant) -> bool {
        asked_at < self.secured_at
    }
}

pub(in crate::accounts) fn find(conn: &mut Conn, person: PersonId) -> Result<Option<LoginRow>> {
    let of_person = logins::table.filter(logins::person_id.eq(person));
    Ok(on_each!(conn, conn => of_person.first(conn)).optional()?)
}

/// By the address; each form of its index is looked for, found or not.
pub(in crate::accounts) fn by_email(conn: &mut Conn, email: &Forms) -> Result<Option<LoginRow>> {
    let mut found = None;
    for index in email.iter() {
        let of_email = logins::table.filter(logins::email_index.eq(index));
        found = on_each!(conn, conn => of_email.first(conn)).optional()?.or(found);
    }
    Ok(found)
}

/// The password hash of the account that follows an address in the order of the index: which one that is, nobody can
/// tell without the key of the index.
pub(in crate::accounts) fn next_hash(conn: &mut Conn, email: BlindIndex) -> Result<Option<String>> {
    let following = logins::table
        .filter(logins::email_index.gt(email))
        .filter(logins::password_hash.is_not_null())
        .order(logins::email_index)
        .select(logins::password_hash.assume_not_null());
    Ok(on_each!(conn, conn => following.first(conn)).optional()?)
}

/// The first in that order, which follows the last.
pub(in crate::accounts) fn first_hash(conn: &mut Conn) -> Result<Option<String>> {
    let all = logins::table
        .filter(logins::password_hash.is_not_null())
        .order(logins::email_index)
        .select(logins::password_hash.assume_not_null());
    Ok(on_each!(conn, conn => all.first(conn)).optional()?)
}

/// Every change of a login is guarded by its version and raises it.
macro_rules! change {
    ($conn:expr, $row:expr, $($change:expr),+ $(,)?) => {{
        let unchanged = logins::person_id.eq($row.person_id).and(logins::version.eq($row.version));
        let changes = (logins::version.eq($row.version.saturating_add(1)), $($change),+);
        only_one(update(logins::table, unchanged, changes).execute($conn)?)
    }};
}

fn only_one(changed: usize) -> Result<()> {
    if changed == 1 { Ok(()) } else { Err(Error::Stale("the account")) }
}

/// A new password; links that were asked for before are spent.
pub(in crate::accounts) fn set_password(conn: &mut Conn, login: &LoginRow, hash: &str, now: Instant) -> Result<()> {
    change!(conn, login, logins::password_hash.eq(Some(hash)), logins::secured_at.eq(now))
}

/// The same password under higher parameters: no change that anybody would notice.
pub(in crate::accounts) fn rehash(conn: &mut Conn, person: PersonId, before: &str, hash: &str) -> Result<()> {
    let unchanged = logins::person_id.eq(person).and(logins::password_hash.eq(before));
    update(logins::table, unchanged, logins::password_hash.eq(Some(hash))).execute(conn)?;
    Ok(())
}

pub(in crate::accounts) fn set_language(conn: &mut Conn, login: &LoginRow, language: Language) -> Result<()> {
    change!(conn, login, logins::language.eq(language))
}

/// Another address; links that were asked for before are spent.
pub(in crate::accounts) fn set_email(
    conn: &mut Conn,
    login: &LoginRow,
    (sealed, index): (&Sealed, BlindIndex),
    now: Instant,
) -> Result<()> {
    change!(conn, login, logins::email_sealed.eq(sealed), logins::email_index.eq(index), logins::secured_at.eq(now))
}

pub(in crate::accounts) fn set_suspended(conn: &mut Conn, login: &LoginRow, at: Option<Instant>) -> Result<()> {
    change!(conn, login, logins::suspended_at.eq(at))
}

/// Offers a secret; it counts once it is confirmed.
pub(in crate::accounts) fn offer_totp(conn: &mut Conn, login: &LoginRow, secret: &Sealed) -> Result<()> {
    change!(
        conn,
        login,
        logins::totp_sealed.eq(Some(secret)),
        logins::totp_confirmed_at.eq(None::<Instant>),
        logins::totp_last_step.eq(None::<i64>),
    )
}

/// Without the second factor the password, which may be too short to stand alone, is forgotten too.
pub(in crate::accounts) fn remove_totp(conn: &mut Conn, login: &LoginRow) -> Result<()> {
    change!(
        conn,
        login,
        logins::totp_sealed.eq(None::<Sealed>),
        logins::totp_confirmed_at.eq(None::<Instant>),
        logins::totp_last_step.eq(None::<i64>),
        logins::password_hash.eq(None::<String>),
    )
}

pub(in crate::accounts) fn confirm_totp(conn: &mut Conn, login: &LoginRow, step: i64, now: Instant) -> Result<()> {
    change!(conn, login, logins::totp_confirmed_at.eq(Some(now)), logins::totp_last_step.eq(Some(step)))
}

/// Uses up the code of a step; one that came before or at the same time loses.
pub(in crate::accounts) fn use_totp_step(conn: &mut Conn, person: PersonId, step: i64) -> Result<bool> {
    let is_later = logins::totp_last_step.is_null().or(logins::totp_last_step.lt(step));
    let of_person = logins::person_id.eq(person).and(is_later);
    Ok(update(logins::table, of_person, logins::totp_last_step.eq(Some(step))).execute(conn)? == 1)
}

pub(in crate::accounts) fn replace_recovery_codes(
    conn: &mut Conn,
    person: PersonId,
    hashes: &[[u8; 32]],
) -> Result<()> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::person_id.eq(person))).execute(conn)?;
    for hash in hashes {
        let row = (recovery_codes::person_id.eq(person), recovery_codes::code_hash.eq(hash.as_slice()));
        diesel::insert_into(recovery_codes::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// Uses up a recovery code; false where there is none such, or it was used.
pub(in crate::accounts) fn use_recovery_code(
    conn: &mut Conn,
    person: PersonId,
    hash: &[u8; 32],
    now: Instant,
) -> Result<bool> {
    let unused = recovery_codes::person_id
        .eq(person)
        .and(recovery_codes::code_hash.eq(hash.as_slice()))
        .and(recovery_codes::used_at.is_null());
    Ok(update(recovery_codes::table, unused, recovery_codes::used_at.eq(Some(now))).execute(conn)? == 1)
}
