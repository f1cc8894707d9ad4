//! Queries on documents.

use diesel::prelude::*;

use super::rules::MediaType;
use crate::clock::Instant;
use crate::crypto::Sealed;
use crate::db::{Conn, on_each, update};
use crate::error::Result;
use crate::ids::{ApplicationId, CallId, DocumentId, PersonId};
use crate::schema::{document_leftovers, documents};

/// A document as it is written down.
#[derive(Insertable, Queryable)]
#[diesel(table_name = documents, treat_none_as_default_value = false)]
pub(super) struct Row {
    pub id: DocumentId,
    pub person_id: PersonId,
    pub call_id: CallId,
    pub application_id: ApplicationId,
    pub kind: String,
    pub media_type: MediaType,
    pub size: i64,
    pub sha256: Option<Vec<u8>>,
    pub name_sealed: Option<Sealed>,
    pub object_name: String,
    pub uploaded_at: Instant,
    pub removed_at: Option<Instant>,
}

pub(super) fn insert(conn: &mut Conn, row: &Row) -> Result<()> {
    on_each!(conn, conn => diesel::insert_into(documents::table).values(row).execute(conn))?;
    Ok(())
}

/// Unless it is removed.
pub(super) fn find(conn: &mut Conn, id: DocumentId) -> Result<Option<Row>> {
    let kept = documents::table.filter(documents::id.eq(id)).filter(documents::removed_at.is_null());
    Ok(on_each!(conn, conn => kept.first(conn)).optional()?)
}

pub(super) fn of_application(conn: &mut Conn, application: ApplicationId) -> Result<Vec<Row>> {
    let kept = documents::table.filter(documents::application_id.eq(application));
    Ok(kept.filter(documents::removed_at.is_null()).order(documents::id).load(conn)?)
}

pub(super) fn of_person(conn: &mut Conn, person: PersonId) -> Result<Vec<Row>> {
    let kept = documents::table.filter(documents::person_id.eq(person));
    Ok(kept.filter(documents::removed_at.is_null()).order(documents::id).load(conn)?)
}

pub(super) fn are_kept_of(conn: &mut Conn, person: PersonId) -> Result<bool> {
    let kept = documents::table.filter(documents::person_id.eq(person)).filter(documents::removed_at.is_null());
    let first: Option<DocumentId> = kept.select(documents::id).first(conn).optional()?;
    Ok(first.is_some())
}

pub(super) fn of_call(conn: &mut Conn, call: CallId) -> Result<Vec<Row>> {
    let kept = documents::table.filter(documents::call_id.eq(call));
    Ok(kept.filter(documents::removed_at.is_null()).order(documents::id).load(conn)?)
}

/// Forgets all about it but that it was there; says no where that was done before.
pub(super) fn remove(conn: &mut Conn, id: DocumentId, now: Instant) -> Result<bool> {
    let kept = documents::id.eq(id).and(documents::removed_at.is_null());
    let changes = (
        documents::removed_at.eq(Some(now)),
        documents::sha256.eq(None::<Vec<u8>>),
        documents::name_sealed.eq(None::<Sealed>),
    );
    Ok(update(documents::table, kept, changes).execute(conn)? == 1)
}

/// Writes down that something lies in the store, or will, that belongs to no document.
pub(super) fn leave(conn: &mut Conn, name: &str, now: Instant) -> Result<()> {
    let row = (document_leftovers::object_name.eq(name), document_leftovers::since.eq(now));
    diesel::insert_into(document_leftovers::table).values(row).execute(conn)?;
    Ok(())
}

/// Some that have been there since before a moment, the oldest first.
pub(super) fn left_before(conn: &mut Conn, before: Instant, rows: i64) -> Result<Vec<String>> {
    let old = document_leftovers::table.filter(document_leftovers::since.lt(before));
    Ok(old.order(document_leftovers::since).limit(rows).select(document_leftovers::object_name).load(conn)?)
}

/// Strikes what belongs to a document now, or is taken out of the store.
pub(super) fn strike(conn: &mut Conn, name: &str) -> Result<()> {
    let this = document_leftovers::table.filter(document_leftovers::object_name.eq(name));
    diesel::delete(this).execute(conn)?;
    Ok(())
}

/// Strikes what was put there by requests that were not done.
pub(super) fn strike_begun(conn: &mut Conn) -> Result<()> {
    let all: Vec<String> = document_leftovers::table.select(document_leftovers::object_name).load(conn)?;
    for name in all {
        let known = documents::table.filter(documents::object_name.eq(&name)).select(documents::id);
        if known.first::<DocumentId>(conn).optional()?.is_none() {
            strike(conn, &name)?;
        }
    }
    Ok(())
}
