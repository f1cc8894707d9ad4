//! Queries on allocations, awards and the reserve list.

pub(super) mod lists;

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::actions::{Award, ReleaseReason};
use crate::calls::{Call, Method};
use crate::clock::Instant;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::{ApplicationId, AwardId, CallId, PersonId};
use crate::money::Money;
use crate::page::Cursor;
use crate::schema::{allocations, award_reinstatements, award_releases, awards, reserve_places, unfunded_places};

/// How many awards one query asks for.
const CHUNK: usize = 500;

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
        allocations::budget.eq(call.budget),
        allocations::awarded.eq(awarded),
        allocations::seed.eq(&call.seed),
        allocations::committed_by.eq(by),
        allocations::committed_at.eq(now),
    );
    diesel::insert_into(allocations::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn insert_award(conn: &mut Conn, award: &Award, reference: &str) -> Result<()> {
    let row = (
        awards::id.eq(award.id),
        awards::call_id.eq(award.call_id),
        awards::application_id.eq(award.application_id),
        awards::reference.eq(reference),
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

pub(super) fn insert_unfunded(conn: &mut Conn, call: CallId, application: ApplicationId, rank: i32) -> Result<()> {
    let row = (
        unfunded_places::application_id.eq(application),
        unfunded_places::call_id.eq(call),
        unfunded_places::rank.eq(rank),
    );
    diesel::insert_into(unfunded_places::table).values(row).execute(conn)?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = awards)]
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
    let row: Option<Row> = awards::table.filter(awards::id.eq(id)).select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(Award::from))
}

pub(super) fn list(conn: &mut Conn, call: CallId) -> Result<Vec<Award>> {
    let of_call = awards::table.filter(awards::call_id.eq(call)).order(awards::rank);
    let rows: Vec<Row> = of_call.select(Row::as_select()).load(conn)?;
    Ok(rows.into_iter().map(Award::from).collect())
}

/// What applications were given, also where it was released since.
pub(super) fn net_of(conn: &mut Conn, applications: &[ApplicationId]) -> Result<Vec<(ApplicationId, Money)>> {
    let of_these = awards::table.filter(awards::application_id.eq_any(applications));
    Ok(of_these.select((awards::application_id, awards::net)).load(conn)?)
}

pub(super) fn find_all(conn: &mut Conn, ids: &[AwardId]) -> Result<BTreeMap<AwardId, Award>> {
    let mut found = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<Row> = awards::table.filter(awards::id.eq_any(chunk)).select(Row::as_select()).load(conn)?;
        found.extend(rows.into_iter().map(|row| (row.id, Award::from(row))));
    }
    Ok(found)
}

/// The award of an application, also where it was released since.
pub(super) fn of_application(conn: &mut Conn, application: ApplicationId) -> Result<Option<Award>> {
    let of_application = awards::table.filter(awards::application_id.eq(application));
    let row: Option<Row> = of_application.select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(Award::from))
}

pub(super) fn standing(conn: &mut Conn, application: ApplicationId) -> Result<Option<Award>> {
    let Some(award) = of_application(conn, application)? else { return Ok(None) };
    let is_released = release_reasons(conn, &[award.id])?.contains_key(&award.id);
    Ok((!is_released).then_some(award))
}

/// The rank that a cursor names; no rank is beyond it where it names none.
fn rank_of(cursor: Cursor) -> i32 {
    i32::try_from(cursor.0).unwrap_or(i32::MAX)
}

/// The awards that the allocation itself gave: those of nobody on the reserve list.
pub(super) fn first_awards(conn: &mut Conn, call: CallId) -> Result<Vec<Award>> {
    let waiting = reserve_places::table.filter(reserve_places::call_id.eq(call)).select(reserve_places::application_id);
    let of_call = awards::table.filter(awards::call_id.eq(call)).filter(awards::application_id.ne_all(waiting));
    let rows: Vec<Row> = of_call.order(awards::rank).select(Row::as_select()).load(conn)?;
    Ok(rows.into_iter().map(Award::from).collect())
}

/// The amounts that were given to those on the reserve list.
pub(super) fn passed_on(conn: &mut Conn, call: CallId) -> Result<Vec<Money>> {
    let waiting = reserve_places::table.filter(reserve_places::call_id.eq(call)).select(reserve_places::application_id);
    let of_call = awards::table.filter(awards::call_id.eq(call)).filter(awards::application_id.eq_any(waiting));
    Ok(of_call.order(awards::id).select(awards::gross).load(conn)?)
}

/// How often an award came back after it was released: the number of its release that stands, or of the next one.
pub(super) fn turn_of(conn: &mut Conn, award: AwardId) -> Result<i32> {
    let of_award = award_reinstatements::table.filter(award_reinstatements::award_id.eq(award));
    let latest: Option<i32> =
        of_award.order(award_reinstatements::turn.desc()).select(award_reinstatements::turn).first(conn).optional()?;
    Ok(latest.map_or(0, |latest| latest.saturating_add(1)))
}

