//! Submitting an application, moving it through its states, and opening what it keeps sealed.

pub mod blind;
pub mod clarifications;
pub mod correcting;
pub mod counted;
pub mod documents;
pub mod drafts;
pub mod erasing;
mod lists;
pub mod merges;
pub mod own;
pub mod reaching;
mod submitting;

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::rules::{Application, ApplicationEvent, ApplicationState, Identity, Need, Payment, Ranking};
pub use super::store::Indexed;
use super::store::{self, SealedColumn};
use crate::accounts::{self, Actor, Caller, Permission};
use crate::audit::{self, Kind, journal};
use crate::clock::Instant;
use crate::crypto::{self, BlindIndex, IndexKind, KeyClass, Opener, Place, Salt, Sealed, Vault, random_bytes};
use crate::db::{Conn, skips_question};
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId};
use crate::serbian::fold;

/// Facts and the salt of the commitment that the audit log holds of them; sealed together, so erased together.
#[derive(Serialize, Deserialize)]
struct Salted<T> {
    salt: Salt,
    facts: T,
}

#[derive(Serialize)]
struct PersonOpened {
    application: ApplicationId,
    purpose: Purpose,
}

crate::text_enum! {
    /// What somebody's name and contact are opened for.
    pub enum Purpose {
        ResolveFinding => "resolve_finding",
        ContactApplicant => "contact_applicant",
        AnswerRequest => "answer_request",
        FindDuplicate => "find_duplicate",
        PrintReceipt => "print_receipt",
    }
}

impl From<Purpose> for crypto::Purpose {
    fn from(purpose: Purpose) -> Self {
        match purpose {
            Purpose::ResolveFinding => Self::ResolveFinding,
            Purpose::ContactApplicant => Self::ContactApplicant,
            Purpose::AnswerRequest => Self::AnswerRequest,
            Purpose::FindDuplicate => Self::FindDuplicate,
            Purpose::PrintReceipt => Self::PrintReceipt,
        }
    }
}

pub use lists::{export, listed, page};
pub use store::lists::Wanted;
pub use submitting::{Admitted, admit, admit_draft, admit_entered};

fn place(row: ApplicationId, column: SealedColumn) -> Place {
    Place { table: "applications", column: column.as_str(), row: row.uuid() }
}

/// How a full name in a municipality is found, whatever the script.
pub fn name_and_place(full_name: &str, municipality: &str) -> String {
    format!("{}|{}", fold(full_name), fold(municipality))
}

/// A new reference code, by chance.
///
/// # Errors
/// [`Error::Crypto`] where the machine has no randomness.
pub fn reference_code() -> Result<String> {
    Ok(super::rules::reference_code(*random_bytes()?))
}

/// Moves an application to its next state.
///
/// # Errors
/// Refused where the step is none; [`Error::Stale`] where somebody else moved it first.
pub fn advance(conn: &mut Conn, application: Application, event: ApplicationEvent) -> Result<Application> {
    let category = application.category;
    classify(conn, application, event, category)
}

/// Moves an application to its next state and gives it the category that a check found.
pub fn classify(
    conn: &mut Conn,
    application: Application,
    event: ApplicationEvent,
    category: Option<i32>,
) -> Result<Application> {
    let next = application.standing().after(event)?;
    if next == application.standing() && category == application.category {
        return Ok(application);
    }
    classify_anew(conn, application, event, category)
}

/// The same, with a new version even where it stays as it was: a person has looked at it, and whoever did before looks again.
pub fn classify_anew(
    conn: &mut Conn,
    mut application: Application,
    event: ApplicationEvent,
    category: Option<i32>,
) -> Result<Application> {
    let next = application.standing().after(event)?;
    store::advance(conn, &application, next, category)?;
    application.version = application.version.saturating_add(1);
    (application.state, application.held_from) = (next.state, next.held_from);
    application.category = category;
    Ok(application)
}

/// # Errors
/// [`Error::NotFound`] where there is no such application.
pub fn find(conn: &mut Conn, id: ApplicationId) -> Result<Application> {
    store::find(conn, id)?.ok_or(Error::NotFound)
}

/// The application that a path names, and somebody who may act on it; to whoever may not, it is as if it were not there.
///
/// # Errors
/// As for [`accounts::actions::act_on`].
pub fn act_on(
    conn: &mut Conn,
    caller: &Caller,
    permission: Permission,
    path: &str,
    now: Instant,
) -> Result<(Actor, Application)> {
    let application = path.parse().ok().map(|id| store::find(conn, id)).transpose()?.flatten();
    let call = application.as_ref().map(|application| application.call_id);
    let actor = accounts::actions::act_on(conn, caller, permission, call, now)?;
    application.map(|application| (actor, application)).ok_or(Error::NotFound)
}

