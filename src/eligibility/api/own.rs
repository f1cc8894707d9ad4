//! Sending one's own application, and seeing what became of it.

use actix_web::web::Path;
use actix_web::{get, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::bodies::FindingBody;
use crate::accounts::actions::email;
use crate::accounts::{Caller, signed_in};
use crate::applications::actions::own::Own;
use crate::applications::actions::{clarifications, drafts, own, reference_code};
use crate::applications::api::{ClarificationBody, OwnBody, complete, present, with_current};
use crate::clock::Instant;
use crate::crypto::{Opener, Vault};
use crate::db::{Conn, Writes};
use crate::eligibility::actions;
use crate::eligibility::rules::Raised;
use crate::error::Result;
use crate::ids::ApplicationId;
use crate::language::Language;
use crate::version::Seen;
use crate::web::{Answer, App, Bearer, IfMatch, Once, Problem, Spoken, path_id};

/// A draft or an application of one's own, with what the checks found and what the fund asked.
#[derive(Serialize, ToSchema)]
pub struct OwnDetailBody {
    #[serde(flatten)]
    own: OwnBody,
    /// What the checks found that counts or waits for a person.
    findings: Vec<FindingBody>,
    /// What the fund asked, and your answers.
    clarifications: Vec<ClarificationBody>,
}

/// A draft or an application of one's own as its owner sees it.
///
/// # Errors
/// [`crate::error::Error::NotFound`] where there is none such of theirs.
pub fn detail(
    conn: &mut Conn,
    vault: &Vault,
    caller: &Caller,
    id: ApplicationId,
    language: Language,
) -> Result<OwnDetailBody> {
    let own = own::one(conn, vault, caller, id)?;
    detail_as_owner(conn, vault, &own, language)
}

/// The same of what is found to be theirs already.
///
/// # Errors
/// Those of the database.
pub fn detail_as_owner(conn: &mut Conn, vault: &Vault, own: &Own, language: Language) -> Result<OwnDetailBody> {
    let (findings, asked) = match own {
        Own::Draft(_) => (Vec::new(), Vec::new()),
        Own::Sent { application, .. } => (
            actions::raised_on(conn, application.id)?,
            clarifications::list(conn, &Opener::own(vault, application.person_id), application)?,
        ),
    };
    let is_over = matches!(own, Own::Sent { application, .. } if application.state.is_over());
    let is_asked = !is_over && asked.iter().any(|asked| asked.answer.is_none());
    let clarifications = asked.into_iter().map(ClarificationBody::from).collect();
    let shown = present_sent(own, &findings, language);
    let own = if is_asked { shown.own.asked(language) } else { shown.own };
    Ok(OwnDetailBody { own, clarifications, ..shown })
}

/// What the fund has asked nothing about yet.
fn present_sent(own: &Own, findings: &[Raised], language: Language) -> OwnDetailBody {
    let findings = findings.iter().map(|raised| FindingBody::of(raised, language)).collect();
    OwnDetailBody { own: present(own, language), findings, clarifications: Vec::new() }
}

/// A draft or an application of yours: where it stands, what was found, and what happens next.
#[utoipa::path(
    tag = "Your applications",
    params(("id" = String, Path, description = "The draft or application.", format = Uuid)),
    responses(
        (status = 200, description = "It.", body = OwnDetailBody),
        (status = 404, description = "There is none such of yours.")
    )
)]
#[get("/me/applications/{id}")]
pub async fn one(app: App, bearer: Bearer, spoken: Spoken, id: Path<String>) -> Result<Answer, Problem> {
    let detail = signed_in::read(&app, bearer, move |conn, app, caller, _| {
        detail(conn, &app.vault, caller, path_id(&id)?, spoken.0)
    });
    let detail = detail.await?;
    let version = detail.own.version();
    Ok(Answer::ok(&detail)?.version(version))
}

/// Send a draft in. Everything that is missing or wrong is told at once; then nothing is sent.
#[utoipa::path(
    tag = "Your applications",
    params(
        ("id" = String, Path, description = "The draft.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the draft.", example = "\"3\""),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry sends it once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    responses(
        (status = 200, description = "It is sent, and checked.", body = OwnDetailBody),
        (status = 404, description = "There is no such draft of yours."),
        (status = 409, description = "The call takes no applications now (call_closed), it is sent (already_sent), or there is another one of yours (already_applied)."),
        (status = 412, description = "It was changed meanwhile, on another device perhaps: `current` is what holds now. Look at it, and send that.")
    )
)]
#[post("/me/applications/{id}/submit")]
pub async fn submit(
    app: App,
    bearer: Bearer,
    spoken: Spoken,
    version: IfMatch,
    key: Once,
    id: Path<String>,
) -> Result<Answer, Problem> {
    let path = id.clone();
    let sent = signed_in::send_once(&app, bearer, key, move |conn, writes, app, caller, now| {
        let (own, findings) = send((conn, writes), &app.vault, caller, (path_id(&path)?, version.0), now)?;
        let body = present_sent(&own, &findings, spoken.0);
        Ok(Answer::ok(&body)?.version(body.own.version()))
    });
    match sent.await {
        Ok(answer) => {
            (app.wake)();
            Ok(answer)
        }
        Err(problem) => Err(with_current(&app, bearer, &id, problem).await),
    }
}

/// Sends a draft; gives what became of it, and what the checks found. What is to be written is left in the writes.
fn send(
    (conn, writes): (&mut Conn, &mut Writes),
    vault: &Vault,
    caller: &Caller,
    (id, seen): (ApplicationId, Seen),
    now: Instant,
) -> Result<(Own, Vec<Raised>)> {
    let draft = drafts::find(conn, vault, caller, id)?;
    seen.require(draft.version, "the draft")?;
    // Whoever is too late need not look for what is missing.
    drafts::require_open(&draft.call, now)?;
    let complete = complete(&draft)?;
    let email = email::own_address(conn, vault, caller)?;
    let sent = complete.into_submission(reference_code()?, Some(&email));
    let actor = caller.applicant();
    let (application, findings) =
        actions::submit_draft((conn, writes), vault, &actor, (&draft, &caller.keys), &sent, now)?;
    let (application, missing_documents) = (Box::new(application), Vec::new());
    Ok((Own::Sent { application, call: draft.call, missing_documents }, findings))
}
