//! Which applications the totals have not counted as they are now.
//!
//! The projection is no verb: nobody asks for it, and it says nothing that was not said by the verbs before.

use std::collections::BTreeMap;

use crate::applications::rules::{ApplicationState, Uncounted};
use crate::applications::store::counted as store;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::ApplicationId;

pub fn has_uncounted(conn: &mut Conn) -> Result<bool> {
    store::has_uncounted(conn)
}

/// Applications that have changed since they were counted, each recorded as counted now. One that changes at this very
/// moment is waited for, or left for the next time.
pub fn take_uncounted(conn: &mut Conn, limit: i64) -> Result<Vec<Uncounted>> {
    let taken = store::take(conn, limit)?;
    let before: BTreeMap<ApplicationId, (Option<ApplicationState>, Option<i32>)> =
        taken.into_iter().map(|(id, state, category)| (id, (state, category))).collect();
    let ids: Vec<ApplicationId> = before.keys().copied().collect();
    let mut uncounted = store::standing(conn, &ids)?;
    let mut alike: BTreeMap<(ApplicationState, Option<i32>), Vec<ApplicationId>> = BTreeMap::new();
    for row in &mut uncounted {
        row.counted = before.get(&row.id).and_then(|(state, category)| state.map(|state| (state, *category)));
        alike.entry((row.state, row.category)).or_default().push(row.id);
    }
    for (standing, ids) in alike {
        store::set_counted(conn, standing, &ids)?;
    }
    Ok(uncounted)
}
