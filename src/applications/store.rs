//! Queries on applications.

pub(super) mod blind;
pub(super) mod clarifications;
pub(super) mod counted;
pub(super) mod drafts;
pub(super) mod erasing;
pub(super) mod lists;
pub(super) mod reaching;

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::rules::{Application, ApplicationState, Standing, Submission};
use crate::clock::Instant;
use crate::crypto::{BlindIndex, IndexKind, Sealed};
use crate::db::{Conn, Writes, on_each, update, write_with};
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId, PersonId};
use crate::schema::applications;
use crate::serbian::latin;

/// How many indexes one query asks for.
const CHUNK: usize = 500;
crate::text_enum! {
    pub enum SealedColumn {
        Identity => "identity_sealed",
        Need => "need_sealed",
        Ranking => "ranking_sealed",
        Payment => "payment_sealed",
    }
}

/// What registers of other aid find an application by.
#[derive(Debug, Clone, Copy, Queryable)]
pub struct Indexed {
    pub id: ApplicationId,
    pub submitted_at: Instant,
    pub jmbg: BlindIndex,
    pub name: BlindIndex,
}

pub(super) struct NewApplication {
    pub identity_sealed: Sealed,
    pub need_sealed: Sealed,
    pub ranking_sealed: Sealed,
    pub payment_sealed: Sealed,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = applications)]
struct Row {
    id: ApplicationId,
    call_id: CallId,
    person_id: PersonId,
    reference: String,
    state: ApplicationState,
    held_from: Option<ApplicationState>,
    category: Option<i32>,
    submitted_at: Instant,
    corrected_at: Option<Instant>,
    entered_by: Option<PersonId>,
    merged_into: Option<ApplicationId>,
    jmbg_index: BlindIndex,
    account_index: BlindIndex,
    name_index: BlindIndex,
    household_index: BlindIndex,
    version: i32,
    need_erased_at: Option<Instant>,
    identity_erased_at: Option<Instant>,
}

impl From<Row> for Application {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            call_id: row.call_id,
            person_id: row.person_id,
            reference: row.reference,
            state: row.state,
            held_from: row.held_from,
            category: row.category,
            submitted_at: row.submitted_at,
            corrected_at: row.corrected_at,
            entered_by: row.entered_by,
            merged_into: row.merged_into,
            jmbg_index: row.jmbg_index,
            account_index: row.account_index,
            name_index: row.name_index,
            household_index: row.household_index,
            version: row.version,
            need_erased_at: row.need_erased_at,
            identity_erased_at: row.identity_erased_at,
        }
    }
}

pub(super) fn insert(
    conn: &mut Conn,
    writes: &mut Writes,
    new: &Application,
    sent: &Submission,
    sealed: NewApplication,
) -> Result<()> {
    let row = (
        applications::id.eq(new.id),
        applications::call_id.eq(new.call_id),
        applications::person_id.eq(new.person_id),
        applications::reference.eq(new.reference.clone()),
        applications::state.eq(new.state),
        applications::category.eq(new.category),
        // In one script, so that lists and totals find together what belongs together.
        applications::municipality.eq(latin(&sent.municipality)),
        applications::discipline.eq(latin(&sent.discipline)),
        applications::association.eq(sent.association.as_deref().map(latin)),
        applications::submitted_at.eq(new.submitted_at),
        applications::entered_by.eq(new.entered_by),
        applications::jmbg_index.eq(new.jmbg_index),
        applications::account_index.eq(new.account_index),
        applications::name_index.eq(new.name_index),
        applications::household_index.eq(new.household_index),
        applications::identity_sealed.eq(sealed.identity_sealed),
        applications::need_sealed.eq(sealed.need_sealed),
        applications::ranking_sealed.eq(sealed.ranking_sealed),
        applications::payment_sealed.eq(sealed.payment_sealed),
        applications::version.eq(new.version),
    );
    write_with!(conn, writes, diesel::insert_into(applications::table).values(row));
    Ok(())
}

pub(super) fn find(conn: &mut Conn, id: ApplicationId) -> Result<Option<Application>> {
    let by_id = applications::table.filter(applications::id.eq(id));
    let row: Option<Row> = on_each!(conn, conn => by_id.select(Row::as_select()).first(conn)).optional()?;
    Ok(row.map(Application::from))
}

/// What was merged into an application.
pub(super) fn merged_into(conn: &mut Conn, id: ApplicationId) -> Result<Vec<Application>> {
    let merged = applications::table.filter(applications::merged_into.eq(id));
    let rows: Vec<Row> = on_each!(conn, conn => merged.select(Row::as_select()).load(conn))?;
    Ok(rows.into_iter().map(Application::from).collect())
}

pub(super) fn find_all(conn: &mut Conn, ids: &[ApplicationId]) -> Result<BTreeMap<ApplicationId, Application>> {
    let mut found = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        let by_id = applications::table.filter(applications::id.eq_any(chunk)).select(Row::as_select());
        let rows: Vec<Row> = by_id.load(conn)?;
        found.extend(rows.into_iter().map(|row| (row.id, Application::from(row))));
    }
    Ok(found)
}

