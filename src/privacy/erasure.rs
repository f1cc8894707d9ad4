//! Erasing what the fund holds of people.
//!
//! Ledger, awards and the event log stay as they are, and no total changes: they hold ids, reference codes and salted
//! commitments, and the salts are gone with what they were sealed with.

use serde::Serialize;
use uuid::Uuid;

use super::store;
use crate::accounts::Caller;
use crate::accounts::actions::erasing as accounts;
use crate::aid;
use crate::applications::actions::erasing as applications;
use crate::audit::{self, Author, Kind};
use crate::calls;
use crate::clock::Instant;
use crate::committee;
use crate::crypto::{KeyClass, Vault};
use crate::db::Conn;
use crate::documents::actions as documents;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, PersonId, RegisterId};
use crate::payouts;
use crate::web;

crate::text_enum! {
    /// What was erased of a subject.
    pub enum What {
        /// Everything of a person.
        Person => "person",
        /// Everything of a person but who received what was paid, which the books need.
        PersonButBooks => "person_but_books",
        /// Something that was begun and not sent.
        Draft => "draft",
        /// Something that was sent with an application.
        Document => "document",
        /// Of an application: why somebody needs help.
        Need => "need",
        /// Of an application: who somebody is, and where their money went.
        Identity => "identity",
        /// Of an application that was paid: how somebody was reached.
        Contact => "contact",
        /// Of an application: the index of the JMBG.
        Jmbg => "jmbg",
        /// The records of a register of aid.
        Register => "register",
    }
}

/// Something that was erased: a person, a draft, a document, an application or a register, by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Erased {
    pub subject: Uuid,
    pub what: What,
    #[serde(skip)]
    pub at: Instant,
}

/// Erases everything of the caller. Who received what was paid stays for the books, and the bare index of the JMBG until its
/// term, so that nobody is paid twice.
///
/// # Errors
/// [`Error::StepUpRequired`] without a fresh proof of who they are; as for [`erase_person`].
pub fn erase_oneself(conn: &mut Conn, vault: &Vault, caller: &Caller, now: Instant) -> Result<()> {
    caller.require_proof(now)?;
    erase_person(conn, vault, caller.applicant().author(), caller.person, now).map(|_| ())
}

/// Erases everything of a person, who asked for it; says whether there was anything to erase.
///
/// # Errors
/// [`Error::NotFound`] where there is no such person. Refused while they hold a role of the fund (`roles_held`) or an
/// application of theirs is under way (`application_running`): they withdraw it or decline its award first.
pub fn erase_person(conn: &mut Conn, vault: &Vault, by: Author, person: PersonId, now: Instant) -> Result<bool> {
    if !accounts::is_known(conn, person)? {
        return Err(Error::NotFound);
    }
    accounts::require_no_role(conn, person, now)?;
    if committee::actions::holds_seat(conn, person, now)? {
        return Err(accounts::roles_held());
    }
    let left = applications::left_of(conn, person)?;
    let merged = applications::left_merged_with(conn, person)?;
    for left in left.iter().chain(&merged) {
        if left.is_under_way(calls::actions::voting(conn, left.call)?.state) {
            let message = format!("the application {} is under way; withdraw it first", left.reference);
            return Err(Error::refused("application_running", message));
        }
    }
    let is_in_books = left.iter().any(|left| left.is_in_books() && left.has_identity);
    let what = if is_in_books { What::PersonButBooks } else { What::Person };
    let mut was_there = false;
    for left in &merged {
        was_there |= erase_merged(conn, vault, by, left, now)?;
    }
    was_there |= erase(conn, vault, by, Erased { subject: person.uuid(), what, at: now })?;
    Ok(was_there)
}

/// How much was ever erased: it only grows, with the commit of what destroys.
pub fn count(conn: &mut Conn) -> Result<i64> {
    store::count(conn)
}

/// Erases what stands under another person, because it was merged with something of this one. Each of it is on the list for
/// itself: a backup may be older than the merging.
fn erase_merged(conn: &mut Conn, vault: &Vault, by: Author, left: &applications::Left, now: Instant) -> Result<bool> {
    let mut was_there = false;
    for document in documents::of_application(conn, left.id)? {
        was_there |= erase(conn, vault, by, Erased { subject: document.id.uuid(), what: What::Document, at: now })?;
    }
    if left.has_need {
        was_there |= erase(conn, vault, by, Erased { subject: left.id.uuid(), what: What::Need, at: now })?;
    }
    if left.has_identity && left.is_in_books() {
        // Only what the fund entered is paid here; its person has nothing else.
        let subject = applications::owner(conn, left.id)?.uuid();
        was_there |= erase(conn, vault, by, Erased { subject, what: What::PersonButBooks, at: now })?;
    } else if left.has_identity {
        was_there |= erase(conn, vault, by, Erased { subject: left.id.uuid(), what: What::Identity, at: now })?;
    }
    Ok(was_there)
}

/// Erases something and records that it was; says whether there was anything to erase.
pub fn erase(conn: &mut Conn, vault: &Vault, by: Author, erased: Erased) -> Result<bool> {
    erase_as(conn, vault, by, erased, None)
}

/// The same in a restored database, for a line that stands on the list already. What is under way there leaves the process.
pub(super) fn erase_again(conn: &mut Conn, vault: &Vault, erased: Erased, now: Instant) -> Result<bool> {
    erase_as(conn, vault, crate::accounts::Actor::SYSTEM.author(), erased, Some(now))
}

