//! Erasing what applications and drafts hold of people.
//!
//! Reference code, state, category, place and discipline stay, so that no total changes; they name nobody.

use crate::applications::rules::{ApplicationState, Identity};
use crate::applications::store::SealedColumn;
pub use crate::applications::store::erasing::Left;
use crate::applications::store::{erasing as store, lists};
use crate::audit::{Author, journal};
use crate::calls::{self, CallState};
use crate::clock::Instant;
use crate::crypto::{IndexKind, KeyClass, Opener, Purpose, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId, PersonId};

impl Left {
    /// Whether the fund still works on it, so that it must be able to read it: it is before the committee or a person, or
    /// its money has not moved yet.
    pub fn is_running(&self, call: CallState) -> bool {
        self.is_undecided(call) || self.standing.state == ApplicationState::Awarded
    }

    /// Whether somebody still decides about it: the committee, or a person about a finding.
    pub fn is_undecided(&self, call: CallState) -> bool {
        use ApplicationState as S;
        let waits = matches!(self.standing.state, S::Submitted | S::NeedsReview | S::Eligible | S::Approved);
        // What was eligible when its finding came, and was in no vote, is beyond the committee once money is allotted.
        let is_held = self.standing.is_held() && self.standing.held_from != Some(S::Eligible);
        (waits && call != CallState::Allocated) || is_held
    }

    /// Whether its owner must withdraw it, or decline its award, before the fund can forget them: as long as the fund works on
    /// it, and while they wait on the reserve list by an order that can be read.
    pub fn is_under_way(&self, call: CallState) -> bool {
        self.is_running(call) || (self.standing.state == ApplicationState::Reserve && self.has_need)
    }

    /// Whether money was paid for it, or is about to be: then the books need who receives it, as long as the law says.
    pub fn is_in_books(&self) -> bool {
        matches!(self.standing.state, ApplicationState::Paid | ApplicationState::Awarded)
    }
}

/// Whether the fund still works on an application, as it stands now; not on one that is not sent, or not there.
pub fn is_running(conn: &mut Conn, id: ApplicationId) -> Result<bool> {
    match store::one(conn, id)? {
        Some((call, left)) => Ok(left.is_running(calls::actions::voting(conn, call)?.state)),
        None => Ok(false),
    }
}

/// How many applications one look takes.
const PAGE: i64 = 1000;

/// Looks at every application of a call.
pub fn each_left(conn: &mut Conn, call: CallId, mut look: impl FnMut(&Left)) -> Result<()> {
    let mut after = String::new();
    loop {
        let page = store::page(conn, call, &after, PAGE)?;
        page.iter().for_each(&mut look);
        match page.last() {
            Some(last) => after.clone_from(&last.reference),
            None => return Ok(()),
        }
    }
}

/// The drafts of a call.
pub fn drafts_of(conn: &mut Conn, call: CallId) -> Result<Vec<ApplicationId>> {
    let mut all: Vec<ApplicationId> = Vec::new();
    loop {
        let page = store::drafts(conn, call, all.last().copied(), PAGE)?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// What the applications of a person hold still.
pub fn left_of(conn: &mut Conn, person: PersonId) -> Result<Vec<Left>> {
    store::of_person(conn, person)
}

/// What one application holds still, where there is such.
pub fn left_of_one(conn: &mut Conn, id: ApplicationId) -> Result<Vec<Left>> {
    store::these(conn, &[id])
}

/// What those applications hold still that were merged with a person's own and stand under another person.
pub fn left_merged_with(conn: &mut Conn, person: PersonId) -> Result<Vec<Left>> {
    let own = lists::of_person(conn, person)?;
    let mut merged = lists::with_merged(conn, person)?;
    merged.retain(|id| !own.contains(id));
    store::these(conn, &merged)
}

/// Whose application this is.
///
/// # Errors
/// [`Error::NotFound`] where there is none such.
pub fn owner(conn: &mut Conn, id: ApplicationId) -> Result<PersonId> {
    store::owner(conn, id)?.ok_or(Error::NotFound)
}

/// Forgets why somebody needs help: the facts, what they are ranked by, what was asked and answered, the household.
pub fn erase_need(conn: &mut Conn, vault: &Vault, id: ApplicationId, now: Instant) -> Result<()> {
    let household = vault.index_of_nothing(conn, IndexKind::Household)?;
    store::erase_need(conn, id, household, now)
}

/// Forgets who somebody is and where their money went.
pub fn erase_identity(conn: &mut Conn, vault: &Vault, id: ApplicationId, now: Instant) -> Result<()> {
    let account = vault.index_of_nothing(conn, IndexKind::Account)?;
    let name = vault.index_of_nothing(conn, IndexKind::NameAndPlace)?;
    store::erase_identity(conn, id, (account, name), now)
}

/// Forgets how somebody is reached of whom the books need who they are and where their money went, for whoever erases (`by`, at
/// the time of it). Where that is forgotten too, nothing is left to do.
pub fn erase_contact(
    conn: &mut Conn,
    vault: &Vault,
    (by, at): (Author, Instant),
    id: ApplicationId,
    now: Instant,
) -> Result<()> {
    let application = super::find(conn, id)?;
    if application.identity_erased_at.is_some() {
        return Ok(());
    }
    // People erase themselves alone and open their own; what the fund opens is on the journal.
    let identity = match by.person {
        Some(_) => super::open_identity(conn, &Opener::own(vault, application.person_id), &application)?,
        None => journal::during(conn, vault, (by, Purpose::Erase, at), |conn, opener| {
            super::open_identity(conn, opener, &application)
        })?,
    };
    let kept = Identity { email: String::new(), phone: String::new(), ..identity };
    let key = vault.key(conn, application.person_id, KeyClass::Identity)?;
    let (sealed, _) = super::submitting::seal_salted(&key, id, SealedColumn::Identity, kept)?;
    store::erase_contact(conn, id, &sealed, now)
}

/// Forgets by which JMBG somebody applied: from now on nobody can tell that the person had.
pub fn erase_jmbg(conn: &mut Conn, vault: &Vault, id: ApplicationId, now: Instant) -> Result<()> {
    let jmbg = vault.index_of_nothing(conn, IndexKind::Jmbg)?;
    store::erase_jmbg(conn, id, jmbg, now)
}

/// Deletes a draft; gives whose it was, where there was one.
pub fn erase_draft(conn: &mut Conn, id: ApplicationId) -> Result<Option<PersonId>> {
    store::delete_draft(conn, id)
}

/// Deletes what a person began and did not send.
pub fn erase_drafts_of(conn: &mut Conn, person: PersonId) -> Result<()> {
    store::delete_drafts_of(conn, person)
}

/// Destroys the keys of a person that seal nothing any more; says whether their identity is still used here.
pub fn destroy_unused_keys(conn: &mut Conn, vault: &Vault, person: PersonId) -> Result<bool> {
    let (left, has_draft) = (store::of_person(conn, person)?, store::has_draft(conn, person)?);
    if !has_draft && !left.iter().any(|left| left.has_need) {
        vault.destroy_key(conn, person, KeyClass::Need)?;
    }
    let is_used = has_draft || left.iter().any(|left| left.has_identity);
    if !is_used {
        vault.destroy_key(conn, person, KeyClass::Payment)?;
    }
    Ok(is_used)
}

/// Whether somebody has begun something that they did not send.
pub fn has_draft(conn: &mut Conn, person: PersonId) -> Result<bool> {
    store::has_draft(conn, person)
}
