//! Queries on sessions and their refresh tokens.

use diesel::prelude::*;

use crate::clock::Instant;
use crate::crypto::{KeyClass, Sealed, StoredKey};
use crate::db::{Conn, on_each, update};
use crate::error::Result;
use crate::ids::{PersonId, SessionId};
use crate::language::Language;
use crate::schema::{data_keys, logins, refresh_tokens, sessions};

#[derive(Insertable, Queryable, Clone)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub(in crate::accounts) struct SessionRow {
    pub id: SessionId,
    pub person_id: PersonId,
    pub device: String,
    pub created_at: Instant,
    pub refreshed_at: Instant,
    pub expires_at: Instant,
    pub proven_at: Instant,
    pub second_factor_at: Option<Instant>,
    pub ended_at: Option<Instant>,
}

/// A session with what requests ask of its owner's login.
#[derive(Queryable)]
pub(in crate::accounts) struct CallerRow {
    pub person_id: PersonId,
    pub expires_at: Instant,
    pub proven_at: Instant,
    pub second_factor_at: Option<Instant>,
    pub ended_at: Option<Instant>,
    pub email_sealed: Sealed,
    pub language: Language,
    pub has_password: bool,
    pub totp_confirmed_at: Option<Instant>,
    pub suspended_at: Option<Instant>,
    pub version: i32,
}

pub(in crate::accounts) fn insert(conn: &mut Conn, row: &SessionRow) -> Result<()> {
    on_each!(conn, conn => diesel::insert_into(sessions::table).values(row).execute(conn))?;
    Ok(())
}

/// The columns of [`CallerRow`].
macro_rules! caller_columns {
    () => {
        (
            sessions::person_id,
            sessions::expires_at,
            sessions::proven_at,
            sessions::second_factor_at,
            sessions::ended_at,
            logins::email_sealed,
            logins::language,
            logins::password_hash.is_not_null(),
            logins::totp_confirmed_at,
            logins::suspended_at,
            logins::version,
        )
    };
}

pub(in crate::accounts) fn caller(conn: &mut Conn, id: SessionId) -> Result<Option<CallerRow>> {
    let joined = sessions::table
        .inner_join(logins::table.on(logins::person_id.eq(sessions::person_id)))
        .filter(sessions::id.eq(id))
        .select(caller_columns!());
    Ok(on_each!(conn, conn => joined.first(conn)).optional()?)
}

/// The same with the key of who they are, in one statement: nobody asks anything as often.
pub(in crate::accounts) fn caller_with_key(conn: &mut Conn, id: SessionId) -> Result<Option<(CallerRow, StoredKey)>> {
    let of_owner = data_keys::owner_id.eq(sessions::person_id).and(data_keys::class.eq(KeyClass::Identity));
    let joined = sessions::table
        .inner_join(logins::table.on(logins::person_id.eq(sessions::person_id)))
        .inner_join(data_keys::table.on(of_owner))
        .filter(sessions::id.eq(id))
        .select((caller_columns!(), data_keys::all_columns));
    Ok(on_each!(conn, conn => joined.first(conn)).optional()?)
}

/// The same with each of the keys of who they are, in one statement; no keys where there are none.
pub(in crate::accounts) fn caller_with_keys(
    conn: &mut Conn,
    id: SessionId,
) -> Result<Option<(CallerRow, Vec<StoredKey>)>> {
    let joined = sessions::table
        .inner_join(logins::table.on(logins::person_id.eq(sessions::person_id)))
        .left_join(data_keys::table.on(data_keys::owner_id.eq(sessions::person_id)))
        .filter(sessions::id.eq(id))
        .select((caller_columns!(), data_keys::all_columns.nullable()));
    let rows: Vec<(CallerRow, Option<StoredKey>)> = on_each!(conn, conn => joined.load(conn))?;
    let (callers, keys): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    Ok(callers.into_iter().next().map(|caller| (caller, keys.into_iter().flatten().collect())))
}

pub(in crate::accounts) fn find(conn: &mut Conn, id: SessionId) -> Result<Option<SessionRow>> {
    Ok(sessions::table.filter(sessions::id.eq(id)).first(conn).optional()?)
}

/// The sessions of a person that have not ended, newest first, from one place on.
pub(in crate::accounts) fn list(
    conn: &mut Conn,
    person: PersonId,
    before: Option<(Instant, SessionId)>,
    now: Instant,
    rows: i64,
) -> Result<Vec<SessionRow>> {
    let mut open = sessions::table
        .filter(sessions::person_id.eq(person))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .into_boxed();
    if let Some((at, id)) = before {
        open = open.filter(sessions::created_at.le(at)).filter(sessions::created_at.lt(at).or(sessions::id.lt(id)));
    }
    Ok(open.order((sessions::created_at.desc(), sessions::id.desc())).limit(rows).load(conn)?)
}

