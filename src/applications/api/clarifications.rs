//! Questions to applicants, as the fund asks them.

use actix_web::post;
use actix_web::web::Path;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::own::{LongText, ReplyBody};
use crate::accounts::{Permission, signed_in};
use crate::applications::actions::act_on;
use crate::applications::actions::clarifications::{self, Clarification};
use crate::clock::Instant;
use crate::ids::ClarificationId;
use crate::web::{Answer, App, Bearer, Fields, Input, Json, Once, Problem, once, path_id};

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

/// What is kept of a question, so that a retry asks once.
#[derive(Serialize, Deserialize)]
struct Asked {
    id: ClarificationId,
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
/// down with the question, or later.
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
        let mut fresh = None;
        let kept = once(conn, &app.vault, &caller.keys, &key, now, |conn| {
            let said = (body.question.0.as_str(), body.answer.as_ref().map(|answer| answer.0.as_str()));
            let asked = clarifications::ask(conn, &app.vault, &actor, application.id, said, now)?;
            let location = format!("/api/v1/applications/{}", application.id);
            let kept = Answer::created(&Asked { id: asked.id }, location);
            fresh = Some(asked);
            kept
        })?;
        // To a retry it is opened anew: an answer that is kept would outlive the person's data.
        let asked = match fresh {
            Some(asked) => asked,
            None => {
                let Asked { id } = kept.told()?;
                clarifications::ask_again(conn, &app.vault, (&actor, now), &application, id)?
            }
        };
        kept.telling(&ClarificationBody::from(asked))
    });
    let answer = asked.await?;
    (app.wake)();
    Ok(answer)
}

/// Write down what somebody without e-mail answered, by telephone or by post, to a question about an application that the fund
/// entered for them. The first answer stands.
#[utoipa::path(
    tag = "Applications",
    params(
        ("id" = String, Path, description = "The application.", format = Uuid),
        ("clarification" = String, Path, description = "The question.", format = Uuid),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry answers once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = ReplyBody,
    responses(
        (status = 204, description = "It is written down."),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such application that the fund entered, or no such question about it."),
        (status = 409, description = "It is answered already (clarification_answered), the application is over (application_over), or it was erased (data_erased).")
    )
)]
#[post("/applications/{id}/clarifications/{clarification}/answer")]
pub async fn answer_for(
    app: App,
    bearer: Bearer,
    key: Once,
    path: Path<(String, String)>,
    Json(body): Json<ReplyBody>,
) -> Result<Answer, Problem> {
    let answered = signed_in::write(&app, bearer, move |conn, app, caller, now| {
        let (application, question) = &*path;
        let (actor, application) = act_on(conn, caller, Permission::AskClarification, application, now)?;
        once(conn, &app.vault, &caller.keys, &key, now, |conn| {
            let asked = (&application, path_id(question)?);
            clarifications::answer_for(conn, &app.vault, &actor, asked, &body.answer.0, now)?;
            Ok(Answer::nothing())
        })
    });
    answered.await
}
