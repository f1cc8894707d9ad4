//! Erasing what was kept long enough: each class of data at its own term, as `[retention]` of the settings has it.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;
use uuid::Uuid;

use super::erasure::{self, Erased, What};
use super::{list, store};
use crate::accounts::Actor;
use crate::accounts::actions::erasing as accounts;
use crate::aid;
use crate::applications::actions::erasing as applications;
use crate::calls::{self, actions::Ended};
use crate::clock::Instant;
use crate::committee;
use crate::config::{Action, RetentionSettings, Term};
use crate::crypto::Vault;
use crate::db::{Conn, Db};
use crate::documents::actions as documents;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId, PersonId, RegisterId};

/// What is due in one class of data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Due {
    /// As the settings name it.
    pub class: &'static str,
    pub days: u32,
    pub action: &'static str,
    /// How much is over its term, and is erased unless the action is to keep it.
    pub count: usize,
    /// How much is over its term, and waits because the fund still works on it, or because documents that lie in it are kept.
    pub held: usize,
    #[serde(skip)]
    term: Term,
    #[serde(skip)]
    what: What,
    #[serde(skip)]
    subjects: Vec<Uuid>,
}

impl Due {
    fn new(class: &'static str, term: Term, what: What) -> Self {
        let action = match term.action {
            Action::Erase => "erase",
            Action::Keep => "keep",
        };
        Self { class, days: term.days, action, count: 0, held: 0, term, what, subjects: Vec::new() }
    }

    fn add(&mut self, subject: Uuid, is_held: bool) {
        if is_held {
            self.held = self.held.saturating_add(1);
        } else {
            self.count = self.count.saturating_add(1);
            self.subjects.push(subject);
        }
    }
}