/// Ends a session of a person; says whether there was one to end.
pub(in crate::accounts) fn end(conn: &mut Conn, person: PersonId, id: SessionId, now: Instant) -> Result<bool> {
    let open = sessions::id.eq(id).and(sessions::person_id.eq(person)).and(sessions::ended_at.is_null());
    Ok(update(sessions::table, open, sessions::ended_at.eq(Some(now))).execute(conn)? == 1)
}

/// Ends every session of a person, perhaps but one.
pub(in crate::accounts) fn end_all(
    conn: &mut Conn,
    person: PersonId,
    but: Option<SessionId>,
    now: Instant,
) -> Result<usize> {
    let ended = sessions::ended_at.eq(Some(now));
    let open = sessions::person_id.eq(person).and(sessions::ended_at.is_null());
    Ok(match but {
        Some(kept) => update(sessions::table, open.and(sessions::id.ne(kept)), ended).execute(conn)?,
        None => update(sessions::table, open, ended).execute(conn)?,
    })
}

/// Ends every session that is not over yet, of one person or (`person` is nothing) of everybody; says how many.
pub(in crate::accounts) fn end_open(conn: &mut Conn, person: Option<PersonId>, now: Instant) -> Result<usize> {
    let ended = sessions::ended_at.eq(Some(now));
    let open = sessions::ended_at.is_null().and(sessions::expires_at.gt(now));
    Ok(match person {
        Some(person) => update(sessions::table, open.and(sessions::person_id.eq(person)), ended).execute(conn)?,
        None => update(sessions::table, open, ended).execute(conn)?,
    })
}

pub(in crate::accounts) fn prove(
    conn: &mut Conn,
    id: SessionId,
    second_factor_at: Option<Instant>,
    now: Instant,
) -> Result<()> {
    let changes = (sessions::proven_at.eq(now), sessions::second_factor_at.eq(second_factor_at));
    update(sessions::table, sessions::id.eq(id), changes).execute(conn)?;
    Ok(())
}

pub(in crate::accounts) fn insert_token(
    conn: &mut Conn,
    hash: &[u8; 32],
    session: SessionId,
    now: Instant,
) -> Result<()> {
    let row = (
        refresh_tokens::token_hash.eq(hash.as_slice()),
        refresh_tokens::session_id.eq(session),
        refresh_tokens::issued_at.eq(now),
    );
    diesel::insert_into(refresh_tokens::table).values(row).execute(conn)?;
    Ok(())
}

/// The session of a refresh token, and whether the token was used before.
pub(in crate::accounts) fn of_token(conn: &mut Conn, hash: &[u8; 32]) -> Result<Option<(SessionId, bool)>> {
    let row: Option<(SessionId, Option<Instant>)> = refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(hash.as_slice()))
        .select((refresh_tokens::session_id, refresh_tokens::used_at))
        .first(conn)
        .optional()?;
    Ok(row.map(|(session, used_at)| (session, used_at.is_some())))
}

/// Uses up a refresh token and lengthens its session.
pub(in crate::accounts) fn use_token(
    conn: &mut Conn,
    hash: &[u8; 32],
    session: SessionId,
    expires_at: Instant,
    now: Instant,
) -> Result<()> {
    let this = refresh_tokens::token_hash.eq(hash.as_slice());
    update(refresh_tokens::table, this, refresh_tokens::used_at.eq(Some(now))).execute(conn)?;
    let changes = (sessions::refreshed_at.eq(now), sessions::expires_at.eq(expires_at));
    update(sessions::table, sessions::id.eq(session), changes).execute(conn)?;
    Ok(())
}

/// Forgets sessions that ended or ran out before a moment, and their tokens.
pub(in crate::accounts) fn forget(conn: &mut Conn, before: Instant) -> Result<()> {
    let old = sessions::table
        .filter(sessions::expires_at.lt(before).or(sessions::ended_at.lt(before)))
        .select(sessions::id)
        .limit(1000);
    let ids: Vec<SessionId> = old.load(conn)?;
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::session_id.eq_any(&ids))).execute(conn)?;
    diesel::delete(sessions::table.filter(sessions::id.eq_any(&ids))).execute(conn)?;
    Ok(())
}
