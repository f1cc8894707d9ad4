//! What was decided, and the minutes: after the close, by reference code, never who voted how.

use std::fmt;
use std::str::FromStr;

use actix_web::get;
use actix_web::web::Path;
use data_encoding::HEXLOWER;
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::named;
use super::seats::SeatBody;
use crate::accounts::{Permission, signed_in};
use crate::audit::journal;
use crate::clock::Instant;
use crate::committee::actions::{self, Minutes, MinutesSeat};
use crate::committee::rules::{Decided, Outcome};
use crate::crypto::Purpose;
use crate::error::{Error, Result};
use crate::ids::CallId;
use crate::page::{Limit, Page};
use crate::web::{Answer, App, Bearer, Cell, Csv, Field, Fields, Input, Problem, Query, Wrong};

/// A place in a list by reference code. Opaque to callers.
struct ReferenceCursor(String);

impl fmt::Display for ReferenceCursor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&HEXLOWER.encode(self.0.as_bytes()))
    }
}

impl FromStr for ReferenceCursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        // Whatever it holds is a place in the list; only what cannot be compared with a reference code is left out.
        let bytes = HEXLOWER.decode(text.as_bytes()).ok().filter(|bytes| !bytes.is_empty());
        let reference = bytes.map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', ""));
        reference.map(Self).ok_or_else(|| Error::invalid("cursor", "not a cursor of this list"))
    }
}

impl Field for ReferenceCursor {
    fn read(value: &Value) -> Result<Self, Wrong> {
        value.as_str().and_then(|text| text.parse().ok()).ok_or(("cursor", None))
    }
}

/// Which decisions, from where on.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DecisionsQuery {
    /// Only those that came out so.
    #[param(inline)]
    outcome: Option<Outcome>,
    /// How many rows, 1 to 100; 50 if left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<Limit>,
    /// `next` of the page before.
    #[param(value_type = Option<String>, pattern = "^([0-9a-f]{2})+$")]
    cursor: Option<ReferenceCursor>,
}

impl Input for DecisionsQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let outcome = fields.optional("outcome");
        let (limit, cursor) = (fields.optional("limit"), fields.optional("cursor"));
        Some(Self { outcome: outcome?, limit: limit?, cursor: cursor? })
    }
}

/// Which decisions.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DecisionsFilter {
    /// Only those that came out so.
    #[param(inline)]
    outcome: Option<Outcome>,
}

impl Input for DecisionsFilter {
    fn read(fields: &mut Fields) -> Option<Self> {
        let outcome = fields.optional("outcome");
        Some(Self { outcome: outcome? })
    }
}

/// What was decided on an application. Who voted how is not told.
#[derive(Serialize, ToSchema)]
pub struct DecisionBody {
    #[schema(example = "A-0001")]
    reference: String,
    outcome: Outcome,
    #[schema(example = 3)]
    approvals: i32,
    #[schema(example = 1)]
    rejections: i32,
    #[schema(example = 0)]
    abstentions: i32,
    /// Of the scores that were given.
    #[schema(example = 240)]
    score_sum: i32,
    #[schema(example = 3)]
    score_count: i32,
    #[schema(value_type = String, format = DateTime)]
    decided_at: Instant,
}

impl From<Decided> for DecisionBody {
    fn from(decided: Decided) -> Self {
        let Decided { reference, tally, decided_at, .. } = decided;
        Self {
            reference,
            outcome: tally.outcome,
            approvals: tally.approvals,
            rejections: tally.rejections,
            abstentions: tally.abstentions,
            score_sum: tally.score_sum,
            score_count: tally.score_count,
            decided_at,
        }
    }
}

/// What was decided on a call, by reference code.
///
/// A member is told nothing of what they are recused from, or of their own.
#[utoipa::path(
    tag = "Committee",
    params(("id" = String, Path, description = "The call.", format = Uuid), DecisionsQuery),
    responses(
        (status = 200, description = "A page.", body = Page<DecisionBody>),
        (status = 403, description = "Only the committee, administrators, treasurers and auditors."),
        (status = 404, description = "There is no such call, or it is not theirs."),
        (status = 409, description = "The voting is not closed yet (`voting_open`).")
    )
)]
#[get("/calls/{id}/decisions")]
pub async fn list(
    app: App,
    bearer: Bearer,
    id: Path<String>,
    Query(query): Query<DecisionsQuery>,
) -> Result<Answer, Problem> {
    let call = named::<CallId>(&id);
    let page = signed_in::read(&app, bearer, move |conn, _, caller, now| {
        let actor = actions::act_to_read(conn, caller, Permission::ReadTally, call, now)?;
        let DecisionsQuery { outcome, limit, cursor } = query;
        let place = (cursor.as_ref().map(|cursor| cursor.0.as_str()), limit.unwrap_or_default());
        let cursor = |row: &Decided| ReferenceCursor(row.reference.clone());
        actions::page_of_decisions(conn, &actor, call.unwrap_or(CallId::NONE), outcome, place, cursor)
    });
    Ok(Answer::ok(&page.await?.map(DecisionBody::from))?)
}

