//! Queries on what people asked and a mailed link answers.

use diesel::prelude::*;

use crate::accounts::rules::RequestKind;
use crate::clock::Instant;
use crate::crypto::Sealed;
use crate::db::{Conn, on_each, update};
use crate::error::Result;
use crate::ids::{MailRequestId, PersonId};
use crate::language::Language;
use crate::schema::mail_requests;

/// How many requests one query names.
const CHUNK: usize = 500;

#[derive(Insertable, Queryable)]
#[diesel(table_name = mail_requests, treat_none_as_default_value = false)]
pub(in crate::accounts) struct RequestRow {
    pub id: MailRequestId,
    pub kind: RequestKind,
    pub person_id: Option<PersonId>,
    pub email_sealed: Sealed,
    pub language: Language,
    pub created_at: Instant,
    pub expires_at: Instant,
    pub tries: i32,
    pub old_confirmed_at: Option<Instant>,
    pub new_confirmed_at: Option<Instant>,
    pub used_at: Option<Instant>,
}

impl RequestRow {
    pub fn is_open(&self, now: Instant) -> bool {
        self.used_at.is_none() && now < self.expires_at
    }
}

pub(in crate::accounts) fn insert(conn: &mut Conn, row: &RequestRow) -> Result<()> {
    on_each!(conn, conn => diesel::insert_into(mail_requests::table).values(row).execute(conn))?;
    Ok(())
}

pub(in crate::accounts) fn find(conn: &mut Conn, id: MailRequestId) -> Result<Option<RequestRow>> {
    Ok(mail_requests::table.filter(mail_requests::id.eq(id)).first(conn).optional()?)
}

/// Every request that is kept still: those of some days.
pub(in crate::accounts) fn all(conn: &mut Conn) -> Result<Vec<RequestRow>> {
    Ok(mail_requests::table.load(conn)?)
}

pub(in crate::accounts) fn delete(conn: &mut Conn, ids: &[MailRequestId]) -> Result<()> {
    for chunk in ids.chunks(CHUNK) {
        diesel::delete(mail_requests::table.filter(mail_requests::id.eq_any(chunk))).execute(conn)?;
    }
    Ok(())
}

/// Uses up a request; false where somebody was faster.
pub(in crate::accounts) fn use_up(conn: &mut Conn, id: MailRequestId, now: Instant) -> Result<bool> {
    let unused = mail_requests::id.eq(id).and(mail_requests::used_at.is_null());
    Ok(update(mail_requests::table, unused, mail_requests::used_at.eq(Some(now))).execute(conn)? == 1)
}

pub(in crate::accounts) fn count_try(conn: &mut Conn, request: &RequestRow) -> Result<()> {
    let tries = mail_requests::tries.eq(request.tries.saturating_add(1));
    update(mail_requests::table, mail_requests::id.eq(request.id), tries).execute(conn)?;
    Ok(())
}

pub(in crate::accounts) fn confirm_old(conn: &mut Conn, id: MailRequestId, now: Instant) -> Result<()> {
    let at = mail_requests::old_confirmed_at.eq(Some(now));
    update(mail_requests::table, mail_requests::id.eq(id), at).execute(conn)?;
    Ok(())
}

pub(in crate::accounts) fn confirm_new(conn: &mut Conn, id: MailRequestId, now: Instant) -> Result<()> {
    let at = mail_requests::new_confirmed_at.eq(Some(now));
    update(mail_requests::table, mail_requests::id.eq(id), at).execute(conn)?;
    Ok(())
}

pub(in crate::accounts) fn set_email(conn: &mut Conn, id: MailRequestId, sealed: &Sealed) -> Result<()> {
    update(mail_requests::table, mail_requests::id.eq(id), mail_requests::email_sealed.eq(sealed)).execute(conn)?;
    Ok(())
}

/// Forgets requests that ran out before a moment, with the addresses in them.
pub(in crate::accounts) fn forget(conn: &mut Conn, before: Instant) -> Result<()> {
    diesel::delete(mail_requests::table.filter(mail_requests::expires_at.lt(before))).execute(conn)?;
    Ok(())
}
