//! Queries on seats, recusals, votes and decisions.

pub(super) mod decided;
pub(super) mod own;

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::rules::{Ballot, Decision, NewSeat, Outcome, SeatKind, Seated, Tally, Vote, VoteCast};
use crate::clock::Instant;
use crate::crypto::Sealed;
use crate::db::{Conn, on_each};
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId, PersonId, SeatId, VoteId};
use crate::schema::{decisions, recusals, seats, votes};

type SeatRow = (SeatId, PersonId, SeatKind, Option<SeatId>, String, Instant, Option<Instant>);
type SeatColumns = (
    seats::id,
    seats::person_id,
    seats::seat,
    seats::substitutes_for,
    seats::association,
    seats::seated_at,
    seats::ends_at,
);
const SEATED: SeatColumns = (
    seats::id,
    seats::person_id,
    seats::seat,
    seats::substitutes_for,
    seats::association,
    seats::seated_at,
    seats::ends_at,
);

fn seated((id, person, kind, substitutes_for, association, seated_at, ends_at): SeatRow) -> Seated {
    Seated { id, person, kind, substitutes_for, association, seated_at, ends_at }
}

pub(super) fn insert_seat(
    conn: &mut Conn,
    id: SeatId,
    call: CallId,
    person: PersonId,
    (new, ends_at): (&NewSeat<'_>, Option<Instant>),
    now: Instant,
) -> Result<()> {
    let row = (
        seats::id.eq(id),
        seats::call_id.eq(call),
        seats::person_id.eq(person),
        seats::seat.eq(new.kind),
        seats::substitutes_for.eq(new.substitutes_for),
        seats::association.eq(new.association),
        seats::seated_at.eq(now),
        seats::ends_at.eq(ends_at),
    );
    diesel::insert_into(seats::table).values(row).execute(conn)?;
    Ok(())
}

/// A seat and its call.
pub(super) fn find_seat(conn: &mut Conn, id: SeatId) -> Result<Option<(CallId, Seated)>> {
    let this = seats::table.filter(seats::id.eq(id)).select((seats::call_id, SEATED));
    let row: Option<(CallId, SeatRow)> = this.first(conn).optional()?;
    Ok(row.map(|(call, row)| (call, seated(row))))
}

/// Ends a seat that has not ended; whoever comes second is told so.
pub(super) fn end_seat(conn: &mut Conn, id: SeatId, now: Instant) -> Result<()> {
    let held = seats::table.filter(seats::id.eq(id)).filter(seats::ends_at.is_null().or(seats::ends_at.gt(now)));
    let changed = diesel::update(held).set(seats::ends_at.eq(now)).execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(Error::Stale("the seat")) }
}

/// The committee of a call, in the order of seating.
pub(super) fn seats(conn: &mut Conn, call: CallId) -> Result<Vec<Seated>> {
    let of_call = seats::table.filter(seats::call_id.eq(call)).order(seats::id).select(SEATED);
    let rows: Vec<SeatRow> = of_call.load(conn)?;
    Ok(rows.into_iter().map(seated).collect())
}

pub(super) fn insert_recusal(
    conn: &mut Conn,
    application: ApplicationId,
    seat: SeatId,
    reason: &Sealed,
    now: Instant,
) -> Result<()> {
    let row = (
        recusals::application_id.eq(application),
        recusals::seat_id.eq(seat),
        recusals::declared_at.eq(now),
        recusals::reason_sealed.eq(reason),
    );
    diesel::insert_into(recusals::table).values(row).execute(conn)?;
    Ok(())
}

/// The seats that are recused from an application.
pub(super) fn recused(conn: &mut Conn, application: ApplicationId) -> Result<Vec<SeatId>> {
    let of_application = recusals::table.filter(recusals::application_id.eq(application)).select(recusals::seat_id);
    Ok(on_each!(conn, conn => of_application.load(conn))?)
}

