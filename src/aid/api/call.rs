//! One call, with its rules as data and in plain words, and what it says of other aid.

use actix_web::get;
use actix_web::web::Path;
use serde::Serialize;
use utoipa::ToSchema;

use super::programmes::ProgrammeBody;
use crate::aid::actions;
use crate::aid::rules::{Effect, Programme};
use crate::calls::api::{CallBody, KEPT};
use crate::calls::{self, Call, OtherAid, Rules, Section};
use crate::clock::Instant;
use crate::language::Language;
use crate::web::{Answer, App, Problem, Spoken, path_id};

/// A call with everything that somebody must know before applying.
#[derive(Serialize, ToSchema)]
pub struct CallInFullBody {
    #[serde(flatten)]
    call: CallBody,
    /// The rules, as they were published.
    rules: Rules,
    /// The same in plain words, in the language of the request.
    explained: Vec<Section>,
    /// Other aid that the call speaks of.
    aid_programmes: Vec<ProgrammeBody>,
}

fn present(call: &Call, programmes: Vec<Programme>, language: Language, now: Instant) -> CallInFullBody {
    let other_aid = |programme: &Programme| OtherAid {
        title: programme.title.clone(),
        provider: programme.provider.clone(),
        disqualifies: programme.effect == Effect::Disqualify,
    };
    let other_aid: Vec<OtherAid> = programmes.iter().map(other_aid).collect();
    CallInFullBody {
        call: CallBody::new(call, now),
        rules: call.published_rules(),
        explained: calls::explain(&call.rules_in_force(), &other_aid, language),
        aid_programmes: programmes.into_iter().map(ProgrammeBody::from).collect(),
    }
}

/// One call, with its rules as data and in plain words.
#[utoipa::path(
    tag = "Calls",
    security(()),
    params(("id" = String, Path, description = "The call.", format = Uuid)),
    responses(
        (status = 200, description = "The call.", body = CallInFullBody),
        (status = 404, description = "There is none such, or it is not published yet.")
    )
)]
#[get("/calls/{id}")]
pub async fn one(app: App, Spoken(language): Spoken, id: Path<String>) -> Result<Answer, Problem> {
    let now = Instant::now();
    let found = app.read(move |conn, _| {
        let call = calls::actions::find_public(conn, path_id(&id)?)?;
        let programmes = actions::programmes(conn, call.id)?;
        Ok((call, programmes))
    });
    let (call, programmes) = found.await?;
    Ok(Answer::ok(&present(&call, programmes, language, now))?.public(KEPT))
}
