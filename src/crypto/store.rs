//! Queries on the wrapped keys.

pub mod renewing;

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::master::MasterId;
use super::seal::Sealed;
use super::vault::KeyClass;
use crate::db::{Conn, on_each, update};
use crate::error::{Error, Result};
use crate::ids::OwnerId;
use crate::schema::{current_master, data_keys, wrapping_masters, written_index_version};

/// A data key as it lies in the database.
#[derive(Debug, Clone, Insertable, Queryable)]
#[diesel(table_name = data_keys, treat_none_as_default_value = false)]
pub struct StoredKey {
    pub(super) owner_id: OwnerId,
    pub(super) class: KeyClass,
    pub(super) version: i32,
    pub(super) master_id: MasterId,
    pub(super) wrapped: Sealed,
}

pub(super) fn insert(conn: &mut Conn, row: &StoredKey) -> Result<()> {
    on_each!(conn, conn => diesel::insert_into(data_keys::table).values(row).execute(conn))?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn, owner: OwnerId, class: KeyClass) -> Result<Option<StoredKey>> {
    let by_owner = data_keys::table.filter(data_keys::owner_id.eq(owner)).filter(data_keys::class.eq(class));
    Ok(on_each!(conn, conn => by_owner.first(conn)).optional()?)
}

pub(super) fn list(conn: &mut Conn, owner: OwnerId) -> Result<Vec<StoredKey>> {
    let of_owner = data_keys::table.filter(data_keys::owner_id.eq(owner));
    Ok(on_each!(conn, conn => of_owner.load(conn))?)
}

pub(super) fn delete(conn: &mut Conn, owner: OwnerId, class: KeyClass) -> Result<()> {
    let by_owner = data_keys::table.filter(data_keys::owner_id.eq(owner)).filter(data_keys::class.eq(class));
    diesel::delete(by_owner).execute(conn)?;
    Ok(())
}

/// The master key by which keys are wrapped; nothing in a new database.
pub(super) fn current_master(conn: &mut Conn) -> Result<Option<MasterId>> {
    Ok(current_master::table.select(current_master::master_id).first(conn).optional()?)
}

/// Wraps by this master key from now on. Those that wrap keys already are named until [`forget_other_masters`].
pub(super) fn set_current_master(conn: &mut Conn, id: MasterId) -> Result<()> {
    if !wrapping_masters(conn)?.contains(&id) {
        diesel::insert_into(wrapping_masters::table).values(wrapping_masters::master_id.eq(id)).execute(conn)?;
    }
    let changed = update(current_master::table, current_master::one.eq(1), current_master::master_id.eq(id));
    if changed.execute(conn)? == 0 {
        let row = (current_master::one.eq(1), current_master::master_id.eq(id));
        diesel::insert_into(current_master::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// The master keys that wrap any key, as the database names them.
pub(super) fn wrapping_masters(conn: &mut Conn) -> Result<Vec<MasterId>> {
    let named = wrapping_masters::table.select(wrapping_masters::master_id);
    Ok(on_each!(conn, conn => named.load(conn))?)
}

/// The master keys that wrap any key, from the keys themselves: reads all of them.
pub(super) fn masters_of_keys(conn: &mut Conn) -> Result<Vec<MasterId>> {
    let wrapping = data_keys::table.select(data_keys::master_id).distinct();
    Ok(on_each!(conn, conn => wrapping.load(conn))?)
}

/// Names one master key alone: no key is wrapped by another any more.
pub(super) fn forget_other_masters(conn: &mut Conn, id: MasterId) -> Result<()> {
    diesel::delete(wrapping_masters::table.filter(wrapping_masters::master_id.ne(id))).execute(conn)?;
    Ok(())
}

/// The versions of the keys of blind indexes that there are, the oldest first.
pub(super) fn index_versions(conn: &mut Conn) -> Result<Vec<i32>> {
    let versions = data_keys::table
        .filter(data_keys::owner_id.eq(OwnerId::FUND))
        .filter(data_keys::class.eq(KeyClass::IndexJmbg))
        .order(data_keys::version)
        .select(data_keys::version);
    Ok(on_each!(conn, conn => versions.load(conn))?)
}

/// The keys of one version of the blind indexes, among others of the fund.
pub(super) fn index_keys(conn: &mut Conn, version: i32) -> Result<Vec<StoredKey>> {
    let of_fund = data_keys::table.filter(data_keys::owner_id.eq(OwnerId::FUND));
    Ok(of_fund.filter(data_keys::version.eq(version)).load(conn)?)
}

/// The version that is written; nothing in a new database.
pub(super) fn find_written_version(conn: &mut Conn) -> Result<Option<i32>> {
    let written = written_index_version::table.select(written_index_version::version);
    Ok(on_each!(conn, conn => written.first(conn)).optional()?)
}

pub(super) fn set_written_version(conn: &mut Conn, version: i32) -> Result<()> {
    let changed = update(
        written_index_version::table,
        written_index_version::one.eq(1),
        written_index_version::version.eq(version),
    );
    if changed.execute(conn)? == 0 {
        let row = (written_index_version::one.eq(1), written_index_version::version.eq(version));
        diesel::insert_into(written_index_version::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// Destroys the keys of these classes that are older than a version.
pub(super) fn delete_older(conn: &mut Conn, classes: &[KeyClass], version: i32) -> Result<()> {
    let of_fund = data_keys::table.filter(data_keys::owner_id.eq(OwnerId::FUND));
    diesel::delete(of_fund.filter(data_keys::class.eq_any(classes)).filter(data_keys::version.lt(version)))
        .execute(conn)?;
    Ok(())
}

/// Some keys that another master key wraps.
pub(super) fn wrapped_by_others(conn: &mut Conn, current: MasterId, rows: i64) -> Result<Vec<StoredKey>> {
    let others = data_keys::table.filter(data_keys::master_id.ne(current));
    Ok(others.limit(rows).load(conn)?)
}

/// Puts a key that is wrapped anew in the place of the same key as it was read.
pub(super) fn rewrap(conn: &mut Conn, read: &StoredKey, id: MasterId, wrapped: &Sealed) -> Result<()> {
    let unchanged = data_keys::owner_id
        .eq(read.owner_id)
        .and(data_keys::class.eq(read.class))
        .and(data_keys::version.eq(read.version))
        .and(data_keys::master_id.eq(read.master_id));
    let changes = (data_keys::master_id.eq(id), data_keys::wrapped.eq(wrapped));
    update(data_keys::table, unchanged, changes).execute(conn)?;
    Ok(())
}

/// Whether the database refused a key for being wrapped by a master key that is not its own any more.
pub(super) fn was_rotated(error: &Error) -> bool {
    match error {
        Error::Database(DieselError::DatabaseError(_, info)) => info.message().contains("the master key was rotated"),
        _ => false,
    }
}

/// An error after which the whole transaction runs again.
pub(super) fn lost_race(error: &Error) -> Error {
    DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, Box::new(error.to_string())).into()
}
