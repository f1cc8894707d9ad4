//! The log of what happened.

use actix_web::get;
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::EventKind;
use crate::accounts::actions::{act, read_log};
use crate::accounts::{Permission, signed_in};
use crate::audit::{Event, Kind, Wanted};
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::page::{Cursor, Limit, Page};
use crate::web::{Answer, App, Bearer, Fields, Input, Problem, Query};

/// Which events, from where on.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// Only those of this kind.
    #[param(value_type = Option<Kind>, inline, example = "voting_closed")]
    kind: Option<EventKind>,
    /// Only those from this moment on.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Instant>,
    /// Only those until this moment; it belongs to them.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Instant>,
    /// How many rows, 1 to 100; 50 if left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<Limit>,
    /// `next` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{11}$")]
    cursor: Option<Cursor>,
}

impl Input for EventsQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let kind = fields.optional("kind");
        let (from, until) = (fields.optional("from"), fields.optional("until"));
        let (limit, cursor) = (fields.optional("limit"), fields.optional("cursor"));
        Some(Self { kind: kind?, from: from?, until: until?, limit: limit?, cursor: cursor? })
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
    params(EventsQuery),
    responses(
        (status = 200, description = "A page.", body = Page<EventBody>),
        (status = 403, description = "Only administrators and auditors.")
    )
)]
#[get("/events")]
pub async fn list(app: App, bearer: Bearer, Query(query): Query<EventsQuery>) -> Result<Answer, Problem> {
    let page = signed_in::read(&app, bearer, move |conn, _, caller, now| {
        let actor = act(conn, caller, Permission::ReadLog, None, now)?;
        let EventsQuery { kind, from, until, limit, cursor } = query;
        let wanted = Wanted { kind: kind.map(|kind| kind.0), from, until };
        read_log(conn, &actor, wanted, cursor, limit.unwrap_or_default())
    });
    let Page { items, next } = page.await?;
    let items = items.into_iter().map(EventBody::try_from).collect::<Result<Vec<_>>>()?;
    Ok(Answer::ok(&Page { items, next })?)
}
