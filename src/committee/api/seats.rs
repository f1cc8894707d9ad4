//! Seats: one's own, those of a call, and ending one.

use actix_web::web::Path;
use actix_web::{get, post};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::named;
use crate::accounts::{Permission, signed_in};
use crate::audit::journal;
use crate::clock::Instant;
use crate::committee::actions::{self, OwnSeat};
use crate::committee::rules::{SeatEndReason, SeatKind, Seated};
use crate::crypto::Purpose;
use crate::ids::{CallId, PersonId, SeatId};
use crate::web::{Answer, App, Bearer, Field, Fields, Input, Json, Once, Problem, Query, Wrong, once, word};

/// A seat that one holds.
#[derive(Serialize, ToSchema)]
pub struct OwnSeatBody {
    #[schema(value_type = String, format = Uuid)]
    id: SeatId,
    #[schema(value_type = String, format = Uuid)]
    call_id: CallId,
    #[schema(example = "2020")]
    call_code: String,
    kind: SeatKind,
    /// The association that sends one.
    #[schema(example = "ULUS")]
    association: String,
    /// For a substitute, the seat it stands for.
    #[schema(value_type = Option<String>, format = Uuid)]
    substitutes_for: Option<SeatId>,
    #[schema(value_type = String, format = DateTime)]
    seated_at: Instant,
    /// Nothing: to the end of the round.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Instant>,
}

impl From<OwnSeat> for OwnSeatBody {
    fn from(own: OwnSeat) -> Self {
        let OwnSeat { call, call_code, seat } = own;
        let Seated { id, kind, association, substitutes_for, seated_at, ends_at, .. } = seat;
        Self { id, call_id: call, call_code, kind, association, substitutes_for, seated_at, ends_at }
    }
}

/// The seats that one holds.
#[derive(Serialize, ToSchema)]
pub struct OwnSeatsBody {
    /// The latest first.
    items: Vec<OwnSeatBody>,
}

/// A seat of a call's committee.
#[derive(Serialize, ToSchema)]
pub struct SeatBody {
    #[schema(value_type = String, format = Uuid)]
    id: SeatId,
    #[schema(value_type = String, format = Uuid)]
    person_id: PersonId,
    /// As the person gave it.
    #[schema(example = "Iva Ivić")]
    name: Option<String>,
    kind: SeatKind,
    /// The association that sends the person.
    #[schema(example = "ULUS")]
    association: String,
    /// For a substitute, the seat it stands for.
    #[schema(value_type = Option<String>, format = Uuid)]
    substitutes_for: Option<SeatId>,
    #[schema(value_type = String, format = DateTime)]
    seated_at: Instant,
    /// Nothing: to the end of the round.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Instant>,
}

impl From<(Seated, Option<String>)> for SeatBody {
    fn from((seat, name): (Seated, Option<String>)) -> Self {
        let Seated { id, person, kind, substitutes_for, association, seated_at, ends_at } = seat;
        Self { id, person_id: person, name, kind, association, substitutes_for, seated_at, ends_at }
    }
}

/// The committee of a call.
#[derive(Serialize, ToSchema)]
pub struct SeatsBody {
    /// In the order of seating.
    items: Vec<SeatBody>,
}

/// The seats that one holds on committees, the latest first.
#[utoipa::path(
    tag = "Committee",
    responses((status = 200, description = "Those that have not ended; most people have none.", body = OwnSeatsBody))
)]
#[get("/me/seats")]
pub async fn own_seats(app: App, bearer: Bearer, Query(()): Query<()>) -> Result<Answer, Problem> {
    let seats = signed_in::read(&app, bearer, move |conn, _, caller, now| actions::own_seats(conn, caller, now));
    let items = seats.await?.into_iter().map(OwnSeatBody::from).collect();
    Ok(Answer::ok(&OwnSeatsBody { items })?)
}

/// Who is seated on the committee of a call.
#[utoipa::path(
    tag = "Committee",
    params(("id" = String, Path, description = "The call.", format = Uuid)),
    responses(
        (status = 200, description = "Every seat, also those that have ended.", body = SeatsBody),
        (status = 403, description = "Only administrators and the chair."),
        (status = 404, description = "There is no such call, or it is not theirs.")
    )
)]
#[get("/calls/{id}/seats")]
pub async fn of_call(app: App, bearer: Bearer, id: Path<String>) -> Result<Answer, Problem> {
    let call = named::<CallId>(&id);
    let seats = signed_in::read_others(&app, bearer, move |conn, services, caller, log, now| {
        let actor = actions::act_to_read(conn, caller, Permission::ReadMinutes, call, now)?;
        let opener = log.opener(&services.vault, journal::reader(actor.author(), Purpose::ReadMinutes));
        actions::seats(conn, &opener, &actor, call.unwrap_or(CallId::NONE))
    });
    let items = seats.await?.into_iter().map(SeatBody::from).collect();
    Ok(Answer::ok(&SeatsBody { items })?)
}

/// Why a seat ends before its time.
#[derive(ToSchema)]
pub struct EndSeatBody {
    /// For the event log, which holds nothing in free words.
    #[schema(example = "withdrawn_by_association")]
    reason: SeatEndReason,
}

impl Input for EndSeatBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { reason: fields.required("reason")? })
    }
}

impl Field for SeatEndReason {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

/// End a seat now. Votes that were cast by it stay; nothing can be done by it any more.
///
/// After a chair another can be seated, whose votes then take the place of the former's. A quorum is counted of the seats
/// as before, and a substitute goes on to stand in where the member was recused, not for what they leave undone.
#[utoipa::path(
    tag = "Committee",
    params(
        ("id" = String, Path, description = "The seat.", format = Uuid),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = EndSeatBody,
    responses(
        (status = 200, description = "The seat, ended.", body = SeatBody),
        (status = 403, description = "Only administrators, with a fresh second factor."),
        (status = 404, description = "There is none such."),
        (status = 409, description = "It has ended already (`seat_ended`).")
    )
)]
#[post("/seats/{id}/end")]
pub async fn end(
    app: App,
    bearer: Bearer,
    key: Once,
    id: Path<String>,
    Json(body): Json<EndSeatBody>,
) -> Result<Answer, Problem> {
    let ended = signed_in::write(&app, bearer, move |conn, app, caller, now| {
        let (actor, seat) = actions::act_on_seat(conn, caller, Permission::Seat, &id, now)?;
        once(conn, &app.vault, &caller.keys, &key, now, |conn| {
            let ended = actions::end_seat(conn, &app.vault, &actor, caller, (seat, body.reason), now)?;
            Answer::ok(&SeatBody::from(ended))
        })
    });
    ended.await
}
