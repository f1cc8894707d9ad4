//! Queries on the first answers to requests with an Idempotency-Key.

use diesel::prelude::*;

use crate::clock::Instant;
use crate::crypto::{BlindIndex, Forms, Sealed};
use crate::db::{Conn, Writes, on_each, write_with};
use crate::error::Result;
use crate::ids::PersonId;
use crate::schema::idempotent_answers;

#[derive(Insertable, Queryable)]
#[diesel(table_name = idempotent_answers, treat_none_as_default_value = false)]
pub(super) struct AnswerRow {
    pub person_id: PersonId,
    pub key_index: BlindIndex,
    pub fingerprint: BlindIndex,
    pub answer_sealed: Sealed,
    pub created_at: Instant,
}

pub(super) fn find(conn: &mut Conn, person: PersonId, key: &Forms) -> Result<Option<AnswerRow>> {
    let mut found = None;
    for index in key.iter() {
        let this = idempotent_answers::table
            .filter(idempotent_answers::person_id.eq(person))
            .filter(idempotent_answers::key_index.eq(index));
        found = on_each!(conn, conn => this.first(conn)).optional()?.or(found);
    }
    Ok(found)
}

/// Keeps an answer, together with other writes.
pub(super) fn insert(conn: &mut Conn, writes: &mut Writes, row: AnswerRow) -> Result<()> {
    write_with!(conn, writes, diesel::insert_into(idempotent_answers::table).values(row));
    Ok(())
}

pub(super) fn delete(conn: &mut Conn, person: PersonId, key: BlindIndex) -> Result<()> {
    let this = idempotent_answers::table
        .filter(idempotent_answers::person_id.eq(person))
        .filter(idempotent_answers::key_index.eq(key));
    diesel::delete(this).execute(conn)?;
    Ok(())
}

pub(super) fn forget_all_of(conn: &mut Conn, person: PersonId) -> Result<()> {
    diesel::delete(idempotent_answers::table.filter(idempotent_answers::person_id.eq(person))).execute(conn)?;
    Ok(())
}

pub(super) fn forget(conn: &mut Conn, before: Instant) -> Result<()> {
    diesel::delete(idempotent_answers::table.filter(idempotent_answers::created_at.lt(before))).execute(conn)?;
    Ok(())
}
