//! The allocation of a call: previewed without writing anything, committed once, read afterwards by reference code.

use std::collections::BTreeMap;

use serde::Serialize;

use super::give;
use crate::accounts::{Actor, Permission};
use crate::applications::{self, Application, ApplicationEvent, ApplicationState};
use crate::audit::{self, Kind, journal};
use crate::awards::rules::{Candidate, Fate, Mean, Outcome, Placed, allocate};
use crate::awards::store;
use crate::calls::{self, Call, CallEvent, Method};
use crate::clock::Instant;
use crate::committee::{self, Decision};
use crate::crypto::{Opener, Purpose, Vault};
use crate::db::Conn;
use crate::eligibility;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId};
use crate::ledger;
use crate::money::Money;

#[derive(Serialize)]
struct AllocationCommitted<'a> {
    call: CallId,
    method: Method,
    budget: Money,
    awarded: Money,
    seed: Option<&'a str>,
}

#[derive(Serialize)]
struct ApplicationNotFunded {
    application: ApplicationId,
    rank: i32,
}

/// What committing would decide now, and what stands in its way.
#[derive(Debug, Clone)]
pub struct Preview {
    pub outcome: Outcome,
    pub digest: String,
    pub awarded: Money,
    /// Received less fees.
    pub available: Money,
    /// The codes with which committing would be refused. One is of a register that is still compared with the applications:
    /// what it brings is not in the outcome.
    pub obstacles: Vec<&'static str>,
}

/// Works out the allocation without writing anything.
///
/// # Errors
/// Refused while the voting is open, because it would tell how the votes stand; after the allocation is committed; and
/// where the seed is missing.
pub fn preview(conn: &mut Conn, opener: &Opener<'_>, actor: &Actor, call: CallId) -> Result<Preview> {
    actor.require(Permission::CommitAllocation)?;
    let call = calls::actions::find(conn, call)?;
    call.state.after(CallEvent::CommitAllocation)?;
    let Planned { outcome, .. } = plan(conn, opener, &call)?;
    let refusals = [
        require_funds(conn, &call).err(),
        eligibility::actions::require_compared(conn, call.id).err(),
        require_nothing_held(conn, &call).err(),
    ];
    let mut obstacles = Vec::new();
    for refusal in refusals.into_iter().flatten() {
        match refusal {
            Error::Refused(refusal) => obstacles.push(refusal.code),
            other => return Err(other),
        }
    }
    let available = ledger::actions::received(conn, call.book())?.net()?;
    Ok(Preview { digest: outcome.digest()?, awarded: outcome.awarded()?, available, obstacles, outcome })
}

/// Shares the budget of a call among the approved and books what is awarded, whatever was previewed: the way of rounds
/// that are played from files.
///
/// # Errors
/// As for [`commit_previewed`], but for the digest.
pub fn commit(conn: &mut Conn, vault: &Vault, actor: &Actor, call: CallId, now: Instant) -> Result<Call> {
    actor.require(Permission::CommitAllocation)?;
    carry_out(conn, vault, actor, call, None, now)
}

/// Shares the budget of a call among the approved and books what is awarded, exactly as it was previewed.
///
/// # Errors
/// Refused where the voting is not closed, the seed is missing, the budget is above what was received less fees, a late
/// finding waits for a person, or the outcome is not the one with this digest.
pub fn commit_previewed(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    call: CallId,
    digest: &str,
    now: Instant,
) -> Result<Call> {
    actor.require(Permission::CommitAllocation)?;
    carry_out(conn, vault, actor, call, Some(digest), now)
}

