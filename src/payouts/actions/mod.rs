//! Preparing, authorising, executing, returning and cancelling payouts.

mod corrections;
mod documents;
mod duplicates;
mod reading;
mod way_back;

pub use corrections::{correct, correct_entered};
pub use documents::{remove_for, take_back};
pub use duplicates::{merge, unmerge};
pub use reading::{Payee, PayoutLine, PayoutSort, Shown, Wanted, all, of_award, one, page, show};
pub use way_back::{decline, leave_erased, release_ineligible, withdraw_entered};

use serde::Serialize;

use super::rules::{Execution, Payout, PayoutEvent, PayoutState};
use super::store;
use crate::accounts::{self, Actor, Caller, Permission};
use crate::applications::{self, Application, ApplicationEvent, ApplicationState};
use crate::audit::{self, Kind, journal};
use crate::awards::{self, actions::Award};
use crate::calls;
use crate::clock::{Date, Instant};
use crate::crypto::{Forms, IndexKind, Purpose, Vault};
use crate::db::Conn;
use crate::eligibility;
use crate::error::{Error, Result};
use crate::ids::{AwardId, CallId, ExecutionId, PayoutId};
use crate::jobs::{self, JobKind};
use crate::ledger::{self, Account, Entry, Transfer};
use crate::money::Money;
use crate::version::Seen;

#[derive(Serialize)]
struct PayoutMoved<'a> {
    payout: PayoutId,
    award: AwardId,
    amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<Date>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    despite_finding: bool,
}

impl<'a> PayoutMoved<'a> {
    fn of(payout: &Payout) -> Self {
        let Payout { id, award_id, amount, .. } = payout;
        let (payout, award, amount) = (*id, *award_id, *amount);
        Self { payout, award, amount, bank_reference: None, on: None, despite_finding: false }
    }

    fn at_the_bank(self, bank_reference: &'a str, on: Date) -> Self {
        Self { bank_reference: Some(bank_reference), on: Some(on), ..self }
    }
}

/// What came of preparing a payout.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "made one at a time and matched at once")]
pub enum Preparation {
    Prepared(Payout),
    /// The check before the payment found something: the application is before a person now, and its money waits.
    Held(Application),
}

/// Prepares the payout of an award, or prepares it again after a return or a cancellation.
///
/// The application is checked once more before money leaves. What that finds is kept, so it is no error.
///
/// # Errors
/// Refused where the application is not awarded, a document is missing that the call wants of the awarded
/// (`documents_missing`), or the payout is on its way already.
pub fn prepare(conn: &mut Conn, vault: &Vault, actor: &Actor, award: AwardId, now: Instant) -> Result<Preparation> {
    actor.require(Permission::PreparePayout)?;
    let award = awards::actions::find(conn, award)?;
    let application = applications::actions::find(conn, award.application_id)?;
    require_anothers(conn, actor, &application)?;
    require_awarded(&application)?;
    applications::actions::documents::require_before_payment(conn, &application)?;
    let application = eligibility::actions::check_before_payment(conn, vault, application, now)?;
    if application.state != ApplicationState::Awarded {
        return Ok(Preparation::Held(application));
    }
    let binding = bind(conn, vault, (actor, now), &application, &award)?.written()?;
    let payout = match store::find_by_award(conn, award.id)? {
        Some(earlier) => {
            let state = earlier.state.after(PayoutEvent::Prepare)?;
            let again = Payout { state, binding, prepared_by: actor.person()?, authorised_at: None, ..earlier };
            store::prepare_again(conn, &again, now)?;
            Payout { version: again.version.saturating_add(1), ..again }
        }
        None => {
            let (state, prepared_by) = (PayoutState::Prepared, actor.person()?);
            let (id, call_id, amount) = (PayoutId::new(), award.call_id, award.net);
            let (authorised_at, version) = (None, 1);
            let new =
                Payout { id, award_id: award.id, call_id, state, amount, binding, prepared_by, authorised_at, version };
            store::insert(conn, &new, &application.reference, now)?;
            new
        }
    };
    audit::record(conn, actor.author(), now, Kind::PayoutPrepared, &PayoutMoved::of(&payout))?;
    Ok(Preparation::Prepared(payout))
}

/// Authorises a payout as it was prepared; another person than who prepared it does.
///
/// # Errors
/// Refused where payee, account or amount changed since (it has to be prepared again), a finding came since, a register that
/// came since is not compared with the applications yet (`register_compared`), or a document that the call wants was taken
/// back since (`documents_missing`).
pub fn authorise(conn: &mut Conn, vault: &Vault, actor: &Actor, id: PayoutId, now: Instant) -> Result<Payout> {
    actor.require(Permission::AuthorisePayout)?;
    let payout = find(conn, id)?;
    let person = actor.person()?;
    payout.admit_authoriser(person)?;
    let state = payout.state.after(PayoutEvent::Authorise)?;
    let awarded = application_of(conn, &payout)?;
    require_anothers(conn, actor, &awarded)?;
    let application = require_unchanged(conn, vault, (actor, now), &payout)?;
    require_awarded(&application)?;
    eligibility::actions::require_compared(conn, payout.call_id)?;
    applications::actions::documents::require_before_payment(conn, &application)?;
    store::authorise(conn, &payout, state, person, now)?;
    audit::record(conn, actor.author(), now, Kind::PayoutAuthorised, &PayoutMoved::of(&payout))?;
    Ok(Payout { state, authorised_at: Some(now), version: payout.version.saturating_add(1), ..payout })
}

