//! Keeping the totals, and telling them.

use std::collections::BTreeMap;

use super::rules::{Cells, Dimension, Disclosed, Step, changes, disclose};
use super::store;
use crate::accounts::{Actor, Permission};
use crate::applications::actions::counted;
use crate::awards;
use crate::calls::{self, Call};
use crate::db::{Conn, Db};
use crate::error::Result;
use crate::ids::{ApplicationId, CallId};
use crate::ledger::{self, Received};

/// How many applications one transaction counts: few enough that no writer waits long.
const BATCH: usize = 500;

/// Brings the totals up to date with at most so many applications that changed since they were counted; says how many.
///
/// Twice does no harm: an application is marked together with what the totals gain and lose by it, and only as it was read.
pub fn count_changes(conn: &mut Conn, limit: usize) -> Result<usize> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let uncounted = counted::take_uncounted(conn, limit)?;
    let ids: Vec<ApplicationId> = uncounted.iter().map(|row| row.id).collect();
    let net = awards::actions::net_of(conn, &ids)?;
    for (place, change) in changes(&uncounted, &net)? {
        store::add(conn, &place, change)?;
    }
    Ok(uncounted.len())
}

/// The same, for one that asks often: where nothing waits, it only reads. What comes meanwhile is left for the next time.
pub fn count_waiting(db: &Db) -> Result<usize> {
    let mut all: usize = 0;
    if db.read(counted::has_uncounted)? {
        loop {
            let counted = db.follow(|conn| count_changes(conn, BATCH))?;
            all = all.saturating_add(counted);
            if counted < BATCH {
                break;
            }
        }
    }
    Ok(all)
}

/// What is told of a call: its money, and its people along one dimension.
#[derive(Debug, Clone)]
pub struct Totals {
    pub call: Call,
    pub received: Received,
    pub people: Disclosed,
}

/// The totals of a call along a dimension, without a figure that would show somebody.
///
/// # Errors
/// [`crate::error::Error::NotFound`] where there is no such call.
pub fn totals(conn: &mut Conn, actor: &Actor, call: CallId, by: Dimension) -> Result<Totals> {
    actor.require(Permission::ReadTotals)?;
    let call = calls::actions::find(conn, call)?;
    let received = ledger::actions::received(conn, call.book())?;
    let mut rows: BTreeMap<String, Cells> = BTreeMap::new();
    for (value, state, people, amount) in store::of(conn, call.id, by)? {
        if let Some(step) = Step::of(state) {
            rows.entry(value).or_default().add(step, people, amount)?;
        }
    }
    Ok(Totals { call, received, people: disclose(rows.into_iter().collect())? })
}