/// Opens who an applicant is, for a purpose that goes on the log.
pub fn open_person(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    (id, purpose): (ApplicationId, Purpose),
    now: Instant,
) -> Result<(Identity, Payment)> {
    actor.require(Permission::OpenPerson)?;
    let application = find(conn, id)?;
    audit::record(conn, actor.author(), now, Kind::PersonOpened, &PersonOpened { application: id, purpose })?;
    journal::during(conn, vault, (actor.author(), purpose.into(), now), |conn, opener| {
        Ok((open_identity(conn, opener, &application)?, open_payment(conn, opener, &application)?))
    })
}

/// These applications, by their ids; what is not there is left out.
pub fn find_all(conn: &mut Conn, ids: &[ApplicationId]) -> Result<BTreeMap<ApplicationId, Application>> {
    store::find_all(conn, ids)
}

/// Every application of a call, by reference code.
pub fn list(conn: &mut Conn, actor: &Actor, call: CallId) -> Result<Vec<Application>> {
    actor.require(Permission::ReadTotals)?;
    store::list(conn, call, None)
}

/// The applications of a call in one state, by reference code.
pub fn list_in_state(conn: &mut Conn, call: CallId, state: ApplicationState) -> Result<Vec<Application>> {
    store::list(conn, call, Some(state))
}

/// Whether a finding that came after the decision is before a person.
pub fn has_held(conn: &mut Conn, call: CallId) -> Result<bool> {
    store::has_held(conn, call)
}

/// What the other applications of the call have in common with one.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// Up to two others with the same bank account.
    pub sharing_account: Vec<ApplicationId>,
    /// Since when the last of them names it.
    pub account_shared_since: Option<Instant>,
    /// Whether an earlier one names the same household.
    pub has_earlier_in_household: bool,
    /// Whether one names the same JMBG; what was withdrawn counts.
    has_same_jmbg: bool,
}

/// Looks for what the other applications of the call have in common with one. What was withdrawn or merged shares neither
/// account nor household any more.
pub fn beside(conn: &mut Conn, vault: &Vault, application: &Application) -> Result<Beside> {
    beside_new(conn, vault, application, false)
}

/// The same for an application that is to be written. Where `is_told` by that, because it is refused where one names the same
/// JMBG, that need not be asked.
fn beside_new(conn: &mut Conn, vault: &Vault, application: &Application, is_told: bool) -> Result<Beside> {
    let jmbg = vault.like(conn, IndexKind::Jmbg, application.jmbg_index)?;
    let asks_jmbg = !(is_told && jmbg.is_single() && skips_question());
    let account = vault.like(conn, IndexKind::Account, application.account_index)?;
    let household = vault.like(conn, IndexKind::Household, application.household_index)?;
    let mut others = Vec::new();
    for ((jmbg, account), household) in jmbg.iter().zip(account.iter()).zip(household.iter()) {
        others.extend(store::beside(conn, application, (asks_jmbg.then_some(jmbg), account, household))?);
    }
    let place = (application.submitted_at, application.reference.as_str());
    let mut beside = Beside::default();
    for other in &others {
        beside.has_same_jmbg |= jmbg.contains(&other.jmbg);
        if matches!(other.state, ApplicationState::Withdrawn | ApplicationState::Merged) {
            continue;
        }
        let is_earlier = (other.submitted_at, other.reference.as_str()) < place;
        beside.has_earlier_in_household |= is_earlier && household.contains(&other.household);
        if account.contains(&other.account) {
            beside.sharing_account.push(other.id);
            let since = other.corrected_at.unwrap_or(other.submitted_at);
            beside.account_shared_since = beside.account_shared_since.max(Some(since));
        }
    }
    beside.sharing_account.sort_unstable();
    beside.sharing_account.dedup();
    beside.sharing_account.truncate(2);
    Ok(beside)
}

/// The applications of a call that are found by one of these indexes, each once.
pub fn found_by(
    conn: &mut Conn,
    vault: &Vault,
    call: CallId,
    kind: IndexKind,
    indexes: &[BlindIndex],
) -> Result<Vec<ApplicationId>> {
    let indexes = vault.all_like(conn, kind, indexes)?;
    store::found_by(conn, call, kind, &indexes)
}

/// The other applications of the call that name the household of one, earlier and later ones, withdrawn and merged ones too.
pub fn same_household(conn: &mut Conn, vault: &Vault, application: &Application) -> Result<Vec<ApplicationId>> {
    let named = &[application.household_index];
    let mut found = found_by(conn, vault, application.call_id, IndexKind::Household, named)?;
    found.retain(|id| *id != application.id);
    Ok(found)
}

