//! Queries for the committee: what names an application without naming anybody.

use diesel::prelude::*;

use super::CHUNK;
use crate::applications::rules::{ApplicationState, Handle};
use crate::db::Conn;
use crate::error::Result;
use crate::ids::{ApplicationId, CallId};
use crate::schema::applications;

/// The applications of a call that are voted on; of one category, where it is given.
pub(in crate::applications) fn eligible(
    conn: &mut Conn,
    call: CallId,
    category: Option<i32>,
) -> Result<Vec<ApplicationId>> {
    let mut found = applications::table
        .filter(applications::call_id.eq(call))
        .filter(applications::state.eq(ApplicationState::Eligible))
        .select(applications::id)
        .into_boxed();
    if let Some(category) = category {
        found = found.filter(applications::category.eq(category));
    }
    Ok(found.load(conn)?)
}

type Row = (ApplicationId, String, Option<i32>, String, String, Option<String>);

fn handle((id, reference, category, municipality, discipline, association): Row) -> Handle {
    Handle { id, reference, category, municipality, discipline, association }
}

pub(in crate::applications) fn handles(conn: &mut Conn, ids: &[ApplicationId]) -> Result<Vec<Handle>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let of_these = applications::table.filter(applications::id.eq_any(chunk)).select((
            applications::id,
            applications::reference,
            applications::category,
            applications::municipality,
            applications::discipline,
            applications::association,
        ));
        let rows: Vec<Row> = of_these.load(conn)?;
        found.extend(rows.into_iter().map(handle));
    }
    Ok(found)
}

/// Whether an application may still become eligible: its check is not over, or a person looks at a finding.
pub(in crate::applications) fn has_waiting(conn: &mut Conn, call: CallId) -> Result<bool> {
    let waiting = [ApplicationState::Submitted, ApplicationState::NeedsReview];
    let of_call = applications::table.filter(applications::call_id.eq(call));
    let of_call = of_call.filter(applications::state.eq_any(waiting)).select(applications::id);
    let found: Option<ApplicationId> = of_call.first(conn).optional()?;
    Ok(found.is_some())
}
