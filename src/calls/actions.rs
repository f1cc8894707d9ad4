//! Making a call, changing, publishing and closing it, the steps of its voting, the seed of its draw.

use std::time::Duration;

use serde::Serialize;

use super::rules::{CallEvent, CallState, CloseReason, Phase, Rules};
use super::store;
pub use super::store::{overdue, with_code};
use crate::accounts::{self, Actor, Caller, Permission};
use crate::audit::{self, Kind};
use crate::clock::Instant;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::CallId;
use crate::money::Money;
use crate::page::{Limit, MOST_EXPORTED, Page, TimeCursor, whole};
use crate::version::Seen;

/// A round of the fund.
#[derive(Debug, Clone)]
pub struct Call {
    pub id: CallId,
    pub code: String,
    pub state: CallState,
    pub rules: Rules,
    /// What is shared among the approved.
    pub budget: Money,
    /// Applications count until this moment: as the rules say, or earlier where the call was closed.
    pub closes_at: Instant,
    /// The seed of the draw, once it is recorded.
    pub seed: Option<String>,
    pub version: i32,
}

impl Call {
    /// The name of the round's book in the ledger.
    pub fn book(&self) -> &str {
        &self.code
    }

    /// The rules as they were published; the seed of a draw is recorded elsewhere.
    pub fn published_rules(&self) -> Rules {
        let mut rules = self.rules.clone();
        rules.allocation.seed = None;
        rules
    }

    /// The rules with what was set later: an earlier end of the time for applications, another budget.
    pub fn rules_in_force(&self) -> Rules {
        let mut rules = self.published_rules();
        (rules.closes_at, rules.allocation.budget) = (self.closes_at, self.budget);
        rules
    }
}

#[derive(Serialize)]
struct CallMade<'a> {
    call: CallId,
    code: &'a str,
    rules: &'a Rules,
}

#[derive(Serialize)]
struct CallClosed {
    call: CallId,
    closes_at: Instant,
    reason: CloseReason,
}

#[derive(Serialize)]
struct CallStep<'a> {
    call: CallId,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<&'a str>,
}

/// Makes a call, as a draft. Its rules are valid from here on.
///
/// # Errors
/// Refused where the code is taken; [`Error::Invalid`] naming every wrong key of the rules.
pub fn make(conn: &mut Conn, actor: &Actor, rules: &Rules, now: Instant) -> Result<Call> {
    actor.require(Permission::MakeCall)?;
    require_valid(rules)?;
    if store::is_taken(conn, &rules.code)? {
        let message = format!("the call “{}” exists in this database already", rules.code);
        return Err(Error::refused("call_exists", message));
    }
    let id = CallId::new();
    let call = Call {
        id,
        code: rules.code.clone(),
        state: CallState::Draft,
        rules: rules.clone(),
        budget: rules.allocation.budget,
        closes_at: rules.closes_at,
        seed: None,
        version: 1,
    };
    store::insert(conn, &call, now)?;
    audit::record(conn, actor.author(), now, Kind::CallMade, &CallMade { call: id, code: &call.code, rules })?;
    Ok(call)
}

fn require_valid(rules: &Rules) -> Result<()> {
    let problems: Vec<String> = rules.problems().iter().map(ToString::to_string).collect();
    if !problems.is_empty() {
        return Err(Error::invalid("rules", problems.join("; ")));
    }
    if rules.allocation.seed.is_some() {
        return Err(Error::invalid("allocation.seed", "the seed is recorded by its own action, after the voting"));
    }
    Ok(())
}

/// Changes the rules of a draft that was read at a version.
///
/// # Errors
/// [`Error::Stale`] for another version; refused once it is published, and where the code is taken; [`Error::Invalid`]
/// naming every wrong key.
pub fn change(conn: &mut Conn, actor: &Actor, (id, seen): (CallId, Seen), rules: &Rules, now: Instant) -> Result<Call> {
    actor.require(Permission::MakeCall)?;
    let mut call = at_version(conn, id, seen)?;
    require_valid(rules)?;
    if call.state != CallState::Draft {
        return Err(Error::refused("call_not_draft", "what was published stays as it is"));
    }
    if rules.code != call.code && store::is_taken(conn, &rules.code)? {
        return Err(Error::refused("call_exists", format!("the call “{}” exists already", rules.code)));
    }
    (call.code, call.rules) = (rules.code.clone(), rules.clone());
    (call.budget, call.closes_at) = (rules.allocation.budget, rules.closes_at);
    store::change(conn, &call)?;
    call.version = call.version.saturating_add(1);
    audit::record(conn, actor.author(), now, Kind::CallChanged, &CallMade { call: id, code: &call.code, rules })?;
    Ok(call)
}

/// Publishes a call that was read at a version.
///
/// # Errors
/// [`Error::StepUpRequired`] without a fresh second factor; [`Error::Stale`] for another version; refused unless it is a
/// draft.
pub fn open(conn: &mut Conn, actor: &Actor, caller: &Caller, (id, seen): (CallId, Seen), now: Instant) -> Result<Call> {
    actor.require(Permission::MakeCall)?;
    caller.require_step_up(now)?;
    at_version(conn, id, seen)?;
    publish(conn, actor, id, now)
}

