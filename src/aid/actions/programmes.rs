//! The aid catalogue of a call.

use serde::Serialize;

use crate::accounts::{Actor, Permission};
use crate::aid::rules::{Effect, NewProgramme, Programme};
use crate::aid::store;
use crate::audit::{self, Kind};
use crate::calls::{self, CallState};
use crate::clock::Instant;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{CallId, ProgrammeId};

#[derive(Serialize)]
struct ProgrammeStep<'a> {
    programme: ProgrammeId,
    call: CallId,
    code: &'a str,
    effect: Effect,
}

impl<'a> ProgrammeStep<'a> {
    fn of(programme: &'a Programme) -> Self {
        let Programme { id, call, code, effect, .. } = programme;
        Self { programme: *id, call: *call, code, effect: *effect }
    }
}

/// Adds a programme to the aid catalogue of a call.
///
/// # Errors
/// [`Error::Invalid`] for an effect that is not supported yet; refused where the code is taken.
pub fn add_programme(
    conn: &mut Conn,
    actor: &Actor,
    call: CallId,
    new: &NewProgramme,
    now: Instant,
) -> Result<Programme> {
    actor.require(Permission::ImportAid)?;
    if !new.effect.is_supported() {
        return Err(Error::invalid(
            "effect",
            format!("“{}” is not supported yet; use disqualify or ignore", new.effect),
        ));
    }
    if !calls::actions::voting(conn, call)?.state.can_gain_programmes() {
        return Err(Error::refused("call_state", "the voting is over; what the call says of other aid stays"));
    }
    if store::programmes(conn, call)?.iter().any(|known| known.code == new.code) {
        return Err(Error::refused("programme_exists", format!("the programme “{}” exists already", new.code)));
    }
    let NewProgramme { code, provider, level, is_universal, effect, title } = new.clone();
    let programme = Programme { id: ProgrammeId::new(), call, code, provider, level, is_universal, effect, title };
    store::insert_programme(conn, &programme)?;
    audit::record(conn, actor.author(), now, Kind::ProgrammeAdded, &ProgrammeStep::of(&programme))?;
    Ok(programme)
}

/// Takes a programme out of the catalogue, while nobody has seen the call and nothing hangs on the programme.
///
/// # Errors
/// Refused once the call is published, or where the programme has a register.
pub fn remove_programme(conn: &mut Conn, actor: &Actor, id: ProgrammeId, now: Instant) -> Result<()> {
    actor.require(Permission::ImportAid)?;
    let programme = store::find_programme(conn, id)?.ok_or(Error::NotFound)?;
    if calls::actions::find(conn, programme.call)?.state != CallState::Draft {
        return Err(Error::refused("call_not_draft", "what a published call says of other aid stays"));
    }
    if store::has_register(conn, id)? {
        return Err(Error::refused("programme_has_register", "the programme has a register"));
    }
    store::delete_programme(conn, id)?;
    audit::record(conn, actor.author(), now, Kind::ProgrammeRemoved, &ProgrammeStep::of(&programme))
}

/// The aid catalogue of a call, by code.
pub fn programmes(conn: &mut Conn, call: CallId) -> Result<Vec<Programme>> {
    store::programmes(conn, call)
}

/// The call that a programme belongs to, where there is such a programme.
pub fn call_of_programme(conn: &mut Conn, id: ProgrammeId) -> Result<Option<CallId>> {
    Ok(store::find_programme(conn, id)?.map(|programme| programme.call))
}
