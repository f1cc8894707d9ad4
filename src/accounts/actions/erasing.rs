//! Erasing an account: how somebody signs in, and by which name they worked for the fund.

use super::{email, requests};
use crate::accounts::rules::{Email, needs_confirmation};
use crate::accounts::store::logins::LoginRow;
use crate::accounts::store::{erasing as store, invitations, logins, people, requests as rows};
use crate::audit::{Author, journal};
use crate::clock::Instant;
use crate::crypto::{IndexKind, Purpose, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::PersonId;

/// Asks that somebody holds no role any more.
///
/// # Errors
/// Refused (`roles_held`) where they do.
pub fn require_no_role(conn: &mut Conn, person: PersonId, now: Instant) -> Result<()> {
    match people::grants_not_over(conn, person, now)?.is_empty() {
        true => Ok(()),
        false => Err(roles_held()),
    }
}

/// Who works for the fund answers for what they did in it, and cannot be forgotten meanwhile.
pub fn roles_held() -> Error {
    Error::refused("roles_held", "who holds a role of the fund is not forgotten; the role must end first")
}

/// Forgets how somebody signs in, and their name, for whoever erases (`by`, at the time of it). What is theirs in other slices
/// these forget.
pub fn forget_account(
    conn: &mut Conn,
    vault: &Vault,
    by: (Author, Instant),
    person: PersonId,
    now: Instant,
) -> Result<()> {
    let invitations = invitations::of_person(conn, person)?;
    if let Some(login) = logins::find(conn, person)? {
        let address = match address_of(conn, vault, by, &login) {
            // What cannot be read is compared with nothing, and goes all the same.
            Err(Error::Crypto(_) | Error::NotFound) => None,
            read => Some(read?.folded()),
        };
        forget_requests(conn, vault, person, address)?;
        // What was offered to the address and not accepted can be accepted no more.
        for index in vault.like(conn, IndexKind::Email, login.email_index)?.iter() {
            for offered in store::offered_to(conn, index)? {
                let index = vault.index_of_nothing(conn, IndexKind::Email)?;
                store::withdraw_forgotten(conn, offered, index, now)?;
            }
        }
    }
    store::delete_login(conn, person)?;
    for invitation in invitations {
        let index = vault.index_of_nothing(conn, IndexKind::Email)?;
        store::forget_address(conn, invitation.id, index)?;
    }
    store::delete_name(conn, person)
}

/// The address of a login, by which more is found that belongs to it. People erase themselves alone and open their own; what the
/// fund opens is on the journal.
fn address_of(conn: &mut Conn, vault: &Vault, (by, at): (Author, Instant), login: &LoginRow) -> Result<Email> {
    match by.person {
        Some(_) => email::of_login(conn, vault, login),
        None => journal::during(conn, vault, (by, Purpose::Erase, at), |conn, opener| {
            email::of_login_by(conn, opener, login)
        }),
    }
}

/// Deletes what was asked by mail for any address that a person signs in with, or did until a change of it. Requests tell by
/// nothing but their address whose they are; they are those of some days.
fn forget_requests(conn: &mut Conn, vault: &Vault, person: PersonId, address: Option<String>) -> Result<()> {
    let mut addresses = Vec::from_iter(address);
    let mut open = Vec::new();
    for request in rows::all(conn)? {
        let folded = match requests::email_of(vault, &request) {
            Err(Error::Crypto(_)) => continue,
            read => read?.folded(),
        };
        match request.person_id {
            Some(of) if of == person => addresses.push(folded),
            Some(_) => {}
            None => open.push((request.id, folded)),
        }
    }
    let theirs = open.into_iter().filter(|(_, folded)| addresses.contains(folded)).map(|(id, _)| id);
    rows::delete(conn, &theirs.collect::<Vec<_>>())
}

/// Whether there ever was such a person.
pub fn is_known(conn: &mut Conn, person: PersonId) -> Result<bool> {
    store::is_known(conn, person)
}

/// Whether somebody can sign in, or is named.
pub fn has_account(conn: &mut Conn, person: PersonId) -> Result<bool> {
    store::has_account(conn, person)
}

/// Who of these people can sign in.
pub fn with_login(conn: &mut Conn, people: &[PersonId]) -> Result<Vec<PersonId>> {
    store::with_login(conn, people)
}

/// Accounts from before a moment that nobody is signed in to, and whose owners hold no role.
pub fn idle(conn: &mut Conn, before: Instant, now: Instant) -> Result<Vec<PersonId>> {
    store::idle(conn, before, now)
}

/// Whether an account is one of these still.
pub fn is_idle(conn: &mut Conn, person: PersonId, before: Instant, now: Instant) -> Result<bool> {
    store::is_idle(conn, person, before, now)
}

/// Whether somebody accepted a role that waits for a second administrator.
pub fn waits_for_role(conn: &mut Conn, person: PersonId, now: Instant) -> Result<bool> {
    let accepted = invitations::accepted_by(conn, person, now)?;
    Ok(accepted.iter().any(|offer| offer.confirmed_at.is_none() && needs_confirmation(offer.role)))
}

/// Forgets the addresses that roles were offered to and that nobody answered from, once that is over since before a moment.
pub(super) fn forget_unanswered(conn: &mut Conn, vault: &Vault, before: Instant) -> Result<()> {
    for id in store::unanswered(conn, before)? {
        let index = vault.index_of_nothing(conn, IndexKind::Email)?;
        store::forget_address(conn, id, index)?;
    }
    Ok(())
}
