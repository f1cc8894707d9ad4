//! Queries on programmes, registers and records.

use diesel::prelude::*;

use super::rules::{Effect, NewProgramme, Programme, RecordIndexes};
use crate::calls::Window;
use crate::clock::{Date, Instant};
use crate::crypto::{BlindIndex, Sealed};
use crate::db::{Conn, update};
use crate::error::{Error, Result};
use crate::ids::{AidRecordId, CallId, ProgrammeId, RegisterId};
use crate::schema::{aid_programmes, aid_records, aid_registers};

crate::text_enum! {
    /// A register counts only while it is in force.
    pub enum RegisterState {
        Loading => "loading",
        InForce => "in_force",
        Withdrawn => "withdrawn",
    }
}

pub(super) fn insert_programme(conn: &mut Conn, id: ProgrammeId, call: CallId, new: &NewProgramme) -> Result<()> {
    let row = (
        aid_programmes::id.eq(id),
        aid_programmes::call_id.eq(call),
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
    let rows: Vec<(ProgrammeId, String, Effect)> = aid_programmes::table
        .filter(aid_programmes::call_id.eq(call))
        .order(aid_programmes::code)
        .select((aid_programmes::id, aid_programmes::code, aid_programmes::effect))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, code, effect)| Programme { id, code, effect }).collect())
}

pub(super) fn insert_register(conn: &mut Conn, id: RegisterId, programme: ProgrammeId, now: Instant) -> Result<()> {
    let row = (
        aid_registers::id.eq(id),
        aid_registers::programme_id.eq(programme),
        aid_registers::state.eq(RegisterState::Loading),
        aid_registers::record_count.eq(0_i64),
        aid_registers::imported_at.eq(now),
    );
    diesel::insert_into(aid_registers::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn put_in_force(conn: &mut Conn, id: RegisterId, count: usize) -> Result<()> {
    let count = i64::try_from(count).map_err(|_| Error::Overflow)?;
    let changes = (aid_registers::state.eq(RegisterState::InForce), aid_registers::record_count.eq(count));
    update(aid_registers::table, aid_registers::id.eq(id), changes).execute(conn)?;
    Ok(())
}

pub(super) fn insert_record(
    conn: &mut Conn,
    id: AidRecordId,
    register: RegisterId,
    indexes: RecordIndexes,
    paid_on: Date,
    details: &Sealed,
) -> Result<()> {
    let (jmbg, name) = match indexes {
        RecordIndexes::Jmbg(index) => (Some(index), None),
        RecordIndexes::NameAndPlace(index) => (None, Some(index)),
    };
    let row = (
        aid_records::id.eq(id),
        aid_records::register_id.eq(register),
        aid_records::jmbg_index.eq(jmbg),
        aid_records::name_index.eq(name),
        aid_records::paid_on.eq(paid_on),
        aid_records::details_sealed.eq(details),
    );
    diesel::insert_into(aid_records::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn call_of(conn: &mut Conn, register: RegisterId) -> Result<Option<CallId>> {
    let joined = aid_registers::table.inner_join(aid_programmes::table).filter(aid_registers::id.eq(register));
    Ok(joined.select(aid_programmes::call_id).first(conn).optional()?)
}

pub(super) fn record_indexes(conn: &mut Conn, register: RegisterId) -> Result<Vec<RecordIndexes>> {
    let rows: Vec<(Option<BlindIndex>, Option<BlindIndex>)> = aid_records::table
        .filter(aid_records::register_id.eq(register))
        .select((aid_records::jmbg_index, aid_records::name_index))
        .load(conn)?;
    let indexes = |row| match row {
        (Some(jmbg), _) => Ok(RecordIndexes::Jmbg(jmbg)),
        (None, Some(name)) => Ok(RecordIndexes::NameAndPlace(name)),
        (None, None) => Err(Error::corrupt("an aid record without an index")),
    };
    rows.into_iter().map(indexes).collect()
}

/// Whether a record in force of a disqualifying programme of the call, paid within the window, has this index.
pub(super) fn is_hit(conn: &mut Conn, call: CallId, by: RecordIndexes, window: Window) -> Result<bool> {
    let counting = aid_records::table
        .inner_join(aid_registers::table.inner_join(aid_programmes::table))
        .filter(aid_programmes::call_id.eq(call))
        .filter(aid_programmes::effect.eq(Effect::Disqualify))
        .filter(aid_registers::state.eq(RegisterState::InForce))
        .filter(aid_records::paid_on.between(window.from, window.until))
        .select(aid_records::id);
    let hit: Option<AidRecordId> = match by {
        RecordIndexes::Jmbg(index) => counting.filter(aid_records::jmbg_index.eq(index)).first(conn).optional()?,
        RecordIndexes::NameAndPlace(index) => {
            counting.filter(aid_records::name_index.eq(index)).first(conn).optional()?
        }
    };
    Ok(hit.is_some())
}
