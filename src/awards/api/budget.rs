//! What a round has and what it shares; and the seed of its lots.

use actix_web::web::Path;
use actix_web::{get, post, put};
use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts::{Permission, signed_in};
use crate::calls::{self, Call};
use crate::ids::CallId;
use crate::ledger;
use crate::ledger::actions::Funds;
use crate::money::Money;
use crate::web::{Answer, App, Bearer, Fields, IfMatch, Input, Json, Once, Problem};

/// Where the money of a round stands.
#[derive(Serialize, ToSchema)]
pub struct BudgetBody {
    /// What is shared among the approved.
    #[schema(value_type = String, example = "5570000.00")]
    budget: Money,
    /// In dinars, before fees.
    #[schema(value_type = String, example = "5570000.00")]
    received: Money,
    #[schema(value_type = String, example = "0.00")]
    fees: Money,
    /// Received less fees: the most that can be awarded.
    #[schema(value_type = String, example = "5570000.00")]
    available: Money,
    /// Awarded and not released again, paid or not.
    #[schema(value_type = String, example = "5182800.00")]
    awarded: Money,
    /// Paid and not returned.
    #[schema(value_type = String, example = "5182800.00")]
    paid: Money,
    /// Available and not awarded.
    #[schema(value_type = String, example = "387200.00")]
    undistributed: Money,
    /// What the books say is on the bank account for this round.
    #[schema(value_type = String, example = "387200.00")]
    bank_balance: Money,
}

impl BudgetBody {
    fn new(call: &Call, funds: Funds) -> crate::error::Result<Self> {
        let Funds { received, awarded, paid, undistributed, bank } = funds;
        Ok(Self {
            budget: call.budget,
            received: received.gross,
            fees: received.fees,
            available: received.net()?,
            awarded,
            paid,
            undistributed,
            bank_balance: bank,
        })
    }
}

/// A budget.
#[derive(ToSchema)]
pub struct BudgetInput {
    /// May be above what was received so far; the allocation asks for the money.
    #[schema(value_type = String, example = "5570000.00")]
    budget: Money,
}

impl Input for BudgetInput {
    fn read(fields: &mut Fields) -> Option<Self> {
        fields.required("budget").map(|budget| Self { budget })
    }
}

/// A seed that was public before it was used.
#[derive(ToSchema)]
pub struct SeedInput {
    /// Such as the numbers of a lottery that was drawn after the voting closed.
    #[schema(example = "Loto 7/39, 2020-11-06: 3 9 14 22 27 31 38", max_length = 1000)]
    seed: String,
}

impl Input for SeedInput {
    fn read(fields: &mut Fields) -> Option<Self> {
        fields.required("seed").map(|seed| Self { seed })
    }
}

/// The seed on record.
#[derive(Serialize, ToSchema)]
pub struct SeedBody {
    #[schema(value_type = String, format = Uuid)]
    call_id: CallId,
    #[schema(example = "Loto 7/39, 2020-11-06: 3 9 14 22 27 31 38")]
    seed: String,
}

/// What a round has, and what of it is shared. The `ETag` is the version of the call.
#[utoipa::path(
    tag = "Allocation",
    params(("id" = String, Path, description = "The call.", format = Uuid)),
    responses(
        (status = 200, description = "The budget and the money.", body = BudgetBody),
        (status = 403, description = "Only who reads the books: treasurer, authoriser, auditor."),
        (status = 404, description = "There is no such call.")
    )
)]
#[get("/calls/{id}/budget")]
pub async fn show(app: App, bearer: Bearer, id: Path<String>) -> Result<Answer, Problem> {
    let on = (Permission::ReadBooks, id.into_inner());
    let (call, funds) = calls::read(&app, bearer, on, move |conn, on| {
        let funds = ledger::actions::funds(conn, &on.actor, on.call.book())?;
        Ok((on.call, funds))
    })
    .await?;
    Ok(Answer::ok(&BudgetBody::new(&call, funds)?)?.version(call.version))
}

/// Set what is shared among the approved, until the allocation is committed.
#[utoipa::path(
    tag = "Allocation",
    params(
        ("id" = String, Path, description = "The call.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the budget.", example = "\"1\"")
    ),
    request_body = BudgetInput,
    responses(
        (status = 200, description = "The budget and the money.", body = BudgetBody),
        (status = 403, description = "Only the treasurer."),
        (status = 404, description = "There is no such call."),
        (status = 409, description = "The allocation is committed.")
    )
)]
#[put("/calls/{id}/budget")]
pub async fn set(
    app: App,
    bearer: Bearer,
    version: IfMatch,
    id: Path<String>,
    Json(body): Json<BudgetInput>,
) -> Result<Answer, Problem> {
    let id = id.into_inner();
    let (call, funds) = signed_in::write(&app, bearer, move |conn, _, caller, now| {
        let (actor, call) = calls::actions::act_on(conn, caller, Permission::SetBudget, &id, now)?;
        let call = calls::actions::set_budget(conn, &actor, (call.id, version.0), body.budget, now)?;
        let funds = ledger::actions::funds(conn, &actor, call.book())?;
        Ok((call, funds))
    })
    .await?;
    Ok(Answer::ok(&BudgetBody::new(&call, funds)?)?.version(call.version))
}

/// Record the seed of the lots: once, after the voting closed and before the allocation.
#[utoipa::path(
    tag = "Allocation",
    params(
        ("id" = String, Path, description = "The call.", format = Uuid),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = SeedInput,
    responses(
        (status = 200, description = "Recorded.", body = SeedBody),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such call."),
        (status = 409, description = "The voting is not closed, the allocation is committed, or there is a seed already.")
    )
)]
#[post("/calls/{id}/seed")]
pub async fn record_seed(
    app: App,
    bearer: Bearer,
    key: Once,
    id: Path<String>,
    Json(body): Json<SeedInput>,
) -> Result<Answer, Problem> {
    let on = (Permission::RecordSeed, id.into_inner());
    let recorded = calls::write_once(&app, bearer, key, on, move |conn, on| {
        let call = calls::actions::record_seed(conn, &on.actor, on.call.id, &body.seed, on.now)?;
        let seed = SeedBody { call_id: call.id, seed: body.seed.clone() };
        Ok(Answer::ok(&seed)?.version(call.version))
    });
    recorded.await
}
