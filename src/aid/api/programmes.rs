//! The aid catalogue of a call: everybody sees it once the call is published.

use actix_web::web::Path;
use actix_web::{delete, get, post};
use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts::actions::act_on;
use crate::accounts::{Permission, signed_in};
use crate::aid::actions;
use crate::aid::rules::{Effect, Level, NewProgramme, Programme};
use crate::calls;
use crate::calls::api::KEPT;
use crate::db::Conn;
use crate::error::{Error, FieldError, Result};
use crate::ids::{CallId, ProgrammeId};
use crate::web::{Answer, App, Bearer, Fields, Input, Json, Line, Once, Problem, path_id};

/// Other aid that a call speaks of.
#[derive(Serialize, ToSchema)]
pub struct ProgrammeBody {
    #[schema(value_type = String, format = Uuid)]
    id: ProgrammeId,
    #[schema(example = "REP-ART")]
    code: String,
    /// As it was written, in Serbian.
    #[schema(example = "Jednokratna pomoć samostalnim umetnicima")]
    title: String,
    #[schema(example = "Ministarstvo kulture i informisanja")]
    provider: String,
    level: Level,
    /// Whether everybody received it.
    is_universal: bool,
    /// What having received it does to an application: `disqualify` or `ignore`.
    effect: Effect,
}

impl From<Programme> for ProgrammeBody {
    fn from(programme: Programme) -> Self {
        let Programme { id, code, provider, level, is_universal, effect, title, .. } = programme;
        Self { id, code, title, provider, level, is_universal, effect }
    }
}

/// Every programme of a call.
#[derive(Serialize, ToSchema)]
pub struct ProgrammesBody {
    /// By code.
    items: Vec<ProgrammeBody>,
}

/// The aid programmes of a call. Those of a draft are shown to its administrators.
#[utoipa::path(
    tag = "Aid",
    security((), ("access_token" = [])),
    params(("id" = String, Path, description = "The call.", format = Uuid)),
    responses(
        (status = 200, description = "All of them.", body = ProgrammesBody),
        (status = 404, description = "There is no such call, or it is not published yet.")
    )
)]
#[get("/calls/{id}/aid-programmes")]
pub async fn list(app: App, bearer: Option<Bearer>, id: Path<String>) -> Result<Answer, Problem> {
    let call: CallId = path_id(&id).unwrap_or(CallId::NONE);
    let public = app.read(move |conn, _| {
        calls::actions::find_public(conn, call)?;
        actions::programmes(conn, call)
    });
    match (public.await, bearer) {
        (Ok(programmes), _) => Ok(Answer::ok(&body(programmes))?.public(KEPT)),
        (Err(Error::NotFound), Some(bearer)) => {
            let own = signed_in::read(&app, bearer, move |conn, _, caller, now| {
                let known = calls::actions::exists(conn, call)?;
                match act_on(conn, caller, Permission::ImportAid, known, now) {
                    // Everybody reads the programmes of a call that is published: of another there is nothing to forbid.
                    Err(Error::Forbidden { .. }) => Err(Error::NotFound),
                    Err(error) => Err(error),
                    Ok(_) => actions::programmes(conn, call),
                }
            });
            Ok(Answer::ok(&body(own.await?))?)
        }
        (Err(error), _) => Err(error.into()),
    }
}

fn body(programmes: Vec<Programme>) -> ProgrammesBody {
    ProgrammesBody { items: programmes.into_iter().map(ProgrammeBody::from).collect() }
}

/// An aid programme to add.
#[derive(ToSchema)]
pub struct NewProgrammeBody {
    /// Short, and only once in a call.
    #[schema(value_type = String, example = "REP-ART", max_length = 40)]
    code: Line<40>,
    #[schema(value_type = String, example = "Jednokratna pomoć samostalnim umetnicima", max_length = 200)]
    title: Line<200>,
    #[schema(value_type = String, example = "Ministarstvo kulture i informisanja", max_length = 200)]
    provider: Line<200>,
    level: Level,
    /// Whether everybody received it; no, if left out.
    is_universal: Option<bool>,
    /// `disqualify` or `ignore`; others are not supported yet. What everybody received disqualifies nobody.
    effect: Effect,
}

impl Input for NewProgrammeBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (code, title, provider) = (fields.required("code"), fields.required("title"), fields.required("provider"));
        let (level, effect) = (fields.required("level"), fields.required("effect"));
        let is_universal = fields.optional("is_universal");
        if (is_universal, effect) == (Some(Some(true)), Some(Effect::Disqualify)) {
            // Read literally it would leave out everybody.
            fields.wrong(FieldError { field: "effect".into(), code: "universal_disqualifies", argument: None });
        }
        Some(Self {
            code: code?,
            title: title?,
            provider: provider?,
            level: level?,
            is_universal: is_universal?,
            effect: effect?,
        })
    }
}

/// Add a programme to the aid catalogue of a call.
#[utoipa::path(
    tag = "Aid",
    params(
        ("id" = String, Path, description = "The call.", format = Uuid),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry adds nothing twice.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = NewProgrammeBody,
    responses(
        (status = 201, description = "Added.", body = ProgrammeBody),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such call."),
        (status = 409, description = "The call has a programme with this code.")
    )
)]
#[post("/calls/{id}/aid-programmes")]
pub async fn add(
    app: App,
    bearer: Bearer,
    key: Once,
    id: Path<String>,
    Json(body): Json<NewProgrammeBody>,
) -> Result<Answer, Problem> {
    let call: CallId = path_id(&id).unwrap_or(CallId::NONE);
    let new = NewProgramme {
        code: body.code.0,
        provider: body.provider.0,
        level: body.level,
        is_universal: body.is_universal.unwrap_or_default(),
        effect: body.effect,
        title: body.title.0,
    };
    let right = move |conn: &mut Conn, caller: &_, now| {
        let known = calls::actions::exists(conn, call)?;
        act_on(conn, caller, Permission::ImportAid, known, now)
    };
    let added = signed_in::once_as(&app, bearer, key, right, move |conn, _, _, actor, now| {
        let programme = actions::add_programme(conn, actor, call, &new, now)?;
        Answer::created(&ProgrammeBody::from(programme), format!("/api/v1/calls/{call}/aid-programmes"))
    });
    added.await
}

/// Take a programme out of the catalogue of a draft.
#[utoipa::path(
    tag = "Aid",
    path = "/aid-programmes/{id}",
    params(("id" = String, Path, description = "The programme.", format = Uuid)),
    responses(
        (status = 204, description = "Removed."),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is none such."),
        (status = 409, description = "The call is published, or the programme has a register.")
    )
)]
#[delete("/aid-programmes/{id}")]
pub async fn remove(app: App, bearer: Bearer, id: Path<String>) -> Result<Answer, Problem> {
    let programme: ProgrammeId = path_id(&id).unwrap_or_else(|_| ProgrammeId::new());
    let removed = signed_in::write(&app, bearer, move |conn, _, caller, now| {
        let call = actions::call_of_programme(conn, programme)?;
        let actor = act_on(conn, caller, Permission::ImportAid, call, now)?;
        actions::remove_programme(conn, &actor, programme, now)
    });
    removed.await?;
    Ok(Answer::nothing())
}
