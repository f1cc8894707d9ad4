//! Who holds which role; ending one; suspending a person.

use actix_web::web::Path;
use actix_web::{get, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::invitations::ListQuery;
use crate::accounts::actions::roles;
use crate::accounts::rules::{Caller, Grant, Permission, Role};
use crate::accounts::signed_in;
use crate::clock::Instant;
use crate::db::Conn;
use crate::error::Error;
use crate::ids::{CallId, GrantId, PersonId};
use crate::page::Page;
use crate::web::{Answer, App, Bearer, IfMatch, Once, Problem, Query, path_id};

/// A role that somebody holds.
#[derive(Serialize, ToSchema)]
pub struct GrantBody {
    #[schema(value_type = String, format = Uuid)]
    id: GrantId,
    #[schema(value_type = String, format = Uuid)]
    person_id: PersonId,
    role: Role,
    /// Nothing: on every call.
    #[schema(value_type = Option<String>, format = Uuid)]
    call_id: Option<CallId>,
    association: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    granted_at: Instant,
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Instant>,
}

impl From<Grant> for GrantBody {
    fn from(grant: Grant) -> Self {
        let Grant { id, person, role, call, association, granted_at, ends_at, .. } = grant;
        Self { id, person_id: person, role, call_id: call, association, granted_at, ends_at }
    }
}

/// The roles that were given, newest first.
#[utoipa::path(
    tag = "Roles",
    params(ListQuery),
    responses(
        (status = 200, description = "A page; for an administrator of some calls, of what is held on these.", body = Page<GrantBody>),
        (status = 403, description = "Only administrators.")
    )
)]
#[get("/roles")]
pub async fn list(app: App, bearer: Bearer, Query(query): Query<ListQuery>) -> Result<Answer, Problem> {
    let page = signed_in::read_within(&app, bearer, Permission::ReadRoles, move |conn, _, acting, _| {
        roles::list(conn, acting, query.role.map(|role| role.0), query.cursor, query.limit.unwrap_or_default())
    });
    Ok(Answer::ok(&page.await?.map(GrantBody::from))?)
}

/// One role that was given.
#[utoipa::path(
    tag = "Roles",
    params(("id" = String, Path, description = "The role.", format = Uuid)),
    responses(
        (status = 200, description = "The role.", body = GrantBody),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is none such.")
    )
)]
#[get("/roles/{id}")]
pub async fn one(app: App, bearer: Bearer, id: Path<String>) -> Result<Answer, Problem> {
    let grant = signed_in::read_within(&app, bearer, Permission::ReadRoles, move |conn, _, acting, _| {
        roles::find(conn, acting, path_id(&id)?)
    });
    let grant = grant.await?;
    let version = grant.version;
    Ok(Answer::ok(&GrantBody::from(grant))?.version(version))
}

/// End a role now.
#[utoipa::path(
    tag = "Roles",
    params(
        ("id" = String, Path, description = "The role.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the role.", example = "\"1\""),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    responses(
        (status = 200, description = "The role, ended.", body = GrantBody),
        (status = 403, description = "Only administrators, with a fresh second factor."),
        (status = 404, description = "There is none such."),
        (status = 409, description = "It has ended, or the fund would be left without an administrator.")
    )
)]
#[post("/roles/{id}/end")]
pub async fn end(app: App, bearer: Bearer, version: IfMatch, key: Once, id: Path<String>) -> Result<Answer, Problem> {
    // What is no id names nothing, for whoever may ask.
    let id = path_id(&id).ok();
    let found = move || id.ok_or(Error::NotFound);
    let call_of = move |conn: &mut Conn, caller: &Caller, now| {
        caller.require_step_up(now)?;
        roles::call_of(conn, found()?)
    };
    let ended = signed_in::act_on_once(
        &app,
        bearer,
        key,
        Permission::GiveRoles,
        call_of,
        move |conn, _, caller, actor, now| {
            let grant = roles::end(conn, actor, caller, (found()?, version.0), now)?;
            let version = grant.version;
            Ok(Answer::ok(&GrantBody::from(grant))?.version(version))
        },
    );
    ended.await
}

/// Stop every role of a person and sign them out; their own applications stay theirs.
#[utoipa::path(
    tag = "Roles",
    params(
        ("id" = String, Path, description = "The person.", format = Uuid),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    responses(
        (status = 204, description = "Suspended."),
        (status = 403, description = "Only administrators, with a fresh second factor."),
        (status = 404, description = "There is nobody such."),
        (status = 409, description = "Nobody suspends themselves.")
    )
)]
#[post("/people/{id}/suspend")]
pub async fn suspend(app: App, bearer: Bearer, key: Once, id: Path<String>) -> Result<Answer, Problem> {
    let suspended =
        signed_in::act_once(&app, bearer, key, (Permission::GiveRoles, None), move |conn, _, caller, actor, now| {
            roles::suspend(conn, actor, caller, path_id(&id)?, now)?;
            Ok(Answer::nothing())
        });
    let answer = suspended.await?;
    (app.wake)();
    Ok(answer)
}

/// Give a suspended person their roles back.
#[utoipa::path(
    tag = "Roles",
    params(
        ("id" = String, Path, description = "The person.", format = Uuid),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    responses(
        (status = 204, description = "Restored."),
        (status = 403, description = "Only administrators, with a fresh second factor."),
        (status = 404, description = "There is nobody such."),
        (status = 409, description = "Nobody restores themselves.")
    )
)]
#[post("/people/{id}/restore")]
pub async fn restore(app: App, bearer: Bearer, key: Once, id: Path<String>) -> Result<Answer, Problem> {
    let restored =
        signed_in::act_once(&app, bearer, key, (Permission::GiveRoles, None), move |conn, _, caller, actor, now| {
            roles::restore(conn, actor, caller, path_id(&id)?, now)?;
            Ok(Answer::nothing())
        });
    let answer = restored.await?;
    (app.wake)();
    Ok(answer)
}
