//! What the clock does where nobody presides: it opens and closes the voting.

use crate::accounts::Actor;
use crate::calls::{self, CallState};
use crate::clock::Instant;
use crate::committee::rules::{GRACE, is_left_to_clock};
use crate::committee::store;
use crate::crypto::Vault;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::CallId;

/// The calls whose voting the clock opens or closes now.
pub fn left_to_clock(conn: &mut Conn, now: Instant) -> Result<Vec<CallId>> {
    let mut left = Vec::new();
    for call in calls::actions::overdue(conn, now.minus(GRACE))? {
        if state_left(conn, call, now)?.is_some() {
            left.push(call);
        }
    }
    Ok(left)
}

/// Takes the step that is left to the clock, and says whether there was one: somebody may have been seated meanwhile.
///
/// # Errors
/// As for [`super::open`] and [`super::close`].
pub fn step_by_clock(conn: &mut Conn, vault: &Vault, call: CallId, now: Instant) -> Result<bool> {
    match state_left(conn, call, now)? {
        Some(CallState::Published) => super::open(conn, &Actor::SYSTEM, call, now)?,
        Some(CallState::Voting) => super::close(conn, vault, &Actor::SYSTEM, call, now)?,
        Some(CallState::Draft | CallState::VotingClosed | CallState::Allocated) | None => return Ok(false),
    };
    Ok(true)
}

/// Where a call stands that is left to the clock.
fn state_left(conn: &mut Conn, call: CallId, now: Instant) -> Result<Option<CallState>> {
    let call = calls::actions::find(conn, call)?;
    let due = match call.state {
        CallState::Published => call.closes_at,
        CallState::Voting => call.rules.voting_closes_at,
        CallState::Draft | CallState::VotingClosed | CallState::Allocated => return Ok(None),
    };
    Ok(is_left_to_clock(&store::seats(conn, call.id)?, due, now).then_some(call.state))
}
