//! Queries for the totals: which applications have changed since they were counted, and how they were counted.

use diesel::prelude::*;

use crate::applications::rules::{ApplicationState, Standing, Uncounted};
use crate::clock::Instant;
use crate::db::{Conn, update};
use crate::error::Result;
use crate::ids::{ApplicationId, CallId};
use crate::schema::{application_counts, applications};

/// How one was counted before: state (nothing: not yet) and category.
pub(in crate::applications) type Counted = (ApplicationId, Option<ApplicationState>, Option<i32>);

pub(in crate::applications) fn has_uncounted(conn: &mut Conn) -> Result<bool> {
    // The latest first: of the earlier ones PostgreSQL keeps many that are counted by now.
    let waiting = application_counts::table.filter(application_counts::is_waiting);
    let latest = waiting.order(application_counts::application_id.desc()).select(application_counts::application_id);
    let found: Option<ApplicationId> = latest.first(conn).optional()?;
    Ok(found.is_some())
}

/// Takes the first of those that wait, so that nobody else takes them; gives how they were counted before. Whoever changes
/// one of them meanwhile waits for the end of this transaction, or was waited for here.
pub(in crate::applications) fn take(conn: &mut Conn, limit: i64) -> Result<Vec<Counted>> {
    let waiting = application_counts::table
        .filter(application_counts::is_waiting)
        .order(application_counts::application_id)
        .limit(limit);
    let ids: Vec<ApplicationId> = waiting.select(application_counts::application_id).load(conn)?;
    let taken = application_counts::table
        .filter(application_counts::application_id.eq_any(&ids))
        .filter(application_counts::is_waiting);
    let columns = (application_counts::application_id, application_counts::state, application_counts::category);
    Ok(diesel::update(taken).set(application_counts::is_waiting.eq(false)).returning(columns).get_results(conn)?)
}

type Row = (
    ApplicationId,
    CallId,
    ApplicationState,
    Option<ApplicationState>,
    Option<i32>,
    String,
    String,
    Option<String>,
    Instant,
);

/// These applications as they stand now, not counted yet.
pub(in crate::applications) fn standing(conn: &mut Conn, ids: &[ApplicationId]) -> Result<Vec<Uncounted>> {
    let rows: Vec<Row> = applications::table
        .filter(applications::id.eq_any(ids))
        .select((
            applications::id,
            applications::call_id,
            applications::state,
            applications::held_from,
            applications::category,
            applications::municipality,
            applications::discipline,
            applications::association,
            applications::submitted_at,
        ))
        .load(conn)?;
    let uncounted =
        |(id, call, state, held_from, category, municipality, discipline, association, submitted_at): Row| Uncounted {
            id,
            call,
            state: Standing { state, held_from }.counts_as(),
            category,
            municipality,
            discipline,
            association,
            submitted_at,
            counted: None,
        };
    Ok(rows.into_iter().map(uncounted).collect())
}

/// Records how some were counted that stand alike.
pub(in crate::applications) fn set_counted(
    conn: &mut Conn,
    (state, category): (ApplicationState, Option<i32>),
    ids: &[ApplicationId],
) -> Result<()> {
    let changes = (application_counts::state.eq(Some(state)), application_counts::category.eq(category));
    update(application_counts::table, application_counts::application_id.eq_any(ids), changes).execute(conn)?;
    Ok(())
}
