//! Drafts: begun once a person and call, changed in parts, never lost; what is in them is nobody's but their owner's.
//!
//! They are no events: until it is sent, what somebody writes is their own affair.

use serde_json::Value;

use super::documents;
use super::own::{self, Own};
use crate::accounts::{Actor, Caller, Permission};
use crate::applications::rules::{Answers, Part, Refused, change, part_of};
use crate::applications::store::drafts::{self as rows, DraftRow};
use crate::calls::{self, AskedWhen, Call, CallState};
use crate::clock::Instant;
use crate::crypto::{KeyClass, Keys, Opener, Place, Sealed, Vault};
use crate::db::Conn;
use crate::documents::actions as kept;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId, PersonId};
use crate::objects::ObjectName;
use crate::version::Seen;

/// A draft, opened.
#[derive(Debug, Clone)]
pub struct Draft {
    pub id: ApplicationId,
    pub call: Call,
    pub answers: Answers,
    pub changed_at: Instant,
    pub version: i32,
    /// The codes of documents without which it is not sent.
    pub missing_documents: Vec<String>,
}

/// Begins a draft; where the person has one in this call, or an application, gives that.
///
/// # Errors
/// Refused as `call_closed` where the call takes no applications now.
pub fn begin(conn: &mut Conn, vault: &Vault, caller: &Caller, call: CallId, now: Instant) -> Result<(Own, bool)> {
    let call = calls::actions::find_public(conn, call)?;
    if let Some(own) = own::in_call(conn, vault, caller, call.id)? {
        return Ok((own, false));
    }
    require_open(&call, now)?;
    let id = ApplicationId::new();
    rows::insert(conn, &empty(id, caller.person, call.id, now))?;
    let missing_documents = missing(conn, &call, id)?;
    let draft = Draft { id, call, answers: Answers::new(), changed_at: now, version: 1, missing_documents };
    Ok((Own::Draft(draft), true))
}

/// Begins a draft for somebody with some answers, for a demo.
pub fn begin_for(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    (owner, call): (PersonId, CallId),
    answers: &Answers,
    now: Instant,
) -> Result<()> {
    actor.require(Permission::AppointDirectly)?;
    let mut row = empty(ApplicationId::new(), owner, call, now);
    let mut keys = Keys::of(owner);
    for part in Part::ALL {
        let mut of_part = Answers::new();
        change(&mut of_part, part_of(answers, *part));
        if !of_part.is_empty() {
            let key = vault.ensure_among(conn, &mut keys, class(*part))?;
            let sealed = key.seal_value(place(row.id, *part), &Value::Object(of_part))?;
            keep(&mut row, *part, sealed);
        }
    }
    rows::insert(conn, &row)
}

fn empty(id: ApplicationId, person_id: PersonId, call_id: CallId, now: Instant) -> DraftRow {
    DraftRow {
        id,
        call_id,
        person_id,
        identity_sealed: None,
        need_sealed: None,
        payment_sealed: None,
        created_at: now,
        changed_at: now,
        version: 1,
    }
}

/// The codes of the documents that the call wants before an application is sent and that are not there.
fn missing(conn: &mut Conn, call: &Call, id: ApplicationId) -> Result<Vec<String>> {
    let missing = documents::missing(conn, call, id, AskedWhen::AtSubmission)?;
    Ok(missing.into_iter().map(|asked| asked.code.clone()).collect())
}

/// # Errors
/// Refused as `call_closed` where the call takes no applications now.
pub fn require_open(call: &Call, now: Instant) -> Result<()> {
    let is_open = call.state == CallState::Published && (call.rules.opens_at..=call.closes_at).contains(&now);
    if is_open {
        return Ok(());
    }
    let (from, until) = (call.rules.opens_at, call.closes_at);
    Err(Refused::CallClosed.because(format!("the call takes applications from {from} until {until}")))
}

/// One's own draft.
///
/// # Errors
/// [`Error::NotFound`] where there is none of theirs; refused as `already_sent` where it is sent.
pub fn find(conn: &mut Conn, vault: &Vault, caller: &Caller, id: ApplicationId) -> Result<Draft> {
    let row = own_row(conn, caller, id)?;
    opened(conn, vault, &caller.keys, row)
}

