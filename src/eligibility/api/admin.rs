//! The checks for administrators: an application and what was found on it, deciding on that; entering an application for somebody.

use actix_web::web::Path;
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::bodies::{FactsBody, FindingBody, ResolvedBody};
use crate::accounts::{Permission, signed_in};
use crate::applications::actions::{self as applications, clarifications, own, reference_code};
use crate::applications::api::{AnswersBody, ClarificationBody, Complete, ListedBody, LongText, ReceiptBody};
use crate::audit::journal;
use crate::calls;
use crate::crypto::Purpose;
use crate::eligibility::actions;
use crate::eligibility::rules::{Finding, Resolution};
use crate::error::Error;
use crate::ids::ApplicationId;
use crate::web::{Answer, App, Bearer, Field, Fields, IfMatch, Input, Json, Once, Problem, Spoken, Wrong, once, word};

impl Field for Resolution {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

/// An application without a name: what it says, what was found, what was decided and asked.
#[derive(Serialize, ToSchema)]
pub struct ApplicationBody {
    #[serde(flatten)]
    listed: ListedBody,
    /// Nothing, once they were erased.
    facts: Option<FactsBody>,
    findings: Vec<FindingBody>,
    /// What people decided on findings, in the order in which they did; the latest on a finding holds.
    resolutions: Vec<ResolvedBody>,
    clarifications: Vec<ClarificationBody>,
    /// Why an administrator withdrew it, where the fund had entered it; nothing, once that was erased.
    withdrawal_reason: Option<String>,
}

/// One application, without a name.
#[utoipa::path(
    tag = "Applications",
    params(("id" = String, Path, description = "The application.", format = Uuid)),
    responses(
        (status = 200, description = "The application.", body = ApplicationBody),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such application.")
    )
)]
#[get("/applications/{id}")]
pub async fn one(app: App, bearer: Bearer, spoken: Spoken, id: Path<String>) -> Result<Answer, Problem> {
    let found = signed_in::read_others(&app, bearer, move |conn, app, caller, log, now| {
        let (actor, application) = applications::act_on(conn, caller, Permission::ReadApplications, &id, now)?;
        let opener = log.opener(&app.vault, journal::reader(actor.author(), Purpose::ReviewApplication));
        let listed = applications::listed(conn, &actor, application.id)?;
        let call = calls::actions::find(conn, application.call_id)?;
        let need = match application.need_erased_at {
            Some(_) => None,
            None => Some(applications::open_need(conn, &opener, &application)?),
        };
        let (raised, resolved) = actions::history(conn, &opener, &actor, &application)?;
        let asked = clarifications::list(conn, &opener, &application)?;
        let withdrawal_reason = match application.need_erased_at {
            Some(_) => None,
            None => applications::open_withdrawal(conn, &opener, &application)?,
        };
        let body = ApplicationBody {
            withdrawal_reason,
            facts: need.map(|need| FactsBody::of(&need, &call)),
            findings: raised.iter().map(|raised| FindingBody::of(raised, spoken.0)).collect(),
            resolutions: resolved.into_iter().map(ResolvedBody::from).collect(),
            clarifications: asked.into_iter().map(ClarificationBody::from).collect(),
            listed: listed.into(),
        };
        Ok((body, application.version))
    });
    let (body, version) = found.await?;
    Ok(Answer::ok(&body)?.version(version))
}

/// A decision on a finding.
#[derive(ToSchema)]
pub struct ResolutionBody {
    /// `confirmed`: it is so, and the application fails by it. `dismissed`: it is not so, or does not matter.
    #[schema(example = "dismissed")]
    resolution: Resolution,
    #[schema(value_type = String, max_length = 10000, example = "Provereno kod davaoca telefonom.")]
    reason: LongText,
}

impl Input for ResolutionBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (resolution, reason) = (fields.required("resolution"), fields.required("reason"));
        Some(Self { resolution: resolution?, reason: reason? })
    }
}

/// Decide on a finding that waits for a person. The latest decision holds.
#[utoipa::path(
    tag = "Applications",
    params(
        ("id" = String, Path, description = "The application.", format = Uuid),
        ("finding" = Finding, Path, description = "The finding."),
        ("If-Match" = String, Header, description = "The `ETag` of the application.", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry decides once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = ResolutionBody,
    responses(
        (status = 200, description = "Decided: the application as it stands now.", body = ListedBody),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such application, or no such finding."),
        (status = 409, description = "Nothing is to be decided about it (finding_not_open), it is over (application_over), the voting or the allocation is (voting_closed, allocated), or a new register is being compared with the applications: come back in a moment (register_compared).")
    )
)]
#[post("/applications/{id}/findings/{finding}/resolutions")]
pub async fn resolve(
    app: App,
    bearer: Bearer,
    version: IfMatch,
    key: Once,
    path: Path<(String, String)>,
    Json(body): Json<ResolutionBody>,
) -> Result<Answer, Problem> {
    let (id, finding) = path.into_inner();
    let resolved = signed_in::write(&app, bearer, move |conn, app, caller, now| {
        let (actor, application) = applications::act_on(conn, caller, Permission::ResolveFinding, &id, now)?;
        once(conn, &app.vault, &caller.keys, &key, now, |conn| {
            let id = application.id;
            let decided = (finding.parse().map_err(|_| Error::NotFound)?, body.resolution);
            actions::resolve(conn, &app.vault, &actor, (application, version.0), decided, &body.reason.0, now)?;
            let listed = applications::listed(conn, &actor, id)?;
            let version = listed.version;
            Ok(Answer::ok(&ListedBody::from(listed))?.version(version))
        })
    });
    let answer = resolved.await?;
    (app.wake)();
    Ok(answer)
}

/// Enter an application for somebody who has no e-mail. It is marked so, and the answer is a receipt to print for them.
#[utoipa::path(
    tag = "Applications",
    params(
        ("id" = String, Path, description = "The call.", format = Uuid),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry enters it once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = AnswersBody,
    responses(
        (status = 201, description = "Entered, and checked.", body = ReceiptBody),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such call."),
        (status = 409, description = "The call takes no applications now (call_closed), or the person has one in it (already_applied).")
    )
)]
#[post("/calls/{id}/entered-applications")]
pub async fn enter(
    app: App,
    bearer: Bearer,
    spoken: Spoken,
    key: Once,
    id: Path<String>,
    Json(body): Json<Complete>,
) -> Result<Answer, Problem> {
    let sent = body.into_submission(String::new(), None);
    let on = (Permission::EnterApplication, id.into_inner());
    let entered = calls::write_once(&app, bearer, key, on, move |conn, on| {
        let mut sent = sent.clone();
        sent.reference = reference_code()?;
        let vault = &on.services.vault;
        let application = actions::enter(conn, vault, &on.actor, on.call.id, &sent, on.now)?;
        let location = format!("/api/v1/applications/{}", application.id);
        Answer::created(&Entered { id: application.id }, location)
    });
    let entered = entered.await?;
    // The receipt is opened each time: an answer that is kept for a retry would outlive the person's data.
    let Entered { id } = entered.told()?;
    let receipt = signed_in::write(&app, bearer, move |conn, app, caller, now| {
        let (actor, application) =
            applications::act_on(conn, caller, Permission::EnterApplication, &id.to_string(), now)?;
        own::receipt_of_entered(conn, &app.vault, &actor, application.id, now)
    });
    Ok(entered.telling(&ReceiptBody::of(&receipt.await?, spoken.0))?)
}

/// What is kept of an application that was entered, so that a retry enters it once.
#[derive(Serialize, Deserialize)]
struct Entered {
    id: ApplicationId,
}
