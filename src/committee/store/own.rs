//! Queries on what one seat has declared and voted.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::seated;
use crate::clock::Instant;
use crate::committee::rules::{Seated, Vote};
use crate::crypto::Sealed;
use crate::db::{Conn, on_each};
use crate::error::Result;
use crate::ids::{ApplicationId, CallId, PersonId, SeatId, VoteId};
use crate::schema::{conflict_declarations, recusals, seats, votes};

/// The seats of a person, each with its call; the latest first.
pub(in crate::committee) fn seats_of(conn: &mut Conn, person: PersonId) -> Result<Vec<(CallId, Seated)>> {
    let of_person = seats::table.filter(seats::person_id.eq(person)).order(seats::id.desc());
    let columns = of_person.select((seats::call_id, super::SEATED));
    let rows: Vec<(CallId, super::SeatRow)> = on_each!(conn, conn => columns.load(conn))?;
    Ok(rows.into_iter().map(|(call, row)| (call, seated(row))).collect())
}

/// When a seat declared that it has no conflict about an application.
pub(in crate::committee) fn declared_at(
    conn: &mut Conn,
    application: ApplicationId,
    seat: SeatId,
) -> Result<Option<Instant>> {
    let declared = conflict_declarations::table
        .filter(conflict_declarations::application_id.eq(application))
        .filter(conflict_declarations::seat_id.eq(seat))
        .select(conflict_declarations::declared_at);
    Ok(on_each!(conn, conn => declared.first(conn)).optional()?)
}

pub(in crate::committee) fn insert_declaration(
    conn: &mut Conn,
    application: ApplicationId,
    seat: SeatId,
    now: Instant,
) -> Result<()> {
    let row = (
        conflict_declarations::application_id.eq(application),
        conflict_declarations::seat_id.eq(seat),
        conflict_declarations::declared_at.eq(now),
    );
    diesel::insert_into(conflict_declarations::table).values(row).execute(conn)?;
    Ok(())
}

/// The applications that a seat has declared no conflict about.
pub(in crate::committee) fn declared(conn: &mut Conn, seat: SeatId) -> Result<BTreeSet<ApplicationId>> {
    let of_seat = conflict_declarations::table.filter(conflict_declarations::seat_id.eq(seat));
    let ids: Vec<ApplicationId> = of_seat.select(conflict_declarations::application_id).load(conn)?;
    Ok(ids.into_iter().collect())
}

/// The applications that a seat is recused from.
pub(in crate::committee) fn recusals_of(conn: &mut Conn, seat: SeatId) -> Result<BTreeSet<ApplicationId>> {
    let of_seat = recusals::table.filter(recusals::seat_id.eq(seat)).select(recusals::application_id);
    let ids: Vec<ApplicationId> = of_seat.load(conn)?;
    Ok(ids.into_iter().collect())
}

/// The applications that a seat has voted on.
pub(in crate::committee) fn voted(conn: &mut Conn, seat: SeatId) -> Result<BTreeSet<ApplicationId>> {
    let of_seat = votes::table.filter(votes::seat_id.eq(seat)).select(votes::application_id).distinct();
    let ids: Vec<ApplicationId> = of_seat.load(conn)?;
    Ok(ids.into_iter().collect())
}

#[derive(Queryable)]
pub(in crate::committee) struct VoteRow {
    pub id: VoteId,
    pub vote: Vote,
    pub score: Option<i32>,
    pub ballot_sealed: Sealed,
    pub cast_at: Instant,
    pub version: i32,
}

/// The vote of a seat on an application that holds now.
pub(in crate::committee) fn latest_vote(
    conn: &mut Conn,
    application: ApplicationId,
    seat: SeatId,
) -> Result<Option<VoteRow>> {
    let own = votes::table.filter(votes::application_id.eq(application)).filter(votes::seat_id.eq(seat));
    let columns = (votes::id, votes::vote, votes::score, votes::ballot_sealed, votes::cast_at, votes::version);
    let latest = own.order(votes::version.desc()).select(columns);
    Ok(on_each!(conn, conn => latest.first(conn)).optional()?)
}
