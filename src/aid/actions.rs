//! Adding programmes, importing registers, and looking an applicant up in them.

use serde::Serialize;

use super::rules::{AidRecord, Hits, NewProgramme, Programme, RecordIndexes};
use super::store;
use crate::accounts::{Actor, Permission};
use crate::applications::{self, Application};
use crate::audit::{self, Kind};
use crate::calls::Window;
use crate::clock::{Date, Instant};
use crate::crypto::{DataKey, IndexKind, KeyClass, Place, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{AidRecordId, CallId, ProgrammeId, RegisterId};
use crate::jobs::{self, JobKind};
use crate::money::Money;

#[derive(Serialize)]
struct ProgrammeAdded<'a> {
    programme: ProgrammeId,
    call: CallId,
    code: &'a str,
    effect: super::Effect,
}

#[derive(Serialize)]
struct RegisterImported {
    register: RegisterId,
    programme: ProgrammeId,
    records: usize,
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

/// Adds a programme to the aid catalogue of a call.
///
/// # Errors
/// [`Error::Invalid`] for an effect that is not supported yet; refused where the code is taken.
pub fn add_programme(
    conn: &mut Conn,
    actor: &Actor,
    call: CallId,
    new: &NewProgramme,
    now: Instant,
) -> Result<Programme> {
    actor.require(Permission::ImportAid)?;
    if !new.effect.is_supported() {
        return Err(Error::invalid(
            "effect",
            format!("“{}” is not supported yet; use disqualify or ignore", new.effect),
        ));
    }
    if store::programmes(conn, call)?.iter().any(|known| known.code == new.code) {
        return Err(Error::refused("programme_exists", format!("the programme “{}” exists already", new.code)));
    }
    let programme = Programme { id: ProgrammeId::new(), code: new.code.clone(), effect: new.effect };
    store::insert_programme(conn, programme.id, call, new)?;
    let facts = ProgrammeAdded { programme: programme.id, call, code: &new.code, effect: new.effect };
    audit::record(conn, actor.author(), now, Kind::ProgrammeAdded, &facts)?;
    Ok(programme)
}

/// Imports a register of a programme, puts it in force, and has the applications that it names checked again.
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
    store::insert_register(conn, register, programme, now)?;
    let mut count: usize = 0;
    for record in records {
        insert_record(conn, vault, &key, register, record)?;
        count = count.saturating_add(1);
    }
    store::put_in_force(conn, register, count)?;
    audit::record(
        conn,
        actor.author(),
        now,
        Kind::RegisterImported,
        &RegisterImported { register, programme, records: count },
    )?;
    jobs::enqueue(conn, JobKind::RecheckRegister, register.uuid(), now)?;
    Ok(register)
}

fn insert_record(
    conn: &mut Conn,
    vault: &Vault,
    key: &DataKey,
    register: RegisterId,
    record: &AidRecord,
) -> Result<()> {
    let id = AidRecordId::new();
    let indexes = match &record.jmbg {
        Some(jmbg) => RecordIndexes::Jmbg(vault.index(IndexKind::Jmbg, jmbg)),
        None => {
            RecordIndexes::NameAndPlace(applications::actions::name_index(vault, &record.name, &record.municipality))
        }
    };
    let details = Details {
        jmbg: record.jmbg.as_deref(),
        name: &record.name,
        municipality: &record.municipality,
        amount: record.amount,
        paid_on: record.paid_on,
    };
    let place = Place { table: "aid_records", column: "details_sealed", row: id.uuid() };
    store::insert_record(conn, id, register, indexes, record.paid_on, &key.seal_value(place, &details)?)
}

/// The aid catalogue of a call.
pub fn programmes(conn: &mut Conn, call: CallId) -> Result<Vec<Programme>> {
    store::programmes(conn, call)
}

/// The call that a register belongs to, and how its records are found.
pub fn register_indexes(conn: &mut Conn, register: RegisterId) -> Result<(CallId, Vec<RecordIndexes>)> {
    let call = store::call_of(conn, register)?.ok_or(Error::NotFound)?;
    Ok((call, store::record_indexes(conn, register)?))
}

/// Looks an applicant up in the registers in force: two indexed look-ups, however long the registers are.
pub fn look_up(conn: &mut Conn, application: &Application, window: Window) -> Result<Hits> {
    let call = application.call_id;
    let is_certain = store::is_hit(conn, call, RecordIndexes::Jmbg(application.jmbg_index), window)?;
    let is_possible = store::is_hit(conn, call, RecordIndexes::NameAndPlace(application.name_index), window)?;
    Ok(Hits { is_certain, is_possible })
}
