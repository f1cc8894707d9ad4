//! One's own applications: the list, withdrawing, answering a question, the receipt.

use actix_web::web::Path;
use actix_web::{get, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::answers::{AnswersBody, Complete};
use super::clarifications::ClarificationBody;
use super::receipt::ReceiptBody;
use crate::accounts::signed_in;
use crate::applications::actions::documents::missing_field;
use crate::applications::actions::own::{self, Own};
use crate::applications::actions::{clarifications, drafts::Draft};
use crate::applications::rules::{Answers, Application, ApplicationState};
use crate::calls::{AskedDocument, Call, said_title};
use crate::clock::Instant;
use crate::error::{Error, FieldError};
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
    /// Of a draft: what is missing or wrong before it can be sent. Of an award: the documents that are missing before it is
    /// paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    problems: Option<Vec<FieldProblem>>,
    #[serde(skip)]
    version: i32,
    /// Whether no work on it waits for an answer.
    #[serde(skip)]
    is_decided: bool,
}

impl OwnBody {
    pub fn id(&self) -> ApplicationId {
        self.id
    }

    pub fn version(&self) -> i32 {
        self.version
    }

    /// The same, while a question of the fund waits for its answer: that, and the documents that are missing. Where no work
    /// waits for the answer, what is next stays said behind it.
    #[must_use]
    pub fn asked(self, language: Language) -> Self {
        let asked = said(language, "next", if self.is_decided { "asked_decided" } else { "asked" });
        let stays = self.is_decided || self.problems.is_some();
        let next = if stays { format!("{asked} {}", self.next) } else { asked };
        Self { next, ..self }
    }
}

/// Presents something of one's own.
pub fn present(own: &Own, language: Language) -> OwnBody {
    match own {
        Own::Draft(draft) => draft_body(draft, language),
        Own::Sent { application, call, missing_documents } => OwnBody {
            id: application.id,
            call_id: call.id,
            call_code: call.code.clone(),
            state: application.state.as_str(),
            reference: Some(application.reference.clone()),
            status: said(language, "status", place_of(application)),
            next: match missing_documents.as_slice() {
                [] => said(language, "next", place_of(application)),
                missing => send_these(missing, language),
            },
            next_by: next_by(application, call, Instant::now()),
            submitted_at: Some(application.submitted_at),
            answers: None,
            problems: (!missing_documents.is_empty()).then(|| {
                let problem = |asked: &AskedDocument| FieldProblem::of(language, &missing_field(&asked.code));
                missing_documents.iter().map(problem).collect()
            }),
            version: application.version,
            is_decided: is_decided(application.state),
        },
    }
}

/// The words for where an application stands: what a late finding put before a person is still approved, awarded or in line.
fn place_of(application: &Application) -> &'static str {
    use ApplicationState as S;
    match (application.state, application.held_from) {
        (S::NeedsReview, Some(S::Approved)) => "held_approved",
        (S::NeedsReview, Some(S::Awarded)) => "held_awarded",
        (S::NeedsReview, Some(S::Reserve)) => "held_reserve",
        (state, _) => state.as_str(),
    }
}

/// Whether it was refused, or the money did not reach it: an answer to a question alone changes nothing of that.
fn is_decided(state: ApplicationState) -> bool {
    use ApplicationState as S;
    matches!(state, S::Ineligible | S::Rejected | S::NoQuorum | S::Unfunded)
}

/// What is asked of somebody who was awarded help, by the titles that the call gives its documents.
fn send_these(missing: &[AskedDocument], language: Language) -> String {
    let titles: Vec<String> = missing.iter().map(|asked| said_title(&asked.title, language)).collect();
    text(language, "next-awarded_documents", &[("titles", &titles.join("; "))]).unwrap_or_default()
}

/// What a draft says, where it can be sent as it is.
///
/// # Errors
/// [`Error::Fields`] with everything that is wrong or missing, documents too.
pub fn complete(draft: &Draft) -> Result<Complete, Error> {
    let missing: Vec<FieldError> = draft.missing_documents.iter().map(|code| missing_field(code)).collect();
    match parse::<Complete>(draft.answers.clone()) {
        Ok(_) if !missing.is_empty() => Err(Error::Fields(missing)),
        Err(Error::Fields(wrong)) => Err(Error::Fields([wrong, missing].concat())),
        parsed => parsed,
    }
}

fn draft_body(draft: &Draft, language: Language) -> OwnBody {
    let problems = match complete(draft) {
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
        is_decided: false,
    }
}

fn said(language: Language, what: &str, state: &str) -> String {
    text(language, &format!("{what}-{state}"), &[]).unwrap_or_default()
}

/// The time that the next step has, where the call sets one and it is still to come.
fn next_by(application: &Application, call: &Call, now: Instant) -> Option<Instant> {
    use ApplicationState as S;
    let is_before_vote = matches!(application.state, S::Submitted | S::NeedsReview | S::Eligible)
        && !application.standing().is_decided();
    Some(call.rules.voting_closes_at).filter(|by| is_before_vote && *by > now)
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

/// What is answered.
#[derive(ToSchema)]
pub struct ReplyBody {
    #[schema(value_type = String, max_length = 10000, example = "Nije isplaćena.")]
    pub answer: LongText,
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