fn carry_out(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    call: CallId,
    previewed: Option<&str>,
    now: Instant,
) -> Result<Call> {
    let call = calls::actions::find(conn, call)?;
    call.state.after(CallEvent::CommitAllocation)?;
    require_funds(conn, &call)?;
    eligibility::actions::run_rechecks(conn, vault, now)?;
    // One that was given up, until somebody sees to it.
    eligibility::actions::require_compared(conn, call.id)?;
    require_nothing_held(conn, &call)?;
    let access = (actor.author(), Purpose::Allocate, now);
    let planned = journal::during(conn, vault, access, |conn, opener| plan(conn, opener, &call))?;
    let Planned { mut approved, outcome } = planned;
    if let Some(previewed) = previewed {
        require_previewed(&outcome, previewed)?;
    }
    let awarded = outcome.awarded()?;
    store::insert_allocation(conn, &call, awarded, actor.person()?, now)?;
    ledger::actions::close_income(conn, call.book(), call.id, now.in_belgrade().0, now)?;
    for (rank, placed) in (1_i32..).zip(&outcome.places) {
        let application = approved.remove(&placed.reference).ok_or(Error::NotFound)?;
        settle(conn, actor, &call, application, (rank, placed.fate), now)?;
    }
    let Call { id, ref seed, ref rules, budget, .. } = call;
    let seed = seed.as_deref();
    let facts = AllocationCommitted { call: id, method: rules.allocation.method, budget, awarded, seed };
    audit::record(conn, actor.author(), now, Kind::AllocationCommitted, &facts)?;
    calls::actions::mark_allocated(conn, call)
}

/// The approved by reference code, and what the allocation decides for them.
struct Planned {
    approved: BTreeMap<String, Application>,
    outcome: Outcome,
}

/// What ranks is opened here, once; nothing is written.
fn plan(conn: &mut Conn, opener: &Opener<'_>, call: &Call) -> Result<Planned> {
    let approved: BTreeMap<String, Application> =
        applications::actions::list_in_state(conn, call.id, ApplicationState::Approved)?
            .into_iter()
            .map(|application| (application.reference.clone(), application))
            .collect();
    let decisions = committee::actions::decisions(conn, call.id)?;
    let candidates: Vec<Candidate> =
        approved.values().map(|application| candidate(conn, opener, application, &decisions)).collect::<Result<_>>()?;
    let categories: Vec<i32> = call.rules.categories.iter().map(|category| category.number).collect();
    let rules = &call.rules.allocation;
    let places = allocate(rules, call.budget, &categories, call.seed.as_deref(), &candidates)?;
    let places = places.iter().map(Placed::from).collect();
    let (method, budget, seed) = (rules.method, call.budget, call.seed.clone());
    Ok(Planned { approved, outcome: Outcome { call: call.id, method, budget, seed, places } })
}

/// The fund never awards what it has not received.
fn require_funds(conn: &mut Conn, call: &Call) -> Result<()> {
    let available = ledger::actions::received(conn, call.book())?.net()?;
    let budget = call.budget;
    if budget > available {
        let message = format!("the budget {budget} is above what was received less fees ({available})");
        return Err(Error::refused("budget_above_funds", message));
    }
    Ok(())
}

fn require_nothing_held(conn: &mut Conn, call: &Call) -> Result<()> {
    if applications::actions::has_held(conn, call.id)? {
        return Err(Error::refused("findings_open", "findings on approved applications wait for a person"));
    }
    Ok(())
}

/// What is committed is what somebody looked at.
fn require_previewed(outcome: &Outcome, previewed: &str) -> Result<()> {
    if outcome.digest()? != previewed {
        return Err(Error::refused("allocation_changed", "the allocation would come out otherwise than previewed"));
    }
    Ok(())
}

fn candidate(
    conn: &mut Conn,
    opener: &Opener<'_>,
    application: &Application,
    decisions: &BTreeMap<ApplicationId, Decision>,
) -> Result<Candidate> {
    let decision = decisions.get(&application.id).ok_or_else(|| Error::corrupt("approved without a decision"))?;
    Ok(Candidate {
        reference: application.reference.clone(),
        category: application.category.ok_or_else(|| Error::corrupt("approved without a category"))?,
        score: Mean { sum: decision.score_sum, count: decision.score_count },
        ranking: applications::actions::open_ranking(conn, opener, application)
            .map_err(|error| error.about(&application.reference))?,
    })
}

