//! Queries on the totals.

use diesel::prelude::*;

use super::rules::{Change, Dimension, Place};
use crate::applications::ApplicationState;
use crate::db::{Conn, update};
use crate::error::Result;
use crate::ids::CallId;
use crate::money::Money;
use crate::schema::totals;

/// Changes a row of the totals by so much; one that is not there begins.
pub(super) fn add(conn: &mut Conn, place: &Place, change: Change) -> Result<()> {
    let Place { call, dimension, value, state } = place;
    let Change { people, amount } = change;
    let this = totals::call_id
        .eq(*call)
        .and(totals::dimension.eq(*dimension))
        .and(totals::value.eq(value.clone()))
        .and(totals::state.eq(*state));
    #[expect(clippy::arithmetic_side_effects, reason = "the database adds, and refuses what leaves its range")]
    let more = (totals::people.eq(totals::people + people), totals::amount.eq(totals::amount + amount.minor()));
    if update(totals::table, this, more).execute(conn)? == 1 {
        return Ok(());
    }
    let row = (
        totals::call_id.eq(*call),
        totals::dimension.eq(*dimension),
        totals::value.eq(value),
        totals::state.eq(*state),
        totals::people.eq(people),
        totals::amount.eq(amount),
    );
    diesel::insert_into(totals::table).values(row).execute(conn)?;
    Ok(())
}

/// The totals of a call in one dimension: one range of the key.
pub(super) fn of(
    conn: &mut Conn,
    call: CallId,
    dimension: Dimension,
) -> Result<Vec<(String, ApplicationState, i64, Money)>> {
    let rows = totals::table
        .filter(totals::call_id.eq(call))
        .filter(totals::dimension.eq(dimension))
        .order(totals::value)
        .select((totals::value, totals::state, totals::people, totals::amount));
    Ok(rows.load(conn)?)
}