/// A page of the applications of a call with what registers of other aid find them by; behind `after`, oldest first.
pub fn index_page(conn: &mut Conn, call: CallId, after: Option<&Indexed>, rows: i64) -> Result<Vec<Indexed>> {
    store::index_page(conn, call, after.map(|last| (last.submitted_at, last.id)), rows)
}

/// Which of these indexes an application of the call has.
pub fn known_among(
    conn: &mut Conn,
    vault: &Vault,
    call: CallId,
    kind: IndexKind,
    indexes: &[BlindIndex],
) -> Result<BTreeSet<BlindIndex>> {
    let indexes = vault.all_like(conn, kind, indexes)?;
    let known = store::known_among(conn, call, kind, &indexes)?;
    // In every form, so that whoever asks finds theirs.
    Ok(vault.all_like(conn, kind, &known.into_iter().collect::<Vec<_>>())?.into_iter().collect())
}

/// Opens why the applicant needs help.
pub fn open_need(conn: &mut Conn, opener: &Opener<'_>, application: &Application) -> Result<Need> {
    let salted: Salted<Need> = open(conn, opener, application, SealedColumn::Need)?;
    Ok(salted.facts)
}

/// Opens who the applicant is.
pub fn open_identity(conn: &mut Conn, opener: &Opener<'_>, application: &Application) -> Result<Identity> {
    let salted: Salted<Identity> = open(conn, opener, application, SealedColumn::Identity)?;
    Ok(salted.facts)
}

/// Opens what an allocation ranks by.
pub fn open_ranking(conn: &mut Conn, opener: &Opener<'_>, application: &Application) -> Result<Ranking> {
    open(conn, opener, application, SealedColumn::Ranking)
}

/// Opens where the money goes.
pub fn open_payment(conn: &mut Conn, opener: &Opener<'_>, application: &Application) -> Result<Payment> {
    let salted: Salted<Payment> = open(conn, opener, application, SealedColumn::Payment)?;
    Ok(salted.facts)
}

fn open<T: DeserializeOwned>(
    conn: &mut Conn,
    opener: &Opener<'_>,
    application: &Application,
    column: SealedColumn,
) -> Result<T> {
    let class = match column {
        SealedColumn::Identity => KeyClass::Identity,
        SealedColumn::Need | SealedColumn::Ranking => KeyClass::Need,
        SealedColumn::Payment => KeyClass::Payment,
    };
    let erased_at = match column {
        SealedColumn::Identity | SealedColumn::Payment => application.identity_erased_at,
        SealedColumn::Need | SealedColumn::Ranking => application.need_erased_at,
    };
    if erased_at.is_some() {
        return Err(erased());
    }
    let sealed = store::sealed(conn, application.id, column)?.ok_or(Error::NotFound)?;
    opener.open_value(conn, (application.person_id, class), place(application.id, column), &sealed)
}

/// What was erased on request, or because its time was over, is nowhere any more.
pub fn erased() -> Error {
    Error::refused("data_erased", "this was erased")
}

/// Opens what [`seal_remark`] sealed.
pub fn open_remark<T: DeserializeOwned>(
    conn: &mut Conn,
    opener: &Opener<'_>,
    application: &Application,
    place: Place,
    sealed: &Sealed,
) -> Result<T> {
    match application.need_erased_at {
        Some(_) => Err(erased()),
        None => opener.open_value(conn, (application.person_id, KeyClass::Need), place, sealed),
    }
}

fn withdrawal_place(id: ApplicationId) -> Place {
    Place { table: "applications", column: "withdrawal_sealed", row: id.uuid() }
}

/// Keeps why the fund withdrew an application that it had entered.
///
/// # Errors
/// Refused where the need was erased: there is no key to seal it with.
pub fn keep_withdrawal(conn: &mut Conn, vault: &Vault, application: &Application, reason: &str) -> Result<()> {
    let sealed = seal_remark(conn, vault, application, withdrawal_place(application.id), &reason)?;
    store::set_withdrawal(conn, application.id, &sealed)
}

/// Why the fund withdrew an application, where it did and it is not erased.
pub fn open_withdrawal(conn: &mut Conn, opener: &Opener<'_>, application: &Application) -> Result<Option<String>> {
    let sealed = store::withdrawal(conn, application.id)?;
    let open = |sealed| open_remark(conn, opener, application, withdrawal_place(application.id), &sealed);
    sealed.map(open).transpose()
}

/// Seals what somebody wrote about an application (a vote's reason, say) so that it is erased with the need.
pub fn seal_remark(
    conn: &mut Conn,
    vault: &Vault,
    application: &Application,
    place: Place,
    remark: &impl Serialize,
) -> Result<Sealed> {
    if application.need_erased_at.is_some() {
        return Err(erased());
    }
    vault.key(conn, application.person_id, KeyClass::Need)?.seal_value(place, remark)
}