/// Ends the time for applications now, before its end. What was published stays written as it was.
///
/// # Errors
/// [`Error::StepUpRequired`] without a fresh second factor; [`Error::Stale`] for another version; refused outside the time
/// for applications.
pub fn close(
    conn: &mut Conn,
    actor: &Actor,
    caller: &Caller,
    (id, seen): (CallId, Seen),
    reason: CloseReason,
    now: Instant,
) -> Result<Call> {
    actor.require(Permission::MakeCall)?;
    caller.require_step_up(now)?;
    let mut call = at_version(conn, id, seen)?;
    let is_open = Phase::at(now, call.rules.opens_at, call.closes_at) == Phase::Open;
    if call.state != CallState::Published || !is_open {
        return Err(Error::refused("call_not_open", "the call takes no applications at this moment"));
    }
    // The last moment belongs to the time for applications; it has just passed.
    call.closes_at = now.minus(Duration::from_micros(1)).max(call.rules.opens_at);
    store::change(conn, &call)?;
    call.version = call.version.saturating_add(1);
    let facts = CallClosed { call: id, closes_at: call.closes_at, reason };
    audit::record(conn, actor.author(), now, Kind::CallClosed, &facts)?;
    Ok(call)
}

fn at_version(conn: &mut Conn, id: CallId, seen: Seen) -> Result<Call> {
    let call = find(conn, id)?;
    seen.require(call.version, "the call")?;
    Ok(call)
}

/// The rules of a call in whatever state.
///
/// # Errors
/// [`Error::NotFound`] where there is no such call.
pub fn read_rules(conn: &mut Conn, actor: &Actor, id: CallId) -> Result<Call> {
    actor.require(Permission::MakeCall)?;
    find(conn, id)
}

/// A page of the calls that nobody sees yet, the latest made first.
pub fn list_drafts(
    conn: &mut Conn,
    actor: &Actor,
    after: Option<TimeCursor>,
    limit: Limit,
) -> Result<Page<(Instant, Call)>> {
    actor.require(Permission::MakeCall)?;
    let rows = store::drafts(conn, after, limit.rows_and_one())?;
    Ok(Page::new(rows, limit, |(made_at, call)| TimeCursor { at: *made_at, id: call.id.uuid() }))
}

/// Publishes a call: from its opening time on people can apply.
pub fn publish(conn: &mut Conn, actor: &Actor, id: CallId, now: Instant) -> Result<Call> {
    actor.require(Permission::MakeCall)?;
    let draft = find(conn, id)?;
    let call = advance(conn, draft, CallEvent::Publish)?;
    audit::record(conn, actor.author(), now, Kind::CallPublished, &CallStep { call: id, seed: None })?;
    Ok(call)
}

/// Opens the voting on a call, once it takes no applications any more. The committee's action calls this.
///
/// # Errors
/// Refused while the call still takes applications.
pub fn open_voting(conn: &mut Conn, actor: &Actor, call: Call, now: Instant) -> Result<Call> {
    actor.require(Permission::OpenVoting)?;
    if now <= call.closes_at {
        let message = format!("the call takes applications until {}; the voting opens after that", call.closes_at);
        return Err(Error::refused("call_open", message));
    }
    let call = advance(conn, call, CallEvent::OpenVoting)?;
    audit::record(conn, actor.author(), now, Kind::VotingOpened, &CallStep { call: call.id, seed: None })?;
    Ok(call)
}

/// Ends the voting on a call: when its time is over, or once nobody has a vote left to give (`is_complete`). The
/// committee's action, which tallies the votes, calls this.
///
/// # Errors
/// Refused before its time, while votes are missing.
pub fn close_voting(conn: &mut Conn, actor: &Actor, call: Call, is_complete: bool, now: Instant) -> Result<Call> {
    actor.require(Permission::CloseVoting)?;
    if now < call.rules.voting_closes_at && !is_complete {
        let message = format!("the voting on “{}” is open until {}", call.code, call.rules.voting_closes_at);
        return Err(Error::refused("voting_open", message));
    }
    let call = advance(conn, call, CallEvent::CloseVoting)?;
    audit::record(conn, actor.author(), now, Kind::VotingClosed, &CallStep { call: call.id, seed: None })?;
    Ok(call)
}

/// Records the public seed of a draw: once, after the voting closed and before the allocation.
pub fn record_seed(conn: &mut Conn, actor: &Actor, id: CallId, seed: &str, now: Instant) -> Result<Call> {
    actor.require(Permission::RecordSeed)?;
    let mut call = find(conn, id)?;
    if seed.trim().is_empty() || seed.chars().any(char::is_control) {
        return Err(Error::invalid("seed", "is blank or holds a control character"));
    }
    if call.state != CallState::VotingClosed {
        return Err(Error::refused(
            "call_state",
            "a seed is recorded after the voting closes and before the allocation",
        ));
    }
    if call.seed.is_some() {
        return Err(Error::refused("seed_recorded", "the seed of this call is recorded already"));
    }
    store::record_seed(conn, &call, seed, now)?;
    call.seed = Some(seed.to_owned());
    call.version = call.version.saturating_add(1);
    audit::record(conn, actor.author(), now, Kind::SeedRecorded, &CallStep { call: id, seed: Some(seed) })?;
    Ok(call)
}