pub(super) fn list(conn: &mut Conn, call: CallId, state: Option<ApplicationState>) -> Result<Vec<Application>> {
    let mut query = applications::table.filter(applications::call_id.eq(call)).select(Row::as_select()).into_boxed();
    if let Some(state) = state {
        query = query.filter(applications::state.eq(state));
    }
    let rows: Vec<Row> = query.order(applications::reference).load(conn)?;
    Ok(rows.into_iter().map(Application::from).collect())
}

/// A guarded update: whoever read an older version is told so.
pub(super) fn advance(conn: &mut Conn, read: &Application, next: Standing, category: Option<i32>) -> Result<()> {
    let unchanged = applications::id.eq(read.id).and(applications::version.eq(read.version));
    let changes = (
        applications::state.eq(next.state),
        applications::held_from.eq(next.held_from),
        applications::category.eq(category),
        applications::version.eq(read.version.saturating_add(1)),
    );
    let changed = update(applications::table, unchanged, changes).execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(Error::Stale("the application")) }
}

/// What an applicant put right, sealed, with what it is found by.
pub(super) struct Corrected {
    pub identity_sealed: Sealed,
    pub need_sealed: Sealed,
    pub payment_sealed: Sealed,
    pub account_index: BlindIndex,
    pub name_index: BlindIndex,
    pub corrected_at: Option<Instant>,
}

/// A guarded update: whoever read an older version is told so.
pub(super) fn correct(conn: &mut Conn, read: &Application, corrected: Corrected) -> Result<()> {
    let unchanged = applications::id.eq(read.id).and(applications::version.eq(read.version));
    let changes = (
        applications::identity_sealed.eq(corrected.identity_sealed),
        applications::need_sealed.eq(corrected.need_sealed),
        applications::payment_sealed.eq(corrected.payment_sealed),
        applications::account_index.eq(corrected.account_index),
        applications::name_index.eq(corrected.name_index),
        applications::corrected_at.eq(corrected.corrected_at),
        applications::version.eq(read.version.saturating_add(1)),
    );
    let changed = update(applications::table, unchanged, changes).execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(Error::Stale("the application")) }
}

pub(super) fn municipality(conn: &mut Conn, id: ApplicationId) -> Result<String> {
    let this = applications::table.filter(applications::id.eq(id)).select(applications::municipality);
    this.first(conn).optional()?.ok_or(Error::NotFound)
}

/// Puts an application to another of the same person, or takes it back (`into` is nothing) to where it was.
pub(super) fn set_merged(
    conn: &mut Conn,
    read: &Application,
    next: ApplicationState,
    (into, from): (Option<ApplicationId>, Option<ApplicationState>),
) -> Result<()> {
    let unchanged = applications::id.eq(read.id).and(applications::version.eq(read.version));
    let changes = (
        applications::state.eq(next),
        applications::merged_into.eq(into),
        applications::merged_from.eq(from),
        applications::version.eq(read.version.saturating_add(1)),
    );
    let changed = update(applications::table, unchanged, changes).execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(Error::Stale("the application")) }
}

/// The state before an application was merged into another one.
pub(super) fn merged_from(conn: &mut Conn, id: ApplicationId) -> Result<Option<ApplicationState>> {
    let this = applications::table.filter(applications::id.eq(id));
    let from: Option<Option<ApplicationState>> = this.select(applications::merged_from).first(conn).optional()?;
    Ok(from.flatten())
}

/// Keeps why an application was withdrawn.
pub(super) fn set_withdrawal(conn: &mut Conn, id: ApplicationId, reason: &Sealed) -> Result<()> {
    let changes = applications::withdrawal_sealed.eq(Some(reason));
    update(applications::table, applications::id.eq(id), changes).execute(conn)?;
    Ok(())
}

pub(super) fn withdrawal(conn: &mut Conn, id: ApplicationId) -> Result<Option<Sealed>> {
    let this = applications::table.filter(applications::id.eq(id)).select(applications::withdrawal_sealed);
    let found: Option<Option<Sealed>> = this.first(conn).optional()?;
    Ok(found.flatten())
}

pub(super) fn has_held(conn: &mut Conn, call: CallId) -> Result<bool> {
    let decided = [ApplicationState::Approved, ApplicationState::Awarded, ApplicationState::Reserve];
    let of_call = applications::table.filter(applications::call_id.eq(call));
    let before_a_person = of_call.filter(applications::state.eq(ApplicationState::NeedsReview));
    let held = before_a_person.filter(applications::held_from.eq_any(decided));
    let found: Option<ApplicationId> = held.select(applications::id).first(conn).optional()?;
    Ok(found.is_some())
}

