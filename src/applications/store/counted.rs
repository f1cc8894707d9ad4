//! Queries for the totals: which applications have changed since they were counted, and marking them as counted.

use diesel::prelude::*;

use crate::applications::rules::{ApplicationState, Uncounted};
use crate::db::Conn;
use crate::error::Result;
use crate::ids::ApplicationId;
use crate::schema::applications;

/// The same words as the index of those that wait, so that only it is read.
type Waiting = diesel::dsl::NotEq<applications::counted_version, applications::version>;

fn waiting() -> Waiting {
    applications::counted_version.ne(applications::version)
}

pub(in crate::applications) fn has_uncounted(conn: &mut Conn) -> Result<bool> {
    let found: Option<ApplicationId> =
        applications::table.filter(waiting()).select(applications::id).first(conn).optional()?;
    Ok(found.is_some())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = applications)]
struct Row {
    id: ApplicationId,
    call_id: crate::ids::CallId,
    state: ApplicationState,
    held_from: Option<ApplicationState>,
    category: Option<i32>,
    municipality: String,
    discipline: String,
    association: Option<String>,
    submitted_at: crate::clock::Instant,
    version: i32,
    counted_version: i32,
    counted_state: Option<ApplicationState>,
    counted_category: Option<i32>,
}

impl From<Row> for Uncounted {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            call: row.call_id,
            state: row.held_from.unwrap_or(row.state),
            category: row.category,
            municipality: row.municipality,
            discipline: row.discipline,
            association: row.association,
            submitted_at: row.submitted_at,
            version: row.version,
            counted_version: row.counted_version,
            counted: row.counted_state.map(|state| (state, row.counted_category)),
        }
    }
}

pub(in crate::applications) fn uncounted(conn: &mut Conn, limit: i64) -> Result<Vec<Uncounted>> {
    let rows: Vec<Row> = applications::table
        .filter(waiting())
        .order(applications::id)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Uncounted::from).collect())
}

/// Marks applications that were read alike as counted, those that have not changed since; gives their ids.
pub(in crate::applications) fn mark_counted(
    conn: &mut Conn,
    alike: &Uncounted,
    ids: &[ApplicationId],
) -> Result<Vec<ApplicationId>> {
    let unchanged = applications::table
        .filter(applications::id.eq_any(ids))
        .filter(applications::version.eq(alike.version))
        .filter(applications::counted_version.eq(alike.counted_version));
    let changes = (
        applications::counted_version.eq(alike.version),
        applications::counted_state.eq(Some(alike.state)),
        applications::counted_category.eq(alike.category),
    );
    Ok(diesel::update(unchanged).set(changes).returning(applications::id).get_results(conn)?)
}