/// A class of what applications hold, its term, and whether one of them holds it.
type Class = (&'static str, Term, What, fn(&applications::Left) -> bool);

/// What is over its term at a moment, class by class. Changes nothing. The applications of each call are looked at once.
pub fn due(conn: &mut Conn, terms: &RetentionSettings, now: Instant) -> Result<Vec<Due>> {
    let classes: [Class; 5] = [
        ("need", terms.need, What::Need, |left| left.has_need),
        ("identity", terms.identity, What::Identity, |left| left.has_identity && !left.is_in_books()),
        ("books", terms.books, What::Identity, |left| left.has_identity && left.is_in_books()),
        ("contact", terms.contact, What::Contact, |left| left.has_contact && left.is_in_books()),
        ("jmbg", terms.jmbg, What::Jmbg, |left| left.has_jmbg),
    ];
    let mut of_applications = classes.map(|(class, term, what, _)| Due::new(class, term, what));
    let mut drafts = Due::new("drafts", terms.drafts, What::Draft);
    let mut documents_of_calls = Due::new("documents", terms.documents, What::Document);
    let mut registers = Due::new("registers", terms.registers, What::Register);
    let of_calls = [terms.drafts, terms.documents, terms.registers];
    let all_terms = classes.iter().map(|(_, term, ..)| term).chain(&of_calls);
    let shortest = all_terms.map(|term| term.length()).min().unwrap_or_default();
    for Ended { call, state, at } in calls::actions::ended_before(conn, now.minus(shortest))? {
        let is_over = |term: Term| at < now.minus(term.length());
        let (mut running, mut is_undecided) = (BTreeSet::new(), false);
        applications::each_left(conn, call, |left| {
            let is_running = left.is_running(state);
            if is_running {
                running.insert(left.id);
            }
            is_undecided |= left.is_undecided(state);
            for ((_, term, _, has), due) in classes.iter().zip(&mut of_applications) {
                if is_over(*term) && has(left) {
                    due.add(left.id.uuid(), is_running);
                }
            }
        })?;
        if is_over(terms.drafts) {
            let with_kept = with_kept_documents(conn, call, terms)?;
            for draft in applications::drafts_of(conn, call)? {
                drafts.add(draft.uuid(), with_kept.contains(&draft));
            }
        }
        if is_over(terms.documents) {
            for (document, application) in documents::of_call(conn, call)? {
                documents_of_calls.add(document.uuid(), running.contains(&application));
            }
        }
        if is_over(terms.registers) {
            add_registers(conn, &mut registers, call, is_undecided)?;
        }
    }
    let [need, identity, books, contact, jmbg] = of_applications;
    let accounts = idle_accounts(conn, terms.accounts, now)?;
    Ok(vec![drafts, documents_of_calls, need, identity, books, contact, jmbg, registers, accounts])
}

/// How much is erased in one write, so that nobody waits long.
const AT_ONCE: usize = 50;

/// Erases what is over its term; gives what it was. What ended in between is found again by the next run.
///
/// # Errors
/// Those of the database and of the list: what was erased until then stays erased.
pub fn run(db: &Db, vault: &Vault, terms: &RetentionSettings, list: &Path, now: Instant) -> Result<Vec<Due>> {
    // Where the list cannot be written, nothing is erased.
    let opened =
        list::write_down(db, list).and_then(|_| list::complete(db, list)).and_then(|_| list::require_open(list));
    opened.map_err(|error| list::and_told(error, "nothing more is erased while it cannot be written"))?;
    let all = db.read(|conn| due(conn, terms, now))?;
    erase(db, vault, &all, list, now)?;
    Ok(all)
}

/// Erases what was found, but what is kept on demand and what was taken up since. Each part is on the list outside the database
/// before the next begins: whatever ends a run, no more than one part is missing there, until it is written down by whoever
/// writes next.
///
/// # Errors
/// As for [`run`].
pub fn erase(db: &Db, vault: &Vault, found: &[Due], list: &Path, now: Instant) -> Result<()> {
    for class in found.iter().filter(|class| class.action == "erase") {
        if class.what == What::Register {
            class.subjects.iter().try_for_each(|id| thin(db, RegisterId::from(*id)))?;
        }
        for some in class.subjects.chunks(AT_ONCE) {
            let erased = db.write(|conn| erase_some(conn, vault, class, some, now))?;
            list::write_down(db, list).map_err(|error| not_listed(error, class.class, erased))?;
        }
    }
    Ok(())
}

/// Gives how much it was.
fn erase_some(conn: &mut Conn, vault: &Vault, class: &Due, some: &[Uuid], now: Instant) -> Result<usize> {
    let by = Actor::SYSTEM.author();
    let mut erased: usize = 0;
    for subject in some {
        if is_due_still(conn, class, *subject, now)? {
            let was_there = erasure::erase(conn, vault, by, Erased { subject: *subject, what: class.what, at: now })?;
            erased = erased.saturating_add(usize::from(was_there));
        }
    }
    Ok(erased)
}

/// What is said where the list cannot be written: what is erased already, and who writes it down.
fn not_listed(error: Error, class: &str, erased: usize) -> Error {
    let more = format!(
        "{erased} of the class “{class}” are erased and not on this list yet: a running server writes them down once it can, or \
         the next run of fond retention"
    );
    list::and_told(error, &more)
}

/// Whether nobody has begun or taken up anything with it since it was looked for: a payment that the bank gave back, a role,
/// or somebody who signed in, say.
fn is_due_still(conn: &mut Conn, class: &Due, subject: Uuid, now: Instant) -> Result<bool> {
    match class.what {
        What::Person | What::PersonButBooks => {
            let (person, before) = (PersonId::from(subject), now.minus(class.term.length()));
            Ok(accounts::is_idle(conn, person, before, now)? && is_left_over(conn, person, now)?)
        }
        What::Need | What::Identity | What::Contact | What::Jmbg => {
            Ok(!applications::is_running(conn, subject.into())?)
        }
        What::Document => match documents::find(conn, subject.into()) {
            Ok(document) => Ok(!applications::is_running(conn, document.application)?),
            Err(Error::NotFound) => Ok(false),
            Err(error) => Err(error),
        },
        // A draft is sent only while its call is open. Whether somebody decides in a call would be a look at all of it.
        What::Draft | What::Register => Ok(true),
    }
}

/// Deletes the many records of a register in many small writes, before its key goes in the last.
fn thin(db: &Db, register: RegisterId) -> Result<()> {
    while db.write(|conn| aid::actions::thin_register(conn, register))? {}
    Ok(())
}

/// The registers of a call, held while somebody decides about a finding: a check before a late payment finds nothing new.
fn add_registers(conn: &mut Conn, due: &mut Due, call: CallId, is_undecided: bool) -> Result<()> {
    for register in aid::actions::ever_in_force(conn, call)? {
        if !store::is_erased(conn, register.uuid(), What::Register)? {
            due.add(register.uuid(), is_undecided);
        }
    }
    Ok(())
}

fn idle_accounts(conn: &mut Conn, term: Term, now: Instant) -> Result<Due> {
    let mut due = Due::new("accounts", term, What::Person);
    for person in accounts::idle(conn, now.minus(term.length()), now)? {
        if is_left_over(conn, person, now)? {
            due.add(person.uuid(), false);
        }
    }
    Ok(due)
}

/// Whether nothing is left of a person but the account, and nobody waits for them.
fn is_left_over(conn: &mut Conn, person: PersonId, now: Instant) -> Result<bool> {
    Ok(is_empty(conn, person)?
        && !accounts::waits_for_role(conn, person, now)?
        && !committee::actions::holds_seat(conn, person, now)?)
}

/// Documents have a term of their own, and may be kept on demand: whoever has some is not forgotten before them.
fn is_empty(conn: &mut Conn, person: PersonId) -> Result<bool> {
    let left = applications::left_of(conn, person)?;
    Ok(!left.iter().any(|left| left.has_need || left.has_identity)
        && !applications::has_draft(conn, person)?
        && !documents::are_kept_of(conn, person)?)
}

/// What has documents of a call, while these are kept on demand: a draft takes its own with it.
fn with_kept_documents(conn: &mut Conn, call: CallId, terms: &RetentionSettings) -> Result<BTreeSet<ApplicationId>> {
    match terms.documents.action {
        Action::Keep => Ok(documents::of_call(conn, call)?.into_iter().map(|(_, application)| application).collect()),
        Action::Erase => Ok(BTreeSet::new()),
    }
}
