//! Pages of applications: each filter has an index that ends in the order of the page.

use diesel::prelude::*;

use crate::applications::rules::{ApplicationState, Listed};
use crate::clock::Instant;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::{ApplicationId, CallId, PersonId};
use crate::page::TimeCursor;
use crate::schema::applications;
use crate::serbian::latin;

/// What a list of applications is asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub state: Option<ApplicationState>,
    pub category: Option<i32>,
    pub municipality: Option<String>,
    pub discipline: Option<String>,
    pub association: Option<String>,
    pub reference: Option<String>,
    pub is_newest_first: bool,
}

#[derive(Queryable)]
struct Row {
    id: ApplicationId,
    reference: String,
    state: ApplicationState,
    held_from: Option<ApplicationState>,
    category: Option<i32>,
    municipality: String,
    discipline: String,
    association: Option<String>,
    submitted_at: Instant,
    entered_by: Option<PersonId>,
    merged_into: Option<ApplicationId>,
    version: i32,
}

const COLUMNS: (
    applications::id,
    applications::reference,
    applications::state,
    applications::held_from,
    applications::category,
    applications::municipality,
    applications::discipline,
    applications::association,
    applications::submitted_at,
    applications::entered_by,
    applications::merged_into,
    applications::version,
) = (
    applications::id,
    applications::reference,
    applications::state,
    applications::held_from,
    applications::category,
    applications::municipality,
    applications::discipline,
    applications::association,
    applications::submitted_at,
    applications::entered_by,
    applications::merged_into,
    applications::version,
);

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        let Row { id, reference, state, held_from, category, municipality, discipline, association, .. } = row;
        let Row { submitted_at, entered_by, merged_into, version, .. } = row;
        let is_entered = entered_by.is_some();
        Self {
            id,
            reference,
            state,
            held_from,
            category,
            municipality,
            discipline,
            association,
            submitted_at,
            is_entered,
            merged_into,
            version,
        }
    }
}

/// A page of a call's applications by the time they were submitted; an index range in either direction.
pub(in crate::applications) fn page(
    conn: &mut Conn,
    call: CallId,
    wanted: &Wanted,
    after: Option<TimeCursor>,
    rows: i64,
) -> Result<Vec<Listed>> {
    let mut found = applications::table.filter(applications::call_id.eq(call)).select(COLUMNS).into_boxed();
    if let Some(state) = wanted.state {
        found = found.filter(applications::state.eq(state));
    }
    if let Some(category) = wanted.category {
        found = found.filter(applications::category.eq(category));
    }
    if let Some(municipality) = &wanted.municipality {
        found = found.filter(applications::municipality.eq(latin(municipality)));
    }
    if let Some(discipline) = &wanted.discipline {
        found = found.filter(applications::discipline.eq(latin(discipline)));
    }
    if let Some(association) = &wanted.association {
        found = found.filter(applications::association.eq(latin(association)));
    }
    if let Some(reference) = &wanted.reference {
        // Codes are made of capitals, and typed as it comes.
        let capitals = reference.to_ascii_uppercase();
        found = found.filter(applications::reference.eq(reference).or(applications::reference.eq(capitals)));
    }
    let place = after.map(|cursor| (cursor.at, ApplicationId::from(cursor.id)));
    found = match (wanted.is_newest_first, place) {
        (false, Some((at, id))) => found
            .filter(applications::submitted_at.ge(at))
            .filter(applications::submitted_at.gt(at).or(applications::id.gt(id))),
        (true, Some((at, id))) => found
            .filter(applications::submitted_at.le(at))
            .filter(applications::submitted_at.lt(at).or(applications::id.lt(id))),
        (_, None) => found,
    };
    found = match wanted.is_newest_first {
        true => found.order((applications::submitted_at.desc(), applications::id.desc())),
        false => found.order((applications::submitted_at, applications::id)),
    };
    let found: Vec<Row> = found.limit(rows).load(conn)?;
    Ok(found.into_iter().map(Listed::from).collect())
}

/// The applications of a person, the newest first.
pub(in crate::applications) fn of_person(conn: &mut Conn, person: PersonId) -> Result<Vec<ApplicationId>> {
    let own = applications::table.filter(applications::person_id.eq(person));
    Ok(own.select(applications::id).order(applications::id.desc()).load(conn)?)
}

/// The same with what was merged into one of them, and so on. One that the fund entered is theirs too where one of theirs
/// was merged into it, for nobody else can ask for it.
pub(in crate::applications) fn with_merged(conn: &mut Conn, person: PersonId) -> Result<Vec<ApplicationId>> {
    let mut all = of_person(conn, person)?;
    let mut news = all.clone();
    while !news.is_empty() {
        let below = applications::table.filter(applications::merged_into.eq_any(&news)).select(applications::id);
        let mut beside: Vec<ApplicationId> = below.load(conn)?;
        let merged = applications::table.filter(applications::id.eq_any(&news));
        let merged = merged.filter(applications::merged_into.is_not_null());
        let into: Vec<ApplicationId> = merged.select(applications::merged_into.assume_not_null()).load(conn)?;
        let entered = applications::table.filter(applications::id.eq_any(&into));
        let entered = entered.filter(applications::entered_by.is_not_null()).select(applications::id);
        beside.extend(entered.load::<ApplicationId>(conn)?);
        beside.retain(|id| !all.contains(id));
        beside.sort_unstable();
        beside.dedup();
        all.extend(&beside);
        news = beside;
    }
    Ok(all)
}

pub(in crate::applications) fn find(conn: &mut Conn, id: ApplicationId) -> Result<Option<Listed>> {
    let row: Option<Row> =
        applications::table.filter(applications::id.eq(id)).select(COLUMNS).first(conn).optional()?;
    Ok(row.map(Listed::from))
}

/// The application of a person in a call.
pub(in crate::applications) fn in_call(
    conn: &mut Conn,
    person: PersonId,
    call: CallId,
) -> Result<Option<ApplicationId>> {
    // Asked for together with the call, a table that was empty makes PostgreSQL choose any index that begins with the call.
    let own = applications::table
        .filter(applications::person_id.eq(person))
        .select((applications::id, applications::call_id));
    let own: Vec<(ApplicationId, CallId)> = own.load(conn)?;
    Ok(own.into_iter().find(|(_, of)| *of == call).map(|(id, _)| id))
}