/// What was decided on a call, as CSV: the rows that the list shows.
#[utoipa::path(
    tag = "Committee",
    params(("id" = String, Path, description = "The call.", format = Uuid), DecisionsFilter),
    responses(
        (status = 200, description = "Every row that the filter shows.", body = String, content_type = "text/csv"),
        (status = 403, description = "Only the committee, administrators, treasurers and auditors."),
        (status = 404, description = "There is no such call, or it is not theirs."),
        (status = 409, description = "The voting is not closed yet (`voting_open`).")
    )
)]
#[get("/calls/{id}/decisions.csv")]
pub async fn export(
    app: App,
    bearer: Bearer,
    id: Path<String>,
    Query(query): Query<DecisionsFilter>,
) -> Result<Csv, Problem> {
    let call = named::<CallId>(&id);
    let rows = signed_in::read(&app, bearer, move |conn, _, caller, now| {
        let actor = actions::act_to_read(conn, caller, Permission::ReadTally, call, now)?;
        actions::decided(conn, &actor, call.unwrap_or(CallId::NONE), query.outcome)
    });
    let headings =
        ["reference", "outcome", "approvals", "rejections", "abstentions", "score_sum", "score_count", "decided_at"];
    let row = |decided: Decided| {
        let Decided { reference, tally, decided_at, .. } = decided;
        [
            Cell::text(reference),
            Cell::exact(tally.outcome),
            Cell::exact(tally.approvals),
            Cell::exact(tally.rejections),
            Cell::exact(tally.abstentions),
            Cell::exact(tally.score_sum),
            Cell::exact(tally.score_count),
            Cell::exact(decided_at),
        ]
    };
    Ok(Csv::new("decisions", headings, rows.await?.into_iter().map(row))?)
}

/// A seat in the minutes.
#[derive(Serialize, ToSchema)]
pub struct MinutesSeatBody {
    seat: SeatBody,
    /// How many of the decided applications it voted on.
    #[schema(example = 916)]
    voted: usize,
    /// The reference codes of the applications that it was recused from.
    #[schema(example = json!(["A-0007"]))]
    recusals: Vec<String>,
}

impl From<MinutesSeat> for MinutesSeatBody {
    fn from(minutes: MinutesSeat) -> Self {
        let MinutesSeat { seat, name, voted, recusals } = minutes;
        Self { seat: SeatBody::from((seat, name)), voted, recusals }
    }
}

/// The minutes of a committee.
#[derive(Serialize, ToSchema)]
pub struct MinutesBody {
    #[schema(value_type = String, format = Uuid)]
    call_id: CallId,
    #[schema(example = "2020")]
    call_code: String,
    /// When the votes were counted; nothing where there was nothing to decide.
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Instant>,
    /// Votes that a decision needs: more than half of the chair and the members.
    #[schema(example = 3)]
    quorum: usize,
    /// In the order of seating.
    seats: Vec<MinutesSeatBody>,
    /// By reference code.
    decisions: Vec<DecisionBody>,
}

impl From<Minutes> for MinutesBody {
    fn from(minutes: Minutes) -> Self {
        let Minutes { call, closed_at, quorum, seats, decisions } = minutes;
        Self {
            call_id: call.id,
            call_code: call.code,
            decided_at: closed_at,
            quorum,
            seats: seats.into_iter().map(MinutesSeatBody::from).collect(),
            decisions: decisions.into_iter().map(DecisionBody::from).collect(),
        }
    }
}

/// The minutes of a call's committee: seats, attendance, recusals, decisions.
///
/// A chair is told no decision on what they are recused from, or on their own; an administrator is told them all.
#[utoipa::path(
    tag = "Committee",
    params(("id" = String, Path, description = "The call.", format = Uuid)),
    responses(
        (status = 200, description = "The minutes.", body = MinutesBody),
        (status = 403, description = "Only administrators and the chair."),
        (status = 404, description = "There is no such call, or it is not theirs."),
        (status = 409, description = "The voting is not closed yet (`voting_open`).")
    )
)]
#[get("/calls/{id}/minutes")]
pub async fn read_minutes(app: App, bearer: Bearer, id: Path<String>) -> Result<Answer, Problem> {
    let call = named::<CallId>(&id);
    let minutes = signed_in::read_others(&app, bearer, move |conn, services, caller, log, now| {
        let actor = actions::act_to_read(conn, caller, Permission::ReadMinutes, call, now)?;
        let opener = log.opener(&services.vault, journal::reader(actor.author(), Purpose::ReadMinutes));
        actions::minutes(conn, &opener, &actor, call.unwrap_or(CallId::NONE))
    });
    Ok(Answer::ok(&MinutesBody::from(minutes.await?))?)
}
