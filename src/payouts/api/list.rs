//! The payouts of a round, by reference code and without a name.

use actix_web::get;
use actix_web::web::Path;
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::accounts::Permission;
use crate::applications::api::ShortText;
use crate::calls;
use crate::clock::{Date, Instant};
use crate::ids::{AwardId, PayoutId, PersonId};
use crate::money::Money;
use crate::page::{KeyCursor, Limit, Page};
use crate::payouts::actions::{self, PayoutLine, PayoutSort, Wanted};
use crate::payouts::rules::PayoutState;
use crate::payouts::store::Executed;
use crate::web::{Answer, App, Bearer, Cell, Csv, Field, Fields, Input, Problem, Query, Wrong, word};

/// What the bank did.
#[derive(Serialize, ToSchema)]
pub struct ExecutionBody {
    #[schema(example = "B-0001")]
    bank_reference: String,
    #[schema(value_type = String, format = Date)]
    executed_on: Date,
    #[schema(value_type = Option<String>, format = Date)]
    returned_on: Option<Date>,
}

impl From<Executed> for ExecutionBody {
    fn from(executed: Executed) -> Self {
        let Executed { bank_reference, executed_on, returned_on } = executed;
        Self { bank_reference, executed_on, returned_on }
    }
}

/// A payout. Its version is the `ETag` where one is shown alone.
#[derive(Serialize, ToSchema)]
pub struct PayoutBody {
    #[schema(value_type = String, format = Uuid)]
    id: PayoutId,
    #[schema(value_type = String, format = Uuid)]
    award_id: AwardId,
    #[schema(example = "A00001")]
    reference: String,
    state: PayoutState,
    #[schema(value_type = String, example = "30000.00")]
    amount: Money,
    #[schema(value_type = String, format = Uuid)]
    prepared_by: PersonId,
    #[schema(value_type = String, format = DateTime)]
    prepared_at: Instant,
    #[schema(value_type = Option<String>, format = Uuid)]
    authorised_by: Option<PersonId>,
    #[schema(value_type = Option<String>, format = DateTime)]
    authorised_at: Option<Instant>,
    /// What the bank did, oldest first.
    executions: Vec<ExecutionBody>,
}

impl From<PayoutLine> for PayoutBody {
    fn from(line: PayoutLine) -> Self {
        let PayoutLine { payout, times, reference, executions } = line;
        Self {
            id: payout.id,
            award_id: payout.award_id,
            reference,
            state: payout.state,
            amount: payout.amount,
            prepared_by: payout.prepared_by,
            prepared_at: times.prepared_at,
            authorised_by: times.authorised_by,
            authorised_at: payout.authorised_at,
            executions: executions.into_iter().map(ExecutionBody::from).collect(),
        }
    }
}

impl Field for PayoutState {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

impl Field for PayoutSort {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

/// Which payouts, in which order.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PayoutsFilterQuery {
    /// Only those that are `prepared`, `authorised`, `executed`, `returned` or `cancelled`.
    #[param(inline)]
    state: Option<PayoutState>,
    /// Only the one with this reference code, in capitals or not.
    #[param(value_type = Option<String>, max_length = 100, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F\\s][^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    reference: Option<ShortText>,
    /// `prepared_at` (the oldest first, if left out), `amount` (the least first), either with `-` turned round, or
    /// `reference`.
    #[param(inline)]
    sort: Option<PayoutSort>,
}

impl Input for PayoutsFilterQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (state, reference, sort) =
            (fields.optional("state"), fields.optional("reference"), fields.optional("sort"));
        Some(Self { state: state?, reference: reference?, sort: sort? })
    }
}

impl From<PayoutsFilterQuery> for Wanted {
    fn from(filter: PayoutsFilterQuery) -> Self {
        let PayoutsFilterQuery { state, reference, sort } = filter;
        let reference = reference.map(|reference| reference.0);
        Self { state, reference, sort: sort.unwrap_or(PayoutSort::OldestFirst) }
    }
}

