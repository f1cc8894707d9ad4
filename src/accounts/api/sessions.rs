//! One's own sessions: their tokens, ending them, proving anew who one is.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{delete, get, post};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::sign_in::prove_password;
use super::{lifetimes, second_factor_of};
use crate::accounts::actions::email;
use crate::accounts::actions::sessions::{self, OwnSession, Refreshed, SignedIn};
use crate::accounts::signed_in;
use crate::clock::Instant;
use crate::crypto::{AccessClaims, PasswordText};
use crate::error::Error;
use crate::ids::{PersonId, SessionId};
use crate::page::{Limit, Page, TimeCursor};
use crate::web::{Answer, App, Bearer, Fields, Input, Json, Problem, Query, path_id};

/// The tokens of a session.
#[derive(Serialize, ToSchema)]
pub struct TokensBody {
    /// For the `Authorization: Bearer` header of the next minutes.
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until the access token is refused.
    #[schema(example = 600)]
    expires_in: u32,
    /// Exchanged once, for new tokens. Whoever sends it again ends the session.
    refresh_token: String,
    #[schema(value_type = String, format = Uuid)]
    session_id: SessionId,
    #[schema(value_type = String, format = Uuid)]
    person_id: PersonId,
    /// Whether a second factor is enrolled.
    has_second_factor: bool,
}

/// A session's tokens, as an answer.
pub(super) fn tokens(app: &App, signed_in: &SignedIn, now: Instant) -> Result<Answer, Problem> {
    let SignedIn { person, session, has_second_factor, .. } = signed_in;
    tracing::info!(%person, %session, has_second_factor, "signed in");
    tokens_with(app, signed_in, StatusCode::CREATED, now)
}

fn tokens_with(app: &App, signed_in: &SignedIn, status: StatusCode, now: Instant) -> Result<Answer, Problem> {
    let claims = AccessClaims { person: signed_in.person, session: signed_in.session };
    let body = TokensBody {
        access_token: app.tokens.issue(&claims, now)?,
        token_type: "Bearer",
        expires_in: app.settings.tokens.access_seconds,
        refresh_token: signed_in.refresh_token.to_string(),
        session_id: signed_in.session,
        person_id: signed_in.person,
        has_second_factor: signed_in.has_second_factor,
    };
    Ok(Answer::new(status, &body)?)
}

/// The refresh token of a session.
#[derive(ToSchema)]
pub struct RefreshBody {
    /// From the last answer that gave tokens.
    refresh_token: String,
}

impl Input for RefreshBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { refresh_token: fields.required("refresh_token")? })
    }
}

/// Exchange a refresh token for new tokens. One that was exchanged before ends its session, and its owner is told.
#[utoipa::path(
    tag = "Sessions",
    security(()),
    request_body = RefreshBody,
    responses(
        (status = 200, description = "New tokens.", body = TokensBody),
        (status = 401, description = "The session has ended.")
    )
)]
#[post("/sessions/refresh")]
pub async fn refresh(app: App, Json(body): Json<RefreshBody>) -> Result<Answer, Problem> {
    let now = Instant::now();
    let lifetimes = lifetimes(&app);
    let refreshed = app.write(move |conn, _| sessions::refresh(conn, &body.refresh_token, lifetimes, now)).await?;
    match refreshed {
        Refreshed::Renewed(signed_in) => tokens_with(&app, &signed_in, StatusCode::OK, now),
        Refreshed::Reused => {
            (app.wake)();
            Err(Error::Unauthenticated.into())
        }
    }
}

/// Where a page of one's own sessions starts, or of who read one's own data.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many rows, 1 to 100; 50 if left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    pub limit: Option<Limit>,
    /// `next` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{32}$")]
    pub cursor: Option<TimeCursor>,
}

impl Input for PageQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (limit, cursor) = (fields.optional("limit"), fields.optional("cursor"));
        Some(Self { limit: limit?, cursor: cursor? })
    }
}

/// One of one's own sessions.
#[derive(Serialize, ToSchema)]
pub struct SessionBody {
    #[schema(value_type = String, format = Uuid)]
    id: SessionId,
    /// Browser and system, as far as they can be told.
    #[schema(example = "Firefox, Android")]
    device: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    #[schema(value_type = String, format = DateTime)]
    refreshed_at: Instant,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
    /// Whether this request came from it.
    is_current: bool,
}

impl From<OwnSession> for SessionBody {
    fn from(session: OwnSession) -> Self {
        let OwnSession { id, device, created_at, refreshed_at, expires_at, is_current } = session;
        Self { id, device, created_at, refreshed_at, expires_at, is_current }
    }
}

