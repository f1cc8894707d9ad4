//! The one way to open what is sealed of people: somebody, for a purpose. What they open of others is kept for the journal.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::seal::{Place, Sealed};
use super::vault::{KeyClass, Keys, Vault};
use crate::db::{Conn, if_undone};
use crate::error::{Error, Result};
use crate::ids::{PersonId, SessionId};

crate::text_enum! {
    /// What sealed data of others are opened for.
    pub enum Purpose {
        CheckEligibility => "check_eligibility",
        ReviewApplication => "review_application",
        Vote => "vote",
        ReadMinutes => "read_minutes",
        Allocate => "allocate",
        Pay => "pay",
        ManageRoles => "manage_roles",
        ResolveFinding => "resolve_finding",
        ContactApplicant => "contact_applicant",
        AnswerRequest => "answer_request",
        FindDuplicate => "find_duplicate",
        PrintReceipt => "print_receipt",
        CorrectApplication => "correct_application",
        Erase => "erase",
    }
}

/// Who opens, as what, in which session, for what. Nobody, where the fund itself works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reader {
    pub person: Option<PersonId>,
    pub session: Option<SessionId>,
    pub role: &'static str,
    pub purpose: Purpose,
}

/// What one reader opened of others.
#[derive(Debug, Clone, Default)]
pub struct Opened {
    /// Whose data, and which fields of them, as `table.column`.
    pub fields: BTreeMap<PersonId, BTreeSet<String>>,
    /// How often something was decrypted for it.
    pub openings: u64,
}

/// How often something was opened with the keys of people since a vault was opened.
#[derive(Debug, Default)]
pub struct Openings {
    /// Counted where it is decrypted.
    pub all: AtomicU64,
    /// By themselves.
    pub own: AtomicU64,
    /// For work that then failed, so that nothing of it left.
    pub abandoned: AtomicU64,
}

/// What was opened of others in one transaction, by reader; to be written on the journal before any of it leaves.
#[derive(Debug)]
pub struct OpenLog {
    entries: RefCell<BTreeMap<Reader, Opened>>,
    openings: Arc<Openings>,
}

impl Drop for OpenLog {
    /// What was not taken for the journal was opened in vain.
    fn drop(&mut self) {
        let left: u64 = self.entries.get_mut().values().map(|opened| opened.openings).sum();
        self.openings.abandoned.fetch_add(left, Ordering::Relaxed);
    }
}

impl OpenLog {
    pub fn new(vault: &Vault) -> Self {
        Self { entries: RefCell::default(), openings: Arc::clone(vault.openings()) }
    }

    /// What was opened, for the journal, which writes it down now.
    pub fn take(&self) -> BTreeMap<Reader, Opened> {
        self.entries.take()
    }

    fn add(&self, reader: Reader, subject: PersonId, place: Place) {
        let mut entries = self.entries.borrow_mut();
        let opened = entries.entry(reader).or_default();
        let column = place.column.trim_end_matches("_sealed");
        opened.fields.entry(subject).or_default().insert(format!("{}.{column}", place.table));
        opened.openings = opened.openings.saturating_add(1);
    }

    /// The same, inside the transaction that writes it down: where that is not committed, it was opened in vain.
    pub fn take_within(&self) -> BTreeMap<Reader, Opened> {
        let (opened, openings) = (self.take(), Arc::clone(&self.openings));
        let all: u64 = opened.values().map(|opened| opened.openings).sum();
        if all > 0 {
            if_undone(move || {
                openings.abandoned.fetch_add(all, Ordering::Relaxed);
            });
        }
        opened
    }

    /// For somebody who works on this transaction.
    pub fn opener<'a>(&'a self, vault: &'a Vault, reader: Reader) -> Opener<'a> {
        Opener { vault, by: By::Reader(reader, self) }
    }
}

/// Somebody who opens sealed data.
pub struct Opener<'a> {
    vault: &'a Vault,
    by: By<'a>,
}

#[derive(Clone, Copy)]
enum By<'a> {
    /// Their own data alone.
    Themselves(PersonId),
    Reader(Reader, &'a OpenLog),
}

impl<'a> Opener<'a> {
    /// For somebody's own data, of which no journal is kept. Nothing else opens with it.
    pub fn own(vault: &'a Vault, person: PersonId) -> Self {
        Self { vault, by: By::Themselves(person) }
    }

    /// Opens a field of a person.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the key was never made or is destroyed; [`Error::Crypto`] where it does not open;
    /// [`Error::Corrupt`] for another's data where only the own may be opened.
    pub fn open(
        &self,
        conn: &mut Conn,
        (subject, class): (PersonId, KeyClass),
        place: Place,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>> {
        self.open_among(conn, &Keys::of(subject), (subject, class), place, sealed)
    }

    /// The same, with a key among those that were read already.
    ///
    /// # Errors
    /// As for [`Opener::open`].
    pub fn open_among(
        &self,
        conn: &mut Conn,
        keys: &Keys,
        (subject, class): (PersonId, KeyClass),
        place: Place,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>> {
        let is_wrong = matches!(self.by, By::Themselves(own) if own != subject) || keys.owner() != subject.into();
        if is_wrong {
            return Err(Error::corrupt("data of another were to be opened as one's own"));
        }
        let plain = self.vault.among(conn, keys, class)?.open(place, sealed)?;
        self.note(subject, place);
        Ok(plain)
    }

    /// Opens an address that the fund wrote to, of somebody who is known by now. Where nobody is (`subject` is nothing), nobody's
    /// data are opened as far as the journal can tell.
    ///
    /// # Errors
    /// As for [`Opener::open`].
    pub fn open_contact(&self, subject: Option<PersonId>, place: Place, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>> {
        let is_wrong = matches!(self.by, By::Themselves(own) if subject != Some(own));
        if is_wrong {
            return Err(Error::corrupt("data of another were to be opened as one's own"));
        }
        let plain = self.vault.open_contact(place, sealed)?;
        let Some(subject) = subject else { return Ok(plain) };
        // The key of addresses is nobody's, and counts nothing itself.
        self.vault.openings().all.fetch_add(1, Ordering::Relaxed);
        self.note(subject, place);
        Ok(plain)
    }

    /// For the journal, or among what is opened by themselves.
    fn note(&self, subject: PersonId, place: Place) {
        match self.by {
            By::Reader(reader, log) if reader.person != Some(subject) => log.add(reader, subject, place),
            By::Themselves(_) | By::Reader(..) => {
                self.vault.openings().own.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Opens a value that was sealed as JSON.
    ///
    /// # Errors
    /// As for [`Opener::open`]; [`Error::Corrupt`] where it is not such a value.
    pub fn open_value<T: DeserializeOwned>(
        &self,
        conn: &mut Conn,
        whose: (PersonId, KeyClass),
        place: Place,
        sealed: &Sealed,
    ) -> Result<T> {
        serde_json::from_slice(&self.open(conn, whose, place, sealed)?).map_err(Error::corrupt)
    }
}
