//! The calls, for everybody: no account is needed to see where and until when one can apply.
//!
//! `work` has what administrators do. One call in full is shown by `aid`, with the other aid that it speaks of.

mod rules_body;
mod rules_repair;
mod work;

use actix_web::get;
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::actions::{self, Call};
use super::rules::{CallState, Phase, Text};
use crate::clock::{Date, Instant};
use crate::ids::CallId;
use crate::page::{Limit, Page, TimeCursor};
use crate::serbian::latin;
use crate::web::{Answer, App, Cell, Csv, Field, Fields, Input, Problem, Query, Wrong, up_to, word};

/// Every route of this slice.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(file);
    config.service(work::make).service(work::rules).service(work::change);
    config.service(work::drafts).service(work::open).service(work::close);
}

crate::text_enum! {
    /// In which order calls are listed.
    pub enum Sort {
        NewestFirst => "-opens_at",
        OldestFirst => "opens_at",
    }
}

impl Field for Sort {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

impl Field for Phase {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

/// The number of a category, 1 to 1000.
pub struct CategoryNumber(pub i32);

impl Field for CategoryNumber {
    fn read(value: &Value) -> Result<Self, Wrong> {
        i32::try_from(up_to(1000, value)?).map(Self).map_err(|_| ("number", None))
    }
}

/// Which calls, in which order.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CallsFilterQuery {
    /// Only those that are `upcoming`, `open` or `closed`.
    #[param(inline)]
    phase: Option<Phase>,
    /// `-opens_at` (the newest first, if left out) or `opens_at`.
    #[param(inline)]
    sort: Option<Sort>,
}

impl CallsFilterQuery {
    fn is_oldest_first(&self) -> bool {
        self.sort == Some(Sort::OldestFirst)
    }
}

impl Input for CallsFilterQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (phase, sort) = (fields.optional("phase"), fields.optional("sort"));
        Some(Self { phase: phase?, sort: sort? })
    }
}

/// Where the page starts.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CallsPlace {
    /// How many rows, 1 to 100; 50 if left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<Limit>,
    /// `next` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{32}$")]
    cursor: Option<TimeCursor>,
}

/// A filter and a place.
pub struct CallsQuery(CallsFilterQuery, CallsPlace);

impl Input for CallsQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let filter = CallsFilterQuery::read(fields);
        let (limit, cursor) = (fields.optional("limit"), fields.optional("cursor"));
        Some(Self(filter?, CallsPlace { limit: limit?, cursor: cursor? }))
    }
}

/// A title in the languages that it was written in.
#[derive(Serialize, ToSchema)]
pub struct TitleBody {
    /// Serbian, in Latin script.
    #[schema(example = "Fond solidarnosti 2020")]
    sr: String,
    #[schema(example = "Solidarity fund 2020")]
    en: Option<String>,
}

impl TitleBody {
    fn of(call: &Call) -> Self {
        let Text { sr, en } = &call.rules.title;
        Self { sr: latin(sr), en: en.clone() }
    }
}

/// A call as everybody sees it.
#[derive(Serialize, ToSchema)]
pub struct CallBody {
    #[schema(value_type = String, format = Uuid)]
    id: CallId,
    #[schema(example = "2020")]
    code: String,
    title: TitleBody,
    /// `upcoming`, `open` or `closed` for applications.
    phase: Phase,
    /// How far the fund has come: `published`, `voting`, `voting_closed`, `allocated`.
    state: CallState,
    #[schema(value_type = String, format = DateTime)]
    opens_at: Instant,
    /// Applications count until this very moment.
    #[schema(value_type = String, format = DateTime)]
    closes_at: Instant,
    /// Ages are counted on this day.
    #[schema(value_type = String, format = Date)]
    reference_date: Date,
    #[schema(example = "RSD")]
    currency: String,
}

impl CallBody {
    pub fn new(call: &Call, now: Instant) -> Self {
        let rules = &call.rules;
        Self {
            id: call.id,
            code: call.code.clone(),
            title: TitleBody::of(call),
            phase: Phase::at(now, rules.opens_at, call.closes_at),
            state: call.state,
            opens_at: rules.opens_at,
            closes_at: call.closes_at,
            reference_date: rules.reference_date,
            currency: rules.currency.clone(),
        }
    }
}

/// How long anybody may keep what is shown of calls, in seconds.
pub const KEPT: u32 = 30;

/// The calls of the fund.
#[utoipa::path(
    tag = "Calls",
    security(()),
    params(CallsFilterQuery, CallsPlace),
    responses((status = 200, description = "A page.", body = Page<CallBody>))
)]
#[get("/calls")]
pub async fn list(app: App, Query(query): Query<CallsQuery>) -> Result<Answer, Problem> {
    let now = Instant::now();
    let CallsQuery(filter, CallsPlace { limit, cursor }) = query;
    let (is_oldest_first, limit) = (filter.is_oldest_first(), limit.unwrap_or_default());
    let page = app.glance(move |conn, _| actions::list(conn, filter.phase, is_oldest_first, cursor, limit, now));
    Ok(Answer::ok(&page.await?.map(|call| CallBody::new(&call, now)))?.public(KEPT))
}

/// The calls of the fund as a file.
#[utoipa::path(
    tag = "Calls",
    security(()),
    params(CallsFilterQuery),
    responses((status = 200, description = "The file.", body = String, content_type = "text/csv"))
)]
#[get("/calls.csv")]
pub async fn file(app: App, Query(filter): Query<CallsFilterQuery>) -> Result<Csv, Problem> {
    let now = Instant::now();
    let is_oldest_first = filter.is_oldest_first();
    let found = app.glance(move |conn, _| actions::export(conn, filter.phase, is_oldest_first, now)).await?;
    let row = |call: Call| {
        let CallBody { code, title, phase, state, opens_at, closes_at, reference_date, currency, .. } =
            CallBody::new(&call, now);
        [
            Cell::text(code),
            Cell::text(title.sr),
            title.en.map_or(Cell::Empty, Cell::text),
            Cell::exact(phase),
            Cell::exact(state),
            Cell::exact(opens_at),
            Cell::exact(closes_at),
            Cell::exact(reference_date),
            Cell::text(currency),
        ]
    };
    let headings =
        ["code", "title_sr", "title_en", "phase", "state", "opens_at", "closes_at", "reference_date", "currency"];
    Ok(Csv::new("calls", headings, found.into_iter().map(row))?)
}
