//! Queries on the wrapped keys.

use diesel::prelude::*;

use super::seal::Sealed;
use super::vault::KeyClass;
use crate::db::{Conn, on_each};
use crate::error::Result;
use crate::ids::OwnerId;
use crate::schema::data_keys;

/// A data key as it lies in the database.
#[derive(Debug, Clone, Insertable, Queryable)]
#[diesel(table_name = data_keys, treat_none_as_default_value = false)]
pub struct StoredKey {
    pub(super) owner_id: OwnerId,
    pub(super) class: KeyClass,
    pub(super) version: i32,
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
