//! Queries on allocations, awards and the reserve list.

use diesel::prelude::*;

use super::actions::Award;
use crate::calls::Call;
use crate::clock::Instant;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::{ApplicationId, AwardId, CallId, PersonId};
use crate::money::Money;
use crate::schema::{allocations, awards, reserve_places};

pub(super) fn insert_allocation(
    conn: &mut Conn,
    call: &Call,
    awarded: Money,
    by: PersonId,
    now: Instant,
) -> Result<()> {
    let row = (
        allocations::call_id.eq(call.id),
        allocations::method.eq(call.rules.allocation.method),
        allocations::budget.eq(call.rules.allocation.budget),
        allocations::awarded.eq(awarded),
        allocations::seed.eq(&call.seed),
        allocations::committed_by.eq(by),
        allocations::committed_at.eq(now),
    );
    diesel::insert_into(allocations::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn insert_award(conn: &mut Conn, award: &Award) -> Result<()> {
    let row = (
        awards::id.eq(award.id),
        awards::call_id.eq(award.call_id),
        awards::application_id.eq(award.application_id),
        awards::rank.eq(award.rank),
        awards::gross.eq(award.gross),
        awards::net.eq(award.net),
    );
    diesel::insert_into(awards::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn insert_reserve(conn: &mut Conn, call: CallId, application: ApplicationId, rank: i32) -> Result<()> {
    let row = (
        reserve_places::application_id.eq(application),
        reserve_places::call_id.eq(call),
        reserve_places::rank.eq(rank),
    );
    diesel::insert_into(reserve_places::table).values(row).execute(conn)?;
    Ok(())
}

#[derive(Queryable)]
struct Row {
    id: AwardId,
    call_id: CallId,
    application_id: ApplicationId,
    rank: i32,
    gross: Money,
    net: Money,
}

impl From<Row> for Award {
    fn from(row: Row) -> Self {
        let Row { id, call_id, application_id, rank, gross, net } = row;
        Self { id, call_id, application_id, rank, gross, net }
    }
}

pub(super) fn find(conn: &mut Conn, id: AwardId) -> Result<Option<Award>> {
    let row: Option<Row> = awards::table.filter(awards::id.eq(id)).first(conn).optional()?;
    Ok(row.map(Award::from))
}

pub(super) fn list(conn: &mut Conn, call: CallId) -> Result<Vec<Award>> {
    let rows: Vec<Row> = awards::table.filter(awards::call_id.eq(call)).order(awards::rank).load(conn)?;
    Ok(rows.into_iter().map(Award::from).collect())
}

/// What applications were given, also where it was released since.
pub(super) fn net_of(conn: &mut Conn, applications: &[ApplicationId]) -> Result<Vec<(ApplicationId, Money)>> {
    let of_these = awards::table.filter(awards::application_id.eq_any(applications));
    Ok(of_these.select((awards::application_id, awards::net)).load(conn)?)
}
