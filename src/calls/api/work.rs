//! What administrators do with calls: write the rules, publish, end the time for applications.

use actix_web::web::Path;
use actix_web::{get, post, put};
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::rules_body::RulesBody;
use super::{CallBody, TitleBody};
use crate::accounts::actions::{act, act_on};
use crate::accounts::{Permission, signed_in};
use crate::calls::actions::{self, Call};
use crate::calls::rules::{CloseReason, Rules};
use crate::clock::Instant;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::CallId;
use crate::page::{Limit, Page, TimeCursor};
use crate::web::{
    Answer, App, Bearer, Field, Fields, IfMatch, Input, Json, Once, Problem, Query, Wrong, path_id, word,
};

/// A call and its rules, as administrators see them.
#[derive(Serialize, ToSchema)]
pub struct CallRulesBody {
    #[schema(value_type = String, format = Uuid)]
    id: CallId,
    state: crate::calls::CallState,
    rules: Rules,
}

fn present(call: &Call) -> Result<Answer> {
    Ok(Answer::ok(&rules_of(call))?.version(call.version))
}

fn rules_of(call: &Call) -> CallRulesBody {
    CallRulesBody { id: call.id, state: call.state, rules: call.published_rules() }
}

/// Make a call, as a draft that nobody else sees.
#[utoipa::path(
    tag = "Calls",
    params(("Idempotency-Key" = Option<String>, Header, description = "So that a retry makes no second one.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")),
    request_body = Rules,
    responses(
        (status = 201, description = "Made.", body = CallRulesBody),
        (status = 403, description = "Only administrators of all calls."),
        (status = 409, description = "There is a call with this code.")
    )
)]
#[post("/calls")]
pub async fn make(app: App, bearer: Bearer, key: Once, Json(body): Json<RulesBody>) -> Result<Answer, Problem> {
    let made = signed_in::act_once(&app, bearer, key, (Permission::MakeCall, None), move |conn, _, _, actor, now| {
        let call = actions::make(conn, actor, &body.0, now)?;
        let location = format!("/api/v1/calls/{}", call.id);
        Ok(Answer::created(&rules_of(&call), location)?.version(call.version))
    });
    made.await
}

/// The rules of a call, also of a draft.
#[utoipa::path(
    tag = "Calls",
    params(("id" = String, Path, description = "The call.", format = Uuid)),
    responses(
        (status = 200, description = "The rules; `ETag` has the version of the call.", body = CallRulesBody),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is none such.")
    )
)]
#[get("/calls/{id}/rules")]
pub async fn rules(app: App, bearer: Bearer, id: Path<String>) -> Result<Answer, Problem> {
    let id: CallId = path_id(&id).unwrap_or(CallId::NONE);
    let call = signed_in::read(&app, bearer, move |conn, _, caller, now| {
        let known = actions::exists(conn, id)?;
        let actor = act_on(conn, caller, Permission::MakeCall, known, now)?;
        actions::read_rules(conn, &actor, id)
    });
    Ok(present(&call.await?)?)
}

/// Write the rules of a draft anew.
#[utoipa::path(
    tag = "Calls",
    params(
        ("id" = String, Path, description = "The call.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the rules.", example = "\"1\"")
    ),
    request_body = Rules,
    responses(
        (status = 200, description = "Changed.", body = CallRulesBody),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is none such."),
        (status = 409, description = "It is published already, or there is a call with this code.")
    )
)]
#[put("/calls/{id}/rules")]
pub async fn change(
    app: App,
    bearer: Bearer,
    version: IfMatch,
    id: Path<String>,
    Json(body): Json<RulesBody>,
) -> Result<Answer, Problem> {
    let id: CallId = path_id(&id).unwrap_or(CallId::NONE);
    let call = signed_in::write(&app, bearer, move |conn, _, caller, now| {
        let known = actions::exists(conn, id)?;
        let actor = act_on(conn, caller, Permission::MakeCall, known, now)?;
        actions::change(conn, &actor, (id, version.0), &body.0, now)
    });
    Ok(present(&call.await?)?)
}

/// A draft in a list.
#[derive(Serialize, ToSchema)]
pub struct DraftCallBody {
    #[schema(value_type = String, format = Uuid)]
    id: CallId,
    #[schema(example = "2020-1")]
    code: String,
    title: TitleBody,
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
    #[schema(value_type = String, format = DateTime)]
    opens_at: Instant,
    #[schema(value_type = String, format = DateTime)]
    closes_at: Instant,
}

