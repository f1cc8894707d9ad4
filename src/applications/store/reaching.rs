//! Queries on whose an application is, for the fund to write to them or to answer them.

use diesel::prelude::*;

use crate::applications::actions::reaching::Reference;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::{ApplicationId, CallId, PersonId};
use crate::schema::applications;

/// How many people one query names.
const CHUNK: usize = 500;

type Row = (ApplicationId, PersonId, CallId, String, bool);

fn reference((application, person, call, reference, is_readable): Row) -> Reference {
    Reference { application, person, call, reference, is_readable }
}

/// The columns of [`Reference`]. E-mail and phone go with the contact, the address with the need.
macro_rules! columns {
    () => {
        (
            applications::id,
            applications::person_id,
            applications::call_id,
            applications::reference,
            applications::identity_erased_at
                .is_null()
                .and(applications::contact_erased_at.is_null().or(applications::need_erased_at.is_null())),
        )
    };
}

/// The applications of these people, each one's oldest first.
pub(in crate::applications) fn of_people(conn: &mut Conn, people: &[PersonId]) -> Result<Vec<Reference>> {
    let mut found = Vec::new();
    for chunk in people.chunks(CHUNK) {
        let theirs = applications::table.filter(applications::person_id.eq_any(chunk));
        let rows: Vec<Row> = theirs.select(columns!()).order(applications::id).load(conn)?;
        found.extend(rows.into_iter().map(reference));
    }
    Ok(found)
}

/// The applications with a reference code: one in a call.
pub(in crate::applications) fn by_reference(conn: &mut Conn, code: &str) -> Result<Vec<Reference>> {
    let named = applications::table.filter(applications::reference.eq(code));
    let rows: Vec<Row> = named.select(columns!()).order(applications::id).load(conn)?;
    Ok(rows.into_iter().map(reference).collect())
}
