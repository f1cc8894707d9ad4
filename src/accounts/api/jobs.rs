//! Jobs that were given up: letters that never went out, for an administrator to see and to try again.

use actix_web::web::Path;
use actix_web::{get, post};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::accounts::actions::{act, dead_jobs};
use crate::accounts::rules::Permission;
use crate::accounts::signed_in;
use crate::clock::Instant;
use crate::ids::JobId;
use crate::jobs::{DeadJob, JobKind};
use crate::page::{Limit, Page};
use crate::web::{Answer, App, Bearer, Fields, Input, Once, Problem, Query, path_id};

/// A job that was given up. It names nobody: whom it was for stands nowhere in it.
#[derive(Serialize, ToSchema)]
pub struct DeadJobBody {
    #[schema(value_type = String, format = Uuid)]
    id: JobId,
    kind: JobKind,
    /// What went wrong the last time.
    #[schema(example = "refused_550")]
    failure: String,
    attempts: i32,
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    #[schema(value_type = String, format = DateTime)]
    died_at: Instant,
}

impl From<DeadJob> for DeadJobBody {
    fn from(job: DeadJob) -> Self {
        let DeadJob { id, kind, failure, attempts, created_at, dead_at, .. } = job;
        Self { id, kind, failure, attempts, created_at, died_at: dead_at }
    }
}

/// Where the page starts.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeadQuery {
    /// How many rows, 1 to 100; 50 if left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<Limit>,
    /// `next` of the page before.
    #[param(value_type = Option<String>, format = Uuid)]
    cursor: Option<JobId>,
}

impl Input for DeadQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (limit, cursor) = (fields.optional("limit"), fields.optional("cursor"));
        Some(Self { limit: limit?, cursor: cursor? })
    }
}

/// The jobs that were given up, oldest first.
#[utoipa::path(
    tag = "Operation",
    params(DeadQuery),
    responses(
        (status = 200, description = "A page.", body = Page<DeadJobBody>),
        (status = 403, description = "Only administrators.")
    )
)]
#[get("/dead-jobs")]
pub async fn list(app: App, bearer: Bearer, Query(query): Query<DeadQuery>) -> Result<Answer, Problem> {
    let page = signed_in::read(&app, bearer, move |conn, _, caller, now| {
        let actor = act(conn, caller, Permission::ReadJobs, None, now)?;
        dead_jobs::list(conn, &actor, query.cursor, query.limit.unwrap_or_default())
    });
    Ok(Answer::ok(&page.await?.map(DeadJobBody::from))?)
}

/// Try a job again that was given up.
#[utoipa::path(
    tag = "Operation",
    params(
        ("id" = String, Path, description = "The job.", format = Uuid),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    responses(
        (status = 204, description = "It will be tried again."),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is none such that was given up.")
    )
)]
#[post("/dead-jobs/{id}/retry")]
pub async fn retry(app: App, bearer: Bearer, key: Once, id: Path<String>) -> Result<Answer, Problem> {
    let revived =
        signed_in::act_once(&app, bearer, key, (Permission::ReadJobs, None), move |conn, _, _, actor, now| {
            dead_jobs::retry(conn, actor, path_id(&id)?, now)?;
            Ok(Answer::nothing())
        });
    let answer = revived.await?;
    (app.wake)();
    Ok(answer)
}
