//! What a member does with one application: declares whether there is a conflict, reads the facts, votes.

use serde::Serialize;

use crate::accounts::{Actor, Permission, Seat};
use crate::applications::{self, Application, ApplicationState, Handle, Need};
use crate::audit::{self, Kind, journal};
use crate::calls::{self, Category};
use crate::clock::Instant;
use crate::committee::rules::{Ballot, Vote, age};
use crate::committee::store;
use crate::crypto::{Opener, Place, Purpose, Vault};
use crate::db::Conn;
use crate::eligibility::{self, Raised};
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, SeatId};

use super::SealedBallot;

#[derive(Serialize)]
struct NoConflictDeclared {
    application: ApplicationId,
    seat: SeatId,
}

/// A member's own vote as it holds now.
#[derive(Debug, Clone)]
pub struct OwnVote {
    pub vote: Vote,
    pub score: Option<u8>,
    pub reason: String,
    pub cast_at: Instant,
    /// 1 for the first; each change is a further one.
    pub version: i32,
}

/// An application as a member sees it: the facts, and nobody.
#[derive(Debug, Clone)]
pub struct Blind {
    pub handle: Handle,
    /// Full years at the reference date, of the applicant and of the children.
    pub age: u8,
    pub children_ages: Vec<u8>,
    /// As it was sealed; who shows it shows neither birth dates nor the household's name or address.
    pub need: Need,
    /// The category that it belongs to, with the conditions that put it there.
    pub category: Option<Category>,
    pub findings: Vec<Raised>,
    pub own_vote: Option<OwnVote>,
    pub declared_at: Instant,
    pub currency: String,
    pub voting_closes_at: Instant,
    /// Grows with every change that this member may know of.
    pub version: i32,
}

/// An application that a member may know of, their seat, and when they declared that they have no conflict.
///
/// What they are recused from, their own, and what was withdrawn is not there for them; what is not voted on is not, unless
/// they have seen it when it was.
pub(super) fn known(conn: &mut Conn, actor: &Actor, id: ApplicationId) -> Result<(Application, Seat, Option<Instant>)> {
    let application = applications::actions::find(conn, id)?;
    let seat = actor.seat_on(application.call_id)?;
    let recused = store::recused(conn, id)?;
    let stands_in = super::stands_in(conn, seat, &recused)?.unwrap_or(true);
    let is_gone = matches!(application.state, ApplicationState::Withdrawn | ApplicationState::Merged);
    let is_hidden = recused.contains(&seat.id) || !stands_in || is_gone;
    if is_hidden || applications::actions::own::is_theirs(conn, actor.person()?, &application)? {
        return Err(Error::NotFound);
    }
    let declared_at = store::own::declared_at(conn, id, seat.id)?;
    if application.state != ApplicationState::Eligible && declared_at.is_none() {
        return Err(Error::NotFound);
    }
    Ok((application, seat, declared_at))
}

fn undeclared() -> Error {
    Error::refused("conflict_undeclared", "declare first whether you have a conflict about this application")
}

/// Records that a member has no conflict about an application, which opens it for them; since when is given back. To say
/// it twice changes nothing. This event is the record of who reads the facts.
///
/// # Errors
/// [`Error::NotFound`] for what the member may not know of; refused once the voting is closed.
pub fn declare_no_conflict(conn: &mut Conn, actor: &Actor, id: ApplicationId, now: Instant) -> Result<Instant> {
    actor.require(Permission::DeclareRecusal)?;
    let (application, seat, declared_at) = known(conn, actor, id)?;
    if let Some(declared_at) = declared_at {
        return Ok(declared_at);
    }
    super::require_before_close(conn, application.call_id)?;
    store::own::insert_declaration(conn, id, seat.id, now)?;
    let facts = NoConflictDeclared { application: id, seat: seat.id };
    audit::record(conn, actor.author(), now, Kind::NoConflictDeclared, &facts)?;
    Ok(now)
}

/// Records that a member has a conflict: a recusal. From here on there is nothing of the application for them; a vote that
/// they have cast counts no more.
///
/// # Errors
/// As for [`declare_no_conflict`].
pub fn declare_conflict(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    id: ApplicationId,
    reason: &str,
    now: Instant,
) -> Result<()> {
    actor.require(Permission::DeclareRecusal)?;
    known(conn, actor, id)?;
    super::recuse(conn, vault, actor, id, reason, now)
}

/// Opens the facts of an application for a member who has declared that they have no conflict.
///
/// # Errors
/// [`Error::NotFound`] for what the member may not know of; refused (`conflict_undeclared`) before the declaration.
pub fn open_blind(conn: &mut Conn, opener: &Opener<'_>, actor: &Actor, id: ApplicationId) -> Result<Blind> {
    actor.require(Permission::ReadBlind)?;
    let (application, seat, declared_at) = known(conn, actor, id)?;
    let declared_at = declared_at.ok_or_else(undeclared)?;
    let need = applications::actions::open_need(conn, opener, &application)?;
    let rules = calls::actions::find(conn, application.call_id)?.rules;
    let own_vote = own_vote(conn, opener, &application, seat.id)?;
    let version = own_vote.as_ref().map_or(0, |own| own.version);
    Ok(Blind {
        handle: applications::actions::blind::handle(conn, id)?,
        age: age(need.born, rules.reference_date),
        children_ages: need.children_born.iter().map(|born| age(*born, rules.reference_date)).collect(),
        need,
        category: rules.categories.into_iter().find(|category| Some(category.number) == application.category),
        findings: eligibility::actions::raised_on(conn, id)?,
        own_vote,
        declared_at,
        currency: rules.currency,
        voting_closes_at: rules.voting_closes_at,
        version: application.version.saturating_add(version),
    })
}

fn own_vote(conn: &mut Conn, opener: &Opener<'_>, application: &Application, seat: SeatId) -> Result<Option<OwnVote>> {
    let Some(row) = store::own::latest_vote(conn, application.id, seat)? else { return Ok(None) };
    let place = Place { table: "votes", column: "ballot_sealed", row: row.id.uuid() };
    let opened = applications::actions::blind::open_remark(conn, opener, application, place, &row.ballot_sealed)?;
    let SealedBallot { reason, .. } = opened;
    let score = row.score.map(u8::try_from).transpose().map_err(Error::corrupt)?;
    let reason = reason.into_owned();
    Ok(Some(OwnVote { vote: row.vote, score, reason, cast_at: row.cast_at, version: row.version }))
}

/// Casts a vote, or changes it: the earlier ones stay on record and count no more.
///
/// # Errors
/// [`Error::NotFound`] for what the member may not know of; refused before the declaration (`conflict_undeclared`), and
/// with the codes of [`crate::committee::VoteRefused`].
pub fn vote(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    id: ApplicationId,
    ballot: &Ballot,
    now: Instant,
) -> Result<OwnVote> {
    actor.require(Permission::CastVote)?;
    let (application, seat, declared_at) = known(conn, actor, id)?;
    declared_at.ok_or_else(undeclared)?;
    super::cast(conn, vault, actor, id, ballot, now)?;
    let cast = journal::during(conn, vault, (actor.author(), Purpose::Vote, now), |conn, opener| {
        own_vote(conn, opener, &application, seat.id)
    });
    cast?.ok_or_else(|| Error::corrupt("a vote that was cast is not there"))
}
