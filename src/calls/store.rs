//! Queries on calls.

use diesel::prelude::*;

use super::actions::{Call, Voting};
use super::rules::{CallState, Phase, Rules};
use crate::clock::Instant;
use crate::db::{Conn, on_each, update};
use crate::error::{Error, Result};
use crate::ids::CallId;
use crate::money::Money;
use crate::page::TimeCursor;
use crate::schema::calls;

#[derive(Queryable)]
struct CallRow {
    id: CallId,
    code: String,
    state: CallState,
    rules: String,
    budget: Money,
    closes_at: Instant,
    seed: Option<String>,
    version: i32,
}

type Columns =
    (calls::id, calls::code, calls::state, calls::rules, calls::budget, calls::closes_at, calls::seed, calls::version);

/// In the order of [`CallRow`].
const COLUMNS: Columns =
    (calls::id, calls::code, calls::state, calls::rules, calls::budget, calls::closes_at, calls::seed, calls::version);

impl CallRow {
    fn into_call(self) -> Result<Call> {
        let Self { id, code, state, rules, budget, closes_at, seed, version } = self;
        Ok(Call { id, code, state, rules: Rules::from_stored(&rules)?, budget, closes_at, seed, version })
    }
}

pub(super) fn is_taken(conn: &mut Conn, code: &str) -> Result<bool> {
    Ok(with_code(conn, code)?.is_some())
}

/// The call with this code, which names its book too.
pub fn with_code(conn: &mut Conn, code: &str) -> Result<Option<CallId>> {
    Ok(calls::table.filter(calls::code.eq(code)).select(calls::id).first(conn).optional()?)
}

pub(super) fn insert(conn: &mut Conn, call: &Call, now: Instant) -> Result<()> {
    let row = (
        calls::id.eq(call.id),
        calls::code.eq(&call.code),
        calls::state.eq(call.state),
        calls::rules.eq(call.rules.to_stored()?),
        calls::budget.eq(call.budget),
        calls::opens_at.eq(call.rules.opens_at),
        calls::closes_at.eq(call.closes_at),
        calls::voting_closes_at.eq(call.rules.voting_closes_at),
        calls::created_at.eq(now),
        calls::version.eq(call.version),
    );
    diesel::insert_into(calls::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn, id: CallId) -> Result<Option<Call>> {
    let by_id = calls::table.filter(calls::id.eq(id)).select(COLUMNS);
    let row: Option<CallRow> = on_each!(conn, conn => by_id.first(conn)).optional()?;
    row.map(CallRow::into_call).transpose()
}

/// What a list of calls is asked for.
pub(super) struct Wanted {
    pub phase: Option<Phase>,
    pub is_oldest_first: bool,
    pub after: Option<TimeCursor>,
    pub rows: i64,
}

/// A page of the calls that are public, in the order of their opening; an index range in either direction.
pub(super) fn list(conn: &mut Conn, wanted: &Wanted, now: Instant) -> Result<Vec<Call>> {
    let mut found = calls::table.filter(calls::state.ne(CallState::Draft)).select(COLUMNS).into_boxed();
    found = match wanted.phase {
        None => found,
        Some(Phase::Upcoming) => found.filter(calls::opens_at.gt(now)),
        Some(Phase::Open) => found.filter(calls::opens_at.le(now)).filter(calls::closes_at.ge(now)),
        Some(Phase::Closed) => found.filter(calls::closes_at.lt(now)),
    };
    let place = wanted.after.map(|cursor| (cursor.at, CallId::from(cursor.id)));
    found = match (wanted.is_oldest_first, place) {
        (true, Some((at, id))) => found
            .filter(calls::opens_at.ge(at))
            .filter(calls::opens_at.gt(at).or(calls::id.gt(id)))
            .order((calls::opens_at, calls::id)),
        (true, None) => found.order((calls::opens_at, calls::id)),
        (false, Some((at, id))) => found
            .filter(calls::opens_at.le(at))
            .filter(calls::opens_at.lt(at).or(calls::id.lt(id)))
            .order((calls::opens_at.desc(), calls::id.desc())),
        (false, None) => found.order((calls::opens_at.desc(), calls::id.desc())),
    };
    let rows: Vec<CallRow> = found.limit(wanted.rows).load(conn)?;
    rows.into_iter().map(CallRow::into_call).collect()
}

/// With the ends of applications and votes.
pub(super) fn ended_before(conn: &mut Conn, before: Instant) -> Result<Vec<(CallId, CallState, Instant, Instant)>> {
    let ended = calls::table
        .filter(calls::state.ne(CallState::Draft))
        .filter(calls::closes_at.lt(before))
        .filter(calls::voting_closes_at.lt(before));
    let columns = (calls::id, calls::state, calls::closes_at, calls::voting_closes_at);
    Ok(ended.select(columns).order(calls::id).load(conn)?)
}

/// The calls whose applications, or whose votes, ended by a moment, and whose voting nobody has opened, or closed, since.
pub fn overdue(conn: &mut Conn, by: Instant) -> Result<Vec<CallId>> {
    let to_open = calls::state.eq(CallState::Published).and(calls::closes_at.le(by));
    let to_close = calls::state.eq(CallState::Voting).and(calls::voting_closes_at.le(by));
    Ok(calls::table.filter(to_open.or(to_close)).select(calls::id).order(calls::id).load(conn)?)
}

/// A page of the drafts with the moments they were made at, the latest first.
pub(super) fn drafts(conn: &mut Conn, after: Option<TimeCursor>, rows: i64) -> Result<Vec<(Instant, Call)>> {
    let drafts = calls::table.filter(calls::state.eq(CallState::Draft));
    let mut found = drafts.select((calls::created_at, COLUMNS)).into_boxed();
    if let Some((at, id)) = after.map(|cursor| (cursor.at, CallId::from(cursor.id))) {
        found = found.filter(calls::created_at.le(at)).filter(calls::created_at.lt(at).or(calls::id.lt(id)));
    }
    let ordered = found.order((calls::created_at.desc(), calls::id.desc()));
    let rows: Vec<(Instant, CallRow)> = ordered.limit(rows).load(conn)?;
    rows.into_iter().map(|(made_at, row)| Ok((made_at, row.into_call()?))).collect()
}

/// Writes rules, times and budget, which a guarded update changes: whoever read an older version is told so.
pub(super) fn change(conn: &mut Conn, call: &Call) -> Result<()> {
    let unchanged = calls::id.eq(call.id).and(calls::version.eq(call.version));
    let changes = (
        calls::code.eq(&call.code),
        calls::rules.eq(call.rules.to_stored()?),
        calls::budget.eq(call.budget),
        calls::opens_at.eq(call.rules.opens_at),
        calls::closes_at.eq(call.closes_at),
        calls::voting_closes_at.eq(call.rules.voting_closes_at),
        calls::version.eq(call.version.saturating_add(1)),
    );
    let changed = update(calls::table, unchanged, changes).execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(Error::Stale("the call")) }
}

