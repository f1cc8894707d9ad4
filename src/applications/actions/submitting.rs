//! Taking an application in: admitting it, sealing it, and writing it down once it is checked.

use serde::Serialize;

use super::drafts::Draft;
use super::{Beside, Salted, beside_new, name_and_place, place};
use crate::accounts::{self, Actor, Permission};
use crate::applications::rules::{
    Application, ApplicationEvent, ApplicationState, Identity, Need, Payment, Refused, Submission,
};
use crate::applications::store::{self, NewApplication, SealedColumn};
use crate::audit::{self, Author, Kind};
use crate::calls::Call;
use crate::clock::Instant;
use crate::crypto::{Commitment, DataKey, IndexKind, KeyClass, Keys, Salt, Sealed, Vault, commit};
use crate::db::{Conn, Writes};
use crate::error::Result;
use crate::ids::{ApplicationId, CallId, PersonId};
use crate::serbian::BankAccount;

#[derive(Serialize)]
struct ApplicationSubmitted<'a> {
    application: ApplicationId,
    call: CallId,
    reference: &'a str,
    identity: Commitment,
    need: Commitment,
    payment: Commitment,
}

/// An application that may come to exist: asked of the rules of its call and of what is there, sealed, not written yet.
pub struct Admitted<'a> {
    pub application: Application,
    pub beside: Beside,
    /// What its checks ask about.
    pub need: Need,
    by: Author,
    sent: &'a Submission,
    sealed: NewApplication,
    commitments: [Commitment; 3],
    is_drafted: bool,
}

/// Who an application is for, and who sends it in.
struct Sender {
    id: ApplicationId,
    keys: Keys,
    person: PersonId,
    /// The administrator, where one enters it for somebody.
    entered_by: Option<PersonId>,
    is_drafted: bool,
}

/// Makes an application out of what somebody sends in, with every personal field sealed.
///
/// # Errors
/// Refused, with one of the codes of [`Refused`], where no application comes to exist.
pub fn admit<'a>(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    call: &Call,
    sent: &'a Submission,
    now: Instant,
) -> Result<Admitted<'a>> {
    actor.require(Permission::Submit)?;
    let person = actor.person()?;
    let sender =
        Sender { id: ApplicationId::new(), keys: Keys::of(person), person, entered_by: None, is_drafted: false };
    make(conn, vault, actor, call, (sender, sent), now)
}

/// The same out of a draft that was read in this transaction, with the keys of its owner. It takes the place of the draft
/// and keeps its id.
///
/// # Errors
/// As for [`admit`].
pub fn admit_draft<'a>(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    (draft, keys): (&Draft, &Keys),
    sent: &'a Submission,
    now: Instant,
) -> Result<Admitted<'a>> {
    actor.require(Permission::Submit)?;
    let (id, keys, person) = (draft.id, keys.clone(), actor.person()?);
    let sender = Sender { id, keys, person, entered_by: None, is_drafted: true };
    make(conn, vault, actor, &draft.call, (sender, sent), now)
}

/// The same for somebody who has no e-mail: an administrator enters it, and they become known by it.
///
/// # Errors
/// As for [`admit`].
pub fn admit_entered<'a>(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    call: &Call,
    sent: &'a Submission,
    now: Instant,
) -> Result<Admitted<'a>> {
    actor.require(Permission::EnterApplication)?;
    let person = accounts::actions::register_applicant(conn, now)?.person()?;
    let entered_by = Some(actor.person()?);
    let sender = Sender { id: ApplicationId::new(), keys: Keys::of(person), person, entered_by, is_drafted: false };
    make(conn, vault, actor, call, (sender, sent), now)
}

