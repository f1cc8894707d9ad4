//! The allocation: seen before it is committed, committed as it was seen, read afterwards.

use actix_web::web::Path;
use actix_web::{get, post};
use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts::Permission;
use crate::awards::actions::{self, Committed, CommittedPlace, PlaceOutcome, Preview};
use crate::awards::rules::{Fate, Placed};
use crate::calls::{self, Method};
use crate::clock::Instant;
use crate::crypto::Purpose;
use crate::ids::CallId;
use crate::money::Money;
use crate::web::{Answer, App, Bearer, Fields, Input, Json, Once, Problem};

/// A place in an allocation, under a reference code.
#[derive(Serialize, ToSchema)]
pub struct PlaceBody {
    /// From 1, the first in line; nothing for whoever stands in no line.
    rank: Option<i32>,
    #[schema(example = "A00001")]
    reference: String,
    category: Option<i32>,
    outcome: PlaceOutcome,
    /// For the awarded.
    #[schema(value_type = Option<String>, example = "30000.00")]
    amount: Option<Money>,
}

impl From<CommittedPlace> for PlaceBody {
    fn from(place: CommittedPlace) -> Self {
        let CommittedPlace { rank, reference, category, outcome, amount } = place;
        Self { rank, reference, category, outcome, amount }
    }
}

impl PlaceBody {
    fn previewed(rank: i32, placed: Placed) -> Self {
        let (outcome, amount) = match placed.fate {
            Fate::Awarded(amount) => (PlaceOutcome::Awarded, Some(amount)),
            Fate::Reserve => (PlaceOutcome::Reserve, None),
            Fate::Unfunded => (PlaceOutcome::Unfunded, None),
        };
        let rank = (outcome != PlaceOutcome::Unfunded).then_some(rank);
        Self { rank, reference: placed.reference, category: Some(placed.category), outcome, amount }
    }
}

/// What committing would decide now.
#[derive(Serialize, ToSchema)]
pub struct PreviewBody {
    #[schema(value_type = String, format = Uuid)]
    call_id: CallId,
    method: Method,
    #[schema(value_type = String, example = "5570000.00")]
    budget: Money,
    /// Received less fees.
    #[schema(value_type = String, example = "5570000.00")]
    available: Money,
    #[schema(value_type = String, example = "5182800.00")]
    awarded: Money,
    /// Of the budget.
    #[schema(value_type = String, example = "387200.00")]
    left: Money,
    /// The seed of the lots, where there is one.
    seed: Option<String>,
    /// What committing sends back, so that nothing else is committed than what is shown here: SHA-256 in hex.
    #[schema(example = "4f1a0c9d7e3b8a26510f9e7d6c5b4a392817f6e5d4c3b2a1908f7e6d5c4b3a29")]
    digest: String,
    /// Why committing would be refused now: `budget_above_funds`, `findings_open`; or `register_compared`, while what a register
    /// brings is not in here yet.
    #[schema(value_type = Vec<String>)]
    obstacles: Vec<&'static str>,
    /// Best first.
    places: Vec<PlaceBody>,
}

impl PreviewBody {
    fn new(preview: Preview) -> crate::error::Result<Self> {
        let Preview { outcome, digest, awarded, available, obstacles } = preview;
        let places = (1_i32..).zip(outcome.places).map(|(rank, placed)| PlaceBody::previewed(rank, placed)).collect();
        Ok(Self {
            call_id: outcome.call,
            method: outcome.method,
            budget: outcome.budget,
            available,
            awarded,
            left: outcome.budget.minus(awarded)?,
            seed: outcome.seed,
            digest,
            obstacles,
            places,
        })
    }
}

/// Which preview is committed.
#[derive(ToSchema)]
pub struct CommitInput {
    /// As the preview gave it.
    #[schema(example = "4f1a0c9d7e3b8a26510f9e7d6c5b4a392817f6e5d4c3b2a1908f7e6d5c4b3a29", max_length = 1000)]
    digest: String,
}

impl Input for CommitInput {
    fn read(fields: &mut Fields) -> Option<Self> {
        fields.required("digest").map(|digest| Self { digest })
    }
}

