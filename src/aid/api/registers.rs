//! Registers: which there are, how far one has come, and withdrawing one.

use std::collections::BTreeMap;

use actix_web::web::Path;
use actix_web::{get, post};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::accounts::actions::act_on;
use crate::accounts::{Permission, signed_in};
use crate::aid::actions;
use crate::aid::rules::{Register, RegisterState, WithdrawReason};
use crate::calls;
use crate::clock::Instant;
use crate::db::Conn;
use crate::ids::{ProgrammeId, RegisterId};
use crate::page::{Limit, Page, TimeCursor};
use crate::web::{Answer, App, Bearer, Cell, Csv, Fields, Input, Json, Once, Problem, Query, path_id};

/// A list of who received other aid, without its rows.
#[derive(Serialize, ToSchema)]
pub struct RegisterBody {
    #[schema(value_type = String, format = Uuid)]
    id: RegisterId,
    #[schema(value_type = String, format = Uuid)]
    programme_id: ProgrammeId,
    /// `loading`: it counts for nobody yet. `in_force`, then perhaps `withdrawn`.
    state: RegisterState,
    /// How many rows it has; while it is loading, so far.
    #[schema(example = 1842)]
    record_count: i64,
    #[schema(value_type = String, format = DateTime)]
    imported_at: Instant,
    #[schema(value_type = Option<String>, format = DateTime)]
    in_force_at: Option<Instant>,
    #[schema(value_type = Option<String>, format = DateTime)]
    withdrawn_at: Option<Instant>,
}

impl From<Register> for RegisterBody {
    fn from(register: Register) -> Self {
        let Register { id, programme, state, record_count, imported_at, in_force_at, withdrawn_at, .. } = register;
        Self { id, programme_id: programme, state, record_count, imported_at, in_force_at, withdrawn_at }
    }
}

/// Which registers.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RegistersFilterQuery {
    /// Only those that are `loading`, `in_force` or `withdrawn`.
    #[param(inline)]
    state: Option<RegisterState>,
}

impl Input for RegistersFilterQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        fields.optional("state").map(|state| Self { state })
    }
}

/// Where the page starts.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RegistersPlace {
    /// How many rows, 1 to 100; 50 if left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<Limit>,
    /// `next` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{32}$")]
    cursor: Option<TimeCursor>,
}

/// A filter and a place.
pub struct RegistersQuery(RegistersFilterQuery, RegistersPlace);

impl Input for RegistersQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let filter = RegistersFilterQuery::read(fields);
        let (limit, cursor) = (fields.optional("limit"), fields.optional("cursor"));
        Some(Self(filter?, RegistersPlace { limit: limit?, cursor: cursor? }))
    }
}

/// The registers of a call, newest first.
#[utoipa::path(
    tag = "Aid",
    params(("id" = String, Path, description = "The call.", format = Uuid), RegistersFilterQuery, RegistersPlace),
    responses(
        (status = 200, description = "A page.", body = Page<RegisterBody>),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such call.")
    )
)]
#[get("/calls/{id}/aid-registers")]
pub async fn list(
    app: App,
    bearer: Bearer,
    Query(query): Query<RegistersQuery>,
    id: Path<String>,
) -> Result<Answer, Problem> {
    let RegistersQuery(filter, place) = query;
    let on = (Permission::ImportAid, id.into_inner());
    let page = calls::read(&app, bearer, on, move |conn, on| {
        let place = (place.cursor, place.limit.unwrap_or_default());
        actions::list_registers(conn, &on.actor, on.call.id, filter.state, place)
    });
    Ok(Answer::ok(&page.await?.map(RegisterBody::from))?)
}

/// The registers of a call as a file, without their rows.
#[utoipa::path(
    tag = "Aid",
    params(("id" = String, Path, description = "The call.", format = Uuid), RegistersFilterQuery),
    responses(
        (status = 200, description = "The file.", body = String, content_type = "text/csv"),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such call.")
    )
)]
#[get("/calls/{id}/aid-registers.csv")]
pub async fn export(
    app: App,
    bearer: Bearer,
    id: Path<String>,
    Query(filter): Query<RegistersFilterQuery>,
) -> Result<Csv, Problem> {
    let on = (Permission::ImportAid, id.into_inner());
    let found = calls::read(&app, bearer, on, move |conn, on| {
        let registers = actions::export_registers(conn, &on.actor, on.call.id, filter.state)?;
        Ok((actions::programmes(conn, on.call.id)?, registers))
    });
    let (programmes, registers) = found.await?;
    let codes: BTreeMap<ProgrammeId, String> = programmes.into_iter().map(|known| (known.id, known.code)).collect();
    let row = |register: Register| {
        [
            Cell::exact(register.id),
            codes.get(&register.programme).map_or(Cell::Empty, Cell::text),
            Cell::exact(register.state),
            Cell::exact(register.record_count),
            Cell::exact(register.imported_at),
            Cell::maybe(register.in_force_at),
            Cell::maybe(register.withdrawn_at),
        ]
    };
    let headings = ["id", "programme", "state", "record_count", "imported_at", "in_force_at", "withdrawn_at"];
    Ok(Csv::new("aid-registers", headings, registers.into_iter().map(row))?)
}

/// One register: while it is loading, how far it has come.
#[utoipa::path(
    tag = "Aid",
    params(("id" = String, Path, description = "The register.", format = Uuid)),
    responses(
        (status = 200, description = "The register.", body = RegisterBody),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is none such.")
    )
)]
#[get("/aid-registers/{id}")]
pub async fn one(app: App, bearer: Bearer, id: Path<String>) -> Result<Answer, Problem> {
    let register: RegisterId = path_id(&id).unwrap_or_else(|_| RegisterId::new());
    let found = signed_in::read(&app, bearer, move |conn, _, caller, now| {
        let call = actions::call_of_register(conn, register)?;
        let actor = act_on(conn, caller, Permission::ImportAid, call, now)?;
        actions::find_register(conn, &actor, register)
    });
    Ok(Answer::ok(&RegisterBody::from(found.await?))?)
}

/// Why a register is withdrawn.
#[derive(ToSchema)]
pub struct WithdrawRegisterBody {
    /// For the event log, which holds nothing in free words.
    #[schema(example = "wrong_file")]
    reason: WithdrawReason,
}

impl Input for WithdrawRegisterBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { reason: fields.required("reason")? })
    }
}

/// Withdraw a register: it counts for nobody any more, and whom it named is checked again.
#[utoipa::path(
    tag = "Aid",
    params(
        ("id" = String, Path, description = "The register.", format = Uuid),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = WithdrawRegisterBody,
    responses(
        (status = 200, description = "Withdrawn.", body = RegisterBody),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is none such."),
        (status = 409, description = "It is not in force.")
    )
)]
#[post("/aid-registers/{id}/withdraw")]
pub async fn withdraw(
    app: App,
    bearer: Bearer,
    key: Once,
    id: Path<String>,
    Json(body): Json<WithdrawRegisterBody>,
) -> Result<Answer, Problem> {
    let register: RegisterId = path_id(&id).unwrap_or_else(|_| RegisterId::new());
    let right = move |conn: &mut Conn, caller: &_, now| {
        let call = actions::call_of_register(conn, register)?;
        act_on(conn, caller, Permission::ImportAid, call, now)
    };
    let withdrawn = signed_in::once_as(&app, bearer, key, right, move |conn, _, _, actor, now| {
        let register = actions::withdraw_register(conn, actor, register, body.reason, now)?;
        Answer::ok(&RegisterBody::from(register))
    });
    let answer = withdrawn.await?;
    (app.wake)();
    Ok(answer)
}
