//! What moves a payout. Each move names the version that it was decided on and a key, so that nothing is paid twice.

use actix_web::post;
use actix_web::web::Path;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::list::PayoutBody;
use crate::accounts::{Actor, Caller, Permission, signed_in};
use crate::applications::{Application, ApplicationState};
use crate::awards;
use crate::clock::{Date, Instant};
use crate::db::Conn;
use crate::eligibility::{self, Finding};
use crate::error::Result as FondResult;
use crate::ids::PayoutId;
use crate::money::Money;
use crate::payouts::actions::{self, Decided, Preparation};
use crate::payouts::rules::{Execution, Payout};
use crate::web::{
    Answer, App, Bearer, Field, Fields, IfMatch, Input, Json, Once, Problem, Services, Wrong, line, once,
};

crate::text_enum! {
    /// What came of preparing a payout.
    pub enum PreparationOutcome {
        Prepared => "prepared",
        /// The check before the payment found something, and a person decides first.
        Held => "held",
    }
}

/// What came of preparing a payout.
#[derive(Serialize, ToSchema)]
pub struct PreparationBody {
    outcome: PreparationOutcome,
    /// Nothing while it is held.
    payout: Option<PayoutBody>,
    application_state: ApplicationState,
    /// What the check found, where it is held.
    findings: Vec<Finding>,
}

/// What the authoriser looked at.
#[derive(ToSchema)]
pub struct AuthoriseInput {
    /// As the payout shows it.
    #[schema(example = "4f1a0c9d7e3b8a26510f9e7d6c5b4a392817f6e5d4c3b2a1908f7e6d5c4b3a29", max_length = 1000)]
    binding: String,
}

impl Input for AuthoriseInput {
    fn read(fields: &mut Fields) -> Option<Self> {
        fields.required("binding").map(|binding| Self { binding })
    }
}

/// What the bank calls a payment. It stays on the log for ever, so it is no text in which a person could be named.
pub struct BankReference(String);

impl BankReference {
    const LONGEST: usize = 35;
    const SIGNS: &str = "/-.";
}

impl Field for BankReference {
    fn read(value: &Value) -> Result<Self, Wrong> {
        line(value, Self::LONGEST)?;
        let is_of_it = |sign: char| sign.is_ascii_alphanumeric() || Self::SIGNS.contains(sign);
        let text = value.as_str().filter(|text| text.chars().all(is_of_it));
        text.map(|text| Self(text.to_owned())).ok_or(("bank_reference", None))
    }
}

/// What the bank says it did.
#[derive(ToSchema)]
pub struct ExecuteInput {
    #[schema(value_type = String, example = "30000.00")]
    amount: Money,
    #[schema(value_type = String, format = Date, example = "2020-11-12")]
    executed_on: Date,
    /// Of this payment alone in the round.
    #[schema(value_type = String, example = "B-0001", max_length = 35, pattern = "^[A-Za-z0-9/.-]+$")]
    bank_reference: BankReference,
    /// Say true where the bank had paid before a finding came that stopped the payment. Left out: such a payment is not
    /// recorded (payment_stopped).
    #[schema(value_type = Option<bool>, example = false)]
    despite_finding: bool,
}

impl Input for ExecuteInput {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (amount, executed_on) = (fields.required("amount"), fields.required("executed_on"));
        let (bank_reference, despite_finding) = (fields.required("bank_reference"), fields.optional("despite_finding"));
        let (amount, executed_on, bank_reference) = (amount?, executed_on?, bank_reference?);
        Some(Self { amount, executed_on, bank_reference, despite_finding: despite_finding?.unwrap_or_default() })
    }
}

/// When the bank gave the money back.
#[derive(ToSchema)]
pub struct ReturnInput {
    #[schema(value_type = String, format = Date, example = "2020-11-16")]
    returned_on: Date,
}

impl Input for ReturnInput {
    fn read(fields: &mut Fields) -> Option<Self> {
        fields.required("returned_on").map(|returned_on| Self { returned_on })
    }
}

