//! One's own applications: seeing them, withdrawing them, the receipt.

use serde::Serialize;

use super::drafts::{self, Draft};
use super::{find, open_identity, open_need, open_payment};
use crate::accounts::{Actor, Caller, Permission};
use crate::applications::rules::{Application, ApplicationEvent, Identity, Need, Payment};
use crate::applications::store::{drafts as draft_rows, lists};
use crate::audit::{self, Kind, journal};
use crate::calls::{self, Call};
use crate::clock::Instant;
use crate::crypto::{Opener, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId};
use crate::version::Seen;

#[derive(Serialize)]
struct Withdrawn {
    application: ApplicationId,
}

/// Something of one's own in a call.
#[derive(Debug, Clone)]
pub enum Own {
    Draft(Draft),
    Sent { application: Application, call: Call },
}

/// What one has in a call: a draft or an application.
pub(super) fn in_call(conn: &mut Conn, vault: &Vault, caller: &Caller, call: CallId) -> Result<Option<Own>> {
    if let Some(id) = lists::in_call(conn, caller.person, call)? {
        return sent(conn, id).map(Some);
    }
    match draft_rows::in_call(conn, caller.person, call)? {
        Some(row) => drafts::opened(conn, vault, &caller.keys, row).map(Own::Draft).map(Some),
        None => Ok(None),
    }
}

fn sent(conn: &mut Conn, id: ApplicationId) -> Result<Own> {
    let application = find(conn, id)?;
    let call = calls::actions::find(conn, application.call_id)?;
    Ok(Own::Sent { application, call })
}

/// Everything of one's own, drafts first, then the newest.
pub fn list(conn: &mut Conn, vault: &Vault, caller: &Caller) -> Result<Vec<Own>> {
    let mut all = Vec::new();
    for row in draft_rows::of_person(conn, caller.person)? {
        all.push(Own::Draft(drafts::opened(conn, vault, &caller.keys, row)?));
    }
    for id in lists::of_person(conn, caller.person)? {
        all.push(sent(conn, id)?);
    }
    Ok(all)
}

/// One draft or application of one's own.
///
/// # Errors
/// [`Error::NotFound`] where there is none such of theirs.
pub fn one(conn: &mut Conn, vault: &Vault, caller: &Caller, id: ApplicationId) -> Result<Own> {
    match draft_rows::find(conn, id, caller.person)? {
        Some(row) => drafts::opened(conn, vault, &caller.keys, row).map(Own::Draft),
        None => {
            let application = application(conn, caller, id)?;
            let call = calls::actions::find(conn, application.call_id)?;
            Ok(Own::Sent { application, call })
        }
    }
}

/// One's own application, once it is sent.
///
/// # Errors
/// [`Error::NotFound`] where there is none such of theirs.
pub fn application(conn: &mut Conn, caller: &Caller, id: ApplicationId) -> Result<Application> {
    let found = find(conn, id)?;
    if found.person_id == caller.person { Ok(found) } else { Err(Error::NotFound) }
}

/// Withdraws one's own application, for good in this call.
///
/// # Errors
/// [`Error::Stale`] at another version; refused once it is awarded (an award is declined) or over.
pub fn withdraw(
    conn: &mut Conn,
    caller: &Caller,
    (id, seen): (ApplicationId, Seen),
    now: Instant,
) -> Result<Application> {
    let own = application(conn, caller, id)?;
    seen.require(own.version, "the application")?;
    let withdrawn = super::advance(conn, own, ApplicationEvent::Withdraw)?;
    let author = caller.applicant().author();
    audit::record(conn, author, now, Kind::ApplicationWithdrawn, &Withdrawn { application: id })?;
    Ok(withdrawn)
}

/// What somebody sent in, whole, for them to keep.
#[derive(Debug, Clone)]
pub struct Receipt {
    pub application: Application,
    pub call: Call,
    pub identity: Identity,
    pub need: Need,
    pub payment: Payment,
}

/// The receipt of one's own application.
///
/// # Errors
/// [`Error::NotFound`] where there is none such of theirs.
pub fn receipt(conn: &mut Conn, vault: &Vault, caller: &Caller, id: ApplicationId) -> Result<Receipt> {
    let application = application(conn, caller, id)?;
    receipt_of(conn, &Opener::own(vault, caller.person), application)
}

/// The receipt of an application that the fund entered for somebody: it is opened to be printed for them.
///
/// # Errors
/// [`Error::NotFound`] where there is none such that was entered.
pub fn receipt_of_entered(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    id: ApplicationId,
    now: Instant,
) -> Result<Receipt> {
    actor.require(Permission::EnterApplication)?;
    let application = find(conn, id)?;
    if application.entered_by.is_none() {
        return Err(Error::NotFound);
    }
    let facts = super::PersonOpened { application: id, purpose: super::Purpose::PrintReceipt };
    audit::record(conn, actor.author(), now, Kind::PersonOpened, &facts)?;
    let access = (actor.author(), super::Purpose::PrintReceipt.into(), now);
    journal::during(conn, vault, access, |conn, opener| receipt_of(conn, opener, application))
}

/// The receipt of an application, opened.
fn receipt_of(conn: &mut Conn, opener: &Opener<'_>, application: Application) -> Result<Receipt> {
    Ok(Receipt {
        call: calls::actions::find(conn, application.call_id)?,
        identity: open_identity(conn, opener, &application)?,
        need: open_need(conn, opener, &application)?,
        payment: open_payment(conn, opener, &application)?,
        application,
    })
}