pub(super) fn opened(conn: &mut Conn, vault: &Vault, keys: &Keys, row: DraftRow) -> Result<Draft> {
    let mut answers = Answers::new();
    let person = PersonId::from(keys.owner().uuid());
    let own = Opener::own(vault, person);
    for part in Part::ALL {
        if let Some(sealed) = sealed_of(&row, *part) {
            let plain = own.open_among(conn, keys, (person, class(*part)), place(row.id, *part), sealed)?;
            answers.extend(serde_json::from_slice::<Answers>(&plain).map_err(Error::corrupt)?);
        }
    }
    let call = calls::actions::find(conn, row.call_id)?;
    let missing_documents = missing(conn, &call, row.id)?;
    Ok(Draft { id: row.id, call, answers, changed_at: row.changed_at, version: row.version, missing_documents })
}

/// What became of a change.
pub enum Changed {
    Saved(Draft),
    /// Another device was faster: this is what holds now. Nothing was written.
    Stale(Draft),
}

/// Changes some answers; what is not named stays.
///
/// # Errors
/// [`Error::NotFound`] where there is no such draft of theirs; refused as `already_sent` where it is sent.
pub fn save(
    conn: &mut Conn,
    vault: &Vault,
    caller: &Caller,
    (id, seen): (ApplicationId, Seen),
    changes: &Answers,
    now: Instant,
) -> Result<Changed> {
    let mut row = own_row(conn, caller, id)?;
    if seen.require(row.version, "the draft").is_err() {
        return opened(conn, vault, &caller.keys, row).map(Changed::Stale);
    }
    let mut keys = caller.keys.clone();
    for part in Part::ALL {
        let of_part = part_of(changes, *part);
        if of_part.is_empty() {
            continue;
        }
        let key = vault.ensure_among(conn, &mut keys, class(*part))?;
        let mut answers = match sealed_of(&row, *part) {
            Some(sealed) => {
                let (own, whose) = (Opener::own(vault, caller.person), (caller.person, class(*part)));
                let plain = own.open_among(conn, &keys, whose, place(id, *part), sealed)?;
                serde_json::from_slice(&plain).map_err(Error::corrupt)?
            }
            None => Answers::new(),
        };
        change(&mut answers, of_part);
        keep(&mut row, *part, key.seal_value(place(id, *part), &Value::Object(answers))?);
    }
    rows::save(conn, &row, now)?;
    row.version = row.version.saturating_add(1);
    row.changed_at = now;
    opened(conn, vault, &keys, row).map(Changed::Saved)
}

/// Throws a draft away, and its documents; gives what is to be taken out of the store once this is committed.
///
/// # Errors
/// [`Error::NotFound`] where there is no such draft of theirs, [`Error::Stale`] at another version; refused as `already_sent`
/// where it is sent.
pub fn discard(
    conn: &mut Conn,
    caller: &Caller,
    (id, seen): (ApplicationId, Seen),
    now: Instant,
) -> Result<Vec<ObjectName>> {
    let row = own_row(conn, caller, id)?;
    seen.require(row.version, "the draft")?;
    rows::delete(conn, id, row.version)?;
    let documents = kept::of_application(conn, id)?;
    kept::remove(conn, &documents, now)
}

/// One's own draft; where it was sent, that is said.
fn own_row(conn: &mut Conn, caller: &Caller, id: ApplicationId) -> Result<DraftRow> {
    match rows::find(conn, id, caller.person)? {
        Some(row) => Ok(row),
        None => match super::own::application(conn, caller, id) {
            Ok(_) => Err(Refused::AlreadySent.because("it is sent already")),
            Err(error) => Err(error),
        },
    }
}

fn sealed_of(row: &DraftRow, part: Part) -> Option<&Sealed> {
    match part {
        Part::Identity => row.identity_sealed.as_ref(),
        Part::Need => row.need_sealed.as_ref(),
        Part::Payment => row.payment_sealed.as_ref(),
    }
}

fn keep(row: &mut DraftRow, part: Part, sealed: Sealed) {
    match part {
        Part::Identity => row.identity_sealed = Some(sealed),
        Part::Need => row.need_sealed = Some(sealed),
        Part::Payment => row.payment_sealed = Some(sealed),
    }
}

fn class(part: Part) -> KeyClass {
    match part {
        Part::Identity => KeyClass::Identity,
        Part::Need => KeyClass::Need,
        Part::Payment => KeyClass::Payment,
    }
}

fn place(id: ApplicationId, part: Part) -> Place {
    let column = match part {
        Part::Identity => "identity_sealed",
        Part::Need => "need_sealed",
        Part::Payment => "payment_sealed",
    };
    Place { table: "drafts", column, row: id.uuid() }
}