fn make<'a>(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    call: &Call,
    (mut sender, sent): (Sender, &'a Submission),
    now: Instant,
) -> Result<Admitted<'a>> {
    let (jmbg, account) = sent.admit(call, now)?;
    let mut index = |kind, value: &str| vault.index(conn, kind, value)?.written();
    let application = Application {
        id: sender.id,
        call_id: call.id,
        person_id: sender.person,
        reference: sent.reference.clone(),
        state: ApplicationState::Submitted,
        held_from: None,
        category: None,
        submitted_at: now,
        corrected_at: None,
        entered_by: sender.entered_by,
        merged_into: None,
        jmbg_index: index(IndexKind::Jmbg, jmbg.as_str())?,
        account_index: index(IndexKind::Account, account.as_str())?,
        name_index: index(IndexKind::NameAndPlace, &name_and_place(&sent.full_name(), &sent.municipality))?,
        household_index: index(IndexKind::Household, &sent.household.compared())?,
        version: 1,
        need_erased_at: None,
        identity_erased_at: None,
    };
    let beside = beside_new(conn, vault, &application, true)?;
    // Who sends a draft has no application: there is one draft or application a person and call.
    let is_second =
        beside.has_same_jmbg || (!sender.is_drafted && store::lists::in_call(conn, sender.person, call.id)?.is_some());
    if is_second {
        return Err(Refused::AlreadyApplied.because("there is an application of this person in this call"));
    }
    let need = sent.need(&jmbg);
    let facts = (sent, sent.identity(&jmbg), &need, &account);
    let (sealed, commitments) = seal(conn, vault, &mut sender.keys, application.id, facts)?;
    let (by, is_drafted) = (actor.author(), sender.is_drafted);
    Ok(Admitted { application, beside, need, by, sent, sealed, commitments, is_drafted })
}

/// Seals each class of data under a key of the person, made where there is none, and commits to it.
fn seal(
    conn: &mut Conn,
    vault: &Vault,
    keys: &mut Keys,
    row: ApplicationId,
    (sent, identity, need, account): (&Submission, Identity, &Need, &BankAccount),
) -> Result<(NewApplication, [Commitment; 3])> {
    let [identity_key, need_key, payment_key] =
        [KeyClass::Identity, KeyClass::Need, KeyClass::Payment].map(|class| vault.ensure_among(conn, keys, class));
    let (identity_key, need_key, payment_key) = (identity_key?, need_key?, payment_key?);
    let paid_to = Payment { account: account.as_str().to_owned(), holder: sent.account_holder.clone() };
    let (identity_sealed, identity) = seal_salted(&identity_key, row, SealedColumn::Identity, identity)?;
    let (need_sealed, need) = seal_salted(&need_key, row, SealedColumn::Need, need)?;
    let (payment_sealed, payment) = seal_salted(&payment_key, row, SealedColumn::Payment, paid_to)?;
    let ranking_sealed = need_key.seal_value(place(row, SealedColumn::Ranking), &sent.ranking()?)?;
    let sealed = NewApplication { identity_sealed, need_sealed, ranking_sealed, payment_sealed };
    Ok((sealed, [identity, need, payment]))
}

pub(super) fn seal_salted<T: Serialize>(
    key: &DataKey,
    row: ApplicationId,
    column: SealedColumn,
    facts: T,
) -> Result<(Sealed, Commitment)> {
    let salt = Salt::random()?;
    let commitment = commit(salt, &facts)?;
    Ok((key.seal_value(place(row, column), &Salted { salt, facts })?, commitment))
}

impl Admitted<'_> {
    /// Writes the application as its first check left it, with its event.
    ///
    /// # Errors
    /// Refused where the step is none.
    pub fn write(
        self,
        conn: &mut Conn,
        writes: &mut Writes,
        (event, category): (ApplicationEvent, Option<i32>),
        now: Instant,
    ) -> Result<Application> {
        let Self { mut application, by, sent, sealed, commitments, is_drafted, .. } = self;
        let standing = application.standing().after(event)?;
        (application.state, application.held_from) = (standing.state, standing.held_from);
        application.category = category;
        if is_drafted {
            store::drafts::replace(conn, writes, application.id)?;
        }
        store::insert(conn, writes, &application, sent, sealed)?;
        let (reference, [identity, need, payment]) = (application.reference.as_str(), commitments);
        let (id, call) = (application.id, application.call_id);
        let facts = ApplicationSubmitted { application: id, call, reference, identity, need, payment };
        audit::record_with(conn, writes, (by, now), Kind::ApplicationSubmitted, &facts)?;
        Ok(application)
    }
}
