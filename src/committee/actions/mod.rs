//! Seating the committee, declaring recusals, casting votes, closing the voting.

mod acting;
mod blind;
mod clock;
mod decided;
mod ending;
mod queue;
mod voting;

pub use acting::{OwnSeat, act, act_on, act_on_known, act_to_read, every_seat, holds_seat, own_seats, seats};
pub use blind::{Blind, Known, OwnVote, declare_conflict, declare_no_conflict, open_blind, vote};
pub use clock::{left_to_clock, step_by_clock};
pub use decided::{Minutes, MinutesSeat, decided, minutes, outcome_of, page_of_decisions};
pub use ending::{act_on_seat, end_seat};
pub use queue::{QueueRow, QueueWanted, queue};
pub use voting::{Progress, SeatProgress, close_at, open_at, progress};

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::accounts::{self, Actor, Permission, Role};
use crate::applications::{self, Application, ApplicationState};
use crate::audit::{self, Kind};
use crate::calls::{self, Call, CallState};
use crate::clock::Instant;
use crate::committee::rules::{
    Ballot, Decision, NewSeat, SeatKind, Seated, Tally, VoteFacts, VoteRefused, counting, presiding, tally,
    voting_seats,
};
use crate::committee::store;
use crate::crypto::{Commitment, Place, Salt, Vault, commit};
use crate::db::Conn;
use crate::eligibility;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId, InvitationId, PersonId, SeatId, VoteId};
use crate::jobs::{self, Job, JobKind};

#[derive(Serialize)]
struct MemberSeated<'a> {
    seat: SeatId,
    call: CallId,
    person: PersonId,
    kind: SeatKind,
    association: &'a str,
    substitutes_for: Option<SeatId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_at: Option<Instant>,
}

#[derive(Serialize)]
struct RecusalDeclared {
    application: ApplicationId,
    seat: SeatId,
}

/// The reason of a vote, and the salt of the commitment that the log holds of it.
#[derive(Serialize, Deserialize)]
struct SealedBallot<'a> {
    salt: Salt,
    reason: Cow<'a, str>,
}

/// The log says that somebody voted and commits to how; how it was stays sealed until the voting closes.
#[derive(Serialize)]
struct VoteWasCast {
    application: ApplicationId,
    seat: SeatId,
    ballot: Commitment,
}

#[derive(Serialize)]
struct ApplicationDecided<'a> {
    application: ApplicationId,
    tally: &'a Tally,
}

/// Gives a person a seat on a call's committee.
///
/// # Errors
/// Refused for a second chair; [`Error::Invalid`] where a substitute stands for nobody, or another seat for somebody.
pub fn seat(
    conn: &mut Conn,
    actor: &Actor,
    call: CallId,
    person: PersonId,
    new: NewSeat<'_>,
    now: Instant,
) -> Result<SeatId> {
    actor.require(Permission::Seat)?;
    give_seat(conn, actor, call, person, (new, None), now)
}