pub(super) fn voting(conn: &mut Conn, id: CallId) -> Result<Option<Voting>> {
    let columns = calls::table.filter(calls::id.eq(id)).select((calls::state, calls::voting_closes_at));
    let row: Option<(CallState, Instant)> = on_each!(conn, conn => columns.first(conn)).optional()?;
    Ok(row.map(|(state, closes_at)| Voting { state, closes_at }))
}

/// A guarded update: whoever read an older version is told so.
pub(super) fn advance(conn: &mut Conn, call: &Call, next: CallState) -> Result<()> {
    let unchanged = calls::id.eq(call.id).and(calls::version.eq(call.version));
    let changed =
        update(calls::table, unchanged, (calls::state.eq(next), calls::version.eq(call.version.saturating_add(1))))
            .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(Error::Stale("the call")) }
}

pub(super) fn record_seed(conn: &mut Conn, call: &Call, seed: &str, now: Instant) -> Result<()> {
    let unchanged = calls::id.eq(call.id).and(calls::version.eq(call.version));
    let changed = update(
        calls::table,
        unchanged,
        (calls::seed.eq(seed), calls::seed_recorded_at.eq(now), calls::version.eq(call.version.saturating_add(1))),
    )
    .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(Error::Stale("the call")) }
}

pub(super) fn set_budget(conn: &mut Conn, call: &Call, budget: Money) -> Result<()> {
    let unchanged = calls::id.eq(call.id).and(calls::version.eq(call.version));
    let changes = (calls::budget.eq(budget), calls::version.eq(call.version.saturating_add(1)));
    let changed = update(calls::table, unchanged, changes).execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(Error::Stale("the call")) }
}
