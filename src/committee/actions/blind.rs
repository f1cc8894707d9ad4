//! What a member does with one application: declares whether there is a conflict, reads the facts, votes.

use serde::Serialize;

use crate::accounts::{Actor, Permission};
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
use crate::version::Seen;

use super::{Duty, SealedBallot};

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

/// An application that a member may know of, and how their seat stands to it.
#[derive(Debug)]
pub struct Known {
    duty: Duty,
    /// When they declared that they have no conflict.
    declared_at: Option<Instant>,
}

/// An application, where a member may know of it.
///
/// What they are recused from, their own, and what was withdrawn is not there for them; what is not voted on is not, unless
/// they have seen it when it was.
pub(super) fn known(conn: &mut Conn, actor: &Actor, application: Application) -> Result<Known> {
    let duty = super::duty(conn, actor, application)?;
    let (id, state) = (duty.application.id, duty.application.state);
    let is_gone = matches!(state, ApplicationState::Withdrawn | ApplicationState::Merged);
    let is_hidden = duty.is_recused || duty.is_standing_in == Some(false) || is_gone;
    if is_hidden || applications::actions::own::theirs(conn, actor.person()?)?.contains(&id) {
        return Err(Error::NotFound);
    }
    let declared_at = store::own::declared_at(conn, id, duty.seat.id)?;
    if state != ApplicationState::Eligible && declared_at.is_none() {
        return Err(Error::NotFound);
    }
    Ok(Known { duty, declared_at })
}

fn undeclared() -> Error {
    Error::refused("conflict_undeclared", "declare first whether you have a conflict about this application")
}

/// Records that a member has no conflict about an application, which opens it for them; since when is given back. To say
/// it twice changes nothing. This event is the record of who reads the facts.
///
/// # Errors
/// [`Error::NotFound`] for what the member may not know of; refused once the voting is closed.
pub fn declare_no_conflict(conn: &mut Conn, actor: &Actor, application: Application, now: Instant) -> Result<Instant> {
    actor.require(Permission::DeclareRecusal)?;
    let Known { duty, declared_at } = known(conn, actor, application)?;
    if let Some(declared_at) = declared_at {
        return Ok(declared_at);
    }
    let (application, seat) = (duty.application.id, duty.seat.id);
    super::require_before_close(conn, duty.application.call_id)?;
    store::own::insert_declaration(conn, application, seat, now)?;
    let facts = NoConflictDeclared { application, seat };
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
    application: Application,
    reason: &str,
    now: Instant,
) -> Result<()> {
    actor.require(Permission::DeclareRecusal)?;
    let Known { duty, .. } = known(conn, actor, application)?;
    super::recuse_from(conn, vault, actor, &duty, reason, now)
}

/// Opens the facts of an application for a member who has declared that they have no conflict.
///
/// # Errors
/// [`Error::NotFound`] for what the member may not know of; refused (`conflict_undeclared`) before the declaration.
pub fn open_blind(conn: &mut Conn, opener: &Opener<'_>, actor: &Actor, application: Application) -> Result<Blind> {
    actor.require(Permission::ReadBlind)?;
    let Known { duty: Duty { application, seat, .. }, declared_at } = known(conn, actor, application)?;
    let declared_at = declared_at.ok_or_else(undeclared)?;
    let need = applications::actions::open_need(conn, opener, &application)?;
    let rules = calls::actions::find(conn, application.call_id)?.rules;
    let own_vote = own_vote(conn, opener, &application, seat.id)?;
    let version = version(&application, own_vote.as_ref().map(|own| own.version));
    Ok(Blind {
        handle: applications::actions::blind::handle(conn, application.id)?,
        age: age(need.born, rules.reference_date),
        children_ages: need.children_born.iter().map(|born| age(*born, rules.reference_date)).collect(),
        need,
        category: rules.categories.into_iter().find(|category| Some(category.number) == application.category),
        findings: eligibility::actions::raised_on(conn, application.id)?,
        own_vote,
        declared_at,
        currency: rules.currency,
        voting_closes_at: rules.voting_closes_at,
        version,
    })
}

/// Of what a member sees, with the version of their own vote where they have voted.
fn version(application: &Application, own_vote: Option<i32>) -> i32 {
    application.version.saturating_add(own_vote.unwrap_or(0))
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
/// Refused before the declaration (`conflict_undeclared`), and with the codes of [`crate::committee::VoteRefused`];
/// [`Error::Stale`] where what the member saw, with their own vote, has changed.
pub fn vote(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    Known { duty, declared_at }: &Known,
    (ballot, seen): (&Ballot, Seen),
    now: Instant,
) -> Result<OwnVote> {
    actor.require(Permission::CastVote)?;
    declared_at.ok_or_else(undeclared)?;
    if seen != Seen::ANY {
        let own_vote = store::own::latest_vote(conn, duty.application.id, duty.seat.id)?.map(|row| row.version);
        seen.require(version(&duty.application, own_vote), "the application and one's own vote")?;
    }
    super::cast_on(conn, vault, actor, duty, ballot, now)?;
    let cast = journal::during(conn, vault, (actor.author(), Purpose::Vote, now), |conn, opener| {
        own_vote(conn, opener, &duty.application, duty.seat.id)
    });
    cast?.ok_or_else(|| Error::corrupt("a vote that was cast is not there"))
}