/// Gives an application what the allocation decided for it.
fn settle(
    conn: &mut Conn,
    actor: &Actor,
    call: &Call,
    application: Application,
    (rank, fate): (i32, Fate),
    now: Instant,
) -> Result<()> {
    let id = application.id;
    match fate {
        Fate::Awarded(amount) => give(conn, actor, call, application, (rank, amount), now).map(|_| ()),
        Fate::Reserve => {
            applications::actions::advance(conn, application, ApplicationEvent::PutOnReserve)?;
            store::insert_reserve(conn, call.id, id, rank)?;
            let facts = ApplicationNotFunded { application: id, rank };
            audit::record(conn, actor.author(), now, Kind::ApplicationReserved, &facts)
        }
        Fate::Unfunded => {
            applications::actions::advance(conn, application, ApplicationEvent::LeaveUnfunded)?;
            store::insert_unfunded(conn, call.id, id, rank)?;
            let facts = ApplicationNotFunded { application: id, rank };
            audit::record(conn, actor.author(), now, Kind::ApplicationUnfunded, &facts)
        }
    }
}

crate::text_enum! {
    /// What an allocation decided for an application.
    pub enum PlaceOutcome {
        Awarded => "awarded",
        /// Next in line when an award falls free.
        Reserve => "reserve",
        /// Not in line: below the minimum score, or in no band.
        Unfunded => "unfunded",
    }
}

/// An allocation as it was committed.
#[derive(Debug, Clone)]
pub struct Committed {
    pub call: CallId,
    pub method: Method,
    pub budget: Money,
    pub awarded: Money,
    pub seed: Option<String>,
    pub committed_at: Instant,
    pub places: Vec<CommittedPlace>,
}

/// A place of it. Whoever was left unfunded stands in no line and has no rank.
#[derive(Debug, Clone)]
pub struct CommittedPlace {
    pub rank: Option<i32>,
    pub reference: String,
    pub category: Option<i32>,
    pub outcome: PlaceOutcome,
    pub amount: Option<Money>,
}

/// The allocation of a call as it was committed: what came after it is with the awards.
///
/// # Errors
/// [`Error::NotFound`] where none is committed.
pub fn committed(conn: &mut Conn, actor: &Actor, call: CallId) -> Result<Committed> {
    actor.require(Permission::ReadAllocation)?;
    let head = store::allocation(conn, call)?.ok_or(Error::NotFound)?;
    let reserve = store::reserve(conn, call, None, None)?;
    let awards = store::first_awards(conn, call)?;
    let unfunded = store::unfunded(conn, call)?.into_iter();
    let awarded = awards.iter().map(|award| (Some(award.rank), award.application_id, Some(award.gross)));
    let waiting = reserve.iter().map(|(rank, application)| (Some(*rank), *application, None));
    let all = awarded.chain(waiting).chain(unfunded.map(|application| (None, application, None)));
    let all: Vec<(Option<i32>, ApplicationId, Option<Money>)> = all.collect();
    let ids: Vec<ApplicationId> = all.iter().map(|(_, application, _)| *application).collect();
    let applications = applications::actions::find_all(conn, &ids)?;
    let place = |(rank, application, amount): (Option<i32>, ApplicationId, Option<Money>)| {
        let application = applications.get(&application).ok_or(Error::NotFound)?;
        let outcome = match (rank, amount) {
            (_, Some(_)) => PlaceOutcome::Awarded,
            (Some(_), None) => PlaceOutcome::Reserve,
            (None, None) => PlaceOutcome::Unfunded,
        };
        let (reference, category) = (application.reference.clone(), application.category);
        Ok(CommittedPlace { rank, reference, category, outcome, amount })
    };
    let places: Vec<CommittedPlace> = all.into_iter().map(place).collect::<Result<_>>()?;
    let store::AllocationRow { method, budget, awarded, seed, committed_at } = head;
    Ok(Committed { call, method, budget, awarded, seed, committed_at, places })
}
