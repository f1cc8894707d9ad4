//! Submitting an application, moving it through its states, and opening what it keeps sealed.

pub mod blind;
pub mod clarifications;
pub mod counted;
pub mod drafts;
mod lists;
pub mod merges;
pub mod own;

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::rules::{
    Application, ApplicationEvent, ApplicationState, Identity, Need, Payment, Ranking, Refused, Submission,
};
pub use super::store::Indexed;
use super::store::{self, NewApplication, SealedColumn};
use crate::accounts::{self, Actor, Caller, Permission};
use crate::audit::{self, Kind};
use crate::calls::Call;
use crate::clock::Instant;
use crate::crypto::{
    BlindIndex, Commitment, DataKey, IndexKind, KeyClass, Place, Salt, Sealed, Vault, commit, random_bytes,
};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId, PersonId};
use crate::serbian::{BankAccount, Jmbg, fold};

/// Facts and the salt of the commitment that the audit log holds of them; sealed together, so erased together.
#[derive(Serialize, Deserialize)]
struct Salted<T> {
    salt: Salt,
    facts: T,
}

#[derive(Serialize)]
struct ApplicationSubmitted<'a> {
    application: ApplicationId,
    call: CallId,
    reference: &'a str,
    identity: Commitment,
    need: Commitment,
    payment: Commitment,
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

pub use lists::{export, listed, page};
pub use store::lists::Wanted;

/// Who an application is for, and who sends it in.
#[derive(Debug, Clone, Copy)]
struct Sender {
    id: ApplicationId,
    person: PersonId,
    /// The administrator, where one enters it for somebody.
    entered_by: Option<PersonId>,
}

/// Makes an application out of what somebody sends in, with every personal field sealed.
///
/// # Errors
/// Refused, with one of the codes of [`Refused`], where no application comes to exist.
pub fn submit(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    call: &Call,
    sent: &Submission,
    now: Instant,
) -> Result<Application> {
    actor.require(Permission::Submit)?;
    let sender = Sender { id: ApplicationId::new(), person: actor.person()?, entered_by: None };
    make(conn, vault, actor, call, (sender, sent), now)
}

/// The same out of a draft, which it takes the place of: it keeps its id.
///
/// # Errors
/// As for [`submit`]; [`Error::NotFound`] where it is no draft of theirs, [`Error::Stale`] at another version.
pub fn submit_draft(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    call: &Call,
    (draft, sent): ((ApplicationId, i32), &Submission),
    now: Instant,
) -> Result<Application> {
    actor.require(Permission::Submit)?;
    let (id, version) = draft;
    store::drafts::delete(conn, id, version)?;
    let sender = Sender { id, person: actor.person()?, entered_by: None };
    make(conn, vault, actor, call, (sender, sent), now)
}

/// Enters an application for somebody who has no e-mail: they become known by it.
///
/// # Errors
/// As for [`submit`].
pub fn enter(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    call: &Call,
    sent: &Submission,
    now: Instant,
) -> Result<Application> {
    actor.require(Permission::EnterApplication)?;
    let person = accounts::actions::register_applicant(conn, now)?.person()?;
    let sender = Sender { id: ApplicationId::new(), person, entered_by: Some(actor.person()?) };
    make(conn, vault, actor, call, (sender, sent), now)
}

fn make(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    call: &Call,
    (sender, sent): (Sender, &Submission),
    now: Instant,
) -> Result<Application> {
    let (jmbg, account) = sent.admit(call, now)?;
    let application = Application {
        id: sender.id,
        call_id: call.id,
        person_id: sender.person,
        reference: sent.reference.clone(),
        state: ApplicationState::Submitted,
        held_from: None,
        category: None,
        submitted_at: now,
        entered_by: sender.entered_by,
        merged_into: None,
        jmbg_index: vault.index(IndexKind::Jmbg, jmbg.as_str()),
        account_index: vault.index(IndexKind::Account, account.as_str()),
        name_index: name_index(vault, &sent.full_name(), &sent.municipality),
        household_index: vault.index(IndexKind::Household, &sent.household.compared()),
        version: 1,
    };
    let is_second = store::has_applied(conn, call.id, application.jmbg_index)?
        || store::lists::in_call(conn, sender.person, call.id)?.is_some();
    if is_second {
        return Err(Refused::AlreadyApplied.because("there is an application of this person in this call"));
    }
    let (sealed, event) = seal(conn, vault, &application, sent, &jmbg, &account)?;
    store::insert(conn, &application, sent, &sealed)?;
    audit::record(conn, actor.author(), now, Kind::ApplicationSubmitted, &event)?;
    Ok(application)
}

/// Seals each class of data under a new key of the person, and commits to it.
fn seal<'a>(
    conn: &mut Conn,
    vault: &Vault,
    application: &'a Application,
    sent: &Submission,
    jmbg: &Jmbg,
    account: &BankAccount,
) -> Result<(NewApplication, ApplicationSubmitted<'a>)> {
    let row = application.id;
    let classes = [KeyClass::Identity, KeyClass::Need, KeyClass::Payment];
    let [identity_key, need_key, payment_key] = vault.ensure_keys(conn, application.person_id, classes)?;
    let paid_to = Payment { account: account.as_str().to_owned(), holder: sent.account_holder.clone() };
    let (identity_sealed, identity) = seal_salted(&identity_key, row, SealedColumn::Identity, sent.identity(jmbg))?;
    let (need_sealed, need) = seal_salted(&need_key, row, SealedColumn::Need, sent.need(jmbg))?;
    let (payment_sealed, payment) = seal_salted(&payment_key, row, SealedColumn::Payment, paid_to)?;
    let ranking_sealed = need_key.seal_value(place(row, SealedColumn::Ranking), &sent.ranking()?)?;
    let sealed = NewApplication { identity_sealed, need_sealed, ranking_sealed, payment_sealed };
    let (application, call, reference) = (application.id, application.call_id, application.reference.as_str());
    Ok((sealed, ApplicationSubmitted { application, call, reference, identity, need, payment }))
}

