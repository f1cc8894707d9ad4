//! Queries on the access journal.

use std::collections::BTreeSet;

use diesel::dsl::count;
use diesel::prelude::*;

use crate::audit::journal::{Access, Reading};
use crate::clock::Instant;
use crate::crypto::{Opened, Purpose, Reader};
use crate::db::{Conn, on_each, sum_i64, update};
use crate::error::Result;
use crate::ids::{AccessId, PersonId, SessionId};
use crate::page::TimeCursor;
use crate::schema::{access_alarms, access_journal, access_subjects};

/// Rows of one insert: what PostgreSQL and SQLite both take as parameters.
const CHUNK: usize = 1000;

pub(in crate::audit) fn insert(
    conn: &mut Conn,
    id: AccessId,
    reader: &Reader,
    opened: &Opened,
    at: Instant,
) -> Result<()> {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let subjects = u64::try_from(opened.fields.len()).unwrap_or(u64::MAX);
    let row = (
        access_journal::id.eq(id),
        access_journal::opened_at.eq(at),
        access_journal::person_id.eq(reader.person),
        access_journal::session_id.eq(reader.session),
        access_journal::role.eq(reader.role),
        access_journal::purpose.eq(reader.purpose),
        access_journal::openings.eq(count(opened.openings)),
        access_journal::subjects.eq(count(subjects)),
    );
    on_each!(conn, conn => diesel::insert_into(access_journal::table).values(row).execute(conn))?;
    let rows: Vec<_> = opened
        .fields
        .iter()
        .map(|(subject, fields)| {
            (
                access_subjects::subject_id.eq(*subject),
                access_subjects::opened_at.eq(at),
                access_subjects::journal_id.eq(id),
                access_subjects::fields.eq(fields.iter().map(String::as_str).collect::<Vec<_>>().join(",")),
            )
        })
        .collect();
    for rows in rows.chunks(CHUNK) {
        on_each!(conn, conn => diesel::insert_into(access_subjects::table).values(rows).execute(conn))?;
    }
    Ok(())
}

type AccessRow = (AccessId, Instant, Option<PersonId>, String, Purpose, String);

/// What was opened of several of these at once is one access.
pub(in crate::audit) fn of_subjects(
    conn: &mut Conn,
    subjects: &BTreeSet<PersonId>,
    after: Option<TimeCursor>,
    rows: i64,
) -> Result<Vec<Access>> {
    let mut found = access_subjects::table
        .inner_join(access_journal::table)
        .filter(access_subjects::subject_id.eq_any(subjects))
        .select((
            access_journal::id,
            access_subjects::opened_at,
            access_journal::person_id,
            access_journal::role,
            access_journal::purpose,
            access_subjects::fields,
        ))
        .into_boxed();
    if let Some(TimeCursor { at, id }) = after {
        found = found
            .filter(access_subjects::opened_at.le(at))
            .filter(access_subjects::opened_at.lt(at).or(access_subjects::journal_id.lt(AccessId::from(id))));
    }
    let order = (access_subjects::opened_at.desc(), access_subjects::journal_id.desc());
    // Each access has at most a row for each of them, so that no access which is given is cut.
    let most = rows.saturating_mul(i64::try_from(subjects.len()).unwrap_or(i64::MAX));
    let found: Vec<AccessRow> = found.order(order).limit(most).load(conn)?;
    let mut all: Vec<Access> = Vec::new();
    for (id, opened_at, by, role, purpose, fields) in found {
        let fields = fields.split(',').map(str::to_owned);
        match all.last_mut().filter(|last| last.id == id) {
            Some(last) => {
                last.fields.extend(fields);
                last.fields.sort_unstable();
                last.fields.dedup();
            }
            None => all.push(Access { id, opened_at, by, role, purpose, fields: fields.collect() }),
        }
    }
    all.truncate(usize::try_from(rows).unwrap_or(usize::MAX));
    Ok(all)
}

type ReadingRow = (Instant, Option<PersonId>, Option<SessionId>, String, Purpose, PersonId, String);

pub(in crate::audit) fn since(
    conn: &mut Conn,
    from: Instant,
    (by, session): (Option<PersonId>, Option<SessionId>),
) -> Result<Vec<Reading>> {
    let mut found = access_journal::table
        .inner_join(access_subjects::table)
        .filter(access_journal::opened_at.ge(from))
        .filter(access_journal::person_id.is_not_null())
        .select((
            access_journal::opened_at,
            access_journal::person_id,
            access_journal::session_id,
            access_journal::role,
            access_journal::purpose,
            access_subjects::subject_id,
            access_subjects::fields,
        ))
        .into_boxed();
    if let Some(by) = by {
        found = found.filter(access_journal::person_id.eq(by));
    }
    if let Some(session) = session {
        found = found.filter(access_journal::session_id.eq(session));
    }
    let order = (access_journal::opened_at, access_journal::id, access_subjects::subject_id);
    let found: Vec<ReadingRow> = found.order(order).load(conn)?;
    let reading = |(opened_at, by, session, role, purpose, subject, fields): ReadingRow| {
        let fields = fields.split(',').map(str::to_owned).collect();
        Reading { opened_at, by, session, role, purpose, subject, fields }
    };
    Ok(found.into_iter().map(reading).collect())
}

/// Who opened data of more than `most` people since a moment, with their number: somebody opened twice counts twice.
pub(in crate::audit) fn busiest(conn: &mut Conn, from: Instant, most: i64) -> Result<Vec<(PersonId, i64)>> {
    let counted = access_journal::table
        .filter(access_journal::opened_at.gt(from))
        .filter(access_journal::person_id.is_not_null())
        .group_by(access_journal::person_id)
        .select((access_journal::person_id.assume_not_null(), sum_i64(access_journal::subjects)));
    let counted: Vec<(PersonId, i64)> = counted.load(conn)?;
    // Who is opened twice is counted twice there: of the few that this leaves, people are counted.
    let mut busiest = Vec::new();
    for (person, _) in counted.into_iter().filter(|(_, openings)| *openings > most) {
        let of_person = access_journal::table.inner_join(access_subjects::table);
        let of_person = of_person.filter(access_journal::person_id.eq(person));
        let recent = of_person.filter(access_journal::opened_at.gt(from));
        let people: i64 = recent.select(count(access_subjects::subject_id).aggregate_distinct()).first(conn)?;
        if people > most {
            busiest.push((person, people));
        }
    }
    Ok(busiest)
}

/// About whom an alarm was raised since a moment.
pub(in crate::audit) fn alarmed(conn: &mut Conn, from: Instant) -> Result<Vec<PersonId>> {
    let told = access_alarms::table.filter(access_alarms::raised_at.gt(from));
    Ok(told.select(access_alarms::person_id).load(conn)?)
}

/// Remembers that an alarm is raised about somebody; says no where one was since a moment.
pub(in crate::audit) fn begin_alarm(conn: &mut Conn, person: PersonId, from: Instant, now: Instant) -> Result<bool> {
    let of_person = access_alarms::table.filter(access_alarms::person_id.eq(person));
    let last: Option<Instant> = of_person.select(access_alarms::raised_at).first(conn).optional()?;
    match last {
        Some(last) if last > from => return Ok(false),
        Some(_) => {
            update(access_alarms::table, access_alarms::person_id.eq(person), access_alarms::raised_at.eq(now))
                .execute(conn)?;
        }
        None => {
            let row = (access_alarms::person_id.eq(person), access_alarms::raised_at.eq(now));
            on_each!(conn, conn => diesel::insert_into(access_alarms::table).values(row).execute(conn))?;
        }
    }
    Ok(true)
}
