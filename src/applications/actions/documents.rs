//! The documents of an application: what the call asks for, from whom, and when.

use serde::Serialize;

use super::{Purpose, drafts, erased, own};
use crate::accounts::{Actor, Caller, Permission};
use crate::applications::rules::{Application, ApplicationState};
use crate::applications::store::{drafts as draft_rows, lists};
use crate::audit::{self, Author, Kind, journal};
use crate::calls::{self, AskedDocument, AskedWhen, Call};
use crate::clock::Instant;
use crate::crypto::{Keys, Sealed, Vault};
use crate::db::Conn;
use crate::documents::actions as documents;
use crate::documents::{Document, New};
use crate::error::{Error, FieldError, Result};
use crate::ids::{ApplicationId, CallId, DocumentId, PersonId};
use crate::objects::ObjectName;

#[derive(Serialize)]
struct DocumentChanged<'a> {
    application: ApplicationId,
    document: DocumentId,
    kind: &'a str,
}

#[derive(Serialize)]
struct DocumentOpened {
    application: ApplicationId,
    document: DocumentId,
    purpose: Purpose,
}

/// One's own draft (then without an application) or application, and its call.
fn held(conn: &mut Conn, caller: &Caller, id: ApplicationId) -> Result<(Call, Option<Application>)> {
    let (call, application) = match draft_rows::find(conn, id, caller.person)? {
        Some(draft) => (draft.call_id, None),
        None => {
            let application = own::application(conn, caller, id)?;
            (application.call_id, Some(application))
        }
    };
    Ok((calls::actions::find(conn, call)?, application))
}

/// Whether somebody may send a document under a code of the call at all: asked before it is read. Gives the call.
///
/// # Errors
/// [`Error::NotFound`] where there is no such draft or application of theirs; a field error where the call does not ask
/// for it.
pub fn asked(conn: &mut Conn, caller: &Caller, (id, kind): (ApplicationId, &str)) -> Result<CallId> {
    let (call, _) = held(conn, caller, id)?;
    call.rules.document(kind).map(|_| call.id).ok_or_else(|| Error::field("kind", "document_unasked"))
}

/// Which of the documents that the call wants at a time are not there.
pub(super) fn missing<'a>(
    conn: &mut Conn,
    call: &'a Call,
    id: ApplicationId,
    when: AskedWhen,
) -> Result<Vec<&'a AskedDocument>> {
    let needed: Vec<&AskedDocument> = call.rules.documents.iter().filter(|asked| asked.is_needed(when)).collect();
    if needed.is_empty() {
        return Ok(needed);
    }
    let held = documents::of_application(conn, id)?;
    let is_held = |asked: &&AskedDocument| held.iter().any(|document| document.kind == asked.code);
    Ok(needed.into_iter().filter(|asked| !is_held(asked)).collect())
}

/// A document that is missing, as a field of what waits for it.
pub fn missing_field(code: &str) -> FieldError {
    FieldError { field: format!("documents.{code}"), code: "document_missing", argument: None }
}

/// Asks that everything is there that the call wants of the awarded before they are paid.
///
/// # Errors
/// Refused as `documents_missing`, with the code of each.
pub fn require_before_payment(conn: &mut Conn, application: &Application) -> Result<()> {
    let call = calls::actions::find(conn, application.call_id)?;
    let missing = missing(conn, &call, application.id, AskedWhen::WhenAwarded)?;
    if missing.is_empty() {
        return Ok(());
    }
    let codes: Vec<&str> = missing.iter().map(|asked| asked.code.as_str()).collect();
    let message = format!("the call wants these before it is paid: {}", codes.join(", "));
    Err(Error::refused_for("documents_missing", message, codes.into_iter().map(missing_field).collect()))
}

/// What a change of the documents of an application means for it.
enum Change {
    Add,
    Remove,
}

