//! The log of what happened.

use actix_web::get;
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::EventKind;
use crate::accounts::actions::{act, export_log, read_log};
use crate::accounts::{Permission, signed_in};
use crate::audit::{Event, Kind, Wanted};
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::page::{Cursor, Limit, Page};
use crate::web::{Answer, App, Bearer, Begin, Cell, Csv, End, Fields, Input, Problem, Query};

/// Which events.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventsFilterQuery {
    /// Only those of this kind.
    #[param(value_type = Option<Kind>, inline, example = "voting_closed")]
    kind: Option<EventKind>,
    /// Only those from this moment, or the beginning of this day in Belgrade, on.
    #[param(value_type = Option<Begin>, inline)]
    from: Option<Instant>,
    /// Only those until this moment, which belongs to them, or the end of this day.
    #[param(value_type = Option<End>, inline)]
    until: Option<Instant>,
}

impl Input for EventsFilterQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let kind = fields.optional("kind");
        let (from, until) = (fields.optional::<Begin>("from"), fields.optional::<End>("until"));
        if let (Some(Some(from)), Some(Some(until))) = (&from, &until) {
            fields.in_order(("from", &from.0), ("until", &until.last()));
        }
        Some(Self { kind: kind?, from: from?.map(|from| from.0), until: until?.map(|until| until.last()) })
    }
}

impl From<EventsFilterQuery> for Wanted {
    fn from(filter: EventsFilterQuery) -> Self {
        let EventsFilterQuery { kind, from, until } = filter;
        Self { kind: kind.map(|kind| kind.0), from, until }
    }
}

/// Where the page starts.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventsPlace {
    /// How many rows, 1 to 100; 50 if left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<Limit>,
    /// `next` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{11}$")]
    cursor: Option<Cursor>,
}

/// A filter and a place.
pub struct EventsQuery(EventsFilterQuery, EventsPlace);

impl Input for EventsQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let filter = EventsFilterQuery::read(fields);
        let (limit, cursor) = (fields.optional("limit"), fields.optional("cursor"));
        Some(Self(filter?, EventsPlace { limit: limit?, cursor: cursor? }))
    }
}

/// Something that happened. It names people by pseudonymous ids, and holds no fact about an applicant.
#[derive(Serialize, ToSchema)]
pub struct EventBody {
    /// From 0, without gaps.
    #[schema(example = 1234)]
    sequence: i64,
    #[schema(value_type = String, example = "voting_closed")]
    kind: Kind,
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Instant,
    /// The event itself. Its bytes are RFC 8785 JSON, of which this is the value.
    #[schema(value_type = Object)]
    event: Value,
}

impl TryFrom<Event> for EventBody {
    type Error = Error;

    fn try_from(event: Event) -> Result<Self> {
        let Event { kind, recorded_at, canonical, sequence, .. } = event;
        let event = serde_json::from_slice(&canonical).map_err(Error::corrupt)?;
        Ok(Self { sequence, kind, recorded_at, event })
    }
}

/// The log of what happened, in its order.
///
/// An event that was written a moment ago has no number yet and comes a little later.
#[utoipa::path(
    tag = "Transparency",
    params(EventsFilterQuery, EventsPlace),
    responses(
        (status = 200, description = "A page.", body = Page<EventBody>),
        (status = 403, description = "Only administrators and auditors.")
    )
)]
#[get("/events")]
pub async fn list(app: App, bearer: Bearer, Query(query): Query<EventsQuery>) -> Result<Answer, Problem> {
    let page = signed_in::read(&app, bearer, move |conn, _, caller, now| {
        let actor = act(conn, caller, Permission::ReadLog, None, now)?;
        let EventsQuery(filter, EventsPlace { limit, cursor }) = query;
        read_log(conn, &actor, filter.into(), cursor, limit.unwrap_or_default())
    });
    let Page { items, next } = page.await?;
    let items = items.into_iter().map(EventBody::try_from).collect::<Result<Vec<_>>>()?;
    Ok(Answer::ok(&Page { items, next })?)
}

/// The log as a file: every event that the filter shows, in the order of the log.
#[utoipa::path(
    tag = "Transparency",
    params(EventsFilterQuery),
    responses(
        (status = 200, description = "The file; `event` holds the bytes of the event.", body = String, content_type = "text/csv"),
        (status = 403, description = "Only administrators and auditors."),
        (status = 409, description = "More rows than one file holds.")
    )
)]
#[get("/events.csv")]
pub async fn export(app: App, bearer: Bearer, Query(filter): Query<EventsFilterQuery>) -> Result<Csv, Problem> {
    let events = signed_in::read(&app, bearer, move |conn, _, caller, now| {
        let actor = act(conn, caller, Permission::ReadLog, None, now)?;
        export_log(conn, &actor, filter.into())
    });
    let row = |event: Event| {
        let canonical = String::from_utf8(event.canonical).map_err(Error::corrupt)?;
        Ok([
            Cell::exact(event.sequence),
            Cell::exact(event.kind),
            Cell::exact(event.recorded_at),
            Cell::text(canonical),
        ])
    };
    let rows = events.await?.into_iter().map(row).collect::<Result<Vec<_>>>()?;
    Ok(Csv::new("events", ["sequence", "kind", "recorded_at", "event"], rows)?)
}
