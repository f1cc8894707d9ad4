//! A long register: its rows land invisibly, chunk by chunk, and one update puts it in force.

use std::time::Duration;

use serde::Serialize;

use crate::accounts::{Actor, Permission};
use crate::aid::rules::{AidRecord, RecordIndexes, Register, RegisterState};
use crate::aid::store;
use crate::applications::actions::name_and_place;
use crate::audit::{self, Kind};
use crate::calls::{self, Window};
use crate::clock::{Date, Instant};
use crate::crypto::{DataKey, IndexKind, KeyClass, Place, Sealed, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{AidRecordId, CallId, ProgrammeId, RegisterId};
use crate::jobs::{self, JobKind};
use crate::money::Money;

/// Nobody loads for so long: an upload is cut off after an hour.
const ABANDONED_AFTER: Duration = Duration::from_secs(86_400);

#[derive(Serialize)]
pub(super) struct RegisterImported {
    pub register: RegisterId,
    pub programme: ProgrammeId,
    pub records: i64,
}

/// What a register says of a person; sealed under the register's key.
#[derive(Serialize)]
struct Details<'a> {
    jmbg: Option<&'a str>,
    name: &'a str,
    municipality: &'a str,
    amount: Money,
    paid_on: Date,
}

/// A register that is being loaded.
pub struct Load {
    pub register: RegisterId,
    pub programme: ProgrammeId,
    pub call: CallId,
    /// Of the call: aid paid on these days counts.
    pub window: Window,
    pub key: DataKey,
}

/// A row as it is stored: sealed before the write that it is stored in.
pub struct LoadedRow {
    pub id: AidRecordId,
    pub indexes: RecordIndexes,
    pub paid_on: Date,
    pub details: Sealed,
}

/// How a record is found: made ahead of the write that it is stored in, which makes it current.
pub fn indexes_of(vault: &Vault, record: &AidRecord) -> Result<RecordIndexes> {
    Ok(match &record.jmbg {
        Some(jmbg) => RecordIndexes::Jmbg(vault.index_ahead(IndexKind::Jmbg, jmbg)?),
        None => {
            let name = name_and_place(&record.name, &record.municipality);
            RecordIndexes::NameAndPlace(vault.index_ahead(IndexKind::NameAndPlace, &name)?)
        }
    })
}

/// Indexes as they are written now.
fn current(conn: &mut Conn, vault: &Vault, indexes: RecordIndexes) -> Result<RecordIndexes> {
    Ok(match indexes {
        RecordIndexes::Jmbg(index) => RecordIndexes::Jmbg(vault.like(conn, IndexKind::Jmbg, index)?.written()?),
        RecordIndexes::NameAndPlace(index) => {
            RecordIndexes::NameAndPlace(vault.like(conn, IndexKind::NameAndPlace, index)?.written()?)
        }
    })
}

/// Seals a record under the register's key.
pub fn prepare(key: &DataKey, indexes: RecordIndexes, record: &AidRecord) -> Result<LoadedRow> {
    let id = AidRecordId::new();
    let details = Details {
        jmbg: record.jmbg.as_deref(),
        name: &record.name,
        municipality: &record.municipality,
        amount: record.amount,
        paid_on: record.paid_on,
    };
    let place = Place { table: "aid_records", column: "details_sealed", row: id.uuid() };
    let details = key.seal_value(place, &details)?;
    Ok(LoadedRow { id, indexes, paid_on: record.paid_on, details })
}

/// Begins a register that nobody sees in a check before it is in force.
///
/// # Errors
/// [`Error::NotFound`] where there is no such programme.
pub fn begin_load(conn: &mut Conn, vault: &Vault, actor: &Actor, programme: ProgrammeId, now: Instant) -> Result<Load> {
    actor.require(Permission::ImportAid)?;
    let call = store::find_programme(conn, programme)?.ok_or(Error::NotFound)?.call;
    let window = calls::actions::find(conn, call)?.rules.aid_window;
    let register = RegisterId::new();
    let key = vault.create_key(conn, register, KeyClass::Register)?;
    store::insert_register(conn, register, programme, Some(actor.person()?), now)?;
    Ok(Load { register, programme, call, window, key })
}

/// Adds rows to a register that is being loaded.
///
/// # Errors
/// [`Error::NotFound`] where it was swept away meanwhile.
pub fn append(conn: &mut Conn, vault: &Vault, actor: &Actor, register: RegisterId, rows: &[LoadedRow]) -> Result<()> {
    actor.require(Permission::ImportAid)?;
    if !store::count_records(conn, register, i64::try_from(rows.len()).map_err(|_| Error::Overflow)?)? {
        return Err(Error::NotFound);
    }
    let indexes = rows.iter().map(|row| current(conn, vault, row.indexes)).collect::<Result<Vec<_>>>()?;
    store::insert_records(conn, register, rows, &indexes)
}

/// Puts a register in force, and has the applications that it names checked again. Where the same file of the programme is
/// in force already that one is given, and the new one is left to be discarded.
pub fn finish_load(
    conn: &mut Conn,
    actor: &Actor,
    load: (RegisterId, ProgrammeId),
    digest: &[u8; 32],
    now: Instant,
) -> Result<Register> {
    actor.require(Permission::ImportAid)?;
    let (id, programme) = load;
    if let Some(same) = store::in_force_with(conn, programme, digest)? {
        return Ok(same);
    }
    let loaded = store::find_register(conn, id)?.filter(|register| register.state == RegisterState::Loading);
    let loaded = loaded.ok_or(Error::NotFound)?;
    store::put_in_force(conn, id, loaded.record_count, Some(digest), now)?;
    let facts = RegisterImported { register: id, programme, records: loaded.record_count };
    audit::record(conn, actor.author(), now, Kind::RegisterImported, &facts)?;
    jobs::enqueue(conn, JobKind::RecheckRegister, id.uuid(), now)?;
    Ok(Register { state: RegisterState::InForce, in_force_at: Some(now), ..loaded })
}

/// Deletes a part of a register that is loading and will not be finished; says whether anything is left of it. What is in
/// force or was is never touched.
pub fn discard(conn: &mut Conn, vault: &Vault, id: RegisterId) -> Result<bool> {
    let is_loading = store::find_register(conn, id)?.is_some_and(|found| found.state == RegisterState::Loading);
    if !is_loading {
        return Ok(false);
    }
    if store::delete_some_records(conn, id)? > 0 {
        return Ok(true);
    }
    store::delete_register(conn, id)?;
    vault.destroy_key(conn, id, KeyClass::Register)?;
    Ok(false)
}

/// Forgets the records of a register whose time is over, and destroys its key. That it was there, and how many it named,
/// stays.
pub fn erase_register(conn: &mut Conn, vault: &Vault, id: RegisterId) -> Result<()> {
    while store::delete_some_records(conn, id)? > 0 {}
    vault.destroy_key(conn, id, KeyClass::Register)
}

/// Deletes a part of the records of a register whose time is over, so that none of its writes is long; says whether there
/// may be more.
pub fn thin_register(conn: &mut Conn, id: RegisterId) -> Result<bool> {
    Ok(store::delete_some_records(conn, id)? > 0)
}

/// Deletes a part of what loads for over a day, whose client or server has gone; says whether there may be more.
pub fn sweep(conn: &mut Conn, vault: &Vault, now: Instant) -> Result<bool> {
    match store::loading_since(conn, now.minus(ABANDONED_AFTER))? {
        None => Ok(false),
        Some(id) => discard(conn, vault, id).map(|_| true),
    }
}