pub(super) fn insert_release(
    conn: &mut Conn,
    (award, turn): (AwardId, i32),
    reason: ReleaseReason,
    now: Instant,
) -> Result<()> {
    let row = (
        award_releases::award_id.eq(award),
        award_releases::turn.eq(turn),
        award_releases::reason.eq(reason),
        award_releases::released_at.eq(now),
    );
    diesel::insert_into(award_releases::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn insert_reinstatement(conn: &mut Conn, (award, turn): (AwardId, i32), now: Instant) -> Result<()> {
    let row = (
        award_reinstatements::award_id.eq(award),
        award_reinstatements::turn.eq(turn),
        award_reinstatements::reinstated_at.eq(now),
    );
    diesel::insert_into(award_reinstatements::table).values(row).execute(conn)?;
    Ok(())
}

/// That a release stands: its award did not come back.
macro_rules! stands {
    () => {
        diesel::dsl::not(diesel::dsl::exists(
            award_reinstatements::table
                .filter(award_reinstatements::award_id.eq(award_releases::award_id))
                .filter(award_reinstatements::turn.eq(award_releases::turn)),
        ))
    };
}
pub(in crate::awards) use stands;

/// The awards of a call that were released because of a finding, the best rank first.
pub(super) fn taken_back(conn: &mut Conn, call: CallId) -> Result<Vec<Award>> {
    let released = award_releases::table
        .filter(award_releases::reason.eq(ReleaseReason::Ineligible))
        .filter(stands!())
        .select(award_releases::award_id);
    let of_call = awards::table.filter(awards::call_id.eq(call)).filter(awards::id.eq_any(released));
    let rows: Vec<Row> = of_call.order(awards::rank).select(Row::as_select()).load(conn)?;
    Ok(rows.into_iter().map(Award::from).collect())
}

/// Why these awards were released; those that stand are left out.
pub(super) fn release_reasons(conn: &mut Conn, ids: &[AwardId]) -> Result<BTreeMap<AwardId, ReleaseReason>> {
    let mut found = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<(AwardId, ReleaseReason)> = award_releases::table
            .filter(award_releases::award_id.eq_any(chunk))
            .filter(stands!())
            .select((award_releases::award_id, award_releases::reason))
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Why and when an award was released; nothing where it stands, though it was released before.
pub(super) fn release(conn: &mut Conn, award: AwardId) -> Result<Option<(ReleaseReason, Instant)>> {
    let this = award_releases::table.filter(award_releases::award_id.eq(award)).filter(stands!());
    Ok(this.select((award_releases::reason, award_releases::released_at)).first(conn).optional()?)
}

/// Which rank an application has on the reserve list.
pub(super) fn reserve_rank(conn: &mut Conn, application: ApplicationId) -> Result<Option<i32>> {
    let this = reserve_places::table.filter(reserve_places::application_id.eq(application));
    Ok(this.select(reserve_places::rank).first(conn).optional()?)
}

/// The amounts that fell free, oldest first, also of awards that came back.
pub(super) fn released(conn: &mut Conn, call: CallId) -> Result<Vec<Money>> {
    let of_call = award_releases::table.inner_join(awards::table).filter(awards::call_id.eq(call));
    let by_time = of_call.order((award_releases::released_at, award_releases::award_id, award_releases::turn));
    Ok(by_time.select(awards::gross).load(conn)?)
}

/// The amounts of the awards that came back, once for each time.
pub(super) fn given_again(conn: &mut Conn, call: CallId) -> Result<Vec<Money>> {
    let award = awards::table.on(award_reinstatements::award_id.eq(awards::id));
    let of_call = award_reinstatements::table.inner_join(award).filter(awards::call_id.eq(call));
    Ok(of_call.select(awards::gross).load(conn)?)
}

/// The places of the reserve list, by rank.
pub(super) fn reserve(
    conn: &mut Conn,
    call: CallId,
    after: Option<Cursor>,
    rows: Option<i64>,
) -> Result<Vec<(i32, ApplicationId)>> {
    let of_call = reserve_places::table.filter(reserve_places::call_id.eq(call)).order(reserve_places::rank);
    let mut found = of_call.select((reserve_places::rank, reserve_places::application_id)).into_boxed();
    if let Some(after) = after {
        found = found.filter(reserve_places::rank.gt(rank_of(after)));
    }
    if let Some(rows) = rows {
        found = found.limit(rows);
    }
    Ok(found.load(conn)?)
}

/// Whoever the allocation left in no line, in its order.
pub(super) fn unfunded(conn: &mut Conn, call: CallId) -> Result<Vec<ApplicationId>> {
    let of_call = unfunded_places::table.filter(unfunded_places::call_id.eq(call)).order(unfunded_places::rank);
    Ok(of_call.select(unfunded_places::application_id).load(conn)?)
}

#[derive(Queryable)]
pub(super) struct AllocationRow {
    pub method: Method,
    pub budget: Money,
    pub awarded: Money,
    pub seed: Option<String>,
    pub committed_at: Instant,
}

pub(super) fn allocation(conn: &mut Conn, call: CallId) -> Result<Option<AllocationRow>> {
    let columns =
        (allocations::method, allocations::budget, allocations::awarded, allocations::seed, allocations::committed_at);
    let of_call = allocations::table.filter(allocations::call_id.eq(call)).select(columns);
    Ok(of_call.first(conn).optional()?)
}
