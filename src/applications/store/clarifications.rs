//! Queries on clarifications.

use diesel::prelude::*;

use crate::applications::rules::ApplicationState;
use crate::clock::Instant;
use crate::crypto::Sealed;
use crate::db::{Conn, update};
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, ClarificationId, PersonId};
use crate::schema::{applications, clarifications};

#[derive(Insertable, Queryable)]
#[diesel(table_name = clarifications, treat_none_as_default_value = false)]
pub(in crate::applications) struct ClarificationRow {
    pub id: ClarificationId,
    pub application_id: ApplicationId,
    pub question_sealed: Sealed,
    pub asked_by: PersonId,
    pub asked_at: Instant,
    pub answer_sealed: Option<Sealed>,
    pub answered_at: Option<Instant>,
}

pub(in crate::applications) fn insert(conn: &mut Conn, row: &ClarificationRow) -> Result<()> {
    crate::db::on_each!(conn, conn => diesel::insert_into(clarifications::table).values(row).execute(conn))?;
    Ok(())
}

/// Those of an application, oldest first.
pub(in crate::applications) fn list(conn: &mut Conn, application: ApplicationId) -> Result<Vec<ClarificationRow>> {
    let of_application = clarifications::table.filter(clarifications::application_id.eq(application));
    Ok(crate::db::on_each!(conn, conn => of_application.order(clarifications::id).load(conn))?)
}

/// The applications of a person with a question that has no answer yet, and where each stands.
pub(in crate::applications) fn unanswered(
    conn: &mut Conn,
    person: PersonId,
) -> Result<Vec<(ApplicationId, ApplicationState)>> {
    let of_person = clarifications::table
        .inner_join(applications::table.on(applications::id.eq(clarifications::application_id)))
        .filter(applications::person_id.eq(person))
        .filter(clarifications::answered_at.is_null())
        .select((applications::id, applications::state));
    Ok(of_person.load(conn)?)
}

/// Keeps the answer; the first one stands.
pub(in crate::applications) fn answer(
    conn: &mut Conn,
    id: ClarificationId,
    answer: &Sealed,
    now: Instant,
) -> Result<()> {
    let open = clarifications::id.eq(id).and(clarifications::answered_at.is_null());
    let changes = (clarifications::answer_sealed.eq(answer), clarifications::answered_at.eq(now));
    let changed = update(clarifications::table, open, changes).execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(Error::Stale("the clarification")) }
}
