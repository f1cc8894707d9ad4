//! Ending a seat before its time.

use serde::Serialize;

use crate::accounts::{self, Actor, Caller, Permission};
use crate::audit::{self, Kind, journal};
use crate::clock::Instant;
use crate::committee::rules::{SeatEndReason, SeatKind, Seated};
use crate::committee::store;
use crate::crypto::{Purpose, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{CallId, PersonId, SeatId};

#[derive(Serialize)]
struct SeatEnded {
    seat: SeatId,
    call: CallId,
    person: PersonId,
    kind: SeatKind,
    reason: SeatEndReason,
}

/// The seat that a path names, and somebody who may act on it; to whoever may not, it is as if it were not there.
///
/// # Errors
/// As for [`accounts::actions::act_on`].
pub fn act_on_seat(
    conn: &mut Conn,
    caller: &Caller,
    permission: Permission,
    path: &str,
    now: Instant,
) -> Result<(Actor, SeatId)> {
    let found = path.parse().ok().map(|id| store::find_seat(conn, id)).transpose()?.flatten();
    let call = found.as_ref().map(|(call, _)| *call);
    let actor = accounts::actions::act_on(conn, caller, permission, call, now)?;
    found.map(|(_, seat)| (actor, seat.id)).ok_or(Error::NotFound)
}

/// Ends a seat now, whatever its end was to be; gives it with the name of who held it. Votes that were cast stay as they are
/// and count, but for those of a chair who is followed by another, and of whoever stood in for them; a quorum is counted of the
/// same seats as before.
///
/// # Errors
/// [`Error::StepUpRequired`] without a fresh second factor; refused where it has ended already.
pub fn end_seat(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    caller: &Caller,
    (id, reason): (SeatId, SeatEndReason),
    now: Instant,
) -> Result<(Seated, Option<String>)> {
    actor.require(Permission::Seat)?;
    caller.require_step_up(now)?;
    let (call, seat) = store::find_seat(conn, id)?.ok_or(Error::NotFound)?;
    if !seat.is_held_at(now) {
        return Err(Error::refused("seat_ended", "this seat has ended already"));
    }
    store::end_seat(conn, id, now)?;
    let facts = SeatEnded { seat: id, call, person: seat.person, kind: seat.kind, reason };
    audit::record(conn, actor.author(), now, Kind::SeatEnded, &facts)?;
    let name = journal::during(conn, vault, (actor.author(), Purpose::ManageRoles, now), |conn, opener| {
        accounts::actions::officer_name(conn, opener, seat.person)
    })?;
    Ok((Seated { ends_at: Some(now), ..seat }, name))
}