fn seal_salted<T: Serialize>(
    key: &DataKey,
    row: ApplicationId,
    column: SealedColumn,
    facts: T,
) -> Result<(Sealed, Commitment)> {
    let salt = Salt::random()?;
    let commitment = commit(salt, &facts)?;
    Ok((key.seal_value(place(row, column), &Salted { salt, facts })?, commitment))
}

fn place(row: ApplicationId, column: SealedColumn) -> Place {
    Place { table: "applications", column: column.as_str(), row: row.uuid() }
}

/// How a full name in a municipality is found, whatever the script.
pub fn name_index(vault: &Vault, full_name: &str, municipality: &str) -> BlindIndex {
    vault.index(IndexKind::NameAndPlace, &format!("{}|{}", fold(full_name), fold(municipality)))
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
    mut application: Application,
    event: ApplicationEvent,
    category: Option<i32>,
) -> Result<Application> {
    let next = application.standing().after(event)?;
    if next != application.standing() || category != application.category {
        store::advance(conn, &application, next, category)?;
        application.version = application.version.saturating_add(1);
    }
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
    let identity = open_identity(conn, vault, &application)?;
    let payment = open_payment(conn, vault, &application)?;
    audit::record(conn, actor.author(), now, Kind::PersonOpened, &PersonOpened { application: id, purpose })?;
    Ok((identity, payment))
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

/// Up to two other applications of the call with the same bank account.
pub fn sharing_account(conn: &mut Conn, application: &Application) -> Result<Vec<ApplicationId>> {
    store::sharing_account(conn, application)
}

/// Whether an earlier application of the call names the same household.
pub fn has_earlier_in_household(conn: &mut Conn, application: &Application) -> Result<bool> {
    store::has_earlier_in_household(conn, application)
}

/// The applications of a call that are found by one of these indexes, each once.
pub fn found_by(conn: &mut Conn, call: CallId, kind: IndexKind, indexes: &[BlindIndex]) -> Result<Vec<ApplicationId>> {
    store::found_by(conn, call, kind, indexes)
}

/// A page of the applications of a call with what registers of other aid find them by; behind `after`, oldest first.
pub fn index_page(conn: &mut Conn, call: CallId, after: Option<&Indexed>, rows: i64) -> Result<Vec<Indexed>> {
    store::index_page(conn, call, after.map(|last| (last.submitted_at, last.id)), rows)
}

/// Which of these indexes an application of the call has.
pub fn known_among(
    conn: &mut Conn,
    call: CallId,
    kind: IndexKind,
    indexes: &[BlindIndex],
) -> Result<BTreeSet<BlindIndex>> {
    store::known_among(conn, call, kind, indexes)
}

/// Opens why the applicant needs help.
pub fn open_need(conn: &mut Conn, vault: &Vault, application: &Application) -> Result<Need> {
    let salted: Salted<Need> = open(conn, vault, application, SealedColumn::Need)?;
    Ok(salted.facts)
}

/// Opens who the applicant is.
pub fn open_identity(conn: &mut Conn, vault: &Vault, application: &Application) -> Result<Identity> {
    let salted: Salted<Identity> = open(conn, vault, application, SealedColumn::Identity)?;
    Ok(salted.facts)
}

/// Opens what an allocation ranks by.
pub fn open_ranking(conn: &mut Conn, vault: &Vault, application: &Application) -> Result<Ranking> {
    open(conn, vault, application, SealedColumn::Ranking)
}

/// Opens where the money goes.
pub fn open_payment(conn: &mut Conn, vault: &Vault, application: &Application) -> Result<Payment> {
    let salted: Salted<Payment> = open(conn, vault, application, SealedColumn::Payment)?;
    Ok(salted.facts)
}

fn open<T: DeserializeOwned>(
    conn: &mut Conn,
    vault: &Vault,
    application: &Application,
    column: SealedColumn,
) -> Result<T> {
    let class = match column {
        SealedColumn::Identity => KeyClass::Identity,
        SealedColumn::Need | SealedColumn::Ranking => KeyClass::Need,
        SealedColumn::Payment => KeyClass::Payment,
    };
    let sealed = store::sealed(conn, application.id, column)?.ok_or(Error::NotFound)?;
    let key = vault.key(conn, application.person_id, class)?;
    key.open_value(place(application.id, column), &sealed)
}

/// Opens what [`seal_remark`] sealed.
pub fn open_remark<T: DeserializeOwned>(
    conn: &mut Conn,
    vault: &Vault,
    application: &Application,
    place: Place,
    sealed: &Sealed,
) -> Result<T> {
    vault.key(conn, application.person_id, KeyClass::Need)?.open_value(place, sealed)
}

/// Seals what somebody wrote about an application (a vote's reason, say) so that it is erased with the need.
pub fn seal_remark(
    conn: &mut Conn,
    vault: &Vault,
    application: &Application,
    place: Place,
    remark: &impl Serialize,
) -> Result<Sealed> {
    vault.key(conn, application.person_id, KeyClass::Need)?.seal_value(place, remark)
}
