//! Opening and closing the voting at a version that was seen, and what is still missing: whose votes, never how.

use std::collections::BTreeSet;

use crate::accounts::{Actor, Permission};
use crate::applications::{self, Application, ApplicationState};
use crate::calls::{self, Call};
use crate::clock::Instant;
use crate::committee::rules::{Seated, voting_seats};
use crate::committee::store;
use crate::crypto::Vault;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::{ApplicationId, CallId, SeatId};
use crate::version::Seen;

/// How many reference codes the progress names of each seat.
const NAMED: usize = 100;

/// What one seat has left to do.
#[derive(Debug, Clone)]
pub struct SeatProgress {
    pub seat: Seated,
    /// How many applications it has not voted on.
    pub missing: usize,
    /// The first of them by reference code; without those that the one who asks is recused from, and their own.
    pub references: Vec<String>,
}

/// How far the voting on a call has come.
#[derive(Debug, Clone)]
pub struct Progress {
    pub call: Call,
    /// How many applications are voted on.
    pub eligible: usize,
    /// Whether some may still become eligible, because their check is not over or a person looks at a finding.
    pub has_waiting: bool,
    pub seats: Vec<SeatProgress>,
}

impl Progress {
    /// Whether nobody has a vote left to give, so that the voting need not wait for its end.
    pub fn is_complete(&self) -> bool {
        !self.has_waiting && self.seats.iter().all(|seat| seat.missing == 0)
    }
}

/// Opens the voting on a call at the version that was seen.
///
/// # Errors
/// [`Error::Stale`] at another version; as for [`super::open`].
pub fn open_at(conn: &mut Conn, actor: &Actor, (call, seen): (CallId, Seen), now: Instant) -> Result<Call> {
    actor.require(Permission::OpenVoting)?;
    require_version(conn, call, seen)?;
    super::open(conn, actor, call, now)
}

/// Closes the voting on a call at the version that was seen: from its end on, and before it once no vote is missing.
///
/// # Errors
/// [`Error::Stale`] at another version; as for [`super::close`].
pub fn close_at(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    (call, seen): (CallId, Seen),
    now: Instant,
) -> Result<Call> {
    actor.require(Permission::CloseVoting)?;
    require_version(conn, call, seen)?;
    super::close(conn, vault, actor, call, now)
}

fn require_version(conn: &mut Conn, call: CallId, seen: Seen) -> Result<()> {
    let call = calls::actions::find(conn, call)?;
    seen.require(call.version, "the call")
}

/// How far the voting has come, for the chair: who has not voted on what, never how anybody has.
///
/// # Errors
/// [`Error::NotFound`] where the actor has no seat on the call.
pub fn progress(conn: &mut Conn, actor: &Actor, call: CallId, now: Instant) -> Result<Progress> {
    actor.require(Permission::CloseVoting)?;
    actor.seat_on(call)?;
    let kept = super::decided::kept_from(conn, actor, call)?;
    gather(conn, call, &kept, now)
}

/// Whether no vote is missing on any application that is eligible, or may still become so.
pub(super) fn is_complete(conn: &mut Conn, call: CallId, now: Instant) -> Result<bool> {
    Ok(gather(conn, call, &BTreeSet::new(), now)?.is_complete())
}

/// A seat that has ended has no vote left to give. `kept` is what the one who asks may not know of.
fn gather(conn: &mut Conn, call: CallId, kept: &BTreeSet<ApplicationId>, now: Instant) -> Result<Progress> {
    let eligible = applications::actions::list_in_state(conn, call, ApplicationState::Eligible)?;
    let recusals = store::decided::recusals(conn, call)?;
    let voted = store::decided::voted(conn, call)?;
    let seats = store::seats(conn, call)?;
    let voting = voting_seats(&seats);
    let recused = |id: ApplicationId| -> BTreeSet<SeatId> {
        let first = (id, SeatId::from(uuid::Uuid::nil()));
        recusals.range(first..).take_while(|(of, _)| *of == id).map(|(_, seat)| *seat).collect()
    };
    let with_recused: Vec<(&Application, BTreeSet<SeatId>)> =
        eligible.iter().map(|application| (application, recused(application.id))).collect();
    let of_seat = |(seat, theirs): (Seated, BTreeSet<ApplicationId>)| {
        let is_missing = |(application, recused): &&(&Application, BTreeSet<SeatId>)| {
            seat.votes_on(theirs.contains(&application.id), recused, &voting)
                && !voted.contains(&(application.id, seat.id))
        };
        let missing: Vec<_> = with_recused.iter().filter(is_missing).collect();
        let named = missing.iter().filter(|(application, _)| !kept.contains(&application.id)).take(NAMED);
        let references = named.map(|(application, _)| application.reference.clone()).collect();
        SeatProgress { missing: missing.len(), references, seat }
    };
    let mut held = Vec::new();
    for seat in seats.into_iter().filter(|seat| seat.is_held_at(now)) {
        let theirs = applications::actions::own::theirs(conn, seat.person)?;
        held.push((seat, theirs));
    }
    let seats = held.into_iter().map(of_seat).collect();
    let has_waiting = applications::actions::blind::has_waiting(conn, call)?;
    Ok(Progress { call: calls::actions::find(conn, call)?, eligible: eligible.len(), has_waiting, seats })
}