/// Somebody acting on a payout, at the moment of the transaction.
struct On<'a> {
    services: &'a Services,
    caller: &'a Caller,
    actor: Actor,
    id: PayoutId,
    now: Instant,
}

/// Moves the payout that a path names, once however often it is sent. The right is asked before a first answer is given
/// again, the version after it.
async fn move_once(
    app: &App,
    bearer: Bearer,
    (key, version): (Once, IfMatch),
    (permission, path): (Permission, String),
    mut work: impl FnMut(&mut Conn, &On<'_>) -> FondResult<Payout> + Send + 'static,
) -> Result<Answer, Problem> {
    let key = key.require()?;
    signed_in::write(app, bearer, move |conn, services, caller, now| {
        let (actor, payout) = actions::act_on(conn, caller, permission, &path, now)?;
        once(conn, &services.vault, &caller.keys, &key, now, |conn| {
            actions::at_version(conn, payout.id, version.0)?;
            let on = On { services, caller, actor, id: payout.id, now };
            let moved = work(conn, &on)?;
            let line = actions::one(conn, &on.actor, moved.id)?;
            Ok(Answer::ok(&PayoutBody::from(line))?.version(moved.version))
        })
    })
    .await
}

/// Prepare the payout of an award, or prepare it again after a return or a cancellation. The application is checked once
/// more; where that finds something a person decides first (202), and what was found is kept.
#[utoipa::path(
    tag = "Payouts",
    params(
        ("id" = String, Path, description = "The award.", format = Uuid),
        ("Idempotency-Key" = String, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    responses(
        (status = 201, description = "Prepared.", body = PreparationBody),
        (status = 202, description = "A check found something: a person decides first.", body = PreparationBody),
        (status = 403, description = "Only the treasurer."),
        (status = 404, description = "There is no such award."),
        (status = 409, description = "The application is not awarded, a document is missing that the call wants first (documents_missing: `errors` names each), or the payout is on its way already.")
    )
)]
#[post("/awards/{id}/payout")]
pub async fn prepare(app: App, bearer: Bearer, key: Once, id: Path<String>) -> Result<Answer, Problem> {
    let key = key.require()?;
    let prepared = signed_in::write(&app, bearer, move |conn, services, caller, now| {
        let (actor, award) = awards::actions::act_on(conn, caller, Permission::PreparePayout, &id, now)?;
        once(conn, &services.vault, &caller.keys, &key, now, |conn| {
            match actions::prepare(conn, &services.vault, &actor, award.id, now)? {
                Preparation::Prepared(payout) => prepared(conn, &actor, &payout),
                Preparation::Held(application) => held(conn, &actor, &application),
            }
        })
    });
    prepared.await
}

fn prepared(conn: &mut Conn, actor: &Actor, payout: &Payout) -> FondResult<Answer> {
    let line = actions::one(conn, actor, payout.id)?;
    let body = PreparationBody {
        outcome: PreparationOutcome::Prepared,
        payout: Some(PayoutBody::from(line)),
        application_state: ApplicationState::Awarded,
        findings: Vec::new(),
    };
    Ok(Answer::created(&body, format!("/api/v1/payouts/{}", payout.id))?.version(payout.version))
}

fn held(conn: &mut Conn, actor: &Actor, application: &Application) -> FondResult<Answer> {
    let found = eligibility::actions::list(conn, actor, &[application.id])?.remove(&application.id);
    Answer::accepted(&PreparationBody {
        outcome: PreparationOutcome::Held,
        payout: None,
        application_state: application.state,
        findings: found.unwrap_or_default(),
    })
}

/// Authorise a payout as it was shown. Another person than who prepared it does, with a fresh second factor.
#[utoipa::path(
    tag = "Payouts",
    params(
        ("id" = String, Path, description = "The payout.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the payout.", example = "\"1\""),
        ("Idempotency-Key" = String, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = AuthoriseInput,
    responses(
        (status = 200, description = "Authorised.", body = PayoutBody),
        (status = 403, description = "Only an authoriser, with a fresh second factor."),
        (status = 404, description = "There is none such."),
        (status = 409, description = "Payee, account or amount changed since; a finding came since; a register that came is still being compared (register_compared); a document was taken back since (documents_missing); one's own; or it is not prepared.")
    )
)]
#[post("/payouts/{id}/authorise")]
pub async fn authorise(
    app: App,
    bearer: Bearer,
    version: IfMatch,
    key: Once,
    id: Path<String>,
    Json(body): Json<AuthoriseInput>,
) -> Result<Answer, Problem> {
    let seen = Decided { version: version.0, binding: body.binding };
    let on = (Permission::AuthorisePayout, id.into_inner());
    let moved = move_once(&app, bearer, (key, version), on, move |conn, on| {
        actions::authorise_seen(conn, &on.services.vault, &on.actor, on.caller, (on.id, &seen), on.now)
    });
    moved.await
}

/// Record that the bank executed a payout.
#[utoipa::path(
    tag = "Payouts",
    params(
        ("id" = String, Path, description = "The payout.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the payout.", example = "\"2\""),
        ("Idempotency-Key" = String, Header, description = "So that a retry is booked once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = ExecuteInput,
    responses(
        (status = 200, description = "Executed: the award is paid.", body = PayoutBody),
        (status = 403, description = "Only the treasurer."),
        (status = 404, description = "There is none such."),
        (status = 409, description = "It is not authorised, the amount differs, the bank's reference was used, payee or account changed since, a register that came is still being compared (register_compared), or a finding stopped it (payment_stopped).")
    )
)]
#[post("/payouts/{id}/execute")]
pub async fn execute(
    app: App,
    bearer: Bearer,
    version: IfMatch,
    key: Once,
    id: Path<String>,
    Json(body): Json<ExecuteInput>,
) -> Result<Answer, Problem> {
    let ExecuteInput { amount, executed_on, bank_reference, despite_finding } = body;
    let execution = Execution { executed_on, amount, bank_reference: bank_reference.0, despite_finding };
    let on = (Permission::RecordPayout, id.into_inner());
    let moved = move_once(&app, bearer, (key, version), on, move |conn, on| {
        actions::execute(conn, &on.services.vault, &on.actor, on.id, &execution, on.now)
    });
    moved.await
}

/// Record that the bank gave a payment back. The award is unpaid again and can be prepared anew.
#[utoipa::path(
    tag = "Payouts",
    params(
        ("id" = String, Path, description = "The payout.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the payout.", example = "\"3\""),
        ("Idempotency-Key" = String, Header, description = "So that a retry is booked once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = ReturnInput,
    responses(
        (status = 200, description = "Returned.", body = PayoutBody),
        (status = 403, description = "Only the treasurer."),
        (status = 404, description = "There is none such."),
        (status = 409, description = "It is not executed.")
    )
)]
#[post("/payouts/{id}/return")]
pub async fn record_return(
    app: App,
    bearer: Bearer,
    version: IfMatch,
    key: Once,
    id: Path<String>,
    Json(body): Json<ReturnInput>,
) -> Result<Answer, Problem> {
    let on = (Permission::RecordPayout, id.into_inner());
    let moved = move_once(&app, bearer, (key, version), on, move |conn, on| {
        actions::record_return(conn, &on.actor, on.id, body.returned_on, on.now)
    });
    moved.await
}

/// Cancel a payout that has not gone to the bank.
#[utoipa::path(
    tag = "Payouts",
    params(
        ("id" = String, Path, description = "The payout.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the payout.", example = "\"1\""),
        ("Idempotency-Key" = String, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    responses(
        (status = 200, description = "Cancelled.", body = PayoutBody),
        (status = 403, description = "Only the treasurer."),
        (status = 404, description = "There is none such."),
        (status = 409, description = "It went to the bank, or is cancelled already.")
    )
)]
#[post("/payouts/{id}/cancel")]
pub async fn cancel(
    app: App,
    bearer: Bearer,
    version: IfMatch,
    key: Once,
    id: Path<String>,
) -> Result<Answer, Problem> {
    let on = (Permission::PreparePayout, id.into_inner());
    let moved =
        move_once(&app, bearer, (key, version), on, move |conn, on| actions::cancel(conn, &on.actor, on.id, on.now));
    moved.await
}
