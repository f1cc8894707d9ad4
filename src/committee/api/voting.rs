//! What the chair does: opens and closes the voting, and sees whose votes are missing.

use actix_web::web::Path;
use actix_web::{get, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::named;
use crate::accounts::{Permission, signed_in};
use crate::calls::{Call, CallState};
use crate::clock::Instant;
use crate::committee::actions::{self, Progress, SeatProgress};
use crate::committee::rules::SeatKind;
use crate::error::{Error, Result};
use crate::ids::{CallId, SeatId};
use crate::web::{Answer, App, Bearer, IfMatch, Once, Problem};

/// Where the voting on a call stands.
#[derive(Serialize, ToSchema)]
pub struct VotingBody {
    #[schema(value_type = String, format = Uuid)]
    call_id: CallId,
    /// `voting` while it is open, `voting_closed` after it.
    state: CallState,
    /// A vote at this very moment still counts.
    #[schema(value_type = String, format = DateTime)]
    voting_closes_at: Instant,
}

fn present(call: &Call) -> Result<Answer> {
    let body = VotingBody { call_id: call.id, state: call.state, voting_closes_at: call.rules.voting_closes_at };
    Ok(Answer::ok(&body)?.version(call.version))
}

/// Open the voting on a call.
#[utoipa::path(
    tag = "Committee",
    params(
        ("id" = String, Path, description = "The call.", format = Uuid),
        ("If-Match" = String, Header, description = "The version of the call: the `ETag` of its voting progress.", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    responses(
        (status = 200, description = "The voting is open.", body = VotingBody),
        (status = 403, description = "Only the chair."),
        (status = 404, description = "One does not chair this call."),
        (status = 409, description = "The call takes applications still, or is past this step.")
    )
)]
#[post("/calls/{id}/voting/open")]
pub async fn open(app: App, bearer: Bearer, version: IfMatch, key: Once, id: Path<String>) -> Result<Answer, Problem> {
    let call = named::<CallId>(&id);
    let opened = signed_in::once_as(
        &app,
        bearer,
        key,
        move |conn, caller, now| actions::act(conn, caller, Permission::OpenVoting, call, now),
        move |conn, _, _, actor, now| {
            let call = (call.ok_or(Error::NotFound)?, version.0);
            present(&actions::open_at(conn, actor, call, now)?)
        },
    );
    opened.await
}

/// Close the voting on a call: the votes are counted, and every eligible application is decided.
///
/// Before its time it closes only where no vote is missing and no application waits for somebody's decision.
#[utoipa::path(
    tag = "Committee",
    params(
        ("id" = String, Path, description = "The call.", format = Uuid),
        ("If-Match" = String, Header, description = "The version of the call: the `ETag` of its voting progress.", example = "\"3\""),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    responses(
        (status = 200, description = "The voting is closed.", body = VotingBody),
        (status = 403, description = "Only the chair."),
        (status = 404, description = "One does not chair this call."),
        (status = 409, description = "Votes are missing before its time (`voting_open`), or the voting is not open.")
    )
)]
#[post("/calls/{id}/voting/close")]
pub async fn close(app: App, bearer: Bearer, version: IfMatch, key: Once, id: Path<String>) -> Result<Answer, Problem> {
    let call = named::<CallId>(&id);
    let closed = signed_in::once_as(
        &app,
        bearer,
        key,
        move |conn, caller, now| actions::act(conn, caller, Permission::CloseVoting, call, now),
        move |conn, services, _, actor, now| {
            let call = (call.ok_or(Error::NotFound)?, version.0);
            present(&actions::close_at(conn, &services.vault, actor, call, now)?)
        },
    );
    closed.await
}

/// What one seat has left to do.
#[derive(Serialize, ToSchema)]
pub struct SeatProgressBody {
    #[schema(value_type = String, format = Uuid)]
    seat_id: SeatId,
    kind: SeatKind,
    #[schema(example = "ULUS")]
    association: String,
    /// How many votes are missing.
    #[schema(example = 2)]
    missing: usize,
    /// On which applications: the first hundred by reference code, without those that the chair is recused from
    /// and their own.
    #[schema(example = json!(["A-0001", "A-0007"]))]
    references: Vec<String>,
}

impl From<SeatProgress> for SeatProgressBody {
    fn from(progress: SeatProgress) -> Self {
        let SeatProgress { seat, missing, references } = progress;
        Self { seat_id: seat.id, kind: seat.kind, association: seat.association, missing, references }
    }
}

/// How far the voting has come: who has not voted on what, never how anybody has.
#[derive(Serialize, ToSchema)]
pub struct VotingProgressBody {
    voting: VotingBody,
    /// How many applications are voted on.
    #[schema(example = 918)]
    eligible: usize,
    /// Whether some wait for somebody's decision and may still become eligible.
    has_waiting: bool,
    /// Whether the voting can be closed before its time.
    is_complete: bool,
    /// Those that have not ended, in the order of seating.
    seats: Vec<SeatProgressBody>,
}

impl From<Progress> for VotingProgressBody {
    fn from(progress: Progress) -> Self {
        let is_complete = progress.is_complete();
        let Progress { call, eligible, has_waiting, seats } = progress;
        let voting = VotingBody { call_id: call.id, state: call.state, voting_closes_at: call.rules.voting_closes_at };
        let seats = seats.into_iter().map(SeatProgressBody::from).collect();
        Self { voting, eligible, has_waiting, is_complete, seats }
    }
}

/// Whose votes are missing on a call, and on which applications. How anybody voted is not told.
#[utoipa::path(
    tag = "Committee",
    params(("id" = String, Path, description = "The call.", format = Uuid)),
    responses(
        (status = 200, description = "What is missing; the `ETag` is the version of the call.", body = VotingProgressBody),
        (status = 403, description = "Only the chair."),
        (status = 404, description = "One does not chair this call.")
    )
)]
#[get("/calls/{id}/voting/progress")]
pub async fn show_progress(app: App, bearer: Bearer, id: Path<String>) -> Result<Answer, Problem> {
    let call = named::<CallId>(&id);
    let progress = signed_in::read(&app, bearer, move |conn, _, caller, now| {
        let actor = actions::act(conn, caller, Permission::CloseVoting, call, now)?;
        actions::progress(conn, &actor, call.ok_or(Error::NotFound)?, now)
    });
    let progress = progress.await?;
    let version = progress.call.version;
    Ok(Answer::ok(&VotingProgressBody::from(progress))?.version(version))
}