pub(super) fn sealed(conn: &mut Conn, id: ApplicationId, column: SealedColumn) -> Result<Option<Sealed>> {
    let row = applications::table.filter(applications::id.eq(id));
    let sealed = match column {
        SealedColumn::Identity => row.select(applications::identity_sealed).first(conn),
        SealedColumn::Need => row.select(applications::need_sealed).first(conn),
        SealedColumn::Ranking => row.select(applications::ranking_sealed).first(conn),
        SealedColumn::Payment => row.select(applications::payment_sealed).first(conn),
    };
    Ok(sealed.optional()?)
}

/// An application that was found by something that it shares with another one.
#[derive(Queryable)]
pub(super) struct Beside {
    pub id: ApplicationId,
    pub call: CallId,
    pub state: ApplicationState,
    pub submitted_at: Instant,
    pub corrected_at: Option<Instant>,
    pub reference: String,
    pub jmbg: BlindIndex,
    pub account: BlindIndex,
    pub household: BlindIndex,
}

const BESIDE: (
    applications::id,
    applications::call_id,
    applications::state,
    applications::submitted_at,
    applications::corrected_at,
    applications::reference,
    applications::jmbg_index,
    applications::account_index,
    applications::household_index,
) = (
    applications::id,
    applications::call_id,
    applications::state,
    applications::submitted_at,
    applications::corrected_at,
    applications::reference,
    applications::jmbg_index,
    applications::account_index,
    applications::household_index,
);

/// The other applications of the call that share JMBG (where that is asked), account or household with one, once or more often
/// each.
pub(super) fn beside(
    conn: &mut Conn,
    application: &Application,
    (jmbg_index, account_index, household_index): (Option<BlindIndex>, BlindIndex, BlindIndex),
) -> Result<Vec<Beside>> {
    let by_account = applications::table.filter(applications::account_index.eq(account_index)).select(BESIDE);
    let by_household = applications::table.filter(applications::household_index.eq(household_index)).select(BESIDE);
    // Three look-ups in one question. By “or” it would be up to the database to read the whole table instead.
    // The call is looked at afterwards: asked for too, it makes SQLite go through all of the call by one of its indexes.
    let shared = by_account.union_all(by_household);
    let mut found: Vec<Beside> = match jmbg_index {
        Some(index) => {
            let by_jmbg = applications::table.filter(applications::jmbg_index.eq(index)).select(BESIDE);
            let all = shared.union_all(by_jmbg);
            on_each!(conn, conn => all.load(conn))?
        }
        None => on_each!(conn, conn => shared.load(conn))?,
    };
    found.retain(|other| other.call == application.call_id && other.id != application.id);
    Ok(found)
}

pub(super) fn found_by(
    conn: &mut Conn,
    call: CallId,
    kind: IndexKind,
    indexes: &[BlindIndex],
) -> Result<Vec<ApplicationId>> {
    let mut found: Vec<ApplicationId> = Vec::new();
    for chunk in indexes.chunks(CHUNK) {
        let of_call = applications::table.filter(applications::call_id.eq(call)).select(applications::id).into_boxed();
        let hit = match kind {
            IndexKind::Jmbg => of_call.filter(applications::jmbg_index.eq_any(chunk)),
            IndexKind::Account => of_call.filter(applications::account_index.eq_any(chunk)),
            IndexKind::NameAndPlace => of_call.filter(applications::name_index.eq_any(chunk)),
            IndexKind::Household => of_call.filter(applications::household_index.eq_any(chunk)),
            IndexKind::Payout | IndexKind::Email | IndexKind::Answer => return Err(Error::NotFound),
        };
        found.extend(hit.load::<ApplicationId>(conn)?);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// A page of the applications of a call with what registers of other aid find them by, oldest first.
pub(super) fn index_page(
    conn: &mut Conn,
    call: CallId,
    after: Option<(Instant, ApplicationId)>,
    rows: i64,
) -> Result<Vec<Indexed>> {
    let columns = (applications::id, applications::submitted_at, applications::jmbg_index, applications::name_index);
    let mut found = applications::table.filter(applications::call_id.eq(call)).select(columns).into_boxed();
    if let Some((at, id)) = after {
        found = found
            .filter(applications::submitted_at.ge(at))
            .filter(applications::submitted_at.gt(at).or(applications::id.gt(id)));
    }
    Ok(found.order((applications::submitted_at, applications::id)).limit(rows).load(conn)?)
}

/// Which of these indexes an application of the call has.
pub(super) fn known_among(
    conn: &mut Conn,
    call: CallId,
    kind: IndexKind,
    wanted: &[BlindIndex],
) -> Result<BTreeSet<BlindIndex>> {
    let mut found = BTreeSet::new();
    for chunk in wanted.chunks(CHUNK) {
        let of_call = applications::table.filter(applications::call_id.eq(call));
        let rows: Vec<BlindIndex> = match kind {
            IndexKind::Jmbg => {
                of_call.filter(applications::jmbg_index.eq_any(chunk)).select(applications::jmbg_index).load(conn)?
            }
            IndexKind::NameAndPlace => {
                of_call.filter(applications::name_index.eq_any(chunk)).select(applications::name_index).load(conn)?
            }
            _ => Vec::new(),
        };
        found.extend(rows);
    }
    Ok(found)
}
