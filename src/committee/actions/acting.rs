//! Acting by a seat: who may, on which call; and who holds which.

use super::blind::{Known, known};
use crate::accounts::{self, Actor, Caller, Permission, allows};
use crate::applications::{self, Application};
use crate::calls;
use crate::clock::Instant;
use crate::committee::rules::Seated;
use crate::committee::store;
use crate::crypto::Opener;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId, PersonId};

/// Lets somebody signed in act by their seat on a call. A call that is not there (`call` is nothing) looks like one on
/// whose committee they are not.
///
/// # Errors
/// [`Error::Forbidden`] without any seat that carries the permission, or suspended; [`Error::NotFound`] with one on
/// another call only; [`Error::TotpRequired`] where the second factor is missing.
pub fn act(
    conn: &mut Conn,
    caller: &Caller,
    permission: Permission,
    call: Option<CallId>,
    now: Instant,
) -> Result<Actor> {
    let able = accounts::actions::require_able(caller, permission);
    let seats = store::own::seats_of(conn, caller.person)?;
    let mut carrying = seats
        .into_iter()
        .filter(|(_, seat)| seat.is_held_at(now) && allows(seat.kind.role(), permission))
        .filter(|_| !matches!(able, Err(Error::Forbidden { .. })))
        .peekable();
    if carrying.peek().is_none() {
        caller.applicant().require(permission)?;
    }
    let (call, held) = carrying.find(|(on, _)| Some(*on) == call).ok_or(Error::NotFound)?;
    able?;
    let seat = accounts::Seat { id: held.id, call, substitutes_for: held.substitutes_for };
    Ok(Actor::seated(caller.person, held.kind.role(), seat).in_session(caller.session))
}

/// The same about an application, which may not be there: gives it too.
///
/// # Errors
/// As for [`act`].
pub fn act_on(
    conn: &mut Conn,
    caller: &Caller,
    permission: Permission,
    application: Option<ApplicationId>,
    now: Instant,
) -> Result<(Actor, Application)> {
    let application = match application.map(|id| applications::actions::find(conn, id)) {
        Some(Ok(application)) => Some(application),
        None | Some(Err(Error::NotFound)) => None,
        Some(Err(error)) => return Err(error),
    };
    let call = application.as_ref().map(|application| application.call_id);
    let actor = act(conn, caller, permission, call, now)?;
    application.map(|application| (actor, application)).ok_or(Error::NotFound)
}

/// The same about an application that the member may know of: for what a retry is told again.
///
/// # Errors
/// As for [`act`]; [`Error::NotFound`] also for what they are recused from.
pub fn act_on_known(
    conn: &mut Conn,
    caller: &Caller,
    permission: Permission,
    application: Option<ApplicationId>,
    now: Instant,
) -> Result<(Actor, Known)> {
    let (actor, application) = act_on(conn, caller, permission, application, now)?;
    let known = known(conn, &actor, application)?;
    Ok((actor, known))
}

/// The same for what those who work for the fund may read as well as the committee.
///
/// # Errors
/// As for [`act`] and [`accounts::actions::act_on`].
pub fn act_to_read(
    conn: &mut Conn,
    caller: &Caller,
    permission: Permission,
    call: Option<CallId>,
    now: Instant,
) -> Result<Actor> {
    let by_seat = act(conn, caller, permission, call, now);
    let is_elsewhere = match by_seat {
        Err(Error::Forbidden { .. }) => false,
        Err(Error::NotFound) => true,
        other => return other,
    };
    match accounts::actions::act_on(conn, caller, permission, call, now) {
        Err(Error::Forbidden { .. }) if is_elsewhere => Err(Error::NotFound),
        other => other,
    }
}

/// A seat that one holds, and the call that it is for.
#[derive(Debug, Clone)]
pub struct OwnSeat {
    pub call: CallId,
    pub call_code: String,
    pub seat: Seated,
}

/// The seats that one holds now, the latest first.
pub fn own_seats(conn: &mut Conn, caller: &Caller, now: Instant) -> Result<Vec<OwnSeat>> {
    let held = store::own::seats_of(conn, caller.person)?.into_iter().filter(|(_, seat)| seat.is_held_at(now));
    let mut own = Vec::new();
    for (call, seat) in held {
        own.push(OwnSeat { call, call_code: calls::actions::find(conn, call)?.code, seat });
    }
    Ok(own)
}

/// Every seat that one ever had, the latest first.
pub fn every_seat(conn: &mut Conn, caller: &Caller) -> Result<Vec<(CallId, Seated)>> {
    store::own::seats_of(conn, caller.person)
}

/// Whether somebody is seated on a committee.
pub fn holds_seat(conn: &mut Conn, person: PersonId, now: Instant) -> Result<bool> {
    Ok(store::own::seats_of(conn, person)?.iter().any(|(_, seat)| seat.is_held_at(now)))
}

/// The committee of a call, in the order of seating, each with the name that they gave.
///
/// # Errors
/// [`Error::NotFound`] where there is no such call.
pub fn seats(
    conn: &mut Conn,
    opener: &Opener<'_>,
    actor: &Actor,
    call: CallId,
) -> Result<Vec<(Seated, Option<String>)>> {
    actor.require(Permission::ReadMinutes)?;
    calls::actions::find(conn, call)?;
    let mut named = Vec::new();
    for seat in store::seats(conn, call)? {
        let name = accounts::actions::officer_name(conn, opener, seat.person)?;
        named.push((seat, name));
    }
    Ok(named)
}
