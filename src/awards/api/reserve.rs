//! The reserve list, and giving what fell free to the first on it.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{get, post};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::accounts::Permission;
use crate::applications::ApplicationState;
use crate::awards::actions::{self, Next, ReserveLine};
use crate::calls;
use crate::ids::AwardId;
use crate::money::Money;
use crate::page::{Cursor, Limit, Page};
use crate::web::{Answer, App, Bearer, Cell, Csv, Fields, Input, Once, Problem, Query};

/// A place of the reserve list.
#[derive(Serialize, ToSchema)]
pub struct ReserveBody {
    #[schema(example = 178)]
    rank: i32,
    #[schema(example = "A00178")]
    reference: String,
    category: Option<i32>,
    /// `reserve` while it waits; `needs_review` while a finding waits; else where it went.
    state: ApplicationState,
}

impl From<ReserveLine> for ReserveBody {
    fn from(line: ReserveLine) -> Self {
        let ReserveLine { rank, reference, category, state } = line;
        Self { rank, reference, category, state }
    }
}

crate::text_enum! {
    /// What came of asking for the next on the reserve list.
    pub enum NextOutcome {
        Awarded => "awarded",
        /// The check before the award found something, and a person decides first.
        Held => "held",
    }
}

/// The first on the reserve list, and what came of it.
#[derive(Serialize, ToSchema)]
pub struct NextBody {
    outcome: NextOutcome,
    #[schema(example = "A00178")]
    reference: String,
    #[schema(value_type = Option<String>, format = Uuid)]
    award_id: Option<AwardId>,
    #[schema(value_type = Option<String>, example = "28800.00")]
    amount: Option<Money>,
}

/// Where the page starts.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RankPlace {
    /// How many rows, 1 to 100; 50 if left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<Limit>,
    /// `next` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{11}$")]
    cursor: Option<Cursor>,
}

impl Input for RankPlace {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (limit, cursor) = (fields.optional("limit"), fields.optional("cursor"));
        Some(Self { limit: limit?, cursor: cursor? })
    }
}

/// The reserve list as it was committed, by rank, with where each stands now.
#[utoipa::path(
    tag = "Allocation",
    params(("id" = String, Path, description = "The call.", format = Uuid), RankPlace),
    responses(
        (status = 200, description = "A page.", body = Page<ReserveBody>),
        (status = 403, description = "Only treasurer, authoriser, auditor, administrator."),
        (status = 404, description = "There is no such call.")
    )
)]
#[get("/calls/{id}/reserve-list")]
pub async fn list(
    app: App,
    bearer: Bearer,
    id: Path<String>,
    Query(place): Query<RankPlace>,
) -> Result<Answer, Problem> {
    let on = (Permission::ReadAllocation, id.into_inner());
    let page = calls::read(&app, bearer, on, move |conn, on| {
        actions::reserve_list(conn, &on.actor, on.call.id, (place.cursor, place.limit.unwrap_or_default()))
    });
    Ok(Answer::ok(&page.await?.map(ReserveBody::from))?)
}

/// The reserve list as a file.
#[utoipa::path(
    tag = "Allocation",
    params(("id" = String, Path, description = "The call.", format = Uuid)),
    responses(
        (status = 200, description = "The file.", body = String, content_type = "text/csv"),
        (status = 403, description = "Only treasurer, authoriser, auditor, administrator."),
        (status = 404, description = "There is no such call.")
    )
)]
#[get("/calls/{id}/reserve-list.csv")]
pub async fn export(app: App, bearer: Bearer, Query(()): Query<()>, id: Path<String>) -> Result<Csv, Problem> {
    let on = (Permission::ReadAllocation, id.into_inner());
    let lines = calls::read(&app, bearer, on, |conn, on| actions::whole_reserve_list(conn, &on.actor, on.call.id));
    let row = |line: ReserveLine| {
        [Cell::exact(line.rank), Cell::text(line.reference), Cell::maybe(line.category), Cell::exact(line.state)]
    };
    Ok(Csv::new("reserve-list", ["rank", "reference", "category", "state"], lines.await?.into_iter().map(row))?)
}

/// Give the first in line what fell free: an award again that a finding took back which does not stand any more, by rank, else
/// one to the first on the reserve list. It is checked once more; where that finds something it keeps its
/// place and a person decides (202), and what was found is kept.
#[utoipa::path(
    tag = "Allocation",
    params(
        ("id" = String, Path, description = "The call.", format = Uuid),
        ("Idempotency-Key" = String, Header, description = "So that a retry awards nobody else.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    responses(
        (status = 201, description = "Awarded.", body = NextBody),
        (status = 202, description = "A check found something: a person decides first.", body = NextBody),
        (status = 403, description = "Only the treasurer."),
        (status = 404, description = "There is no such call."),
        (status = 409, description = "Nobody waits, the first waits for a decision on a finding, or too little fell free.")
    )
)]
#[post("/calls/{id}/reserve-list/next")]
pub async fn next(app: App, bearer: Bearer, key: Once, id: Path<String>) -> Result<Answer, Problem> {
    let on = (Permission::CommitAllocation, id.into_inner());
    let next = calls::write_once(&app, bearer, key.require()?, on, move |conn, on| {
        match actions::award_next(conn, &on.services.vault, &on.actor, on.call.id, on.now)? {
            Next::Awarded(award, application) => {
                let (reference, amount) = (application.reference, Some(award.gross));
                let body = NextBody { outcome: NextOutcome::Awarded, reference, award_id: Some(award.id), amount };
                Answer::new(StatusCode::CREATED, &body)
            }
            Next::Held(application) => {
                let reference = application.reference;
                Answer::accepted(&NextBody { outcome: NextOutcome::Held, reference, award_id: None, amount: None })
            }
        }
    });
    next.await
}
