//! Withdrawing an application that the fund entered for somebody, because they wish so.

use actix_web::post;
use actix_web::web::Path;
use utoipa::ToSchema;

use super::duplicates::present;
use crate::accounts::{Permission, signed_in};
use crate::applications::actions as applications;
use crate::applications::api::{ListedBody, LongText};
use crate::payouts::actions;
use crate::web::{Answer, App, Bearer, Fields, IfMatch, Input, Json, Once, Problem, once};

/// How its applicant asked for it.
#[derive(ToSchema)]
pub struct WithdrawalBody {
    #[schema(value_type = String, max_length = 10000, example = "Javila se telefonom: ne treba joj više.")]
    reason: LongText,
}

impl Input for WithdrawalBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { reason: fields.required("reason")? })
    }
}

/// Withdraw an application that the fund entered, for good in this call, because its applicant wishes so; what was awarded is
/// given back. Whoever has an account does it themselves.
#[utoipa::path(
    tag = "Applications",
    params(
        ("id" = String, Path, description = "The application.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the application.", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = WithdrawalBody,
    responses(
        (status = 200, description = "Withdrawn, or its award given back.", body = ListedBody),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such application that the fund entered."),
        (status = 409, description = "It is over (application_state), its payment runs (payment_running), or it was erased (data_erased).")
    )
)]
#[post("/applications/{id}/withdraw")]
pub async fn withdraw(
    app: App,
    bearer: Bearer,
    version: IfMatch,
    key: Once,
    id: Path<String>,
    Json(body): Json<WithdrawalBody>,
) -> Result<Answer, Problem> {
    let withdrawn = signed_in::write(&app, bearer, move |conn, app, caller, now| {
        let (actor, application) = applications::act_on(conn, caller, Permission::EnterApplication, &id, now)?;
        once(conn, &app.vault, &caller.keys, &key, now, |conn| {
            let seen = (application.id, version.0);
            actions::withdraw_entered(conn, &app.vault, &actor, seen, &body.reason.0, now)?;
            present(conn, &actor, application.id)
        })
    });
    withdrawn.await
}