/// What an authoriser looked at before deciding.
#[derive(Debug, Clone)]
pub struct Decided {
    pub version: Seen,
    /// The payout's binding in hex.
    pub binding: String,
}

/// Authorises a payout exactly as it was shown, with a second factor given in the last minutes.
///
/// # Errors
/// [`Error::StepUpRequired`]; [`Error::Stale`] where it is not at this version any more; else as for [`authorise`].
pub fn authorise_seen(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    caller: &Caller,
    (id, seen): (PayoutId, &Decided),
    now: Instant,
) -> Result<Payout> {
    actor.require(Permission::AuthorisePayout)?;
    caller.require_step_up(now)?;
    let payout = at_version(conn, id, seen.version)?;
    // What was shown may be an index by the key before.
    let shown = vault.like(conn, IndexKind::Payout, payout.binding)?;
    if !shown.iter().any(|binding| binding.hex() == seen.binding) {
        return Err(Error::refused("payout_other", "this is not the payout as it stands"));
    }
    authorise(conn, vault, actor, id, now)
}

/// Records that the bank executed a payout. The award counts as paid from here on.
///
/// # Errors
/// Refused where it is not authorised, was paid already, the amount differs, or the bank's reference was used before; and
/// where a finding came after it was authorised, unless the bank had paid by then. A field error for a day before it was
/// authorised, or one that has not come.
pub fn execute(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    id: PayoutId,
    execution: &Execution,
    now: Instant,
) -> Result<Payout> {
    actor.require(Permission::RecordPayout)?;
    let payout = find(conn, id)?;
    payout.admit(execution)?;
    if execution.executed_on > now.in_belgrade().0 {
        return Err(Error::field("executed_on", "future"));
    }
    if store::is_reference_used(conn, payout.call_id, &execution.bank_reference)? {
        let message = format!("the bank reference “{}” was used by another execution", execution.bank_reference);
        return Err(Error::refused("bank_reference_used", message));
    }
    let application = require_unchanged(conn, vault, (actor, now), &payout)?;
    if !execution.despite_finding {
        // What comes after it is recorded as paid stops nothing any more.
        eligibility::actions::require_compared(conn, payout.call_id)?;
    }
    let is_stopped = application.state != ApplicationState::Awarded;
    if is_stopped && !execution.despite_finding {
        let message = format!("a finding came since; the application is {}", application.state);
        return Err(Error::refused("payment_stopped", message));
    }
    let executed = advance(conn, payout, PayoutEvent::Execute)?;
    let execution_id = ExecutionId::new();
    store::insert_execution(conn, execution_id, &executed, execution)?;
    applications::actions::advance(conn, application, ApplicationEvent::Pay)?;
    let transfer = Transfer { debit: Account::AwardsPayable, credit: Account::Bank, amount: executed.amount };
    post(
        conn,
        &executed,
        format!("execution:{execution_id}"),
        execution.executed_on,
        "Payout executed",
        transfer,
        now,
    )?;
    let facts = PayoutMoved::of(&executed).at_the_bank(&execution.bank_reference, execution.executed_on);
    let facts = PayoutMoved { despite_finding: is_stopped, ..facts };
    audit::record(conn, actor.author(), now, Kind::PayoutExecuted, &facts)?;
    Ok(executed)
}

/// Records that the bank gave a payment back. The award is unpaid again and may be prepared anew; where something was found, once
/// a person has decided on it.
///
/// # Errors
/// Refused where it is not paid; a field error for a day before it was, or one that has not come.
pub fn record_return(conn: &mut Conn, actor: &Actor, id: PayoutId, on: Date, now: Instant) -> Result<Payout> {
    actor.require(Permission::RecordPayout)?;
    let payout = find(conn, id)?;
    if on > now.in_belgrade().0 {
        return Err(Error::field("returned_on", "future"));
    }
    let returned = advance(conn, payout, PayoutEvent::Return)?;
    let (execution, bank_reference, executed_on) = store::standing_execution(conn, id)?.ok_or(Error::NotFound)?;
    if on < executed_on {
        return Err(Error::field("returned_on", "before_execution"));
    }
    store::mark_returned(conn, execution, on)?;
    let application = application_of(conn, &returned)?;
    let unpaid = applications::actions::advance(conn, application, ApplicationEvent::ReturnPayment)?;
    eligibility::actions::hold_returned(conn, actor, unpaid, now)?;
    let transfer = Transfer { debit: Account::Bank, credit: Account::AwardsPayable, amount: returned.amount };
    post(conn, &returned, format!("return:{execution}"), on, "Payout returned", transfer, now)?;
    let facts = PayoutMoved::of(&returned).at_the_bank(&bank_reference, on);
    audit::record(conn, actor.author(), now, Kind::PayoutReturned, &facts)?;
    Ok(returned)
}