/// Adds a vote; where the seat has voted on the application before, as the next version.
pub(super) fn insert_vote(
    conn: &mut Conn,
    id: VoteId,
    (application, seat): (ApplicationId, SeatId),
    ballot: &Ballot,
    sealed: &Sealed,
    now: Instant,
) -> Result<()> {
    let own = votes::table.filter(votes::application_id.eq(application)).filter(votes::seat_id.eq(seat));
    let latest = own.select(votes::version).order(votes::version.desc());
    let latest: Option<i32> = on_each!(conn, conn => latest.first(conn)).optional()?;
    let row = (
        votes::id.eq(id),
        votes::application_id.eq(application),
        votes::seat_id.eq(seat),
        votes::vote.eq(ballot.vote),
        votes::score.eq(ballot.score.map(i32::from)),
        votes::ballot_sealed.eq(sealed),
        votes::cast_at.eq(now),
        votes::version.eq(latest.unwrap_or(0).saturating_add(1)),
    );
    on_each!(conn, conn => diesel::insert_into(votes::table).values(row).execute(conn))?;
    Ok(())
}

/// The votes on a call's applications, the latest of each seat. A vote from before its member was recused does not count.
pub(super) fn votes(conn: &mut Conn, call: CallId) -> Result<BTreeMap<ApplicationId, Vec<VoteCast>>> {
    let rows: Vec<(ApplicationId, SeatId, Vote, Option<i32>)> = votes::table
        .inner_join(seats::table)
        .filter(seats::call_id.eq(call))
        .order(votes::version)
        .select((votes::application_id, votes::seat_id, votes::vote, votes::score))
        .load(conn)?;
    let recused: Vec<(ApplicationId, SeatId)> = recusals::table
        .inner_join(seats::table)
        .filter(seats::call_id.eq(call))
        .select((recusals::application_id, recusals::seat_id))
        .load(conn)?;
    let recused: BTreeSet<(ApplicationId, SeatId)> = recused.into_iter().collect();
    let mut latest: BTreeMap<(ApplicationId, SeatId), VoteCast> = BTreeMap::new();
    for (application, seat, vote, score) in rows {
        let score = score.map(u8::try_from).transpose().map_err(Error::corrupt)?;
        latest.insert((application, seat), VoteCast { seat, vote, score });
    }
    let mut by_application: BTreeMap<ApplicationId, Vec<VoteCast>> = BTreeMap::new();
    for ((application, seat), cast) in latest {
        if !recused.contains(&(application, seat)) {
            by_application.entry(application).or_default().push(cast);
        }
    }
    Ok(by_application)
}

pub(super) fn insert_decision(
    conn: &mut Conn,
    call: CallId,
    (application, reference): (ApplicationId, &str),
    tally: &Tally,
    now: Instant,
) -> Result<()> {
    let row = (
        decisions::application_id.eq(application),
        decisions::call_id.eq(call),
        decisions::reference.eq(reference),
        decisions::outcome.eq(tally.outcome),
        decisions::approvals.eq(tally.approvals),
        decisions::rejections.eq(tally.rejections),
        decisions::abstentions.eq(tally.abstentions),
        decisions::score_sum.eq(tally.score_sum),
        decisions::score_count.eq(tally.score_count),
        decisions::decided_at.eq(now),
    );
    diesel::insert_into(decisions::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn decisions(conn: &mut Conn, call: CallId) -> Result<BTreeMap<ApplicationId, Decision>> {
    type Row = (ApplicationId, Outcome, i32, i32, i32, i32, i32);
    let rows: Vec<Row> = decisions::table
        .filter(decisions::call_id.eq(call))
        .select((
            decisions::application_id,
            decisions::outcome,
            decisions::approvals,
            decisions::rejections,
            decisions::abstentions,
            decisions::score_sum,
            decisions::score_count,
        ))
        .load(conn)?;
    let decision = |(id, outcome, approvals, rejections, abstentions, score_sum, score_count): Row| {
        (id, Tally { outcome, approvals, rejections, abstentions, score_sum, score_count })
    };
    Ok(rows.into_iter().map(decision).collect())
}