/// Where the page starts.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PayoutsPlace {
    /// How many rows, 1 to 100; 50 if left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<Limit>,
    /// `next` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{32}$")]
    cursor: Option<KeyCursor>,
}

/// A filter and a place.
pub struct PayoutsQuery(PayoutsFilterQuery, PayoutsPlace);

impl Input for PayoutsQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (limit, cursor) = (fields.optional("limit"), fields.optional("cursor"));
        let filter = PayoutsFilterQuery::read(fields);
        Some(Self(filter?, PayoutsPlace { limit: limit?, cursor: cursor? }))
    }
}

/// The payouts of a round.
#[utoipa::path(
    tag = "Payouts",
    params(("id" = String, Path, description = "The call.", format = Uuid), PayoutsFilterQuery, PayoutsPlace),
    responses(
        (status = 200, description = "A page.", body = Page<PayoutBody>),
        (status = 403, description = "Only treasurer and authoriser."),
        (status = 404, description = "There is no such call.")
    )
)]
#[get("/calls/{id}/payouts")]
pub async fn page(
    app: App,
    bearer: Bearer,
    id: Path<String>,
    Query(query): Query<PayoutsQuery>,
) -> Result<Answer, Problem> {
    let PayoutsQuery(filter, place) = query;
    let on = (Permission::ReadPayouts, id.into_inner());
    let found = calls::read(&app, bearer, on, move |conn, on| {
        let place = (place.cursor, place.limit.unwrap_or_default());
        actions::page(conn, &on.actor, on.call.id, &filter.into(), place)
    });
    Ok(Answer::ok(&found.await?.map(PayoutBody::from))?)
}

/// The payouts of a round as a file, without names and accounts.
///
/// `returned_before` lists what came back before the last execution, oldest first: `reference executed_on returned_on`,
/// separated by semicolons.
#[utoipa::path(
    tag = "Payouts",
    params(("id" = String, Path, description = "The call.", format = Uuid), PayoutsFilterQuery),
    responses(
        (status = 200, description = "The file.", body = String, content_type = "text/csv"),
        (status = 403, description = "Only treasurer and authoriser."),
        (status = 404, description = "There is no such call.")
    )
)]
#[get("/calls/{id}/payouts.csv")]
pub async fn export(
    app: App,
    bearer: Bearer,
    id: Path<String>,
    Query(filter): Query<PayoutsFilterQuery>,
) -> Result<Csv, Problem> {
    let on = (Permission::ReadPayouts, id.into_inner());
    let wanted = Wanted::from(filter);
    let lines = calls::read(&app, bearer, on, move |conn, on| actions::all(conn, &on.actor, on.call.id, &wanted));
    let row = |line: PayoutLine| {
        let last = line.executions.last();
        [
            Cell::text(line.reference),
            Cell::exact(line.payout.amount),
            Cell::exact(line.payout.state),
            Cell::exact(line.times.prepared_at),
            Cell::maybe(line.payout.authorised_at),
            last.map_or(Cell::Empty, |executed| Cell::text(&executed.bank_reference)),
            Cell::maybe(last.map(|executed| executed.executed_on)),
            Cell::maybe(last.and_then(|executed| executed.returned_on)),
            returned_before(&line.executions),
        ]
    };
    let headings = [
        "reference",
        "amount",
        "state",
        "prepared_at",
        "authorised_at",
        "bank_reference",
        "executed_on",
        "returned_on",
        "returned_before",
    ];
    Ok(Csv::new("payouts", headings, lines.await?.into_iter().map(row))?)
}

/// All but the last execution, which has columns of its own: no bank reference is lost.
fn returned_before(executions: &[Executed]) -> Cell {
    let before = executions.split_last().map(|(_, before)| before).unwrap_or_default();
    let told = |executed: &Executed| {
        let Executed { bank_reference, executed_on, returned_on } = executed;
        let returned_on = returned_on.map(|day| format!(" {day}")).unwrap_or_default();
        format!("{bank_reference} {executed_on}{returned_on}")
    };
    Cell::text(before.iter().map(told).collect::<Vec<_>>().join("; "))
}
