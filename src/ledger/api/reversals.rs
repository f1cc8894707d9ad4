//! Taking a contribution out of the books again, where it was recorded wrongly or went back.

use actix_web::http::StatusCode;
use actix_web::post;
use actix_web::web::Path;
use serde_json::Value;
use utoipa::ToSchema;

use super::contributions::ContributionBody;
use crate::accounts::{Permission, signed_in};
use crate::ledger::actions;
use crate::ledger::rules::ReversalReason;
use crate::web::{Answer, App, Bearer, Field, Fields, Input, Json, Once, Problem, Wrong, once, word};

impl Field for ReversalReason {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

/// Why a contribution is reversed.
#[derive(ToSchema)]
pub struct ReversalInput {
    /// For the event log, which holds nothing in free words.
    #[schema(example = "mistyped")]
    reason: ReversalReason,
}

impl Input for ReversalInput {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { reason: fields.required("reason")? })
    }
}

/// Take a contribution out of the books again, by an entry that turns its own around. It stays on record and is counted no
/// more; what was really received is recorded anew.
#[utoipa::path(
    tag = "Books",
    params(
        ("id" = String, Path, description = "The contribution.", format = Uuid),
        ("Idempotency-Key" = String, Header, description = "So that a retry is booked once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = ReversalInput,
    responses(
        (status = 201, description = "Reversed and booked.", body = ContributionBody),
        (status = 403, description = "Only the treasurer."),
        (status = 404, description = "There is none such."),
        (status = 409, description = "It is reversed already (contribution_reversed), or without it less would have been received than is awarded (contribution_needed).")
    )
)]
#[post("/contributions/{id}/reversal")]
pub async fn reverse(
    app: App,
    bearer: Bearer,
    key: Once,
    id: Path<String>,
    Json(body): Json<ReversalInput>,
) -> Result<Answer, Problem> {
    let key = key.require()?;
    let reversed = signed_in::write(&app, bearer, move |conn, services, caller, now| {
        let (actor, given) = actions::act_on(conn, caller, Permission::RecordContribution, &id, now)?;
        once(conn, &services.vault, &caller.keys, &key, now, |conn| {
            let reversed = actions::reverse(conn, &actor, given.id, body.reason, now)?;
            Answer::new(StatusCode::CREATED, &ContributionBody::from(reversed))
        })
    });
    reversed.await
}
