//! The people of a case, each with the role that their part in it needs.

use std::collections::BTreeMap;

use super::case::Case;
use crate::accounts::{Actor, Role, actions as accounts};
use crate::clock::Instant;
use crate::committee::{NewSeat, actions as committee};
use crate::crypto::Vault;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{CallId, SeatId};

/// Those who work for the fund in a case.
pub struct Officers {
    pub administrator: Actor,
    pub treasurer: Actor,
    pub authoriser: Actor,
    pub auditor: Actor,
    /// Who decided on findings, by the name in the file; administrators all.
    pub deciders: BTreeMap<String, Actor>,
}

impl Officers {
    pub fn register(conn: &mut Conn, vault: &Vault, case: &Case, now: Instant) -> Result<Self> {
        let mut officer = |name: &str, role| register(conn, vault, name, role, now);
        let mut deciders = BTreeMap::new();
        for resolved in &case.resolutions {
            if !deciders.contains_key(&resolved.by) {
                deciders.insert(resolved.by.clone(), officer(&resolved.by, Role::Administrator)?);
            }
        }
        Ok(Self {
            administrator: officer("Administrator", Role::Administrator)?,
            treasurer: officer("Treasurer", Role::Treasurer)?,
            authoriser: officer("Payment authoriser", Role::Authoriser)?,
            auditor: officer("Auditor", Role::Auditor)?,
            deciders,
        })
    }
}

fn register(conn: &mut Conn, vault: &Vault, name: &str, role: Role, now: Instant) -> Result<Actor> {
    let person = accounts::register_officer(conn, vault, &Actor::SYSTEM, name, now)?;
    accounts::grant(conn, &Actor::SYSTEM, person, role, now)?;
    accounts::act_as(conn, person, role, now)
}

/// Seats the committee of a case; gives each member as an actor, by the name in the file.
pub fn seat_committee(
    conn: &mut Conn,
    vault: &Vault,
    administrator: &Actor,
    case: &Case,
    call: CallId,
    now: Instant,
) -> Result<BTreeMap<String, Actor>> {
    let mut seats: BTreeMap<&str, SeatId> = BTreeMap::new();
    let mut members = BTreeMap::new();
    for seat in &case.seats {
        let person = accounts::register_officer(conn, vault, &Actor::SYSTEM, &seat.member, now)?;
        let principal = seat.substitutes_for.as_deref().map(|member| seats.get(member).copied().ok_or(Error::NotFound));
        let new = NewSeat { kind: seat.kind, substitutes_for: principal.transpose()?, association: &seat.association };
        seats.insert(&seat.member, committee::seat(conn, administrator, call, person, new, now)?);
        members.insert(seat.member.clone(), committee::act_by_seat(conn, call, person)?);
    }
    Ok(members)
}
