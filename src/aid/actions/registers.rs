//! Registers in force: importing one at once, finding and withdrawing them, and who stands on them.

use std::collections::BTreeSet;

use serde::Serialize;

use super::load::{RegisterImported, indexes_of, prepare};
use crate::accounts::{Actor, Permission};
use crate::aid::rules::{AidRecord, Hits, RecordIndexes, Register, RegisterState, WithdrawReason};
use crate::aid::store;
use crate::applications::Application;
use crate::audit::{self, Kind};
use crate::calls::Window;
use crate::clock::{Date, Instant};
use crate::crypto::{BlindIndex, IndexKind, KeyClass, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{CallId, ProgrammeId, RegisterId};
use crate::jobs::{self, JobKind};
use crate::page::{Limit, MOST_EXPORTED, Page, TimeCursor, whole};

/// How many rows of a case file are written at once.
const CHUNK: usize = 1_000;

#[derive(Serialize)]
struct RegisterWithdrawn {
    register: RegisterId,
    programme: ProgrammeId,
    reason: WithdrawReason,
}

/// Imports a register of a programme, puts it in force, and has the applications that it names checked again. All in
/// one transaction: for rounds that are played from files; one that is uploaded comes in by [`super::begin_load`].
pub fn import_register<'a>(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    programme: ProgrammeId,
    records: impl IntoIterator<Item = &'a AidRecord>,
    now: Instant,
) -> Result<RegisterId> {
    actor.require(Permission::ImportAid)?;
    let register = RegisterId::new();
    let key = vault.create_key(conn, register, KeyClass::Register)?;
    store::insert_register(conn, register, programme, actor.author().person, now)?;
    let mut count: usize = 0;
    let mut records = records.into_iter().peekable();
    while records.peek().is_some() {
        let sealed = |record: &AidRecord| prepare(&key, indexes_of(vault, record)?, record);
        let chunk = records.by_ref().take(CHUNK).map(sealed).collect::<Result<Vec<_>>>()?;
        let indexes: Vec<RecordIndexes> = chunk.iter().map(|row| row.indexes).collect();
        store::insert_records(conn, register, &chunk, &indexes)?;
        count = count.saturating_add(chunk.len());
    }
    let count = i64::try_from(count).map_err(|_| Error::Overflow)?;
    store::put_in_force(conn, register, count, None, now)?;
    let facts = RegisterImported { register, programme, records: count };
    audit::record(conn, actor.author(), now, Kind::RegisterImported, &facts)?;
    jobs::enqueue(conn, JobKind::RecheckRegister, register.uuid(), now)?;
    Ok(register)
}

/// # Errors
/// [`Error::NotFound`] where there is no such register.
pub fn find_register(conn: &mut Conn, actor: &Actor, id: RegisterId) -> Result<Register> {
    actor.require(Permission::ImportAid)?;
    store::find_register(conn, id)?.ok_or(Error::NotFound)
}

/// The call that a register belongs to, where there is such a register.
pub fn call_of_register(conn: &mut Conn, id: RegisterId) -> Result<Option<CallId>> {
    Ok(store::find_register(conn, id)?.map(|register| register.call))
}

/// The registers of a call that were put in force.
pub fn ever_in_force(conn: &mut Conn, call: CallId) -> Result<Vec<RegisterId>> {
    let all = store::registers(conn, call, None, None, i64::MAX)?;
    let loaded = all.into_iter().filter(|register| register.state != RegisterState::Loading);
    Ok(loaded.map(|register| register.id).collect())
}

/// The registers of a call, newest first.
pub fn list_registers(
    conn: &mut Conn,
    actor: &Actor,
    call: CallId,
    state: Option<RegisterState>,
    (after, limit): (Option<TimeCursor>, Limit),
) -> Result<Page<Register>> {
    actor.require(Permission::ImportAid)?;
    let rows = store::registers(conn, call, state, after, limit.rows_and_one())?;
    Ok(Page::new(rows, limit, |register| TimeCursor { at: register.imported_at, id: register.id.uuid() }))
}