/// An allocation as it was committed.
#[derive(Serialize, ToSchema)]
pub struct AllocationBody {
    #[schema(value_type = String, format = Uuid)]
    call_id: CallId,
    method: Method,
    #[schema(value_type = String, example = "5570000.00")]
    budget: Money,
    #[schema(value_type = String, example = "5182800.00")]
    awarded: Money,
    /// The seed of the lots, where there was one.
    seed: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    committed_at: Instant,
    /// The awarded and the reserve list, best first; then whoever was left unfunded.
    places: Vec<PlaceBody>,
}

impl From<Committed> for AllocationBody {
    fn from(allocation: Committed) -> Self {
        let Committed { call, method, budget, awarded, seed, committed_at, places } = allocation;
        let places = places.into_iter().map(PlaceBody::from).collect();
        Self { call_id: call, method, budget, awarded, seed, committed_at, places }
    }
}

/// What committing the allocation would decide. Nothing is written.
#[utoipa::path(
    tag = "Allocation",
    params(("id" = String, Path, description = "The call.", format = Uuid)),
    responses(
        (status = 200, description = "The places, under reference codes, and the digest.", body = PreviewBody),
        (status = 403, description = "Only the treasurer."),
        (status = 404, description = "There is no such call."),
        (status = 409, description = "The voting is not closed, the allocation is committed, or the seed is missing.")
    )
)]
#[get("/calls/{id}/allocation/preview")]
pub async fn show_preview(app: App, bearer: Bearer, id: Path<String>) -> Result<Answer, Problem> {
    let on = (Permission::CommitAllocation, id.into_inner());
    let preview = calls::read(&app, bearer, on, move |conn, on| {
        actions::preview(conn, &on.opener(Purpose::Allocate), &on.actor, on.call.id)
    });
    Ok(Answer::ok(&PreviewBody::new(preview.await?)?)?)
}

/// Commit the allocation as it was previewed: awards, reserve list and books, all at once and once only.
#[utoipa::path(
    tag = "Allocation",
    params(
        ("id" = String, Path, description = "The call.", format = Uuid),
        ("Idempotency-Key" = String, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = CommitInput,
    responses(
        (status = 201, description = "Committed.", body = AllocationBody),
        (status = 403, description = "Only the treasurer."),
        (status = 404, description = "There is no such call."),
        (status = 409, description = "It would come out otherwise than previewed; it is committed already; the voting is not closed; the money, the seed or a decision on a finding is missing.")
    )
)]
#[post("/calls/{id}/allocation")]
pub async fn commit(
    app: App,
    bearer: Bearer,
    key: Once,
    id: Path<String>,
    Json(body): Json<CommitInput>,
) -> Result<Answer, Problem> {
    let on = (Permission::CommitAllocation, id.into_inner());
    let committed = calls::write_once(&app, bearer, key.require()?, on, move |conn, on| {
        let id = on.call.id;
        actions::commit_previewed(conn, &on.services.vault, &on.actor, id, &body.digest, on.now)?;
        let committed = actions::committed(conn, &on.actor, id)?;
        Answer::created(&AllocationBody::from(committed), format!("/api/v1/calls/{id}/allocation"))
    });
    committed.await
}

/// The allocation as it was committed, under reference codes. What came after it is with the awards.
#[utoipa::path(
    tag = "Allocation",
    params(("id" = String, Path, description = "The call.", format = Uuid)),
    responses(
        (status = 200, description = "The allocation.", body = AllocationBody),
        (status = 403, description = "Only treasurer, authoriser, auditor, administrator."),
        (status = 404, description = "There is no such call, or no allocation yet.")
    )
)]
#[get("/calls/{id}/allocation")]
pub async fn show(app: App, bearer: Bearer, id: Path<String>) -> Result<Answer, Problem> {
    let on = (Permission::ReadAllocation, id.into_inner());
    let committed = calls::read(&app, bearer, on, move |conn, on| actions::committed(conn, &on.actor, on.call.id));
    Ok(Answer::ok(&AllocationBody::from(committed.await?))?)
}
