//! Giving one's own award back, so that it can go to the next in line.

use actix_web::post;
use actix_web::web::Path;
use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts::signed_in;
use crate::applications::ApplicationState;
use crate::ids::ApplicationId;
use crate::payouts::actions;
use crate::web::{Answer, App, Bearer, IfMatch, Once, Problem, path_id};

/// One's application after its award was given back.
#[derive(Serialize, ToSchema)]
pub struct DeclinedBody {
    #[schema(value_type = String, format = Uuid)]
    application_id: ApplicationId,
    #[schema(example = "A00001")]
    reference: String,
    state: ApplicationState,
}

/// Give one's own award back. It cannot be taken again.
#[utoipa::path(
    tag = "Own applications",
    params(
        ("id" = String, Path, description = "One's own application.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the application.", example = "\"4\""),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    responses(
        (status = 200, description = "Given back.", body = DeclinedBody),
        (status = 404, description = "There is none such, or it is another's."),
        (status = 409, description = "It is not awarded, or the payment is on its way.")
    )
)]
#[post("/me/applications/{id}/decline")]
pub async fn decline(
    app: App,
    bearer: Bearer,
    version: IfMatch,
    key: Once,
    id: Path<String>,
) -> Result<Answer, Problem> {
    let declined = signed_in::write_once(&app, bearer, key, move |conn, _, caller, now| {
        let declined = actions::decline(conn, &caller.applicant(), (path_id(&id)?, version.0), now)?;
        let (application_id, version) = (declined.id, declined.version);
        let body = DeclinedBody { application_id, reference: declined.reference, state: declined.state };
        Ok(Answer::ok(&body)?.version(version))
    });
    declined.await
}
