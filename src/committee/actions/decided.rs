//! What was decided, and the minutes: read after the close, by reference code, and never who voted how.

use std::collections::{BTreeMap, BTreeSet};

use crate::accounts::{self, Actor, Permission};
use crate::applications;
use crate::calls::{self, Call, CallState};
use crate::clock::Instant;
use crate::committee::rules::{Decided, Outcome, Seated, voting_seats};
use crate::committee::store;
use crate::crypto::Opener;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId};
use crate::page::{Limit, Page};

/// A seat in the minutes.
#[derive(Debug, Clone)]
pub struct MinutesSeat {
    pub seat: Seated,
    /// As the holder gave it.
    pub name: Option<String>,
    /// How many of the decided applications it voted on.
    pub voted: usize,
    /// The reference codes of the applications it was recused from.
    pub recusals: Vec<String>,
}

/// The minutes of a call's committee.
#[derive(Debug, Clone)]
pub struct Minutes {
    pub call: Call,
    pub closed_at: Option<Instant>,
    /// Votes that a decision needs: more than half of the chair and the members.
    pub quorum: usize,
    pub seats: Vec<MinutesSeat>,
    pub decisions: Vec<Decided>,
}

fn require_closed(conn: &mut Conn, call: CallId) -> Result<Call> {
    let call = calls::actions::find(conn, call)?;
    match call.state {
        CallState::Draft | CallState::Published | CallState::Voting => {
            Err(Error::refused("voting_open", "what was decided is told after the voting is closed"))
        }
        CallState::VotingClosed | CallState::Allocated => Ok(call),
    }
}

/// The applications that are kept from whoever acts by a seat: what it is recused from, and its holder's own. From those who
/// work for the fund without a seat nothing is kept.
pub(super) fn kept_from(conn: &mut Conn, actor: &Actor, call: CallId) -> Result<BTreeSet<ApplicationId>> {
    let Ok(seat) = actor.seat_on(call) else { return Ok(BTreeSet::new()) };
    let mut kept = store::own::recusals_of(conn, seat.id)?;
    kept.extend(applications::actions::own::theirs(conn, actor.person()?)?);
    Ok(kept)
}

/// A page of what was decided on a call, by reference code. `after` is the code of the last row of the page before.
///
/// # Errors
/// Refused (`voting_open`) before the close.
pub fn page_of_decisions<C: std::fmt::Display>(
    conn: &mut Conn,
    actor: &Actor,
    call: CallId,
    outcome: Option<Outcome>,
    (after, limit): (Option<&str>, Limit),
    cursor: impl Fn(&Decided) -> C,
) -> Result<Page<Decided>> {
    actor.require(Permission::ReadTally)?;
    require_closed(conn, call)?;
    let kept = kept_from(conn, actor, call)?;
    let rows = store::decided::page(conn, (call, &kept), outcome, after, Some(limit.rows_and_one()))?;
    Ok(Page::new(rows, limit, cursor))
}

/// Everything that was decided on a call, by reference code, as the pages show it.
///
/// # Errors
/// Refused (`voting_open`) before the close.
pub fn decided(conn: &mut Conn, actor: &Actor, call: CallId, outcome: Option<Outcome>) -> Result<Vec<Decided>> {
    actor.require(Permission::ReadTally)?;
    require_closed(conn, call)?;
    let kept = kept_from(conn, actor, call)?;
    store::decided::page(conn, (call, &kept), outcome, None, None)
}

/// How the committee decided on an application, and when: for slices that have asked who may know it. Never the counts, which
/// tell how each voted where all voted alike.
pub fn outcome_of(conn: &mut Conn, application: ApplicationId) -> Result<Option<(Outcome, Instant)>> {
    store::decided::outcome_of(conn, application)
}

/// The minutes: who was seated, who took part, who was recused from what, and what was decided. The chair is not told the
/// decisions that are kept from them, but every recusal: the minutes must name it.
///
/// # Errors
/// Refused (`voting_open`) before the close.
pub fn minutes(conn: &mut Conn, opener: &Opener<'_>, actor: &Actor, call: CallId) -> Result<Minutes> {
    actor.require(Permission::ReadMinutes)?;
    let call = require_closed(conn, call)?;
    let mut decisions = store::decided::page(conn, (call.id, &BTreeSet::new()), None, None, None)?;
    let closed_at = decisions.first().map(|decision| decision.decided_at);
    let decided: BTreeSet<ApplicationId> = decisions.iter().map(|decision| decision.application).collect();
    let recusals = store::decided::recusals(conn, call.id)?;
    let voted = store::decided::voted(conn, call.id)?;
    let ids: Vec<ApplicationId> = recusals.iter().map(|(application, _)| *application).collect();
    let references: BTreeMap<ApplicationId, String> = applications::actions::blind::handles(conn, &ids)?
        .into_iter()
        .map(|handle| (handle.id, handle.reference))
        .collect();
    let seated = store::seats(conn, call.id)?;
    let voting_seats = voting_seats(&seated).len();
    let mut seats = Vec::new();
    for seat in seated {
        let name = accounts::actions::officer_name(conn, opener, seat.person)?;
        let theirs = applications::actions::own::theirs(conn, seat.person)?;
        let counts = |id: &ApplicationId| !recusals.contains(&(*id, seat.id)) && !theirs.contains(id);
        let took_part = voted.iter().filter(|(id, of)| *of == seat.id && decided.contains(id) && counts(id)).count();
        let own = recusals.iter().filter(|(_, of)| *of == seat.id);
        let mut recused: Vec<String> = own.filter_map(|(id, _)| references.get(id).cloned()).collect();
        recused.sort_unstable();
        seats.push(MinutesSeat { name, voted: took_part, recusals: recused, seat });
    }
    let kept = kept_from(conn, actor, call.id)?;
    decisions.retain(|decision| !kept.contains(&decision.application));
    Ok(Minutes { call, closed_at, quorum: voting_seats.div_euclid(2).saturating_add(1), seats, decisions })
}
