//! Queries on payouts and executions.

pub(super) mod lists;

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::rules::{Execution, Payout, PayoutState};
use crate::clock::{Date, Instant};
use crate::crypto::BlindIndex;
use crate::db::{Conn, update};
use crate::error::{Error, Result};
use crate::ids::{AwardId, CallId, ExecutionId, PayoutId, PersonId};
use crate::money::Money;
use crate::schema::{executions, payouts};

#[derive(Queryable, Selectable)]
#[diesel(table_name = payouts)]
struct Row {
    id: PayoutId,
    award_id: AwardId,
    call_id: CallId,
    state: PayoutState,
    amount: Money,
    binding: BlindIndex,
    prepared_by: PersonId,
    authorised_at: Option<Instant>,
    version: i32,
}

impl From<Row> for Payout {
    fn from(row: Row) -> Self {
        let Row { id, award_id, call_id, state, amount, binding, prepared_by, authorised_at, version } = row;
        Self { id, award_id, call_id, state, amount, binding, prepared_by, authorised_at, version }
    }
}

pub(super) fn find(conn: &mut Conn, id: PayoutId) -> Result<Option<Payout>> {
    let row: Option<Row> = payouts::table.filter(payouts::id.eq(id)).select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(Payout::from))
}

pub(super) fn find_by_award(conn: &mut Conn, award: AwardId) -> Result<Option<Payout>> {
    let of_award = payouts::table.filter(payouts::award_id.eq(award)).select(Row::as_select());
    let row: Option<Row> = of_award.first(conn).optional()?;
    Ok(row.map(Payout::from))
}

pub(super) fn list(conn: &mut Conn, call: CallId) -> Result<Vec<Payout>> {
    let of_call = payouts::table.filter(payouts::call_id.eq(call)).order(payouts::id).select(Row::as_select());
    let rows: Vec<Row> = of_call.load(conn)?;
    Ok(rows.into_iter().map(Payout::from).collect())
}

pub(super) fn insert(conn: &mut Conn, new: &Payout, reference: &str, now: Instant) -> Result<()> {
    let row = (
        payouts::id.eq(new.id),
        payouts::award_id.eq(new.award_id),
        payouts::call_id.eq(new.call_id),
        payouts::reference.eq(reference),
        payouts::state.eq(new.state),
        payouts::amount.eq(new.amount),
        payouts::binding.eq(new.binding),
        payouts::prepared_by.eq(new.prepared_by),
        payouts::prepared_at.eq(now),
        payouts::version.eq(new.version),
    );
    diesel::insert_into(payouts::table).values(row).execute(conn)?;
    Ok(())
}

/// Guarded updates: whoever read an older version is told so.
fn guarded(changed: usize) -> Result<()> {
    if changed == 1 { Ok(()) } else { Err(Error::Stale("the payout")) }
}

pub(super) fn prepare_again(conn: &mut Conn, again: &Payout, now: Instant) -> Result<()> {
    let unchanged = payouts::id.eq(again.id).and(payouts::version.eq(again.version));
    let changes = (
        payouts::state.eq(again.state),
        payouts::binding.eq(again.binding),
        payouts::prepared_by.eq(again.prepared_by),
        payouts::prepared_at.eq(now),
        payouts::authorised_by.eq(None::<PersonId>),
        payouts::authorised_at.eq(None::<Instant>),
        payouts::version.eq(again.version.saturating_add(1)),
    );
    let changed = update(payouts::table, unchanged, changes).execute(conn)?;
    guarded(changed)
}

pub(super) fn authorise(conn: &mut Conn, read: &Payout, next: PayoutState, by: PersonId, now: Instant) -> Result<()> {
    let unchanged = payouts::id.eq(read.id).and(payouts::version.eq(read.version));
    let changes = (
        payouts::state.eq(next),
        payouts::authorised_by.eq(by),
        payouts::authorised_at.eq(now),
        payouts::version.eq(read.version.saturating_add(1)),
    );
    let changed = update(payouts::table, unchanged, changes).execute(conn)?;
    guarded(changed)
}

pub(super) fn advance(conn: &mut Conn, read: &Payout, next: PayoutState) -> Result<()> {
    let unchanged = payouts::id.eq(read.id).and(payouts::version.eq(read.version));
    let changes = (payouts::state.eq(next), payouts::version.eq(read.version.saturating_add(1)));
    let changed = update(payouts::table, unchanged, changes).execute(conn)?;
    guarded(changed)
}

pub(super) fn is_reference_used(conn: &mut Conn, call: CallId, bank_reference: &str) -> Result<bool> {
    let used =
        executions::table.filter(executions::call_id.eq(call)).filter(executions::bank_reference.eq(bank_reference));
    let found: Option<ExecutionId> = used.select(executions::id).first(conn).optional()?;
    Ok(found.is_some())
}

pub(super) fn insert_execution(conn: &mut Conn, id: ExecutionId, payout: &Payout, execution: &Execution) -> Result<()> {
    let row = (
        executions::id.eq(id),
        executions::payout_id.eq(payout.id),
        executions::call_id.eq(payout.call_id),
        executions::bank_reference.eq(&execution.bank_reference),
        executions::executed_on.eq(execution.executed_on),
    );
    diesel::insert_into(executions::table).values(row).execute(conn)?;
    Ok(())
}

/// The execution of a payout that was not returned.
pub(super) fn standing_execution(conn: &mut Conn, payout: PayoutId) -> Result<Option<(ExecutionId, String, Date)>> {
    let standing = executions::table.filter(executions::payout_id.eq(payout)).filter(executions::returned_on.is_null());
    Ok(standing.select((executions::id, executions::bank_reference, executions::executed_on)).first(conn).optional()?)
}

pub(super) fn mark_returned(conn: &mut Conn, id: ExecutionId, on: Date) -> Result<()> {
    diesel::update(executions::table.filter(executions::id.eq(id)))
        .set(executions::returned_on.eq(on))
        .execute(conn)?;
    Ok(())
}

/// When a payout was prepared, and who authorised it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct Times {
    pub prepared_at: Instant,
    pub authorised_by: Option<PersonId>,
}

const TIMES: (payouts::prepared_at, payouts::authorised_by) = (payouts::prepared_at, payouts::authorised_by);

pub(super) fn times(conn: &mut Conn, id: PayoutId) -> Result<Option<Times>> {
    Ok(payouts::table.filter(payouts::id.eq(id)).select(TIMES).first(conn).optional()?)
}

/// What the bank did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executed {
    pub bank_reference: String,
    pub executed_on: Date,
    pub returned_on: Option<Date>,
}

/// How many payouts one query asks for.
const CHUNK: usize = 500;

/// What the bank did with these payouts, oldest first.
pub(super) fn executions(conn: &mut Conn, ids: &[PayoutId]) -> Result<BTreeMap<PayoutId, Vec<Executed>>> {
    let mut found: BTreeMap<PayoutId, Vec<Executed>> = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<(PayoutId, String, Date, Option<Date>)> = executions::table
            .filter(executions::payout_id.eq_any(chunk))
            .order(executions::id)
            .select((
                executions::payout_id,
                executions::bank_reference,
                executions::executed_on,
                executions::returned_on,
            ))
            .load(conn)?;
        for (payout, bank_reference, executed_on, returned_on) in rows {
            found.entry(payout).or_default().push(Executed { bank_reference, executed_on, returned_on });
        }
    }
    Ok(found)
}