/// From where on.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DraftCallsQuery {
    /// How many rows, 1 to 100; 50 if left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<Limit>,
    /// `next` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{32}$")]
    cursor: Option<TimeCursor>,
}

impl Input for DraftCallsQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (limit, cursor) = (fields.optional("limit"), fields.optional("cursor"));
        Some(Self { limit: limit?, cursor: cursor? })
    }
}

/// The calls that are not published yet, the latest made first.
#[utoipa::path(
    tag = "Calls",
    params(DraftCallsQuery),
    responses(
        (status = 200, description = "A page.", body = Page<DraftCallBody>),
        (status = 403, description = "Only administrators of all calls.")
    )
)]
#[get("/call-drafts")]
pub async fn drafts(app: App, bearer: Bearer, Query(query): Query<DraftCallsQuery>) -> Result<Answer, Problem> {
    let page = signed_in::read(&app, bearer, move |conn, _, caller, now| {
        let actor = act(conn, caller, Permission::MakeCall, None, now)?;
        actions::list_drafts(conn, &actor, query.cursor, query.limit.unwrap_or_default())
    });
    let present = |(made_at, call): (Instant, Call)| {
        let (opens_at, closes_at) = (call.rules.opens_at, call.closes_at);
        DraftCallBody { id: call.id, title: TitleBody::of(&call), code: call.code, made_at, opens_at, closes_at }
    };
    Ok(Answer::ok(&page.await?.map(present))?)
}

/// Publish a call: from its opening time on people can apply. Nothing of the rules is changed after that.
#[utoipa::path(
    tag = "Calls",
    params(
        ("id" = String, Path, description = "The call.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the rules.", example = "\"1\""),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    responses(
        (status = 200, description = "Published.", body = CallBody),
        (status = 403, description = "Only administrators, with a fresh second factor."),
        (status = 404, description = "There is none such."),
        (status = 409, description = "It is published already.")
    )
)]
#[post("/calls/{id}/open")]
pub async fn open(app: App, bearer: Bearer, version: IfMatch, key: Once, id: Path<String>) -> Result<Answer, Problem> {
    let id: CallId = path_id(&id).unwrap_or(CallId::NONE);
    let opened = signed_in::once_as(&app, bearer, key, right(id), move |conn, _, caller, actor, now| {
        let call = actions::open(conn, actor, caller, (id, version.0), now)?;
        Ok(Answer::ok(&CallBody::new(&call, now))?.version(call.version))
    });
    opened.await
}

/// Why the time for applications ends before its end.
#[derive(ToSchema)]
pub struct CloseCallBody {
    /// For the event log, which holds nothing in free words.
    #[schema(example = "funds_exhausted")]
    reason: CloseReason,
}

impl Input for CloseCallBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { reason: fields.required("reason")? })
    }
}

impl Field for CloseReason {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

/// End the time for applications now. The rules stay written as they were published.
#[utoipa::path(
    tag = "Calls",
    params(
        ("id" = String, Path, description = "The call.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the rules.", example = "\"1\""),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = CloseCallBody,
    responses(
        (status = 200, description = "Closed.", body = CallBody),
        (status = 403, description = "Only administrators, with a fresh second factor."),
        (status = 404, description = "There is none such."),
        (status = 409, description = "It takes no applications at this moment.")
    )
)]
#[post("/calls/{id}/close")]
pub async fn close(
    app: App,
    bearer: Bearer,
    version: IfMatch,
    key: Once,
    id: Path<String>,
    Json(body): Json<CloseCallBody>,
) -> Result<Answer, Problem> {
    let id: CallId = path_id(&id).unwrap_or(CallId::NONE);
    let closed = signed_in::once_as(&app, bearer, key, right(id), move |conn, _, caller, actor, now| {
        let call = actions::close(conn, actor, caller, (id, version.0), body.reason, now)?;
        Ok(Answer::ok(&CallBody::new(&call, now))?.version(call.version))
    });
    closed.await
}

/// The right to work on one call, which may not be there.
fn right(
    id: CallId,
) -> impl FnMut(&mut Conn, &crate::accounts::Caller, Instant) -> Result<crate::accounts::Actor> + Send + 'static {
    move |conn, caller, now| {
        let known = actions::exists(conn, id)?;
        act_on(conn, caller, Permission::MakeCall, known, now)
    }
}
