//! Queries on findings and resolutions.

use diesel::prelude::*;

use super::rules::{Finding, Raised, Resolution, Status};
use crate::clock::Instant;
use crate::crypto::Sealed;
use crate::db::{Conn, Writes, on_each, write_with};
use crate::error::Result;
use crate::ids::{ApplicationId, PersonId, ResolutionId};
use crate::schema::{findings, resolutions};

/// How many applications one query asks for.
const CHUNK: usize = 500;

pub(super) fn findings(conn: &mut Conn, application: ApplicationId) -> Result<Vec<Raised>> {
    let rows = findings::table
        .filter(findings::application_id.eq(application))
        .order(findings::finding)
        .select((findings::finding, findings::status));
    let rows: Vec<(Finding, Status)> = on_each!(conn, conn => rows.load(conn))?;
    Ok(rows.into_iter().map(|(finding, status)| Raised { finding, status }).collect())
}

/// Keeps exactly these findings.
pub(super) fn replace_findings(conn: &mut Conn, application: ApplicationId, raised: &[Raised]) -> Result<()> {
    let of_application = findings::table.filter(findings::application_id.eq(application));
    on_each!(conn, conn => diesel::delete(of_application).execute(conn))?;
    let mut writes = Writes::default();
    insert_findings(conn, &mut writes, application, raised)?;
    writes.run(conn)
}

/// The findings of an application that has none yet.
pub(super) fn insert_findings(
    conn: &mut Conn,
    writes: &mut Writes,
    application: ApplicationId,
    raised: &[Raised],
) -> Result<()> {
    for Raised { finding, status } in raised.iter().copied() {
        let row =
            (findings::application_id.eq(application), findings::finding.eq(finding), findings::status.eq(status));
        write_with!(conn, writes, diesel::insert_into(findings::table).values(row));
    }
    Ok(())
}

pub(super) fn insert_resolution(
    conn: &mut Conn,
    id: ResolutionId,
    application: ApplicationId,
    (finding, resolution): (Finding, Resolution),
    by: PersonId,
    reason: &Sealed,
    now: Instant,
) -> Result<()> {
    let row = (
        resolutions::id.eq(id),
        resolutions::application_id.eq(application),
        resolutions::finding.eq(finding),
        resolutions::resolution.eq(resolution),
        resolutions::resolved_by.eq(by),
        resolutions::resolved_at.eq(now),
        resolutions::reason_sealed.eq(reason),
    );
    diesel::insert_into(resolutions::table).values(row).execute(conn)?;
    Ok(())
}

/// A decision of a person as it is kept.
#[derive(Queryable)]
pub(super) struct ResolutionRow {
    pub id: ResolutionId,
    pub finding: Finding,
    pub resolution: Resolution,
    pub resolved_by: PersonId,
    pub resolved_at: Instant,
    pub reason_sealed: Sealed,
}

/// Every decision on an application's findings, in their order.
pub(super) fn history(conn: &mut Conn, application: ApplicationId) -> Result<Vec<ResolutionRow>> {
    let of_application = resolutions::table.filter(resolutions::application_id.eq(application));
    let columns = (
        resolutions::id,
        resolutions::finding,
        resolutions::resolution,
        resolutions::resolved_by,
        resolutions::resolved_at,
        resolutions::reason_sealed,
    );
    Ok(of_application.order(resolutions::id).select(columns).load(conn)?)
}

/// What people decided, in the order in which they did: ids made later sort later.
pub(super) fn decided(conn: &mut Conn, application: ApplicationId) -> Result<Vec<(Finding, Resolution, Instant)>> {
    let decided = resolutions::table.filter(resolutions::application_id.eq(application)).order(resolutions::id);
    Ok(decided.select((resolutions::finding, resolutions::resolution, resolutions::resolved_at)).load(conn)?)
}

pub(super) fn all_findings(conn: &mut Conn, applications: &[ApplicationId]) -> Result<Vec<(ApplicationId, Raised)>> {
    let mut found = Vec::new();
    for chunk in applications.chunks(CHUNK) {
        let rows: Vec<(ApplicationId, Finding, Status)> =
            findings::table.filter(findings::application_id.eq_any(chunk)).load(conn)?;
        found.extend(rows.into_iter().map(|(application, finding, status)| (application, Raised { finding, status })));
    }
    Ok(found)
}
