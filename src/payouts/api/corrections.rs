//! Putting right what was sent, by whose it is or for them.

use actix_web::post;
use actix_web::web::Path;

use super::duplicates;
use crate::accounts::{Permission, signed_in};
use crate::applications::actions::{self as applications, own};
use crate::applications::api::{CorrectionBody, Corrections, ListedBody, OwnBody, present};
use crate::payouts::actions;
use crate::web::{Answer, App, Bearer, IfMatch, Json, Once, Problem, Spoken, once, path_id};

/// Put right what you sent: your name, how you are reached, where the money goes. The checks run again. What the call asks of
/// your need stays as it was sent: tell the fund about a mistake there.
#[utoipa::path(
    tag = "Your applications",
    params(
        ("id" = String, Path, description = "The application.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the application.", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = CorrectionBody,
    responses(
        (status = 200, description = "Corrected, as the checks left it.", body = OwnBody),
        (status = 404, description = "There is no such application of yours."),
        (status = 409, description = "It is over (application_over) or erased (data_erased), or its payment is under way, so that name, account holder and account stay as they are (correction_fixed).")
    )
)]
#[post("/me/applications/{id}/corrections")]
pub async fn correct(
    app: App,
    bearer: Bearer,
    spoken: Spoken,
    version: IfMatch,
    key: Once,
    id: Path<String>,
    Json(body): Json<Corrections>,
) -> Result<Answer, Problem> {
    let corrected = signed_in::write_once(&app, bearer, key, move |conn, app, caller, now| {
        let corrected = actions::correct(conn, &app.vault, caller, (path_id(&id)?, version.0), &body.0, now)?;
        let version = corrected.version;
        let own = own::sent(conn, corrected)?;
        Ok(Answer::ok(&present(&own, spoken.0))?.version(version))
    });
    corrected.await
}

/// Put right what the fund entered for somebody without an account, as they ask: name, how they are reached, where the money goes.
/// The checks run again. They read in their access log that it was opened for this.
#[utoipa::path(
    tag = "Applications",
    params(
        ("id" = String, Path, description = "The application.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the application.", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = CorrectionBody,
    responses(
        (status = 200, description = "Corrected, as the checks left it.", body = ListedBody),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such application that the fund entered."),
        (status = 409, description = "It is over (application_over) or erased (data_erased), or its payment is under way, so that name, account holder and account stay as they are (correction_fixed).")
    )
)]
#[post("/applications/{id}/corrections")]
pub async fn correct_entered(
    app: App,
    bearer: Bearer,
    version: IfMatch,
    key: Once,
    id: Path<String>,
    Json(body): Json<Corrections>,
) -> Result<Answer, Problem> {
    let corrected = signed_in::write(&app, bearer, move |conn, app, caller, now| {
        let (actor, application) = applications::act_on(conn, caller, Permission::EnterApplication, &id, now)?;
        once(conn, &app.vault, &caller.keys, &key, now, |conn| {
            let id = application.id;
            actions::correct_entered(conn, &app.vault, &actor, (application, version.0), &body.0, now)?;
            duplicates::present(conn, &actor, id)
        })
    });
    corrected.await
}