fn erase_as(conn: &mut Conn, vault: &Vault, by: Author, erased: Erased, listed_at: Option<Instant>) -> Result<bool> {
    let Erased { subject, what, at } = erased;
    if store::is_erased(conn, subject, what)? || !is_there(conn, erased)? {
        return Ok(false);
    }
    if let Some(now) = listed_at {
        leave_process(conn, erased, now)?;
    }
    // What is erased again is opened for it now, however long ago it was erased first.
    let by_now = (by, listed_at.unwrap_or(at));
    match what {
        What::Person | What::PersonButBooks => {
            forget_person(conn, vault, by_now, (subject.into(), what == What::PersonButBooks), at)?;
        }
        What::Draft => {
            documents::forget_application(conn, subject.into(), at)?;
            if let Some(owner) = applications::erase_draft(conn, subject.into())? {
                destroy_unused_keys(conn, vault, owner)?;
            }
        }
        What::Document => {
            if let Some(owner) = documents::forget_one(conn, subject.into(), at)? {
                destroy_unused_keys(conn, vault, owner)?;
            }
        }
        What::Need => {
            applications::erase_need(conn, vault, subject.into(), at)?;
            destroy_keys_of_owner(conn, vault, subject.into())?;
        }
        What::Identity => {
            applications::erase_identity(conn, vault, subject.into(), at)?;
            destroy_keys_of_owner(conn, vault, subject.into())?;
        }
        What::Contact => applications::erase_contact(conn, vault, by_now, subject.into(), at)?,
        What::Jmbg => applications::erase_jmbg(conn, vault, subject.into(), at)?,
        What::Register => aid::actions::erase_register(conn, vault, subject.into())?,
    }
    store::insert(conn, &erased, listed_at)?;
    audit::record(conn, by, at, Kind::DataErased, &erased)?;
    Ok(true)
}

/// A backup may be older than the day on which somebody withdrew, and was then forgotten. Nobody could decide about what was
/// erased, so it leaves the process, as it had left it before. What was paid since is still to be paid here.
fn leave_process(conn: &mut Conn, erased: Erased, now: Instant) -> Result<()> {
    let Erased { subject, what, .. } = erased;
    let left = match what {
        What::Person | What::PersonButBooks => applications::left_of(conn, subject.into())?,
        What::Need | What::Identity => applications::left_of_one(conn, subject.into())?,
        What::Draft | What::Document | What::Contact | What::Jmbg | What::Register => return Ok(()),
    };
    for left in left {
        let call = calls::actions::voting(conn, left.call)?.state;
        let leaves = match what {
            What::Person => left.is_under_way(call),
            What::PersonButBooks => left.is_under_way(call) && !left.is_in_books(),
            What::Need => left.is_running(call) && !left.is_in_books(),
            _ => left.is_running(call),
        };
        if leaves {
            payouts::actions::leave_erased(conn, left.id, now)?;
        }
    }
    Ok(())
}

/// Whether the database knows the subject at all: a backup may be older than somebody's coming.
fn is_there(conn: &mut Conn, erased: Erased) -> Result<bool> {
    let Erased { subject, what, .. } = erased;
    match what {
        What::Person | What::PersonButBooks => accounts::is_known(conn, subject.into()),
        What::Draft | What::Document => Ok(true),
        What::Need | What::Identity | What::Contact | What::Jmbg => match applications::owner(conn, subject.into()) {
            Err(Error::NotFound) => Ok(false),
            found => found.map(|_| true),
        },
        What::Register => Ok(aid::actions::call_of_register(conn, RegisterId::from(subject))?.is_some()),
    }
}

fn forget_person(
    conn: &mut Conn,
    vault: &Vault,
    by: (Author, Instant),
    (person, keeps_books): (PersonId, bool),
    at: Instant,
) -> Result<()> {
    documents::forget_person(conn, person, at)?;
    applications::erase_drafts_of(conn, person)?;
    for left in applications::left_of(conn, person)? {
        if left.has_need {
            applications::erase_need(conn, vault, left.id, at)?;
        }
        match left.has_identity {
            true if keeps_books && left.is_in_books() => applications::erase_contact(conn, vault, by, left.id, at)?,
            true => applications::erase_identity(conn, vault, left.id, at)?,
            false => {}
        }
    }
    accounts::forget_account(conn, vault, by, person, at)?;
    web::forget_answers_to(conn, person)?;
    destroy_unused_keys(conn, vault, person)
}

fn destroy_keys_of_owner(conn: &mut Conn, vault: &Vault, id: ApplicationId) -> Result<()> {
    let owner = applications::owner(conn, id)?;
    destroy_unused_keys(conn, vault, owner)
}

/// Destroys the keys of a person that seal nothing any more.
fn destroy_unused_keys(conn: &mut Conn, vault: &Vault, person: PersonId) -> Result<()> {
    if documents::of_person(conn, person)?.is_empty() {
        vault.destroy_key(conn, person, KeyClass::Documents)?;
    }
    let is_identity_used = applications::destroy_unused_keys(conn, vault, person)?;
    if !is_identity_used && !accounts::has_account(conn, person)? {
        vault.destroy_key(conn, person, KeyClass::Identity)?;
    }
    Ok(())
}
