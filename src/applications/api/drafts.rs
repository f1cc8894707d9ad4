//! Drafts: begin one, change it in parts, throw it away.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{delete, patch, post};
use serde_json::Value;

use super::answers::{AnswersBody, Changes};
use super::own::{OwnBody, present};
use crate::accounts::signed_in;
use crate::applications::actions::drafts::{self, Changed};
use crate::applications::actions::own::Own;
use crate::documents;
use crate::ids::CallId;
use crate::web::{Answer, App, Bearer, IfMatch, Json, Once, Problem, Spoken, path_id};

/// Begin to apply. There is one draft a person and call: asking again gives what is there.
#[utoipa::path(
    tag = "Your applications",
    params(
        ("id" = String, Path, description = "The call.", format = Uuid),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry gives the same answer.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    responses(
        (status = 201, description = "A draft was begun.", body = OwnBody),
        (status = 200, description = "You have a draft, or an application, in this call already: this one.", body = OwnBody),
        (status = 404, description = "There is no such call."),
        (status = 409, description = "The call takes no applications now (call_closed).")
    )
)]
#[post("/calls/{id}/applications")]
pub async fn begin(app: App, bearer: Bearer, spoken: Spoken, key: Once, id: Path<String>) -> Result<Answer, Problem> {
    let begun = signed_in::write_once(&app, bearer, key, move |conn, app, caller, now| {
        let call: CallId = path_id(&id)?;
        let (own, is_new) = drafts::begin(conn, &app.vault, caller, call, now)?;
        let body = present(&own, spoken.0);
        let version = body.version();
        let answer = match is_new {
            true => Answer::created(&body, format!("/api/v1/me/applications/{}", body.id()))?,
            false => Answer::ok(&body)?,
        };
        Ok(answer.version(version))
    });
    begun.await
}

/// Change some answers of a draft: what is not named stays, null takes an answer away.
#[utoipa::path(
    tag = "Your applications",
    params(
        ("id" = String, Path, description = "The draft.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the draft.", example = "\"1\"")
    ),
    request_body = AnswersBody,
    responses(
        (status = 200, description = "The draft as it is now.", body = OwnBody),
        (status = 404, description = "There is no such draft of yours."),
        (status = 409, description = "It is sent (already_sent): put something right by corrections."),
        (status = 412, description = "It was changed meanwhile, on another device perhaps: `current` is what holds now, `sent` what you sent.")
    )
)]
#[patch("/me/applications/{id}")]
pub async fn change(
    app: App,
    bearer: Bearer,
    spoken: Spoken,
    version: IfMatch,
    id: Path<String>,
    Json(Changes(changes)): Json<Changes>,
) -> Result<Answer, Problem> {
    let sent = Value::Object(changes.clone());
    let changed = signed_in::write(&app, bearer, move |conn, app, caller, now| {
        drafts::save(conn, &app.vault, caller, (path_id(&id)?, version.0), &changes, now)
    });
    match changed.await? {
        Changed::Saved(draft) => {
            let version = draft.version;
            Ok(Answer::ok(&present(&Own::Draft(draft), spoken.0))?.version(version))
        }
        Changed::Stale(draft) => Err(Problem::stale(draft.version, Value::Object(draft.answers), Some(sent))),
    }
}

/// Tells what holds now beside a 412 about a draft, for a request that brought no answers of its own.
pub async fn with_current(app: &App, bearer: Bearer, id: &str, problem: Problem) -> Problem {
    if problem.status != StatusCode::PRECONDITION_FAILED {
        return problem;
    }
    let id = id.to_owned();
    let read =
        signed_in::read(app, bearer, move |conn, app, caller, _| drafts::find(conn, &app.vault, caller, path_id(&id)?));
    // Sent or thrown away meanwhile: then the plain answer has to do.
    let draft = read.await.ok();
    draft.map_or(problem, |draft| Problem::stale(draft.version, Value::Object(draft.answers), None))
}

/// Throw a draft away, with its documents.
#[utoipa::path(
    tag = "Your applications",
    params(
        ("id" = String, Path, description = "The draft.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the draft.", example = "\"1\"")
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "There is no such draft of yours."),
        (status = 409, description = "It is sent (already_sent): it can be withdrawn."),
        (status = 412, description = "It was changed meanwhile, on another device perhaps: `current` is what holds now.")
    )
)]
#[delete("/me/applications/{id}")]
pub async fn discard(app: App, bearer: Bearer, version: IfMatch, id: Path<String>) -> Result<Answer, Problem> {
    let path = id.clone();
    let discarded = signed_in::write(&app, bearer, move |conn, _, caller, now| {
        drafts::discard(conn, caller, (path_id(&path)?, version.0), now)
    });
    match discarded.await {
        Ok(discarded) => documents::discard(&app.objects, discarded),
        Err(problem) => return Err(with_current(&app, bearer, &id, problem).await),
    }
    Ok(Answer::nothing())
}
