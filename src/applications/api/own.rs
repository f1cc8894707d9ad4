//! One's own applications: the list, withdrawing, answering a question, the receipt.

use actix_web::web::Path;
use actix_web::{get, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::answers::{AnswersBody, Complete};
use super::clarifications::ClarificationBody;
use super::receipt::ReceiptBody;
use crate::accounts::signed_in;
use crate::applications::actions::own::{self, Own};
use crate::applications::actions::{clarifications, drafts::Draft};
use crate::applications::rules::{Answers, ApplicationState};
use crate::calls::Call;
use crate::clock::Instant;
use crate::error::Error;
use crate::ids::{ApplicationId, CallId};
use crate::language::{Language, text};
use crate::page::Page;
use crate::web::{
    Answer, App, Bearer, Field, FieldProblem, Fields, IfMatch, Input, Json, Once, Problem, Query, Spoken, Wrong, parse,
    path_id,
};

/// A draft or an application of one's own.
#[derive(Serialize, ToSchema)]
pub struct OwnBody {
    #[schema(value_type = String, format = Uuid)]
    id: ApplicationId,
    #[schema(value_type = String, format = Uuid)]
    call_id: CallId,
    #[schema(example = "2020-1")]
    call_code: String,
    /// `draft` until it is sent; then how far it has come.
    #[schema(example = "draft")]
    state: &'static str,
    /// The name-free handle that is used everywhere; none for a draft.
    #[schema(example = "K7QM-2X9D")]
    reference: Option<String>,
    /// Where it stands, in the language of the request.
    status: String,
    /// What happens next, in the language of the request.
    next: String,
    /// Until when that happens, where there is a time for it.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_by: Option<Instant>,
    #[schema(value_type = Option<String>, format = DateTime)]
    submitted_at: Option<Instant>,
    /// Of a draft: what is written so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<AnswersBody>)]
    answers: Option<Answers>,
    /// Of a draft: what is missing or wrong before it can be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    problems: Option<Vec<FieldProblem>>,
    #[serde(skip)]
    version: i32,
}

impl OwnBody {
    pub fn id(&self) -> ApplicationId {
        self.id
    }

    pub fn version(&self) -> i32 {
        self.version
    }

    /// The same, while a question of the fund waits for its answer.
    #[must_use]
    pub fn asked(self, language: Language) -> Self {
        Self { next: said(language, "next", "asked"), ..self }
    }
}

/// Presents something of one's own.
pub fn present(own: &Own, language: Language) -> OwnBody {
    match own {
        Own::Draft(draft) => draft_body(draft, language),
        Own::Sent { application, call } => OwnBody {
            id: application.id,
            call_id: call.id,
            call_code: call.code.clone(),
            state: application.state.as_str(),
            reference: Some(application.reference.clone()),
            status: said(language, "status", application.state.as_str()),
            next: said(language, "next", application.state.as_str()),
            next_by: next_by(application.state, call),
            submitted_at: Some(application.submitted_at),
            answers: None,
            problems: None,
            version: application.version,
        },
    }
}

fn draft_body(draft: &Draft, language: Language) -> OwnBody {
    let problems = match parse::<Complete>(draft.answers.clone()) {
        Err(Error::Fields(wrong)) => wrong.iter().map(|wrong| FieldProblem::of(language, wrong)).collect(),
        _ => Vec::new(),
    };
    let is_open = Instant::now() <= draft.call.closes_at;
    let place = if is_open { "draft" } else { "draft_closed" };
    OwnBody {
        id: draft.id,
        call_id: draft.call.id,
        call_code: draft.call.code.clone(),
        state: "draft",
        reference: None,
        status: said(language, "status", place),
        next: said(language, "next", place),
        next_by: is_open.then_some(draft.call.closes_at),
        submitted_at: None,
        answers: Some(draft.answers.clone()),
        problems: Some(problems),
        version: draft.version,
    }
}

fn said(language: Language, what: &str, state: &str) -> String {
    text(language, &format!("{what}-{state}"), &[]).unwrap_or_default()
}

/// The time that the next step has, where the call sets one.
fn next_by(state: ApplicationState, call: &Call) -> Option<Instant> {
    use ApplicationState as S;
    match state {
        S::Submitted | S::NeedsReview | S::Eligible => Some(call.rules.voting_closes_at),
        _ => None,
    }
}

/// Everything of yours: drafts first, then what you sent, the newest first.
#[utoipa::path(
    tag = "Your applications",
    responses((status = 200, description = "All of them.", body = Page<OwnBody>))
)]
#[get("/me/applications")]
pub async fn list(app: App, bearer: Bearer, spoken: Spoken, Query(()): Query<()>) -> Result<Answer, Problem> {
    let all = signed_in::read(&app, bearer, move |conn, app, caller, _| {
        Ok((own::list(conn, &app.vault, caller)?, clarifications::unanswered(conn, caller)?))
    });
    let (all, asked) = all.await?;
    let shown = |own: &Own| match own {
        Own::Sent { application, .. } if asked.contains(&application.id) => present(own, spoken.0).asked(spoken.0),
        _ => present(own, spoken.0),
    };
    let items = all.iter().map(shown).collect();
    Ok(Answer::ok(&Page { items, next: None })?)
}

