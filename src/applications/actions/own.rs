//! One's own applications: seeing them, withdrawing them, the receipt.

use std::collections::BTreeSet;

use serde::Serialize;

use super::documents;
use super::drafts::{self, Draft};
use super::{find, open_identity, open_need, open_payment};
use crate::accounts::{Actor, Caller, Permission};
use crate::applications::rules::{Application, ApplicationEvent, ApplicationState, Identity, Listed, Need, Payment};
use crate::applications::store::{drafts as draft_rows, lists};
use crate::audit::{self, Author, Kind, journal};
use crate::calls::{self, AskedDocument, AskedWhen, Call};
use crate::clock::Instant;
use crate::crypto::{Opener, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId, PersonId};
use crate::version::Seen;

#[derive(Serialize)]
struct Withdrawn {
    application: ApplicationId,
}

/// Something of one's own in a call.
#[derive(Debug, Clone)]
pub enum Own {
    Draft(Draft),
    Sent {
        application: Box<Application>,
        call: Call,
        /// What is still to come of what the call wants before an award is paid.
        missing_documents: Vec<AskedDocument>,
    },
}

/// What one has in a call: a draft or an application.
pub(super) fn in_call(conn: &mut Conn, vault: &Vault, caller: &Caller, call: CallId) -> Result<Option<Own>> {
    if let Some(id) = lists::in_call(conn, caller.person, call)? {
        let application = find(conn, id)?;
        return sent(conn, application).map(Some);
    }
    match draft_rows::in_call(conn, caller.person, call)? {
        Some(row) => drafts::opened(conn, vault, &caller.keys, row).map(Own::Draft).map(Some),
        None => Ok(None),
    }
}

/// An application that is found to be theirs already, with what is still to come of it.
pub fn sent(conn: &mut Conn, application: Application) -> Result<Own> {
    let call = calls::actions::find(conn, application.call_id)?;
    let missing_documents = match application.state {
        ApplicationState::Awarded => documents::missing(conn, &call, application.id, AskedWhen::WhenAwarded)?,
        _ => Vec::new(),
    };
    let missing_documents = missing_documents.into_iter().cloned().collect();
    Ok(Own::Sent { application: Box::new(application), call, missing_documents })
}

/// Everything of one's own, drafts first, then the newest.
pub fn list(conn: &mut Conn, vault: &Vault, caller: &Caller) -> Result<Vec<Own>> {
    let mut all = Vec::new();
    for row in draft_rows::of_person(conn, caller.person)? {
        all.push(Own::Draft(drafts::opened(conn, vault, &caller.keys, row)?));
    }
    for id in lists::of_person(conn, caller.person)? {
        let application = find(conn, id)?;
        all.push(sent(conn, application)?);
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
            sent(conn, application)
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

/// Everything that was sent in by somebody or for them: their own, and what was merged with it, though it stands under
/// another person; the newest first.
pub fn sent_with_merged(conn: &mut Conn, person: PersonId) -> Result<Vec<Own>> {
    let mut found = Vec::new();
    for id in theirs(conn, person)?.into_iter().rev() {
        let application = find(conn, id)?;
        found.push(sent(conn, application)?);
    }
    Ok(found)
}

/// The ids of what is somebody's: their own applications, and what was merged with them, though it stands under another person.
/// Nobody decides about any of it themselves.
pub fn theirs(conn: &mut Conn, person: PersonId) -> Result<BTreeSet<ApplicationId>> {
    Ok(lists::with_merged(conn, person)?.into_iter().collect())
}

/// The people under whom that stands: somebody, and whoever they were entered as.
pub fn stands_under(conn: &mut Conn, person: PersonId) -> Result<BTreeSet<PersonId>> {
    let theirs = lists::with_merged(conn, person)?;
    let people = super::find_all(conn, &theirs)?.into_values().map(|application| application.person_id);
    Ok(people.chain([person]).collect())
}

/// The same as lists show it, of an application that is found to be theirs already.
///
/// # Errors
/// [`Error::NotFound`] where there is none such.
pub fn listed(conn: &mut Conn, id: ApplicationId) -> Result<Listed> {
    lists::find(conn, id)?.ok_or(Error::NotFound)
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
    take_out(conn, caller.applicant().author(), own, now)
}

/// Takes an application out of its call, for good: a step of verbs that have asked whether somebody may.
///
/// # Errors
/// Refused once it is awarded (an award is declined) or over.
pub fn take_out(conn: &mut Conn, by: Author, application: Application, now: Instant) -> Result<Application> {
    let id = application.id;
    let withdrawn = super::advance(conn, application, ApplicationEvent::Withdraw)?;
    audit::record(conn, by, now, Kind::ApplicationWithdrawn, &Withdrawn { application: id })?;
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
    receipt_as_owner(conn, vault, application)
}

/// The same of an application that is found to be theirs already.
pub fn receipt_as_owner(conn: &mut Conn, vault: &Vault, application: Application) -> Result<Receipt> {
    receipt_of(conn, &Opener::own(vault, application.person_id), application)
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
