//! What the accounts keep of somebody who works, or worked, for the fund: for them to have.

use super::invitations::address_of;
use super::people::officer_name;
use crate::accounts::rules::{Caller, Email, Grant, Role};
use crate::accounts::store::{invitations, logins, people};
use crate::clock::Instant;
use crate::crypto::{Opener, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::CallId;

/// A role that somebody accepted by mail.
#[derive(Debug, Clone)]
pub struct Accepted {
    pub role: Role,
    pub call: Option<CallId>,
    pub association: Option<String>,
    /// Where it was offered.
    pub email: Option<Email>,
    pub invited_at: Instant,
    pub accepted_at: Option<Instant>,
    pub confirmed_at: Option<Instant>,
    pub withdrawn_at: Option<Instant>,
}

/// Somebody's account, beyond what they sign in with.
#[derive(Debug, Clone)]
pub struct Kept {
    pub created_at: Instant,
    /// As they gave it when they accepted a role.
    pub name: Option<String>,
    /// Every role, also those that have ended.
    pub grants: Vec<Grant>,
    pub accepted: Vec<Accepted>,
}

/// What is kept of the caller.
pub fn kept(conn: &mut Conn, vault: &Vault, caller: &Caller) -> Result<Kept> {
    let login = logins::find(conn, caller.person)?.ok_or(Error::Unauthenticated)?;
    let opener = Opener::own(vault, caller.person);
    let mut accepted = Vec::new();
    for row in invitations::of_person(conn, caller.person)? {
        let email = address_of(&opener, &row)?;
        let (role, call, association) = (row.role, row.call_id, row.association);
        let (invited_at, accepted_at) = (row.invited_at, row.accepted_at);
        let (confirmed_at, withdrawn_at) = (row.confirmed_at, row.withdrawn_at);
        accepted.push(Accepted { role, call, association, email, invited_at, accepted_at, confirmed_at, withdrawn_at });
    }
    Ok(Kept {
        created_at: login.created_at,
        name: officer_name(conn, &opener, caller.person)?,
        grants: people::every_grant_of(conn, caller.person)?,
        accepted,
    })
}
