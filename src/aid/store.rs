//! Queries on programmes, registers and records.

use std::collections::BTreeSet;

use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::actions::LoadedRow;
use super::rules::{Effect, Hits, Level, Programme, RecordIndexes, Register, RegisterState};
use crate::calls::Window;
use crate::clock::Instant;
use crate::crypto::{BlindIndex, IndexKind};
use crate::db::{Conn, on_each, update};
use crate::error::{Error, Result};
use crate::ids::{AidRecordId, CallId, PersonId, ProgrammeId, RegisterId};
use crate::page::TimeCursor;
use crate::schema::{aid_programmes, aid_records, aid_registers};

/// How many indexes one query asks for.
const CHUNK: usize = 500;
/// How many rows one delete takes.
const DELETED_AT_ONCE: i64 = 1_000;
/// A register with at most so many records is looked up among the applications, a longer one the other way round.
const FEW: i64 = 1_000;

#[derive(Queryable)]
struct ProgrammeRow {
    id: ProgrammeId,
    call: CallId,
    code: String,
    provider: String,
    level: Level,
    is_universal: bool,
    effect: Effect,
    title: String,
}

impl From<ProgrammeRow> for Programme {
    fn from(row: ProgrammeRow) -> Self {
        let ProgrammeRow { id, call, code, provider, level, is_universal, effect, title } = row;
        Self { id, call, code, provider, level, is_universal, effect, title }
    }
}

