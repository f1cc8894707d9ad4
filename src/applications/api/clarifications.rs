//! Questions to applicants, as the fund asks them.

use actix_web::post;
use actix_web::web::Path;
use serde::Serialize;
use utoipa::ToSchema;

use super::own::LongText;
use crate::accounts::{Permission, signed_in};
use crate::applications::actions::act_on;
use crate::applications::actions::clarifications::{self, Clarification};
use crate::clock::Instant;
use crate::ids::ClarificationId;
use crate::web::{Answer, App, Bearer, Fields, Input, Json, Once, Problem, once};

/// A question, and its answer once there is one.
#[derive(Serialize, ToSchema)]
pub struct ClarificationBody {
    #[schema(value_type = String, format = Uuid)]
    id: ClarificationId,
    #[schema(example = "Da li je pomoć opštine isplaćena ili samo odobrena?")]
    question: String,
    #[schema(value_type = String, format = DateTime)]
    asked_at: Instant,
    #[schema(example = "Nije isplaćena.")]
    answer: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    answered_at: Option<Instant>,
}

impl From<Clarification> for ClarificationBody {
    fn from(clarification: Clarification) -> Self {
        let Clarification { id, question, asked_at, answer, answered_at } = clarification;
        Self { id, question, asked_at, answer, answered_at }
    }
}

/// What is asked.
#[derive(ToSchema)]
pub struct QuestionBody {
    #[schema(value_type = String, max_length = 10000, example = "Da li je pomoć opštine isplaćena ili samo odobrena?")]
    question: LongText,
    /// What somebody without e-mail answered by telephone or by post; only where the fund entered the application.
    #[schema(value_type = Option<String>, max_length = 10000)]
    answer: Option<LongText>,
}

impl Input for QuestionBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (question, answer) = (fields.required("question"), fields.filled("answer"));
        Some(Self { question: question?, answer: answer? })
    }
}

/// Ask an applicant something about their application. A letter tells them; for somebody without e-mail the answer is written
/// down with the question.
#[utoipa::path(
    tag = "Applications",
    params(
        ("id" = String, Path, description = "The application.", format = Uuid),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry asks once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = QuestionBody,
    responses(
        (status = 201, description = "Asked.", body = ClarificationBody),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such application."),
        (status = 409, description = "Nothing happens with it any more.")
    )
)]
#[post("/applications/{id}/clarifications")]
pub async fn ask(
    app: App,
    bearer: Bearer,
    key: Once,
    id: Path<String>,
    Json(body): Json<QuestionBody>,
) -> Result<Answer, Problem> {
    let asked = signed_in::write(&app, bearer, move |conn, app, caller, now| {
        let (actor, application) = act_on(conn, caller, Permission::AskClarification, &id, now)?;
        once(conn, &app.vault, &caller.keys, &key, now, |conn| {
            let said = (body.question.0.as_str(), body.answer.as_ref().map(|answer| answer.0.as_str()));
            let asked = clarifications::ask(conn, &app.vault, &actor, application.id, said, now)?;
            let location = format!("/api/v1/applications/{}", application.id);
            Answer::created(&ClarificationBody::from(asked), location)
        })
    });
    let answer = asked.await?;
    (app.wake)();
    Ok(answer)
}
