//! Committing the allocation of a call: the one moment when money that was received becomes awards.

use std::collections::BTreeMap;

use serde::Serialize;

use super::rules::{Candidate, Fate, Mean, allocate};
use super::store;
use crate::accounts::{Actor, Permission};
use crate::applications::{self, Application, ApplicationEvent, ApplicationState};
use crate::audit::{self, Kind};
use crate::calls::{self, Call, CallEvent, Method};
use crate::clock::Instant;
use crate::committee::{self, Decision};
use crate::crypto::Vault;
use crate::db::Conn;
use crate::eligibility;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, AwardId, CallId};
use crate::ledger::{self, Account, Entry, Transfer};
use crate::money::Money;

/// What an approved application was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Award {
    pub id: AwardId,
    pub call_id: CallId,
    pub application_id: ApplicationId,
    /// From 1, the first in line.
    pub rank: i32,
    pub gross: Money,
    pub net: Money,
}

#[derive(Serialize)]
struct AllocationCommitted<'a> {
    call: CallId,
    method: Method,
    budget: Money,
    awarded: Money,
    seed: Option<&'a str>,
}

#[derive(Serialize)]
struct ApplicationAwarded {
    award: AwardId,
    application: ApplicationId,
    rank: i32,
    gross: Money,
}

#[derive(Serialize)]
struct ApplicationNotFunded {
    application: ApplicationId,
    rank: i32,
}

/// Shares the budget of a call among the approved and books what is awarded. What ranks is opened here, once.
///
/// # Errors
/// Refused where the voting is not closed, the seed is missing, or the budget is above what was received less fees.
pub fn commit(conn: &mut Conn, vault: &Vault, actor: &Actor, call: CallId, now: Instant) -> Result<Call> {
    actor.require(Permission::CommitAllocation)?;
    let call = calls::actions::find(conn, call)?;
    call.state.after(CallEvent::CommitAllocation)?;
    require_funds(conn, &call)?;
    eligibility::actions::run_rechecks(conn, vault, now)?;
    if applications::actions::has_held(conn, call.id)? {
        return Err(Error::refused("findings_open", "findings on approved applications wait for a person"));
    }
    let mut approved: BTreeMap<String, Application> =
        applications::actions::list_in_state(conn, call.id, ApplicationState::Approved)?
            .into_iter()
            .map(|application| (application.reference.clone(), application))
            .collect();
    let decisions = committee::actions::decisions(conn, call.id)?;
    let candidates: Vec<Candidate> =
        approved.values().map(|application| candidate(conn, vault, application, &decisions)).collect::<Result<_>>()?;
    let categories: Vec<i32> = call.rules.categories.iter().map(|category| category.number).collect();
    let places = allocate(&call.rules.allocation, &categories, call.seed.as_deref(), &candidates)?;
    let amounts =
        places.iter().filter_map(|place| if let Fate::Awarded(amount) = place.fate { Some(amount) } else { None });
    let awarded = Money::sum(amounts)?;
    store::insert_allocation(conn, &call, awarded, actor.person()?, now)?;
    let day = now.date();
    ledger::actions::close_income(conn, call.book(), call.id, day, now)?;
    for (rank, place) in (1_i32..).zip(&places) {
        let application = approved.remove(&place.candidate.reference).ok_or(Error::NotFound)?;
        settle(conn, actor, &call, application, (rank, place.fate), now)?;
    }
    let Call { id, ref seed, ref rules, .. } = call;
    let facts = AllocationCommitted {
        call: id,
        method: rules.allocation.method,
        budget: rules.allocation.budget,
        awarded,
        seed: seed.as_deref(),
    };
    audit::record(conn, actor.author(), now, Kind::AllocationCommitted, &facts)?;
    calls::actions::mark_allocated(conn, call)
}

/// The fund never awards what it has not received.
fn require_funds(conn: &mut Conn, call: &Call) -> Result<()> {
    let available = ledger::actions::received(conn, call.book())?.net()?;
    let budget = call.rules.allocation.budget;
    if budget > available {
        let message = format!("the budget {budget} is above what was received less fees ({available})");
        return Err(Error::refused("budget_above_funds", message));
    }
    Ok(())
}

fn candidate(
    conn: &mut Conn,
    vault: &Vault,
    application: &Application,
    decisions: &BTreeMap<ApplicationId, Decision>,
) -> Result<Candidate> {
    let decision = decisions.get(&application.id).ok_or_else(|| Error::corrupt("approved without a decision"))?;
    Ok(Candidate {
        reference: application.reference.clone(),
        category: application.category.ok_or_else(|| Error::corrupt("approved without a category"))?,
        score: Mean { sum: decision.score_sum, count: decision.score_count },
        ranking: applications::actions::open_ranking(conn, vault, application)?,
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
        Fate::Awarded(amount) => {
            let award =
                Award { id: AwardId::new(), call_id: call.id, application_id: id, rank, gross: amount, net: amount };
            applications::actions::advance(conn, application, ApplicationEvent::Award)?;
            store::insert_award(conn, &award)?;
            let transfer = Transfer { debit: Account::Undistributed, credit: Account::AwardsPayable, amount };
            let entry = Entry::new(call.book(), format!("award:{}", award.id), now.date(), "Award", vec![transfer])?;
            ledger::actions::post(conn, &entry, now)?;
            let facts = ApplicationAwarded { award: award.id, application: id, rank, gross: amount };
            audit::record(conn, actor.author(), now, Kind::ApplicationAwarded, &facts)
        }
        Fate::Reserve => {
            applications::actions::advance(conn, application, ApplicationEvent::PutOnReserve)?;
            store::insert_reserve(conn, call.id, id, rank)?;
            let facts = ApplicationNotFunded { application: id, rank };
            audit::record(conn, actor.author(), now, Kind::ApplicationReserved, &facts)
        }
        Fate::Unfunded => {
            applications::actions::advance(conn, application, ApplicationEvent::LeaveUnfunded)?;
            let facts = ApplicationNotFunded { application: id, rank };
            audit::record(conn, actor.author(), now, Kind::ApplicationUnfunded, &facts)
        }
    }
}

/// # Errors
/// [`Error::NotFound`] where there is no such award.
pub fn find(conn: &mut Conn, id: AwardId) -> Result<Award> {
    store::find(conn, id)?.ok_or(Error::NotFound)
}

/// The awards of a call, best rank first.
pub fn list(conn: &mut Conn, actor: &Actor, call: CallId) -> Result<Vec<Award>> {
    actor.require(Permission::ReadTotals)?;
    store::list(conn, call)
}

/// What applications were given, net, also where it was released since: for slices that ask where the application stands.
pub fn net_of(conn: &mut Conn, applications: &[ApplicationId]) -> Result<BTreeMap<ApplicationId, Money>> {
    Ok(store::net_of(conn, applications)?.into_iter().collect())
}