pub(super) fn insert_programme(conn: &mut Conn, new: &Programme) -> Result<()> {
    let row = (
        aid_programmes::id.eq(new.id),
        aid_programmes::call_id.eq(new.call),
        aid_programmes::code.eq(&new.code),
        aid_programmes::provider.eq(&new.provider),
        aid_programmes::level.eq(new.level),
        aid_programmes::is_universal.eq(new.is_universal),
        aid_programmes::effect.eq(new.effect),
        aid_programmes::title.eq(&new.title),
    );
    diesel::insert_into(aid_programmes::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn programmes(conn: &mut Conn, call: CallId) -> Result<Vec<Programme>> {
    let of_call = aid_programmes::table.filter(aid_programmes::call_id.eq(call)).order(aid_programmes::code);
    let rows: Vec<ProgrammeRow> = on_each!(conn, conn => of_call.load(conn))?;
    Ok(rows.into_iter().map(Programme::from).collect())
}

pub(super) fn find_programme(conn: &mut Conn, id: ProgrammeId) -> Result<Option<Programme>> {
    let row: Option<ProgrammeRow> = aid_programmes::table.filter(aid_programmes::id.eq(id)).first(conn).optional()?;
    Ok(row.map(Programme::from))
}

pub(super) fn delete_programme(conn: &mut Conn, id: ProgrammeId) -> Result<()> {
    diesel::delete(aid_programmes::table.filter(aid_programmes::id.eq(id))).execute(conn)?;
    Ok(())
}

pub(super) fn has_register(conn: &mut Conn, programme: ProgrammeId) -> Result<bool> {
    let of_programme = aid_registers::table.filter(aid_registers::programme_id.eq(programme));
    let found: Option<RegisterId> = of_programme.select(aid_registers::id).first(conn).optional()?;
    Ok(found.is_some())
}

#[derive(Queryable)]
struct RegisterRow {
    id: RegisterId,
    programme: ProgrammeId,
    call: CallId,
    state: RegisterState,
    record_count: i64,
    imported_at: Instant,
    in_force_at: Option<Instant>,
    withdrawn_at: Option<Instant>,
}

impl From<RegisterRow> for Register {
    fn from(row: RegisterRow) -> Self {
        let RegisterRow { id, programme, call, state, record_count, imported_at, in_force_at, withdrawn_at } = row;
        Self { id, programme, call, state, record_count, imported_at, in_force_at, withdrawn_at }
    }
}

/// In the order of [`RegisterRow`].
const REGISTER: (
    aid_registers::id,
    aid_registers::programme_id,
    aid_programmes::call_id,
    aid_registers::state,
    aid_registers::record_count,
    aid_registers::imported_at,
    aid_registers::in_force_at,
    aid_registers::withdrawn_at,
) = (
    aid_registers::id,
    aid_registers::programme_id,
    aid_programmes::call_id,
    aid_registers::state,
    aid_registers::record_count,
    aid_registers::imported_at,
    aid_registers::in_force_at,
    aid_registers::withdrawn_at,
);

pub(super) fn insert_register(
    conn: &mut Conn,
    id: RegisterId,
    programme: ProgrammeId,
    by: Option<PersonId>,
    now: Instant,
) -> Result<()> {
    let row = (
        aid_registers::id.eq(id),
        aid_registers::programme_id.eq(programme),
        aid_registers::state.eq(RegisterState::Loading),
        aid_registers::record_count.eq(0_i64),
        aid_registers::imported_at.eq(now),
        aid_registers::imported_by.eq(by),
    );
    diesel::insert_into(aid_registers::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn find_register(conn: &mut Conn, id: RegisterId) -> Result<Option<Register>> {
    let joined = aid_registers::table.inner_join(aid_programmes::table).filter(aid_registers::id.eq(id));
    let row: Option<RegisterRow> = joined.select(REGISTER).first(conn).optional()?;
    Ok(row.map(Register::from))
}

pub(super) fn registers(
    conn: &mut Conn,
    call: CallId,
    state: Option<RegisterState>,
    after: Option<TimeCursor>,
    rows: i64,
) -> Result<Vec<Register>> {
    let joined = aid_registers::table.inner_join(aid_programmes::table).filter(aid_programmes::call_id.eq(call));
    let mut found = joined.select(REGISTER).into_boxed();
    if let Some(state) = state {
        found = found.filter(aid_registers::state.eq(state));
    }
    if let Some((at, id)) = after.map(|cursor| (cursor.at, RegisterId::from(cursor.id))) {
        found = found
            .filter(aid_registers::imported_at.le(at))
            .filter(aid_registers::imported_at.lt(at).or(aid_registers::id.lt(id)));
    }
    let ordered = found.order((aid_registers::imported_at.desc(), aid_registers::id.desc()));
    let rows: Vec<RegisterRow> = ordered.limit(rows).load(conn)?;
    Ok(rows.into_iter().map(Register::from).collect())
}

/// The register of a programme that is in force and came from the same file.
pub(super) fn in_force_with(conn: &mut Conn, programme: ProgrammeId, digest: &[u8; 32]) -> Result<Option<Register>> {
    let same = aid_registers::table
        .inner_join(aid_programmes::table)
        .filter(aid_registers::programme_id.eq(programme))
        .filter(aid_registers::digest.eq(digest.as_slice()))
        .filter(aid_registers::state.eq(RegisterState::InForce));
    let row: Option<RegisterRow> = same.select(REGISTER).first(conn).optional()?;
    Ok(row.map(Register::from))
}

pub(super) fn put_in_force(
    conn: &mut Conn,
    id: RegisterId,
    count: i64,
    digest: Option<&[u8; 32]>,
    now: Instant,
) -> Result<()> {
    let changes = (
        aid_registers::state.eq(RegisterState::InForce),
        aid_registers::record_count.eq(count),
        aid_registers::digest.eq(digest.map(<[u8; 32]>::as_slice)),
        aid_registers::in_force_at.eq(now),
    );
    update(aid_registers::table, aid_registers::id.eq(id), changes).execute(conn)?;
    Ok(())
}

pub(super) fn withdraw(conn: &mut Conn, register: &Register) -> Result<()> {
    let in_force = aid_registers::id.eq(register.id).and(aid_registers::state.eq(RegisterState::InForce));
    let changes = (aid_registers::state.eq(register.state), aid_registers::withdrawn_at.eq(register.withdrawn_at));
    let changed = diesel::update(aid_registers::table.filter(in_force)).set(changes).execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(Error::Stale("the register")) }
}

/// Counts further records of a register that is loading; says whether there is such a register.
pub(super) fn count_records(conn: &mut Conn, id: RegisterId, more: i64) -> Result<bool> {
    let loading = aid_registers::id.eq(id).and(aid_registers::state.eq(RegisterState::Loading));
    #[expect(clippy::arithmetic_side_effects, reason = "it builds SQL; the database adds, and refuses an overflow")]
    let changes = aid_registers::record_count.eq(aid_registers::record_count + more);
    Ok(diesel::update(aid_registers::table.filter(loading)).set(changes).execute(conn)? == 1)
}

/// Many rows in one statement.
pub(super) fn insert_records(
    conn: &mut Conn,
    register: RegisterId,
    rows: &[LoadedRow],
    indexes: &[RecordIndexes],
) -> Result<()> {
    let row = |(row, indexes): (&'_ LoadedRow, &RecordIndexes)| {
        (
            aid_records::id.eq(row.id),
            aid_records::register_id.eq(register),
            aid_records::jmbg_index.eq(indexes.of_kind(IndexKind::Jmbg)),
            aid_records::name_index.eq(indexes.of_kind(IndexKind::NameAndPlace)),
            aid_records::paid_on.eq(row.paid_on),
            aid_records::details_sealed.eq(row.details.clone()),
        )
    };
    let values: Vec<_> = rows.iter().zip(indexes).map(row).collect();
    on_each!(conn, conn => diesel::insert_into(aid_records::table).values(&values).execute(conn))?;
    Ok(())
}

/// The register that loads the longest, if it began before a moment.
pub(super) fn loading_since(conn: &mut Conn, before: Instant) -> Result<Option<RegisterId>> {
    let loading = aid_registers::table
        .filter(aid_registers::state.eq(RegisterState::Loading))
        .filter(aid_registers::imported_at.lt(before));
    Ok(loading.order(aid_registers::imported_at).select(aid_registers::id).first(conn).optional()?)
}

pub(super) fn delete_some_records(conn: &mut Conn, register: RegisterId) -> Result<usize> {
    let some = aid_records::table.filter(aid_records::register_id.eq(register)).select(aid_records::id);
    let some: Vec<AidRecordId> = some.limit(DELETED_AT_ONCE).load(conn)?;
    Ok(diesel::delete(aid_records::table.filter(aid_records::id.eq_any(some))).execute(conn)?)
}

pub(super) fn delete_register(conn: &mut Conn, id: RegisterId) -> Result<()> {
    diesel::delete(aid_registers::table.filter(aid_registers::id.eq(id))).execute(conn)?;
    Ok(())
}

/// How the records of a register are found, unless there are many.
pub(super) fn few_record_indexes(conn: &mut Conn, register: RegisterId) -> Result<Option<Vec<RecordIndexes>>> {
    let rows: Vec<(Option<BlindIndex>, Option<BlindIndex>)> = aid_records::table
        .filter(aid_records::register_id.eq(register))
        .select((aid_records::jmbg_index, aid_records::name_index))
        .limit(FEW.saturating_add(1))
        .load(conn)?;
    if i64::try_from(rows.len()).is_ok_and(|count| count > FEW) {
        return Ok(None);
    }
    let indexes = |row| match row {
        (Some(jmbg), _) => Ok(RecordIndexes::Jmbg(jmbg)),
        (None, Some(name)) => Ok(RecordIndexes::NameAndPlace(name)),
        (None, None) => Err(Error::corrupt("an aid record without an index")),
    };
    rows.into_iter().map(indexes).collect::<Result<_>>().map(Some)
}

/// Which of these indexes stand in a register.
pub(super) fn standing_in(
    conn: &mut Conn,
    register: RegisterId,
    kind: IndexKind,
    wanted: &[BlindIndex],
) -> Result<BTreeSet<BlindIndex>> {
    let mut found = BTreeSet::new();
    for chunk in wanted.chunks(CHUNK) {
        let of_register = aid_records::table.filter(aid_records::register_id.eq(register));
        let rows: Vec<BlindIndex> = match kind {
            IndexKind::Jmbg => {
                let hit = of_register.filter(aid_records::jmbg_index.eq_any(chunk));
                hit.select(aid_records::jmbg_index.assume_not_null()).load(conn)?
            }
            IndexKind::NameAndPlace => {
                let hit = of_register.filter(aid_records::name_index.eq_any(chunk));
                hit.select(aid_records::name_index.assume_not_null()).load(conn)?
            }
            _ => Vec::new(),
        };
        found.extend(rows);
    }
    Ok(found)
}

/// Whether records in force of a disqualifying programme of the call, paid within the window, name this JMBG, and whether
/// they name this name; and since when the newest of their registers is in force.
pub(super) fn hits(
    conn: &mut Conn,
    call: CallId,
    (jmbg, name): (BlindIndex, BlindIndex),
    window: Window,
) -> Result<Hits> {
    let counting = || {
        aid_records::table
            .inner_join(aid_registers::table.inner_join(aid_programmes::table))
            .filter(aid_programmes::call_id.eq(call))
            .filter(aid_programmes::effect.eq(Effect::Disqualify))
            .filter(aid_registers::state.eq(RegisterState::InForce))
            .filter(aid_records::paid_on.between(window.from, window.until))
    };
    let newest = max(aid_registers::in_force_at);
    let by_jmbg = counting().filter(aid_records::jmbg_index.eq(jmbg)).select((true.into_sql::<Bool>(), newest));
    let by_name = counting().filter(aid_records::name_index.eq(name)).select((false.into_sql::<Bool>(), newest));
    let found: Vec<(bool, Option<Instant>)> = on_each!(conn, conn => by_jmbg.union_all(by_name).load(conn))?;
    let newest_of = |jmbg: bool| found.iter().filter(|(by, _)| *by == jmbg).filter_map(|(_, newest)| *newest).max();
    Ok(Hits { certain: newest_of(true), possible: newest_of(false) })
}
