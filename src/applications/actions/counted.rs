//! Which applications the totals have not counted as they are now.
//!
//! The projection is no verb: nobody asks for it, and it says nothing that was not said by the verbs before.

use std::collections::{BTreeMap, BTreeSet};

use crate::applications::rules::{ApplicationState, Uncounted};
use crate::applications::store::counted as store;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::ApplicationId;

pub fn has_uncounted(conn: &mut Conn) -> Result<bool> {
    store::has_uncounted(conn)
}

/// Applications that have changed since they were counted, each marked as counted now. One that changes at this very
/// moment is left for the next time.
pub fn take_uncounted(conn: &mut Conn, limit: i64) -> Result<Vec<Uncounted>> {
    type Alike = (i32, i32, ApplicationState, Option<i32>);
    let found = store::uncounted(conn, limit)?;
    let mut alike: BTreeMap<Alike, Vec<Uncounted>> = BTreeMap::new();
    for row in found {
        alike.entry((row.version, row.counted_version, row.state, row.category)).or_default().push(row);
    }
    let mut taken = Vec::new();
    for rows in alike.into_values() {
        let Some(first) = rows.first() else { continue };
        let ids: Vec<ApplicationId> = rows.iter().map(|row| row.id).collect();
        let marked: BTreeSet<ApplicationId> = store::mark_counted(conn, first, &ids)?.into_iter().collect();
        taken.extend(rows.into_iter().filter(|row| marked.contains(&row.id)));
    }
    Ok(taken)
}