/// One's own sessions, newest first.
#[utoipa::path(
    tag = "Sessions",
    params(PageQuery),
    responses((status = 200, description = "A page.", body = Page<SessionBody>))
)]
#[get("/sessions")]
pub async fn list(app: App, bearer: Bearer, Query(query): Query<PageQuery>) -> Result<Answer, Problem> {
    let page = signed_in::read(&app, bearer, move |conn, _, caller, now| {
        sessions::list(conn, caller, query.cursor, query.limit.unwrap_or_default(), now)
    });
    Ok(Answer::ok(&page.await?.map(SessionBody::from))?)
}

/// Log out everywhere.
#[utoipa::path(
    tag = "Sessions",
    responses(
        (status = 204, description = "Every session has ended."),
        (status = 403, description = "A fresh proof is needed (step_up_required).")
    )
)]
#[delete("/sessions")]
pub async fn end_all(app: App, bearer: Bearer) -> Result<Answer, Problem> {
    let ended = signed_in::write(&app, bearer, move |conn, _, caller, now| sessions::end_all(conn, caller, now));
    ended.await?;
    Ok(Answer::nothing())
}

/// Log out.
#[utoipa::path(tag = "Sessions", responses((status = 204, description = "This session has ended.")))]
#[delete("/sessions/current")]
pub async fn end_current(app: App, bearer: Bearer) -> Result<Answer, Problem> {
    end_one(app, bearer, Ok(bearer.session)).await
}

/// End one of one's own sessions; another than this one asks for a fresh proof.
#[utoipa::path(
    tag = "Sessions",
    path = "/sessions/{id}",
    params(("id" = String, Path, description = "The session.", format = Uuid)),
    responses(
        (status = 204, description = "It has ended."),
        (status = 403, description = "A fresh proof is needed (step_up_required)."),
        (status = 404, description = "There is no such session of yours.")
    )
)]
#[delete("/sessions/{id:[0-9a-fA-F-]+}")]
pub async fn end(app: App, bearer: Bearer, id: Path<String>) -> Result<Answer, Problem> {
    end_one(app, bearer, path_id(&id)).await
}

async fn end_one(app: App, bearer: Bearer, id: Result<SessionId, Error>) -> Result<Answer, Problem> {
    // Whoever is not signed in any more is told so, whatever they ask for.
    let id = id.ok();
    let ended = signed_in::write(&app, bearer, move |conn, _, caller, now| {
        sessions::end(conn, caller, id.ok_or(Error::NotFound)?, now)
    });
    ended.await?;
    Ok(Answer::nothing())
}

/// A fresh proof of who it is.
#[derive(ToSchema)]
pub struct StepUpBody {
    /// Where no second factor is enrolled.
    #[schema(value_type = Option<String>)]
    password: Option<PasswordText>,
    #[schema(value_type = Option<String>, example = "123456")]
    totp_code: Option<String>,
    #[schema(value_type = Option<String>, example = "7G3K-9M2P-X4QT-5B8N-0HZC-W6RD-48")]
    recovery_code: Option<String>,
}

impl Input for StepUpBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        let password = fields.optional("password");
        let (totp_code, recovery_code) = (fields.optional("totp_code"), fields.optional("recovery_code"));
        Some(Self { password: password?, totp_code: totp_code?, recovery_code: recovery_code? })
    }
}

/// Prove again who you are, for the next five minutes: what cannot be undone asks for it.
#[utoipa::path(
    tag = "Sessions",
    request_body = StepUpBody,
    responses(
        (status = 204, description = "Proved."),
        (status = 403, description = "The second factor is needed (totp_required).")
    )
)]
#[post("/sessions/current/step-up")]
pub async fn step_up(app: App, bearer: Bearer, Json(body): Json<StepUpBody>) -> Result<Answer, Problem> {
    app.limits.code(bearer.person)?;
    let stored = signed_in::read(&app, bearer, move |conn, _, caller, _| email::own_password(conn, caller));
    let stored = stored.await?;
    let proof = match body.password {
        Some(password) => Some(prove_password(&app, "password", password, stored).await?),
        None => None,
    };
    let second_factor = second_factor_of(body.totp_code, body.recovery_code);
    let proved = signed_in::write(&app, bearer, move |conn, app, caller, now| {
        sessions::prove(conn, &app.vault, caller, proof.as_ref(), second_factor.as_ref(), now)
    });
    proved.await?;
    Ok(Answer::nothing())
}
