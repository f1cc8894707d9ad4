//! The totals of a call.

use actix_web::get;
use actix_web::web::Path;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::accounts::actions::act_on;
use crate::accounts::{Permission, signed_in};
use crate::error::Result;
use crate::ids::CallId;
use crate::money::Money;
use crate::transparency::actions::{self, Totals};
use crate::transparency::rules::{Dimension, Disclosed, DisclosedRow, Step};
use crate::web::{Answer, App, Bearer, Cell, Csv, Fields, Input, Problem, Query, path_id};

/// By what the totals are told.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TotalsQuery {
    /// The whole call, if left out.
    #[param(inline)]
    by: Option<Dimension>,
}

impl Input for TotalsQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let by = fields.optional("by");
        Some(Self { by: by? })
    }
}

/// People and money of one value. Each number of people holds those of the next one too.
#[derive(Serialize, ToSchema)]
pub struct TotalsRowBody {
    /// Nothing for the whole call, for what applications do not say, and for values that are told together.
    #[schema(example = "Beograd")]
    value: Option<String>,
    /// Whether these are several values, told together because fewer than five people would stand alone.
    is_other: bool,
    /// Nothing here and below: too few people stand at this step, and they are told with the step before.
    #[schema(example = 1668)]
    submitted: Option<i64>,
    #[schema(example = 918)]
    eligible: Option<i64>,
    #[schema(example = 600)]
    approved: Option<i64>,
    #[schema(example = 177)]
    awarded: Option<i64>,
    #[schema(example = 177)]
    paid: Option<i64>,
    /// What those were given who were awarded, paid or not yet.
    #[schema(value_type = Option<String>, example = "5182800.00")]
    awarded_amount: Option<Money>,
    #[schema(value_type = Option<String>, example = "5182800.00")]
    paid_amount: Option<Money>,
}

impl TotalsRowBody {
    fn present(row: &DisclosedRow) -> Result<Self> {
        Ok(Self {
            value: row.value.clone().filter(|value| !value.is_empty()),
            is_other: row.value.is_none(),
            submitted: row.people(Step::Submitted),
            eligible: row.people(Step::Eligible),
            approved: row.people(Step::Approved),
            awarded: row.people(Step::Awarded),
            paid: row.people(Step::Paid),
            awarded_amount: row.amount(Step::Awarded)?,
            paid_amount: row.amount(Step::Paid)?,
        })
    }
}

/// The totals of a call. No figure and no difference of figures stands for one to four people.
#[derive(Serialize, ToSchema)]
pub struct TotalsBody {
    #[schema(value_type = String, format = Uuid)]
    call_id: CallId,
    by: Dimension,
    #[schema(example = "RSD")]
    currency: String,
    /// What donors gave.
    #[schema(value_type = String, example = "5570000.00")]
    received: Money,
    /// What the bank kept of it.
    #[schema(value_type = String, example = "0.00")]
    fees: Money,
    /// What is shared among the approved.
    #[schema(value_type = String, example = "5200000.00")]
    budget: Money,
    /// Steps at which fewer than five people of the call stand: told with the step before. All of them, where the call
    /// has fewer than five people; there are no rows then.
    left_out: Vec<Step>,
    /// By value; what is told together stands last.
    rows: Vec<TotalsRowBody>,
}

impl TotalsBody {
    fn present(totals: Totals, by: Dimension) -> Result<Self> {
        let Totals { call, received, people } = totals;
        let Disclosed { rows, left_out } = people;
        Ok(Self {
            call_id: call.id,
            by,
            currency: call.rules.currency,
            received: received.gross,
            fees: received.fees,
            budget: call.budget,
            left_out,
            rows: rows.iter().map(TotalsRowBody::present).collect::<Result<_>>()?,
        })
    }
}

async fn read(app: &App, bearer: Bearer, id: Path<String>, by: Dimension) -> Result<TotalsBody, Problem> {
    let call = path_id::<CallId>(&id).ok();
    let totals = signed_in::read(app, bearer, move |conn, _, caller, now| {
        let actor = act_on(conn, caller, Permission::ReadTotals, call, now)?;
        actions::totals(conn, &actor, call.unwrap_or(CallId::NONE), by)
    });
    Ok(TotalsBody::present(totals.await?, by)?)
}

/// The totals of a call: money, and how many people came how far.
///
/// They follow what happens within a second. The same person's second application, where the two were merged, is not
/// counted; one that waits for a decision on a late finding is counted where it was.
#[utoipa::path(
    tag = "Transparency",
    params(("id" = String, Path, description = "The call.", format = Uuid), TotalsQuery),
    responses(
        (status = 200, description = "The totals.", body = TotalsBody),
        (status = 403, description = "Only administrators, treasurers and auditors."),
        (status = 404, description = "There is no such call, or it is not theirs.")
    )
)]
#[get("/calls/{id}/totals")]
pub async fn of_call(
    app: App,
    bearer: Bearer,
    id: Path<String>,
    Query(query): Query<TotalsQuery>,
) -> Result<Answer, Problem> {
    Ok(Answer::ok(&read(&app, bearer, id, query.by.unwrap_or(Dimension::Call)).await?)?)
}

/// The totals of a call as CSV.
#[utoipa::path(
    tag = "Transparency",
    params(("id" = String, Path, description = "The call.", format = Uuid), TotalsQuery),
    responses(
        (status = 200, description = "The rows that the totals show.", body = String, content_type = "text/csv"),
        (status = 403, description = "Only administrators, treasurers and auditors."),
        (status = 404, description = "There is no such call, or it is not theirs.")
    )
)]
#[get("/calls/{id}/totals.csv")]
pub async fn export(
    app: App,
    bearer: Bearer,
    id: Path<String>,
    Query(query): Query<TotalsQuery>,
) -> Result<Csv, Problem> {
    let totals = read(&app, bearer, id, query.by.unwrap_or(Dimension::Call)).await?;
    let headings =
        ["value", "is_other", "submitted", "eligible", "approved", "awarded", "paid", "awarded_amount", "paid_amount"];
    let row = |row: TotalsRowBody| {
        [
            row.value.map_or(Cell::Empty, Cell::text),
            Cell::exact(row.is_other),
            Cell::maybe(row.submitted),
            Cell::maybe(row.eligible),
            Cell::maybe(row.approved),
            Cell::maybe(row.awarded),
            Cell::maybe(row.paid),
            Cell::maybe(row.awarded_amount),
            Cell::maybe(row.paid_amount),
        ]
    };
    Ok(Csv::new("totals", headings, totals.rows.into_iter().map(row))?)
}
