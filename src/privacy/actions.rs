//! Everything about one person, gathered from the slices that hold it.

use data_encoding::HEXLOWER;
use serde_json::{Map, Value, json};

use super::applications;
use crate::accounts::actions::working::{self, Accepted};
use crate::accounts::actions::{self as accounts, sessions};
use crate::accounts::{Caller, Email};
use crate::applications::actions::documents as sent_documents;
use crate::applications::actions::own::{self, Own};
use crate::audit::journal;
use crate::clock::Instant;
use crate::committee::actions as committee;
use crate::crypto::{Opener, Vault};
use crate::db::Conn;
use crate::documents::{Document, actions as documents};
use crate::error::{Error, Result};
use crate::language::Language;
use crate::page::{Limit, Page, TimeCursor};

/// Everything that the fund holds of somebody.
pub struct Everything {
    /// Account, roles, seats, sessions, drafts, applications with all that became of them, and who read what.
    pub data: Map<String, Value>,
    /// Still in the store.
    pub documents: Vec<Document>,
}

/// Everything that the fund holds of the caller.
///
/// # Errors
/// [`Error::StepUpRequired`] without a fresh proof of who they are.
pub fn everything(
    conn: &mut Conn,
    vault: &Vault,
    caller: &Caller,
    language: Language,
    now: Instant,
) -> Result<Everything> {
    caller.require_proof(now)?;
    let me = accounts::me(conn, vault, caller.person, caller.session, now)?;
    let kept = working::kept(conn, vault, caller)?;
    let roles = kept.grants.into_iter().map(|grant| {
        let (role, from, until) = (grant.role.as_str(), grant.granted_at, grant.ends_at);
        json!({"role": role, "call_id": grant.call, "association": grant.association, "granted_at": from, "ends_at": until})
    });
    let roles: Vec<Value> = roles.collect();
    let seats = committee::every_seat(conn, caller)?.into_iter().map(|(call, seat)| {
        let (kind, from, until) = (seat.kind, seat.seated_at, seat.ends_at);
        json!({"seat": kind, "call_id": call, "association": seat.association, "seated_at": from, "ends_at": until})
    });
    let seats: Vec<Value> = seats.collect();
    let invitations: Vec<Value> = kept.accepted.into_iter().map(invitation).collect();
    let sessions = all_pages(
        |after| sessions::list(conn, caller, after, Limit::default(), now),
        |session| json!({"device": session.device, "created_at": session.created_at, "expires_at": session.expires_at}),
    )?;
    let (mut drafts, mut applications) = (Vec::new(), Vec::new());
    for own in own::list(conn, vault, caller)? {
        if let Own::Draft(draft) = own {
            drafts
                .push(json!({"call_code": draft.call.code, "changed_at": draft.changed_at, "answers": draft.answers}));
        }
    }
    for own in own::sent_with_merged(conn, caller.person)? {
        let Own::Sent { application, .. } = &own else { continue };
        applications.push(match applications::whole(conn, vault, (&own, application), language) {
            // What cannot be opened must not withhold the rest.
            Err(Error::Crypto(_) | Error::NotFound) => json!({"id": application.id, "is_unreadable": true}),
            whole => whole?,
        });
    }
    let subjects = own::stands_under(conn, caller.person)?;
    let readings = all_pages(
        |after| journal::of_subjects(conn, &subjects, after, Limit::default()),
        |access| {
            let (purpose, by) = (access.purpose.as_str(), access.by);
            json!({"opened_at": access.opened_at, "role": access.role, "person_id": by, "purpose": purpose, "fields": access.fields})
        },
    )?;
    let account = json!({
        "id": me.person, "email": me.email.as_str(), "name": kept.name, "created_at": kept.created_at,
        "language": me.language.as_str(), "has_password": me.has_password, "has_second_factor": me.has_second_factor, "is_suspended": me.is_suspended,
    });
    let data = [
        ("account", account),
        ("roles", Value::Array(roles)),
        ("seats", Value::Array(seats)),
        ("invitations", Value::Array(invitations)),
        ("sessions", Value::Array(sessions)),
        ("drafts", Value::Array(drafts)),
        ("applications", Value::Array(applications)),
        ("readings", Value::Array(readings)),
    ];
    let data = data.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Ok(Everything { data, documents: sent_documents::with_merged(conn, caller.person)? })
}

/// A document as the file with everything lists it; `is_there` says whether it could be read.
pub fn listed(conn: &mut Conn, vault: &Vault, (document, is_there): (&Document, bool)) -> Result<Value> {
    let name = documents::open_name(conn, &Opener::own(vault, document.person), document);
    let name = match name {
        // What cannot be opened must not withhold the rest.
        Err(Error::Crypto(_) | Error::NotFound) => None,
        opened => opened?,
    };
    let file = is_there.then(|| path(document));
    Ok(json!({
        "id": document.id, "application_id": document.application, "kind": document.kind, "name": name,
        "media_type": document.media_type, "size": document.size, "sha256": HEXLOWER.encode(&document.sha256),
        "uploaded_at": document.uploaded_at, "file": file, "is_unreadable": !is_there,
    }))
}

/// Where a document stands in the file with everything.
pub fn path(document: &Document) -> String {
    format!("documents/{}", document.file_name())
}

/// A role that was offered by mail and accepted.
fn invitation(accepted: Accepted) -> Value {
    let Accepted { role, call, association, email, invited_at, accepted_at, confirmed_at, withdrawn_at } = accepted;
    json!({
        "role": role, "call_id": call, "association": association, "email": email.as_ref().map(Email::as_str),
        "invited_at": invited_at, "accepted_at": accepted_at, "confirmed_at": confirmed_at, "withdrawn_at": withdrawn_at,
    })
}

/// The rows of every page.
fn all_pages<T>(
    mut page: impl FnMut(Option<TimeCursor>) -> Result<Page<T>>,
    show: impl Fn(T) -> Value,
) -> Result<Vec<Value>> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let Page { items, next } = page(after)?;
        all.extend(items.into_iter().map(&show));
        match next {
            Some(next) => after = Some(next.parse().map_err(Error::corrupt)?),
            None => return Ok(all),
        }
    }
}
