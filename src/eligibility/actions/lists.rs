//! Lists of a call's applications with what was found on each, for administrators.

use std::collections::BTreeMap;

use crate::accounts::{Actor, Permission};
use crate::applications::actions::Wanted;
use crate::applications::{self, Listed};
use crate::db::Conn;
use crate::eligibility::rules::Raised;
use crate::eligibility::store;
use crate::error::Result;
use crate::ids::{ApplicationId, CallId};
use crate::page::{Limit, Page, TimeCursor};

/// A page of a call's applications with what was found on each, in the order of their submission.
pub fn page(
    conn: &mut Conn,
    actor: &Actor,
    call: CallId,
    wanted: &Wanted,
    place: (Option<TimeCursor>, Limit),
) -> Result<Page<(Listed, Vec<Raised>)>> {
    actor.require(Permission::ReadApplications)?;
    let Page { items, next } = applications::actions::page(conn, actor, call, wanted, place)?;
    Ok(Page { items: with_findings(conn, items)?, next })
}

/// All of them.
///
/// # Errors
/// As for [`applications::actions::export`].
pub fn export(conn: &mut Conn, actor: &Actor, call: CallId, wanted: &Wanted) -> Result<Vec<(Listed, Vec<Raised>)>> {
    actor.require(Permission::ReadApplications)?;
    let all = applications::actions::export(conn, actor, call, wanted)?;
    with_findings(conn, all)
}

fn with_findings(conn: &mut Conn, listed: Vec<Listed>) -> Result<Vec<(Listed, Vec<Raised>)>> {
    let ids: Vec<ApplicationId> = listed.iter().map(|listed| listed.id).collect();
    let mut found: BTreeMap<ApplicationId, Vec<Raised>> = BTreeMap::new();
    for (application, raised) in store::all_findings(conn, &ids)? {
        found.entry(application).or_default().push(raised);
    }
    let with = |listed: Listed| {
        let mut raised = found.remove(&listed.id).unwrap_or_default();
        raised.sort_unstable_by_key(|raised| raised.finding.as_str());
        (listed, raised)
    };
    Ok(listed.into_iter().map(with).collect())
}
