//! Submitting an application, moving it through its states, and opening what it keeps sealed.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::rules::{Application, ApplicationEvent, ApplicationState, Need, Payment, Ranking, Refused, Submission};
pub use super::store::Indexed;
use super::store::{self, NewApplication, SealedColumn};
use crate::accounts::{Actor, Permission};
use crate::audit::{self, Kind};
use crate::calls::Call;
use crate::clock::Instant;
use crate::crypto::{BlindIndex, Commitment, DataKey, IndexKind, KeyClass, Place, Salt, Sealed, Vault, commit};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId};
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
    let (jmbg, account) = sent.admit(call, now)?;
    let application = Application {
        id: ApplicationId::new(),
        call_id: call.id,
        person_id: actor.person()?,
        reference: sent.reference.clone(),
        state: ApplicationState::Submitted,
        held_from: None,
        category: None,
        submitted_at: now,
        entered_by: None,
        merged_into: None,
        jmbg_index: vault.index(IndexKind::Jmbg, jmbg.as_str()),
        account_index: vault.index(IndexKind::Account, account.as_str()),
        name_index: name_index(vault, &sent.full_name(), &sent.municipality),
        household_index: vault.index(IndexKind::Household, &sent.household.compared()),
        version: 1,
    };
    if store::has_applied(conn, call.id, application.jmbg_index)? {
        return Err(Refused::AlreadyApplied.because("there is an application with this JMBG in this call"));
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
