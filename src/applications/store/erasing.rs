//! Queries on what is erased of applications and drafts, and on what is left.

use diesel::prelude::*;

use crate::applications::rules::{ApplicationState, Standing};
use crate::clock::Instant;
use crate::crypto::{BlindIndex, Sealed};
use crate::db::{Conn, update};
use crate::error::Result;
use crate::ids::{ApplicationId, CallId, PersonId};
use crate::schema::{applications, clarifications, drafts};

/// What an application holds still, as far as its erasure asks.
#[derive(Debug, Clone)]
pub struct Left {
    pub id: ApplicationId,
    pub call: CallId,
    pub reference: String,
    pub standing: Standing,
    pub has_need: bool,
    pub has_identity: bool,
    pub has_contact: bool,
    pub has_jmbg: bool,
}

type Row = (ApplicationId, CallId, String, ApplicationState, Option<ApplicationState>, bool, bool, bool, bool);

fn left((id, call, reference, state, held_from, has_need, has_identity, has_contact, has_jmbg): Row) -> Left {
    let standing = Standing { state, held_from };
    Left { id, call, reference, standing, has_need, has_identity, has_contact, has_jmbg }
}

/// The columns of [`Left`].
macro_rules! columns {
    () => {
        (
            applications::id,
            applications::call_id,
            applications::reference,
            applications::state,
            applications::held_from,
            applications::need_erased_at.is_null(),
            applications::identity_erased_at.is_null(),
            applications::identity_erased_at.is_null().and(applications::contact_erased_at.is_null()),
            applications::jmbg_erased_at.is_null(),
        )
    };
}

/// Some applications of a call behind a reference code, in the order of these.
pub(in crate::applications) fn page(conn: &mut Conn, call: CallId, after: &str, rows: i64) -> Result<Vec<Left>> {
    let of_call = applications::table.filter(applications::call_id.eq(call)).filter(applications::reference.gt(after));
    let rows: Vec<Row> = of_call.select(columns!()).order(applications::reference).limit(rows).load(conn)?;
    Ok(rows.into_iter().map(left).collect())
}

/// An application and its call.
pub(in crate::applications) fn one(conn: &mut Conn, id: ApplicationId) -> Result<Option<(CallId, Left)>> {
    let one = applications::table.find(id).select((applications::call_id, columns!()));
    let row: Option<(CallId, Row)> = one.first(conn).optional()?;
    Ok(row.map(|(call, row)| (call, left(row))))
}

pub(in crate::applications) fn of_person(conn: &mut Conn, person: PersonId) -> Result<Vec<Left>> {
    let own = applications::table.filter(applications::person_id.eq(person));
    let rows: Vec<Row> = own.select(columns!()).order(applications::id).load(conn)?;
    Ok(rows.into_iter().map(left).collect())
}

pub(in crate::applications) fn these(conn: &mut Conn, ids: &[ApplicationId]) -> Result<Vec<Left>> {
    let these = applications::table.filter(applications::id.eq_any(ids));
    let rows: Vec<Row> = these.select(columns!()).order(applications::id).load(conn)?;
    Ok(rows.into_iter().map(left).collect())
}

/// Forgets why somebody needs help, and what was asked about it.
pub(in crate::applications) fn erase_need(
    conn: &mut Conn,
    id: ApplicationId,
    household: BlindIndex,
    now: Instant,
) -> Result<()> {
    let nothing = Sealed::nothing();
    let changes = (
        applications::need_sealed.eq(&nothing),
        applications::ranking_sealed.eq(&nothing),
        applications::withdrawal_sealed.eq(None::<Sealed>),
        applications::household_index.eq(household),
        applications::need_erased_at.eq(Some(now)),
    );
    update(applications::table, applications::id.eq(id), changes).execute(conn)?;
    let asked = clarifications::application_id.eq(id);
    update(clarifications::table, asked, clarifications::question_sealed.eq(&nothing)).execute(conn)?;
    let answered = clarifications::application_id.eq(id).and(clarifications::answer_sealed.is_not_null());
    update(clarifications::table, answered, clarifications::answer_sealed.eq(Some(&nothing))).execute(conn)?;
    Ok(())
}

/// Forgets who somebody is and where their money went.
pub(in crate::applications) fn erase_identity(
    conn: &mut Conn,
    id: ApplicationId,
    (account, name): (BlindIndex, BlindIndex),
    now: Instant,
) -> Result<()> {
    let changes = (
        applications::identity_sealed.eq(Sealed::nothing()),
        applications::payment_sealed.eq(Sealed::nothing()),
        applications::account_index.eq(account),
        applications::name_index.eq(name),
        applications::identity_erased_at.eq(Some(now)),
    );
    update(applications::table, applications::id.eq(id), changes).execute(conn)?;
    Ok(())
}

/// Puts what is left of who somebody is in the place of the whole.
pub(in crate::applications) fn erase_contact(
    conn: &mut Conn,
    id: ApplicationId,
    left: &Sealed,
    now: Instant,
) -> Result<()> {
    let changes = (applications::identity_sealed.eq(left), applications::contact_erased_at.eq(Some(now)));
    update(applications::table, applications::id.eq(id), changes).execute(conn)?;
    Ok(())
}

pub(in crate::applications) fn erase_jmbg(
    conn: &mut Conn,
    id: ApplicationId,
    jmbg: BlindIndex,
    now: Instant,
) -> Result<()> {
    let changes = (applications::jmbg_index.eq(jmbg), applications::jmbg_erased_at.eq(Some(now)));
    update(applications::table, applications::id.eq(id), changes).execute(conn)?;
    Ok(())
}

/// Some drafts of a call, by id, behind one.
pub(in crate::applications) fn drafts(
    conn: &mut Conn,
    call: CallId,
    after: Option<ApplicationId>,
    rows: i64,
) -> Result<Vec<ApplicationId>> {
    let mut of_call = drafts::table.filter(drafts::call_id.eq(call)).select(drafts::id).into_boxed();
    if let Some(after) = after {
        of_call = of_call.filter(drafts::id.gt(after));
    }
    Ok(of_call.order(drafts::id).limit(rows).load(conn)?)
}

/// Deletes a draft; says whose it was, where there was one.
pub(in crate::applications) fn delete_draft(conn: &mut Conn, id: ApplicationId) -> Result<Option<PersonId>> {
    let this = drafts::table.filter(drafts::id.eq(id));
    let owner: Option<PersonId> = this.select(drafts::person_id).first(conn).optional()?;
    diesel::delete(this).execute(conn)?;
    Ok(owner)
}

pub(in crate::applications) fn delete_drafts_of(conn: &mut Conn, person: PersonId) -> Result<()> {
    diesel::delete(drafts::table.filter(drafts::person_id.eq(person))).execute(conn)?;
    Ok(())
}

pub(in crate::applications) fn has_draft(conn: &mut Conn, person: PersonId) -> Result<bool> {
    let own = drafts::table.filter(drafts::person_id.eq(person)).select(drafts::id);
    let found: Option<ApplicationId> = own.first(conn).optional()?;
    Ok(found.is_some())
}

/// Whose application it is.
pub(in crate::applications) fn owner(conn: &mut Conn, id: ApplicationId) -> Result<Option<PersonId>> {
    let this = applications::table.filter(applications::id.eq(id)).select(applications::person_id);
    Ok(this.first(conn).optional()?)
}