/// Withdraw your application, for good in this call. What you were awarded is declined instead.
#[utoipa::path(
    tag = "Your applications",
    params(
        ("id" = String, Path, description = "The application.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the application.", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    responses(
        (status = 200, description = "Withdrawn.", body = OwnBody),
        (status = 404, description = "There is no such application of yours."),
        (status = 409, description = "It is awarded, paid or over.")
    )
)]
#[post("/me/applications/{id}/withdraw")]
pub async fn withdraw(
    app: App,
    bearer: Bearer,
    spoken: Spoken,
    version: IfMatch,
    key: Once,
    id: Path<String>,
) -> Result<Answer, Problem> {
    let withdrawn = signed_in::write_once(&app, bearer, key, move |conn, app, caller, now| {
        let application = own::withdraw(conn, caller, (path_id(&id)?, version.0), now)?;
        let version = application.version;
        let own = own::one(conn, &app.vault, caller, application.id)?;
        Ok(Answer::ok(&present(&own, spoken.0))?.version(version))
    });
    withdrawn.await
}

/// What you answer.
#[derive(ToSchema)]
pub struct ReplyBody {
    #[schema(value_type = String, max_length = 10000, example = "Nije isplaćena.")]
    answer: LongText,
}

/// A text of up to 10,000 characters.
pub struct LongText(pub String);

impl Field for LongText {
    fn read(value: &serde_json::Value) -> Result<Self, Wrong> {
        crate::web::text(value, 10_000).map(Self)
    }
}

impl Input for ReplyBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { answer: fields.required("answer")? })
    }
}

/// Answer a question of the fund about your application. The first answer stands.
#[utoipa::path(
    tag = "Your applications",
    params(
        ("id" = String, Path, description = "The application.", format = Uuid),
        ("clarification" = String, Path, description = "The question.", format = Uuid),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = ReplyBody,
    responses(
        (status = 200, description = "Question and answer.", body = ClarificationBody),
        (status = 404, description = "There is no such question to you."),
        (status = 409, description = "It is answered already.")
    )
)]
#[post("/me/applications/{id}/clarifications/{clarification}/answer")]
pub async fn answer(
    app: App,
    bearer: Bearer,
    key: Once,
    path: Path<(String, String)>,
    Json(body): Json<ReplyBody>,
) -> Result<Answer, Problem> {
    let answered = signed_in::write_once(&app, bearer, key, move |conn, app, caller, now| {
        let (application, clarification) = (path_id(&path.0)?, path_id(&path.1)?);
        let question = (application, clarification);
        let answered = clarifications::answer(conn, &app.vault, caller, question, &body.answer.0, now)?;
        Answer::ok(&ClarificationBody::from(answered))
    });
    answered.await
}

/// What you sent, whole, to keep or to print. Only you can see it, and nothing keeps a copy.
#[utoipa::path(
    tag = "Your applications",
    params(("id" = String, Path, description = "The application.", format = Uuid)),
    responses(
        (status = 200, description = "The receipt.", body = ReceiptBody),
        (status = 404, description = "There is no such application of yours.")
    )
)]
#[get("/me/applications/{id}/receipt")]
pub async fn receipt(app: App, bearer: Bearer, spoken: Spoken, id: Path<String>) -> Result<Answer, Problem> {
    let receipt = signed_in::read(&app, bearer, move |conn, app, caller, _| {
        own::receipt(conn, &app.vault, caller, path_id(&id)?)
    });
    Ok(Answer::ok(&ReceiptBody::of(&receipt.await?, spoken.0))?)
}
