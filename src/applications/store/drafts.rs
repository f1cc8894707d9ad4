//! Queries on drafts.

use diesel::prelude::*;

use crate::clock::Instant;
use crate::crypto::Sealed;
use crate::db::{Conn, Writes, on_each, update, write_with};
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId, PersonId};
use crate::schema::drafts;

/// A draft as it is kept.
#[derive(Insertable, Queryable)]
#[diesel(table_name = drafts, treat_none_as_default_value = false)]
pub(in crate::applications) struct DraftRow {
    pub id: ApplicationId,
    pub call_id: CallId,
    pub person_id: PersonId,
    pub identity_sealed: Option<Sealed>,
    pub need_sealed: Option<Sealed>,
    pub payment_sealed: Option<Sealed>,
    pub created_at: Instant,
    pub changed_at: Instant,
    pub version: i32,
}

pub(in crate::applications) fn insert(conn: &mut Conn, row: &DraftRow) -> Result<()> {
    on_each!(conn, conn => diesel::insert_into(drafts::table).values(row).execute(conn))?;
    Ok(())
}

pub(in crate::applications) fn find(conn: &mut Conn, id: ApplicationId, owner: PersonId) -> Result<Option<DraftRow>> {
    let own = drafts::table.filter(drafts::id.eq(id)).filter(drafts::person_id.eq(owner));
    Ok(on_each!(conn, conn => own.first(conn)).optional()?)
}

pub(in crate::applications) fn of_person(conn: &mut Conn, owner: PersonId) -> Result<Vec<DraftRow>> {
    Ok(drafts::table.filter(drafts::person_id.eq(owner)).order(drafts::id).load(conn)?)
}

pub(in crate::applications) fn in_call(conn: &mut Conn, owner: PersonId, call: CallId) -> Result<Option<DraftRow>> {
    let own = drafts::table.filter(drafts::person_id.eq(owner)).filter(drafts::call_id.eq(call));
    Ok(on_each!(conn, conn => own.first(conn)).optional()?)
}

/// A guarded update: whoever read an older version is told so. What was erased before it began stays so.
pub(in crate::applications) fn save(conn: &mut Conn, row: &DraftRow, now: Instant) -> Result<()> {
    let unchanged = drafts::id.eq(row.id).and(drafts::version.eq(row.version));
    let changes = (
        drafts::identity_sealed.eq(&row.identity_sealed),
        drafts::need_sealed.eq(&row.need_sealed),
        drafts::payment_sealed.eq(&row.payment_sealed),
        drafts::changed_at.eq(now),
        drafts::version.eq(row.version.saturating_add(1)),
    );
    let changed = update(drafts::table, unchanged, changes).execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(Error::Stale("the draft")) }
}

/// Deletes a draft that was read in this transaction, together with other writes.
pub(in crate::applications) fn replace(conn: &mut Conn, writes: &mut Writes, id: ApplicationId) -> Result<()> {
    write_with!(conn, writes, diesel::delete(drafts::table.filter(drafts::id.eq(id))));
    Ok(())
}

/// A guarded delete.
pub(in crate::applications) fn delete(conn: &mut Conn, id: ApplicationId, version: i32) -> Result<()> {
    let unchanged = drafts::table.filter(drafts::id.eq(id)).filter(drafts::version.eq(version));
    let deleted = on_each!(conn, conn => diesel::delete(unchanged).execute(conn))?;
    if deleted == 1 { Ok(()) } else { Err(Error::Stale("the draft")) }
}