/// Every register of a call that the filter shows, newest first.
///
/// # Errors
/// As for [`whole`].
pub fn export_registers(
    conn: &mut Conn,
    actor: &Actor,
    call: CallId,
    state: Option<RegisterState>,
) -> Result<Vec<Register>> {
    actor.require(Permission::ImportAid)?;
    whole(store::registers(conn, call, state, None, MOST_EXPORTED.saturating_add(1))?)
}

/// Withdraws a register: its rows count no more, and who was found by them is checked again.
///
/// # Errors
/// Refused unless it is in force.
pub fn withdraw_register(
    conn: &mut Conn,
    actor: &Actor,
    id: RegisterId,
    reason: WithdrawReason,
    now: Instant,
) -> Result<Register> {
    actor.require(Permission::ImportAid)?;
    let register = store::find_register(conn, id)?.ok_or(Error::NotFound)?;
    let withdrawn = register.withdrawn(now)?;
    store::withdraw(conn, &withdrawn)?;
    let facts = RegisterWithdrawn { register: id, programme: register.programme, reason };
    audit::record(conn, actor.author(), now, Kind::RegisterWithdrawn, &facts)?;
    jobs::enqueue(conn, JobKind::RecheckRegister, id.uuid(), now)?;
    Ok(withdrawn)
}

/// How the records of a register are found, where they are fewer than the applications of a call usually are: then they
/// are looked up among the applications, not the applications in the register.
pub fn few_indexes(conn: &mut Conn, id: RegisterId) -> Result<Option<Vec<RecordIndexes>>> {
    store::few_record_indexes(conn, id)
}

/// Which of these stand in a register, whether it is in force or not: one indexed look-up each.
pub fn standing_in(
    conn: &mut Conn,
    vault: &Vault,
    register: RegisterId,
    kind: IndexKind,
    wanted: &[BlindIndex],
) -> Result<BTreeSet<BlindIndex>> {
    let wanted = vault.all_like(conn, kind, wanted)?;
    let found = store::standing_in(conn, register, kind, &wanted)?;
    // In every form, so that whoever asks finds theirs.
    Ok(vault.all_like(conn, kind, &found.into_iter().collect::<Vec<_>>())?.into_iter().collect())
}

/// How many of these rows name an applicant of the call and were paid in its window.
pub fn hits_among(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    (call, window): (CallId, Window),
    rows: &[(RecordIndexes, Date)],
) -> Result<u64> {
    actor.require(Permission::ImportAid)?;
    let counting = || rows.iter().filter(|(_, paid_on)| (window.from..=window.until).contains(paid_on));
    let mut hits: usize = 0;
    for kind in [IndexKind::Jmbg, IndexKind::NameAndPlace] {
        let of_kind: Vec<BlindIndex> = counting().filter_map(|(index, _)| index.of_kind(kind)).collect();
        let known = crate::applications::actions::known_among(conn, vault, call, kind, &of_kind)?;
        hits = hits.saturating_add(of_kind.iter().filter(|index| known.contains(index)).count());
    }
    u64::try_from(hits).map_err(|_| Error::Overflow)
}

/// Looks an applicant up in the registers in force: two indexed look-ups, however long the registers are.
pub fn look_up(conn: &mut Conn, vault: &Vault, application: &Application, window: Window) -> Result<Hits> {
    let jmbg = vault.like(conn, IndexKind::Jmbg, application.jmbg_index)?;
    let name = vault.like(conn, IndexKind::NameAndPlace, application.name_index)?;
    let mut hits = Hits::default();
    for indexes in jmbg.iter().zip(name.iter()) {
        let found = store::hits(conn, application.call_id, indexes, window)?;
        hits.certain = hits.certain.max(found.certain);
        hits.possible = hits.possible.max(found.possible);
    }
    Ok(hits)
}
