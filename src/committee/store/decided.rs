//! Queries on what was decided on a call, and on who did their part in it.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::clock::Instant;
use crate::committee::rules::{Decided, Outcome, Tally};
use crate::db::Conn;
use crate::error::Result;
use crate::ids::{ApplicationId, CallId, SeatId};
use crate::schema::{decisions, recusals, seats, votes};

type Row = (ApplicationId, String, Outcome, i32, i32, i32, i32, i32, Instant);

fn decided(row: Row) -> Decided {
    let (application, reference, outcome, approvals, rejections, abstentions, score_sum, score_count, decided_at) = row;
    let tally = Tally { outcome, approvals, rejections, abstentions, score_sum, score_count };
    Decided { application, reference, tally, decided_at }
}

/// The decisions of a call behind a reference code, but for those that are `kept`, by reference code; all that there are, where
/// `rows` is nothing.
pub(in crate::committee) fn page(
    conn: &mut Conn,
    (call, kept): (CallId, &BTreeSet<ApplicationId>),
    outcome: Option<Outcome>,
    after: Option<&str>,
    rows: Option<i64>,
) -> Result<Vec<Decided>> {
    let of_call = decisions::table.filter(decisions::call_id.eq(call));
    let mut found = of_call
        .filter(decisions::application_id.ne_all(kept))
        .select((
            decisions::application_id,
            decisions::reference,
            decisions::outcome,
            decisions::approvals,
            decisions::rejections,
            decisions::abstentions,
            decisions::score_sum,
            decisions::score_count,
            decisions::decided_at,
        ))
        .order(decisions::reference)
        .into_boxed();
    if let Some(outcome) = outcome {
        found = found.filter(decisions::outcome.eq(outcome));
    }
    if let Some(after) = after {
        found = found.filter(decisions::reference.gt(after.to_owned()));
    }
    if let Some(rows) = rows {
        found = found.limit(rows);
    }
    let rows: Vec<Row> = found.load(conn)?;
    Ok(rows.into_iter().map(decided).collect())
}

pub(in crate::committee) fn outcome_of(
    conn: &mut Conn,
    application: ApplicationId,
) -> Result<Option<(Outcome, Instant)>> {
    let this = decisions::table.filter(decisions::application_id.eq(application));
    Ok(this.select((decisions::outcome, decisions::decided_at)).first(conn).optional()?)
}

/// Which seat of a call is recused from which application.
pub(in crate::committee) fn recusals(conn: &mut Conn, call: CallId) -> Result<BTreeSet<(ApplicationId, SeatId)>> {
    let of_call = recusals::table.inner_join(seats::table).filter(seats::call_id.eq(call));
    let rows: Vec<(ApplicationId, SeatId)> =
        of_call.select((recusals::application_id, recusals::seat_id)).load(conn)?;
    Ok(rows.into_iter().collect())
}

/// Which seat of a call has voted on which application; never how.
pub(in crate::committee) fn voted(conn: &mut Conn, call: CallId) -> Result<BTreeSet<(ApplicationId, SeatId)>> {
    let of_call = votes::table.inner_join(seats::table).filter(seats::call_id.eq(call));
    let rows: Vec<(ApplicationId, SeatId)> =
        of_call.select((votes::application_id, votes::seat_id)).distinct().load(conn)?;
    Ok(rows.into_iter().collect())
}