/// Documents of the submission come and go while it is a draft; those of the awarded once it is awarded, and none is taken
/// back once it is paid. What a payment stands on is asked by whoever pays.
fn require_time(
    asked: AskedWhen,
    call: &Call,
    application: Option<&Application>,
    change: &Change,
    now: Instant,
) -> Result<()> {
    use ApplicationState as S;
    match (asked, application, change) {
        (AskedWhen::AtSubmission, None, Change::Add) => drafts::require_open(call, now),
        (AskedWhen::AtSubmission, None, Change::Remove) => Ok(()),
        (AskedWhen::AtSubmission, Some(_), _) => {
            Err(Error::refused("document_late", "the application is sent, and its documents with it"))
        }
        (AskedWhen::WhenAwarded, Some(application), change) => {
            let is_awarded = application.state == S::Awarded || application.held_from == Some(S::Awarded);
            let is_paid = application.state == S::Paid;
            match change {
                Change::Remove if is_paid => {
                    Err(Error::refused("document_fixed", "the award is paid, and its documents stay"))
                }
                _ if is_awarded || is_paid => Ok(()),
                _ => Err(Error::refused("document_not_awarded", "only those who were awarded send this document")),
            }
        }
        (AskedWhen::WhenAwarded, None, _) => {
            Err(Error::refused("document_not_awarded", "only those who were awarded send this document"))
        }
    }
}

/// Writes down a document that is in the store.
///
/// # Errors
/// As for [`asked`]; refused at another time, and where there are as many as may be.
pub fn add(conn: &mut Conn, vault: &Vault, caller: &Caller, new: &New, now: Instant) -> Result<Document> {
    let (call, application) = held(conn, caller, new.application)?;
    let asked = call.rules.document(&new.kind).ok_or_else(|| Error::field("kind", "document_unasked"))?;
    require_time(asked.when, &call, application.as_ref(), &Change::Add, now)?;
    let added = documents::keep(conn, vault, &caller.keys, new, now)?;
    if let Some(application) = application {
        tell(conn, caller.applicant().author(), application.id, (&added, Kind::DocumentAdded), now)?;
    }
    Ok(added)
}

/// Whether a document under a code of the call may be added to an application that the fund entered for somebody: asked
/// before it is read, and again when it is written down.
///
/// # Errors
/// [`Error::NotFound`] where the fund did not enter it; a field error where the call does not ask for such a document;
/// refused where it is over (`application_over`), erased (`data_erased`), or it is not the time.
pub fn require_addable(
    conn: &mut Conn,
    actor: &Actor,
    application: &Application,
    kind: &str,
    now: Instant,
) -> Result<()> {
    actor.require(Permission::EnterApplication)?;
    if application.entered_by.is_none() {
        return Err(Error::NotFound);
    }
    let call = calls::actions::find(conn, application.call_id)?;
    let asked = call.rules.document(kind).ok_or_else(|| Error::field("kind", "document_unasked"))?;
    require_time_of_entered(asked.when, &call, application, &Change::Add, now)
}

/// When documents of an application that the fund entered come and go.
fn require_time_of_entered(
    asked: AskedWhen,
    call: &Call,
    application: &Application,
    change: &Change,
    now: Instant,
) -> Result<()> {
    if application.need_erased_at.is_some() || application.identity_erased_at.is_some() {
        return Err(erased());
    }
    match asked {
        AskedWhen::AtSubmission if application.state.is_over() => {
            Err(Error::refused("application_over", "nothing more happens with this application"))
        }
        // It came on paper with the application, and is scanned when there is time for it.
        AskedWhen::AtSubmission if call.state.has_voting_ahead() => Ok(()),
        when => require_time(when, call, Some(application), change, now),
    }
}

/// Writes down a document that is in the store, of an application that the fund entered for somebody.
///
/// # Errors
/// As for [`require_addable`]; refused where there are as many as may be.
pub fn add_for(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    (application, new): (&Application, &New),
    now: Instant,
) -> Result<Document> {
    actor.require(Permission::EnterApplication)?;
    require_addable(conn, actor, application, &new.kind, now)?;
    let added = documents::keep(conn, vault, &Keys::of(application.person_id), new, now)?;
    tell(conn, actor.author(), application.id, (&added, Kind::DocumentAdded), now)?;
    Ok(added)
}

/// What one sent with an application, or will with a draft.
///
/// # Errors
/// [`Error::NotFound`] where there is none such of theirs.
pub fn list(conn: &mut Conn, caller: &Caller, id: ApplicationId) -> Result<Vec<Document>> {
    held(conn, caller, id)?;
    documents::of_application(conn, id)
}

/// Everything that somebody sent, and what came with an application that was merged with theirs.
pub fn with_merged(conn: &mut Conn, person: PersonId) -> Result<Vec<Document>> {
    let mut all = documents::of_person(conn, person)?;
    for application in lists::with_merged(conn, person)? {
        let sent = documents::of_application(conn, application)?;
        all.extend(sent.into_iter().filter(|document| document.person != person));
    }
    Ok(all)
}

