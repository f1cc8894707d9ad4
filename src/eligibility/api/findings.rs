//! What the checks found in a call, for administrators: as pages, and as a file.

use actix_web::get;
use actix_web::web::Path;
use serde::Serialize;
use utoipa::ToSchema;

use super::bodies::FindingBody;
use crate::accounts::Permission;
use crate::applications::ApplicationState;
use crate::applications::actions::Wanted;
use crate::applications::api::ListedBody;
use crate::calls;
use crate::eligibility::actions;
use crate::page::{Limit, Page, TimeCursor};
use crate::web::{Answer, App, Bearer, Cell, Csv, Fields, Input, Problem, Query, Spoken};

/// Where a page of findings starts.
pub struct FindingsQuery {
    state: Option<ApplicationState>,
    limit: Limit,
    cursor: Option<TimeCursor>,
}

impl Input for FindingsQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (state, limit, cursor) = (fields.optional("state"), fields.optional("limit"), fields.optional("cursor"));
        Some(Self { state: state?, limit: limit?.unwrap_or_default(), cursor: cursor? })
    }
}

/// An application and what was found on it.
#[derive(Serialize, ToSchema)]
pub struct FoundBody {
    application: ListedBody,
    findings: Vec<FindingBody>,
}

/// What the checks found in a call: the work that waits, if no state is asked for (`needs_review`).
#[utoipa::path(
    tag = "Applications",
    params(
        ("id" = String, Path, description = "The call.", format = Uuid),
        ("state" = Option<ApplicationState>, Query, description = "Applications in this state; `needs_review` if left out."),
        ("limit" = Option<u8>, Query, description = "How many rows, 1 to 100; 50 if left out.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "`next` of the page before.", pattern = "^[A-Za-z0-9_-]{32}$")
    ),
    responses(
        (status = 200, description = "A page.", body = Page<FoundBody>),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such call.")
    )
)]
#[get("/calls/{id}/findings")]
pub async fn list(
    app: App,
    bearer: Bearer,
    spoken: Spoken,
    id: Path<String>,
    Query(query): Query<FindingsQuery>,
) -> Result<Answer, Problem> {
    let on = (Permission::ReadApplications, id.into_inner());
    let page = calls::read(&app, bearer, on, move |conn, on| {
        actions::page(conn, &on.actor, on.call.id, &wanted(query.state), (query.cursor, query.limit))
    });
    let page = page.await?.map(|(listed, raised)| FoundBody {
        application: listed.into(),
        findings: raised.iter().map(|raised| FindingBody::of(raised, spoken.0)).collect(),
    });
    Ok(Answer::ok(&page)?)
}

/// Which applications a file is of.
pub struct FileQuery(Option<ApplicationState>);

impl Input for FileQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        fields.optional("state").map(Self)
    }
}

/// The same as a file: a row for each finding of each application that the filter shows.
#[utoipa::path(
    tag = "Applications",
    params(
        ("id" = String, Path, description = "The call.", format = Uuid),
        ("state" = Option<ApplicationState>, Query, description = "Applications in this state; `needs_review` if left out.")
    ),
    responses(
        (status = 200, description = "The file.", body = String, content_type = "text/csv"),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such call."),
        (status = 409, description = "More rows than one file holds.")
    )
)]
#[get("/calls/{id}/findings.csv")]
pub async fn export(
    app: App,
    bearer: Bearer,
    id: Path<String>,
    Query(query): Query<FileQuery>,
) -> Result<Csv, Problem> {
    let on = (Permission::ReadApplications, id.into_inner());
    let found =
        calls::read(&app, bearer, on, move |conn, on| actions::export(conn, &on.actor, on.call.id, &wanted(query.0)));
    let rows = found.await?.into_iter().flat_map(|(listed, raised)| {
        raised.into_iter().map(move |raised| {
            [
                Cell::text(&listed.reference),
                Cell::exact(listed.state),
                Cell::exact(listed.submitted_at),
                Cell::exact(raised.finding),
                Cell::exact(raised.status),
            ]
        })
    });
    Ok(Csv::new("findings", ["reference", "state", "submitted_at", "finding", "status"], rows)?)
}

fn wanted(state: Option<ApplicationState>) -> Wanted {
    Wanted { state: Some(state.unwrap_or(ApplicationState::NeedsReview)), ..Wanted::default() }
}
