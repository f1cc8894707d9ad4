//! The awards of a round, for those who pay them: codes and amounts; names and accounts are with the payouts.

use actix_web::get;
use actix_web::web::Path;
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::accounts::Permission;
use crate::applications::ApplicationState;
use crate::applications::api::ShortText;
use crate::awards::actions::{self, AwardLine, AwardSort, AwardState, ReleaseReason, Wanted};
use crate::calls;
use crate::ids::AwardId;
use crate::money::Money;
use crate::page::{KeyCursor, Limit, Page};
use crate::web::{Answer, App, Bearer, Cell, Csv, Field, Fields, Input, Problem, Query, Wrong, word};

/// An award.
#[derive(Serialize, ToSchema)]
pub struct AwardBody {
    #[schema(value_type = String, format = Uuid)]
    id: AwardId,
    #[schema(example = 1)]
    rank: i32,
    #[schema(example = "A00001")]
    reference: String,
    category: Option<i32>,
    #[schema(value_type = String, example = "30000.00")]
    gross: Money,
    #[schema(value_type = String, example = "30000.00")]
    net: Money,
    state: AwardState,
    /// Why it was released, where it was.
    release: Option<ReleaseReason>,
    /// `awarded`, `paid`, `needs_review` while a finding waits, `declined` or `ineligible`.
    application_state: ApplicationState,
}

fn state(release: Option<ReleaseReason>) -> AwardState {
    if release.is_some() { AwardState::Released } else { AwardState::Standing }
}

impl From<AwardLine> for AwardBody {
    fn from(line: AwardLine) -> Self {
        let AwardLine { award, reference, category, application_state, release } = line;
        let (id, rank, gross, net) = (award.id, award.rank, award.gross, award.net);
        Self { id, rank, reference, category, gross, net, state: state(release), release, application_state }
    }
}

impl Field for AwardState {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

impl Field for AwardSort {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

/// Which awards, in which order.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AwardsFilterQuery {
    /// Only those that are `standing` or `released`.
    #[param(inline)]
    state: Option<AwardState>,
    /// Only the one with this reference code, in capitals or not.
    #[param(value_type = Option<String>, max_length = 100, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F\\s][^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    reference: Option<ShortText>,
    /// `rank` (the best first, if left out), `gross` (the least first), `-gross` or `reference`.
    #[param(inline)]
    sort: Option<AwardSort>,
}

impl Input for AwardsFilterQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (state, reference, sort) =
            (fields.optional("state"), fields.optional("reference"), fields.optional("sort"));
        Some(Self { state: state?, reference: reference?, sort: sort? })
    }
}

impl From<AwardsFilterQuery> for Wanted {
    fn from(filter: AwardsFilterQuery) -> Self {
        let AwardsFilterQuery { state, reference, sort } = filter;
        let reference = reference.map(|reference| reference.0);
        Self { state, reference, sort: sort.unwrap_or(AwardSort::BestFirst) }
    }
}

/// Where the page starts.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AwardsPlace {
    /// How many rows, 1 to 100; 50 if left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<Limit>,
    /// `next` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{32}$")]
    cursor: Option<KeyCursor>,
}

/// A filter and a place.
pub struct AwardsQuery(AwardsFilterQuery, AwardsPlace);

impl Input for AwardsQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (limit, cursor) = (fields.optional("limit"), fields.optional("cursor"));
        let filter = AwardsFilterQuery::read(fields);
        Some(Self(filter?, AwardsPlace { limit: limit?, cursor: cursor? }))
    }
}

/// The awards of a round.
#[utoipa::path(
    tag = "Allocation",
    params(("id" = String, Path, description = "The call.", format = Uuid), AwardsFilterQuery, AwardsPlace),
    responses(
        (status = 200, description = "A page.", body = Page<AwardBody>),
        (status = 403, description = "Only treasurer and authoriser."),
        (status = 404, description = "There is no such call.")
    )
)]
#[get("/calls/{id}/awards")]
pub async fn list(
    app: App,
    bearer: Bearer,
    id: Path<String>,
    Query(query): Query<AwardsQuery>,
) -> Result<Answer, Problem> {
    let AwardsQuery(filter, place) = query;
    let on = (Permission::ReadPayouts, id.into_inner());
    let page = calls::read(&app, bearer, on, move |conn, on| {
        let place = (place.cursor, place.limit.unwrap_or_default());
        actions::page(conn, &on.actor, on.call.id, &filter.into(), place)
    });
    Ok(Answer::ok(&page.await?.map(AwardBody::from))?)
}

/// The awards of a round as a file, without names.
#[utoipa::path(
    tag = "Allocation",
    params(("id" = String, Path, description = "The call.", format = Uuid), AwardsFilterQuery),
    responses(
        (status = 200, description = "The file.", body = String, content_type = "text/csv"),
        (status = 403, description = "Only treasurer and authoriser."),
        (status = 404, description = "There is no such call.")
    )
)]
#[get("/calls/{id}/awards.csv")]
pub async fn export(
    app: App,
    bearer: Bearer,
    id: Path<String>,
    Query(filter): Query<AwardsFilterQuery>,
) -> Result<Csv, Problem> {
    let on = (Permission::ReadPayouts, id.into_inner());
    let wanted = Wanted::from(filter);
    let lines = calls::read(&app, bearer, on, move |conn, on| actions::all(conn, &on.actor, on.call.id, &wanted));
    let row = |line: AwardLine| {
        [
            Cell::exact(line.award.rank),
            Cell::text(line.reference),
            Cell::maybe(line.category),
            Cell::exact(line.award.gross),
            Cell::exact(line.award.net),
            Cell::exact(state(line.release)),
            Cell::maybe(line.release),
            Cell::exact(line.application_state),
        ]
    };
    let headings = ["rank", "reference", "category", "gross", "net", "state", "release", "application_state"];
    Ok(Csv::new("awards", headings, lines.await?.into_iter().map(row))?)
}