/// One of these.
///
/// # Errors
/// [`Error::NotFound`] where there is none such.
pub fn find_with_merged(conn: &mut Conn, caller: &Caller, id: DocumentId) -> Result<Document> {
    let found = documents::find(conn, id)?;
    let is_theirs =
        found.person == caller.person || lists::with_merged(conn, caller.person)?.contains(&found.application);
    if is_theirs { Ok(found) } else { Err(Error::NotFound) }
}

/// Removes a document of one's own; gives what is to be taken out of the store once this is committed.
///
/// # Errors
/// [`Error::NotFound`] where it is not theirs; refused once it belongs to something sent or paid.
pub fn remove(conn: &mut Conn, caller: &Caller, document: &Document, now: Instant) -> Result<Vec<ObjectName>> {
    let (call, application) = held(conn, caller, document.application)?;
    // What the call asks for no more is of no use in a draft.
    let when = call.rules.document(&document.kind).map_or(AskedWhen::AtSubmission, |asked| asked.when);
    require_time(when, &call, application.as_ref(), &Change::Remove, now)?;
    let gone = documents::remove(conn, std::slice::from_ref(document), now)?;
    if let Some(application) = application {
        tell(conn, caller.applicant().author(), application.id, (document, Kind::DocumentRemoved), now)?;
    }
    Ok(gone)
}

/// Removes a document of an application that the fund entered for somebody, which was scanned by mistake; gives what is to be
/// taken out of the store once this is committed.
///
/// # Errors
/// [`Error::NotFound`] where the fund did not enter it, or it has no such document; refused where it is over, erased, or
/// voted on or paid.
pub fn remove_for(
    conn: &mut Conn,
    actor: &Actor,
    (application, id): (&Application, DocumentId),
    now: Instant,
) -> Result<Vec<ObjectName>> {
    actor.require(Permission::EnterApplication)?;
    let document = documents::find(conn, id)?;
    if application.entered_by.is_none() || document.application != application.id {
        return Err(Error::NotFound);
    }
    let call = calls::actions::find(conn, application.call_id)?;
    let when = call.rules.document(&document.kind).map_or(AskedWhen::AtSubmission, |asked| asked.when);
    require_time_of_entered(when, &call, application, &Change::Remove, now)?;
    let gone = documents::remove(conn, std::slice::from_ref(&document), now)?;
    tell(conn, actor.author(), application.id, (&document, Kind::DocumentRemoved), now)?;
    Ok(gone)
}

/// Puts on the log what happened to an application that is sent. A draft is its owner's own affair.
fn tell(
    conn: &mut Conn,
    by: Author,
    application: ApplicationId,
    (document, kind): (&Document, Kind),
    now: Instant,
) -> Result<()> {
    let facts = DocumentChanged { application, document: document.id, kind: &document.kind };
    audit::record(conn, by, now, kind, &facts)
}

/// The documents of an application, for those who work on it; none is opened.
pub fn list_for(conn: &mut Conn, actor: &Actor, application: &Application) -> Result<Vec<Document>> {
    actor.require(Permission::ReadApplications)?;
    documents::of_application(conn, application.id)
}

/// A document of an application, for those who may open who it is.
///
/// # Errors
/// [`Error::NotFound`] where the application has none such.
pub fn find_for(conn: &mut Conn, actor: &Actor, application: &Application, id: DocumentId) -> Result<Document> {
    actor.require(Permission::OpenPerson)?;
    let found = documents::find(conn, id)?;
    if found.application == application.id { Ok(found) } else { Err(Error::NotFound) }
}

/// Opens a document of an application, for a purpose that goes on the log.
///
/// # Errors
/// As for [`find_for`].
pub fn open_for(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    (application, id, purpose): (&Application, DocumentId, Purpose),
    sealed: &Sealed,
    now: Instant,
) -> Result<Vec<u8>> {
    actor.require(Permission::OpenPerson)?;
    let document = find_for(conn, actor, application, id)?;
    let facts = DocumentOpened { application: application.id, document: id, purpose };
    audit::record(conn, actor.author(), now, Kind::DocumentOpened, &facts)?;
    journal::during(conn, vault, (actor.author(), purpose.into(), now), |conn, opener| {
        documents::open(conn, opener, &document, sealed).map(|plain| plain.to_vec())
    })
}
