//! Merging two applications of one person, and taking them apart.

use actix_web::post;
use actix_web::web::Path;
use utoipa::ToSchema;

use crate::accounts::actions::act_on;
use crate::accounts::{Actor, Caller, Permission, signed_in};
use crate::applications::actions as applications;
use crate::applications::api::ListedBody;
use crate::clock::Instant;
use crate::db::Conn;
use crate::error::{Error, Result as FondResult};
use crate::ids::ApplicationId;
use crate::payouts::actions;
use crate::web::{Answer, App, Bearer, Fields, IfMatch, Input, Json, Once, Problem, path_id};

/// The other application.
#[derive(ToSchema)]
pub struct MergeInput {
    /// The application that goes on.
    #[schema(value_type = String, format = Uuid)]
    into: ApplicationId,
}

impl Input for MergeInput {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { into: fields.required("into")? })
    }
}

/// Somebody who may merge on the call of an application; it looks absent to everybody else.
fn right(conn: &mut Conn, caller: &Caller, id: Option<ApplicationId>, now: Instant) -> FondResult<Actor> {
    let call = match id {
        Some(id) => applications::call_of(conn, id)?,
        None => None,
    };
    act_on(conn, caller, Permission::MergeApplications, call, now)
}

fn present(conn: &mut Conn, actor: &Actor, id: ApplicationId) -> FondResult<Answer> {
    let listed = applications::listed(conn, actor, id)?;
    let version = listed.version;
    Ok(Answer::ok(&ListedBody::from(listed))?.version(version))
}

/// Put an application to another one of the same person. Nothing of either is lost, and it can be taken back.
#[utoipa::path(
    tag = "Applications",
    params(
        ("id" = String, Path, description = "The application that is put aside.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the application.", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = MergeInput,
    responses(
        (status = 200, description = "Merged.", body = ListedBody),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such application."),
        (status = 409, description = "A payment of one of them runs (payment_running), or one is over (application_over, application_state).")
    )
)]
#[post("/applications/{id}/merge")]
pub async fn merge(
    app: App,
    bearer: Bearer,
    version: IfMatch,
    key: Once,
    id: Path<String>,
    Json(body): Json<MergeInput>,
) -> Result<Answer, Problem> {
    let id: Option<ApplicationId> = path_id(&id).ok();
    let merged = signed_in::once_as(
        &app,
        bearer,
        key,
        move |conn, caller, now| right(conn, caller, id, now),
        move |conn, app, _, actor, now| {
            let id = id.ok_or(Error::NotFound)?;
            actions::merge(conn, &app.vault, actor, (id, version.0), body.into, now)?;
            present(conn, actor, id)
        },
    );
    merged.await
}

/// Take a merged application back to where it was.
#[utoipa::path(
    tag = "Applications",
    params(
        ("id" = String, Path, description = "The application that was put aside.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the application.", example = "\"3\""),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    responses(
        (status = 200, description = "It stands for itself again.", body = ListedBody),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such application."),
        (status = 409, description = "It is not merged (not_merged), or a payment of one of them runs (payment_running).")
    )
)]
#[post("/applications/{id}/unmerge")]
pub async fn unmerge(
    app: App,
    bearer: Bearer,
    version: IfMatch,
    key: Once,
    id: Path<String>,
) -> Result<Answer, Problem> {
    let id: Option<ApplicationId> = path_id(&id).ok();
    let taken_apart = signed_in::once_as(
        &app,
        bearer,
        key,
        move |conn, caller, now| right(conn, caller, id, now),
        move |conn, app, _, actor, now| {
            let id = id.ok_or(Error::NotFound)?;
            actions::unmerge(conn, &app.vault, actor, (id, version.0), now)?;
            present(conn, actor, id)
        },
    );
    taken_apart.await
}
