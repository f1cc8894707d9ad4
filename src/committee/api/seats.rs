//! Seats: one's own, and those of a call.

use actix_web::get;
use actix_web::web::Path;
use serde::Serialize;
use utoipa::ToSchema;

use super::named;
use crate::accounts::{Permission, signed_in};
use crate::clock::Instant;
use crate::committee::actions::{self, OwnSeat};
use crate::committee::rules::{SeatKind, Seated};
use crate::ids::{CallId, PersonId, SeatId};
use crate::web::{Answer, App, Bearer, Problem};

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
pub async fn own_seats(app: App, bearer: Bearer) -> Result<Answer, Problem> {
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
    let seats = signed_in::read(&app, bearer, move |conn, services, caller, now| {
        let actor = actions::act_to_read(conn, caller, Permission::ReadMinutes, call, now)?;
        actions::seats(conn, &services.vault, &actor, call.unwrap_or(CallId::NONE))
    });
    let items = seats.await?.into_iter().map(SeatBody::from).collect();
    Ok(Answer::ok(&SeatsBody { items })?)
}
