//! Merging two applications of one person, and taking them apart.

use actix_web::post;
use actix_web::web::Path;
use utoipa::ToSchema;

use crate::accounts::{Actor, Permission, signed_in};
use crate::applications::actions as applications;
use crate::applications::api::ListedBody;
use crate::db::Conn;
use crate::error::Result as FondResult;
use crate::ids::ApplicationId;
use crate::payouts::actions;
use crate::web::{Answer, App, Bearer, Fields, IfMatch, Input, Json, Once, Problem, once};

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

/// An application as it stands now.
pub(super) fn present(conn: &mut Conn, actor: &Actor, id: ApplicationId) -> FondResult<Answer> {
    let listed = applications::listed(conn, actor, id)?;
    let version = listed.version;
    Ok(Answer::ok(&ListedBody::from(listed))?.version(version))
}

/// Put an application to another one of the same person. Nothing of either is lost, and it can be taken back. Be sure that they
/// are one person: whoever has the other one is told of this one too, and may have both erased.
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
        (status = 409, description = "One of them is your own (own_application), a payment of one of them runs (payout_running), or one is over (application_over, application_state).")
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
    let merged = signed_in::write(&app, bearer, move |conn, app, caller, now| {
        let (actor, application) = applications::act_on(conn, caller, Permission::MergeApplications, &id, now)?;
        once(conn, &app.vault, &caller.keys, &key, now, |conn| {
            actions::merge(conn, &app.vault, &actor, (application.id, version.0), body.into, now)?;
            present(conn, &actor, application.id)
        })
    });
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
        (status = 409, description = "It, or what it is merged into, is your own (own_application), it is not merged (not_merged), it was erased (data_erased), the voting or the allocation is over that it would wait for (voting_closed, allocated), or a payment of one of them runs (payout_running).")
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
    let taken_apart = signed_in::write(&app, bearer, move |conn, app, caller, now| {
        let (actor, application) = applications::act_on(conn, caller, Permission::MergeApplications, &id, now)?;
        once(conn, &app.vault, &caller.keys, &key, now, |conn| {
            actions::unmerge(conn, &app.vault, &actor, (application.id, version.0), now)?;
            present(conn, &actor, application.id)
        })
    });
    taken_apart.await
}