/// Cancels a payout that has not gone to the bank. Where the application was excluded meanwhile, its award is released.
pub fn cancel(conn: &mut Conn, actor: &Actor, id: PayoutId, now: Instant) -> Result<Payout> {
    actor.require(Permission::PreparePayout)?;
    let payout = find(conn, id)?;
    let cancelled = advance(conn, payout, PayoutEvent::Cancel)?;
    audit::record(conn, actor.author(), now, Kind::PayoutCancelled, &PayoutMoved::of(&cancelled))?;
    let application = application_of(conn, &cancelled)?;
    if application.state == ApplicationState::Ineligible {
        jobs::enqueue(conn, JobKind::ReleaseAward, application.id.uuid(), now)?;
    }
    Ok(cancelled)
}

/// # Errors
/// [`Error::NotFound`] where there is no such payout.
pub fn find(conn: &mut Conn, id: PayoutId) -> Result<Payout> {
    store::find(conn, id)?.ok_or(Error::NotFound)
}

/// The payout, as long as it is at the version that somebody decided on.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Stale`].
pub fn at_version(conn: &mut Conn, id: PayoutId, seen: Seen) -> Result<Payout> {
    let payout = find(conn, id)?;
    seen.require(payout.version, "the payout")?;
    Ok(payout)
}

/// The payout that a path names, and somebody who may act on it; to whoever may not, it is as if it were not there.
///
/// # Errors
/// As for [`accounts::actions::act_on`].
pub fn act_on(
    conn: &mut Conn,
    caller: &Caller,
    permission: Permission,
    path: &str,
    now: Instant,
) -> Result<(Actor, Payout)> {
    let payout = path.parse().ok().map(|id| store::find(conn, id)).transpose()?.flatten();
    let call = payout.as_ref().map(|payout| payout.call_id);
    let actor = accounts::actions::act_on(conn, caller, permission, call, now)?;
    payout.map(|payout| (actor, payout)).ok_or(Error::NotFound)
}

/// The payouts of a call.
pub fn list(conn: &mut Conn, actor: &Actor, call: CallId) -> Result<Vec<Payout>> {
    actor.require(Permission::ReadTotals)?;
    store::list(conn, call)
}

/// Nobody prepares or authorises the payout of their own award.
fn require_anothers(conn: &mut Conn, actor: &Actor, application: &Application) -> Result<()> {
    if applications::actions::own::theirs(conn, actor.person()?)?.contains(&application.id) {
        return Err(Error::refused("own_award", "nobody prepares or authorises the payout of their own award"));
    }
    Ok(())
}

fn require_awarded(application: &Application) -> Result<()> {
    if application.state == ApplicationState::Awarded {
        return Ok(());
    }
    if application.state == ApplicationState::Paid {
        return Err(Error::refused("already_paid", "the award is paid; it is paid once"));
    }
    let message = format!("the application is {}; only an awarded one is paid", application.state);
    Err(Error::refused("not_awarded", message))
}

fn advance(conn: &mut Conn, payout: Payout, event: PayoutEvent) -> Result<Payout> {
    let state = payout.state.after(event)?;
    store::advance(conn, &payout, state)?;
    Ok(Payout { state, version: payout.version.saturating_add(1), ..payout })
}

fn application_of(conn: &mut Conn, payout: &Payout) -> Result<Application> {
    let award = awards::actions::find(conn, payout.award_id)?;
    applications::actions::find(conn, award.application_id)
}

/// What a payout is authorised for: to whom, to which account, how much, under which reference.
fn bind(
    conn: &mut Conn,
    vault: &Vault,
    (actor, now): (&Actor, Instant),
    application: &Application,
    award: &Award,
) -> Result<Forms> {
    let paid_to = journal::during(conn, vault, (actor.author(), Purpose::Pay, now), |conn, opener| {
        applications::actions::open_payment(conn, opener, application)
    })?;
    let bound = [paid_to.holder.as_str(), &paid_to.account, &award.net.to_string(), &application.reference];
    vault.index(conn, IndexKind::Payout, &bound.join("\n"))
}

/// A payee or account that was edited after it was prepared voids the payout.
fn require_unchanged(conn: &mut Conn, vault: &Vault, by: (&Actor, Instant), payout: &Payout) -> Result<Application> {
    let award = awards::actions::find(conn, payout.award_id)?;
    let application = applications::actions::find(conn, award.application_id)?;
    if !bind(conn, vault, by, &application, &award)?.contains(&payout.binding) {
        return Err(Error::refused(
            "payout_changed",
            "payee, account or amount changed since; prepare the payout again",
        ));
    }
    Ok(application)
}

fn post(
    conn: &mut Conn,
    payout: &Payout,
    key: String,
    on: Date,
    narration: &str,
    transfer: Transfer,
    now: Instant,
) -> Result<()> {
    let call = calls::actions::find(conn, payout.call_id)?;
    ledger::actions::post(conn, &Entry::new(call.book(), key, on, narration, vec![transfer])?, now)
}