fn give_seat(
    conn: &mut Conn,
    actor: &Actor,
    call: CallId,
    person: PersonId,
    (new, ends_at): (NewSeat<'_>, Option<Instant>),
    now: Instant,
) -> Result<SeatId> {
    if (new.kind == SeatKind::Substitute) != new.substitutes_for.is_some() {
        return Err(Error::invalid("substitutes_for", "a substitute, and only a substitute, stands for another seat"));
    }
    if actor.author().person == Some(person) {
        return Err(Error::refused("seat_to_oneself", "nobody seats themselves"));
    }
    require_before_close(conn, call)?;
    let seats = store::seats(conn, call)?;
    if new.kind == SeatKind::Chair && seats.iter().any(|seat| seat.kind == SeatKind::Chair && seat.is_held_at(now)) {
        return Err(Error::refused("second_chair", "the committee has a chair already"));
    }
    if let Some(principal) = new.substitutes_for {
        let is_seated = |seat: &Seated| seat.id == principal && seat.kind != SeatKind::Substitute;
        if !seats.iter().any(is_seated) {
            return Err(Error::invalid(
                "substitutes_for",
                "a substitute stands for a member or the chair of the same call",
            ));
        }
    }
    accounts::actions::require_compatible(conn, person, new.kind.role(), Some(call), now)?;
    let id = SeatId::new();
    store::insert_seat(conn, id, call, person, (&new, ends_at), now)?;
    let NewSeat { kind, substitutes_for, association } = new;
    let facts = MemberSeated { seat: id, call, person, kind, association, substitutes_for, ends_at };
    audit::record(conn, actor.author(), now, Kind::MemberSeated, &facts)?;
    Ok(id)
}

/// Seats somebody who accepted an invitation. A job that runs twice seats them once.
pub fn seat_invited(conn: &mut Conn, job: &Job, now: Instant) -> Result<()> {
    let offer = accounts::actions::invitations::seat_offer(conn, InvitationId::from(job.subject))?;
    if let Some(seat) = store::seats(conn, offer.call)?.into_iter().find(|seat| seat.person == offer.person) {
        // By this very invitation, unless another seat says otherwise; then an administrator must see it.
        return match seat.ends_at == Some(offer.ends_at) {
            true => Ok(()),
            false => Err(Error::refused("seat_accepted_before", "the person has or had another seat on this call")),
        };
    }
    let kind = SeatKind::of(offer.role).ok_or_else(|| Error::corrupt("a seat for a role that has none"))?;
    let new = NewSeat { kind, substitutes_for: offer.substitutes_for, association: &offer.association };
    give_seat(conn, &Actor::SYSTEM, offer.call, offer.person, (new, Some(offer.ends_at)), now)?;
    jobs::enqueue(conn, JobKind::MailRoleGiven, job.subject, now)
}

fn require_before_close(conn: &mut Conn, call: CallId) -> Result<()> {
    match calls::actions::voting(conn, call)?.state {
        CallState::Draft | CallState::Published | CallState::Voting => Ok(()),
        CallState::VotingClosed | CallState::Allocated => {
            Err(Error::refused(VoteRefused::VotingClosed.as_str(), "the voting is closed"))
        }
    }
}

/// Lets a person act by their seat on a call's committee.
///
/// # Errors
/// [`Error::NotFound`] where they have none.
pub fn act_by_seat(conn: &mut Conn, call: CallId, person: PersonId) -> Result<Actor> {
    let seats = store::seats(conn, call)?;
    let held = seats.iter().find(|seat| seat.person == person).ok_or(Error::NotFound)?;
    let seat = accounts::Seat { id: held.id, call, substitutes_for: held.substitutes_for };
    Ok(Actor::seated(person, held.kind.role(), seat))
}

/// Declares that a member has a conflict about an application: they see nothing of it and do not vote on it.
///
/// # Errors
/// Refused where it is declared already.
pub fn recuse(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    id: ApplicationId,
    reason: &str,
    now: Instant,
) -> Result<()> {
    actor.require(Permission::DeclareRecusal)?;
    let application = applications::actions::find(conn, id)?;
    let duty = duty(conn, actor, application)?;
    recuse_from(conn, vault, actor, &duty, reason, now)
}

fn recuse_from(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    Duty { application, seat, is_recused, .. }: &Duty,
    reason: &str,
    now: Instant,
) -> Result<()> {
    require_before_close(conn, application.call_id)?;
    if *is_recused {
        return Err(Error::refused("already_recused", "the recusal is declared already"));
    }
    let place = Place { table: "recusals", column: "reason_sealed", row: seat.id.uuid() };
    let reason = applications::actions::seal_remark(conn, vault, application, place, &reason)?;
    store::insert_recusal(conn, application.id, seat.id, &reason, now)?;
    let facts = RecusalDeclared { application: application.id, seat: seat.id };
    audit::record(conn, actor.author(), now, Kind::RecusalDeclared, &facts)
}

/// Casts a vote; a later one of the same member takes the place of the earlier.
///
/// # Errors
/// Refused with one of the codes of [`VoteRefused`].
pub fn cast(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    id: ApplicationId,
    ballot: &Ballot,
    now: Instant,
) -> Result<()> {
    actor.require(Permission::CastVote)?;
    let application = applications::actions::find(conn, id)?;
    let duty = duty(conn, actor, application)?;
    cast_on(conn, vault, actor, &duty, ballot, now)
}

fn cast_on(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    Duty { application, seat, is_recused, is_standing_in }: &Duty,
    ballot: &Ballot,
    now: Instant,
) -> Result<()> {
    let voting = calls::actions::voting(conn, application.call_id)?;
    ballot.admit(&VoteFacts {
        state: application.state,
        is_recused: *is_recused,
        is_standing_in: *is_standing_in,
        voting: voting.state,
        voting_closes_at: voting.closes_at,
        now,
    })?;
    let (id, seat) = (application.id, seat.id);
    let vote_id = VoteId::new();
    let place = Place { table: "votes", column: "ballot_sealed", row: vote_id.uuid() };
    let salt = Salt::random()?;
    let sealed = applications::actions::seal_remark(
        conn,
        vault,
        application,
        place,
        &SealedBallot { salt, reason: Cow::Borrowed(&ballot.reason) },
    )?;
    store::insert_vote(conn, vote_id, (id, seat), ballot, &sealed, now)?;
    let facts = VoteWasCast { application: id, seat, ballot: commit(salt, ballot)? };
    audit::record(conn, actor.author(), now, Kind::VoteCast, &facts)
}

/// Whether votes are due from a seat, or from whoever stands in for it: not from that of a chair who was followed by another.
fn is_voting_seat(conn: &mut Conn, call: CallId, seat: SeatId) -> Result<bool> {
    Ok(voting_seats(&store::seats(conn, call)?).contains(&seat))
}

/// An application, and how the seat of somebody stands to it.
#[derive(Debug)]
struct Duty {
    application: Application,
    seat: accounts::Seat,
    is_recused: bool,
    /// For a substitute: whether they stand in.
    is_standing_in: Option<bool>,
}

/// How the actor's seat stands to an application: looked up once in an action, for a substitute asks for all seats.
///
/// # Errors
/// [`Error::NotFound`] where the actor has no seat on its call.
fn duty(conn: &mut Conn, actor: &Actor, application: Application) -> Result<Duty> {
    let seat = actor.seat_on(application.call_id)?;
    let recused = store::recused(conn, application.id)?;
    let is_standing_in = match seat.substitutes_for {
        Some(principal) => Some(recused.contains(&principal) && is_voting_seat(conn, seat.call, principal)?),
        None => None,
    };
    Ok(Duty { is_recused: recused.contains(&seat.id), application, seat, is_standing_in })
}

/// Opens the voting on a call.
///
/// # Errors
/// Refused while the call takes applications.
pub fn open(conn: &mut Conn, actor: &Actor, call: CallId, now: Instant) -> Result<Call> {
    actor.require(Permission::OpenVoting)?;
    let call = calls::actions::find(conn, call)?;
    if actor.role() == Role::Chair {
        actor.seat_on(call.id)?;
    }
    calls::actions::open_voting(conn, actor, call, now)
}

/// Closes the voting on a call: late registers are checked first, then every eligible application is decided.
pub fn close(conn: &mut Conn, vault: &Vault, actor: &Actor, call: CallId, now: Instant) -> Result<Call> {
    actor.require(Permission::CloseVoting)?;
    eligibility::actions::run_rechecks(conn, vault, now)?;
    let call = calls::actions::find(conn, call)?;
    if actor.role() == Role::Chair {
        actor.seat_on(call.id)?;
    }
    let is_complete = now < call.rules.voting_closes_at && voting::is_complete(conn, call.id, now)?;
    let call = calls::actions::close_voting(conn, actor, call, is_complete, now)?;
    let seats = store::seats(conn, call.id)?;
    let mut votes = store::votes(conn, call.id)?;
    let mut theirs = BTreeMap::new();
    for seat in &seats {
        theirs.insert(seat.id, applications::actions::own::theirs(conn, seat.person)?);
    }
    let (voting_seats, chair) = (voting_seats(&seats).len(), presiding(&seats));
    for application in applications::actions::list_in_state(conn, call.id, ApplicationState::Eligible)? {
        let mut cast = votes.remove(&application.id).unwrap_or_default();
        // What a member sent in may have been merged into this after they voted on it: nobody votes on their own.
        cast.retain(|cast| theirs.get(&cast.seat).is_none_or(|own| !own.contains(&application.id)));
        let tally = tally(&counting(&cast, &seats), voting_seats, chair);
        store::insert_decision(conn, call.id, (application.id, &application.reference), &tally, now)?;
        let application = applications::actions::advance(conn, application, tally.outcome.event())?;
        let facts = ApplicationDecided { application: application.id, tally: &tally };
        audit::record(conn, actor.author(), now, Kind::ApplicationDecided, &facts)?;
    }
    Ok(call)
}

/// What was decided on the applications of a call.
pub fn decisions(conn: &mut Conn, call: CallId) -> Result<BTreeMap<ApplicationId, Decision>> {
    store::decisions(conn, call)
}

/// Whether an error says that a vote does not count, rather than that it could not be counted.
pub fn is_refused_vote(error: &Error) -> bool {
    error.refusal_code().is_some_and(|code| code.parse::<VoteRefused>().is_ok())
}