#[derive(Serialize)]
struct BudgetSet {
    call: CallId,
    budget: Money,
}

/// Sets what is shared among the approved. It may be above what was received so far: committing the allocation asks for
/// the money, not this.
///
/// # Errors
/// [`Error::Stale`] where the call is not at this version any more; refused once the allocation is committed.
pub fn set_budget(
    conn: &mut Conn,
    actor: &Actor,
    (id, seen): (CallId, Seen),
    budget: Money,
    now: Instant,
) -> Result<Call> {
    actor.require(Permission::SetBudget)?;
    let mut call = find(conn, id)?;
    seen.require(call.version, "the call")?;
    if call.state == CallState::Allocated {
        return Err(Error::refused("budget_fixed", "the allocation is committed; its budget does not change any more"));
    }
    store::set_budget(conn, &call, budget)?;
    call.budget = budget;
    call.version = call.version.saturating_add(1);
    audit::record(conn, actor.author(), now, Kind::BudgetSet, &BudgetSet { call: id, budget })?;
    Ok(call)
}

/// Marks the call as allocated. The awards' action, which shares the money and writes the event, calls this.
pub fn mark_allocated(conn: &mut Conn, call: Call) -> Result<Call> {
    advance(conn, call, CallEvent::CommitAllocation)
}

/// Whether and until when a call is voted on: what every vote asks, without reading the rules.
#[derive(Debug, Clone, Copy)]
pub struct Voting {
    pub state: CallState,
    pub closes_at: Instant,
}

/// # Errors
/// [`Error::NotFound`] where there is no such call.
pub fn voting(conn: &mut Conn, id: CallId) -> Result<Voting> {
    store::voting(conn, id)?.ok_or(Error::NotFound)
}

/// A page of the public calls, in the order of their opening.
pub fn list(
    conn: &mut Conn,
    phase: Option<Phase>,
    is_oldest_first: bool,
    after: Option<TimeCursor>,
    limit: Limit,
    now: Instant,
) -> Result<Page<Call>> {
    let wanted = store::Wanted { phase, is_oldest_first, after, rows: limit.rows_and_one() };
    let rows = store::list(conn, &wanted, now)?;
    Ok(Page::new(rows, limit, |call| TimeCursor { at: call.rules.opens_at, id: call.id.uuid() }))
}

/// Every public call that the filter shows, in the order of their opening.
///
/// # Errors
/// As for [`whole`].
pub fn export(conn: &mut Conn, phase: Option<Phase>, is_oldest_first: bool, now: Instant) -> Result<Vec<Call>> {
    let wanted = store::Wanted { phase, is_oldest_first, after: None, rows: MOST_EXPORTED.saturating_add(1) };
    whole(store::list(conn, &wanted, now)?)
}

/// A call that everybody may see.
///
/// # Errors
/// [`Error::NotFound`] where there is none such, or it is a draft.
pub fn find_public(conn: &mut Conn, id: CallId) -> Result<Call> {
    store::find(conn, id)?.filter(|call| call.state != CallState::Draft).ok_or(Error::NotFound)
}

/// The call that a path names, and somebody who may act on it; to whoever may not, it is as if it were not there.
///
/// # Errors
/// As for [`accounts::actions::act_on`].
pub fn act_on(
    conn: &mut Conn,
    caller: &Caller,
    permission: Permission,
    path: &str,
    now: Instant,
) -> Result<(Actor, Call)> {
    let call = path.parse().ok().map(|id| store::find(conn, id)).transpose()?.flatten();
    let actor = accounts::actions::act_on(conn, caller, permission, call.as_ref().map(|call| call.id), now)?;
    call.map(|call| (actor, call)).ok_or(Error::NotFound)
}

/// # Errors
/// [`Error::NotFound`] where there is no such call.
pub fn find(conn: &mut Conn, id: CallId) -> Result<Call> {
    store::find(conn, id)?.ok_or(Error::NotFound)
}

/// A call that was opened and is over.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    pub call: CallId,
    pub state: CallState,
    /// When the last of it was over, the applications or the votes.
    pub at: Instant,
}

/// The calls that were opened and ended before a moment, for applications and for votes.
pub fn ended_before(conn: &mut Conn, before: Instant) -> Result<Vec<Ended>> {
    let ended = store::ended_before(conn, before)?.into_iter();
    Ok(ended.map(|(call, state, closed, voted)| Ended { call, state, at: closed.max(voted) }).collect())
}

/// The id, where there is such a call: for those who ask what somebody may do with it.
pub fn exists(conn: &mut Conn, id: CallId) -> Result<Option<CallId>> {
    Ok(store::voting(conn, id)?.map(|_| id))
}

fn advance(conn: &mut Conn, mut call: Call, event: CallEvent) -> Result<Call> {
    let next = call.state.after(event)?;
    store::advance(conn, &call, next)?;
    call.state = next;
    call.version = call.version.saturating_add(1);
    Ok(call)
}
