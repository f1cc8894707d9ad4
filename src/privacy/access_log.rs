//! Who read what of one's own data, when, and for what.

use actix_web::get;
use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts::api::PageQuery;
use crate::accounts::{Role, signed_in};
use crate::applications::actions::own;
use crate::audit::journal::{self, Access};
use crate::clock::Instant;
use crate::crypto::Purpose;
use crate::ids::PersonId;
use crate::language::{Language, text};
use crate::page::Page;
use crate::web::{Answer, App, Bearer, Problem, Query, Spoken};

/// Somebody read something of you.
#[derive(Serialize, ToSchema)]
pub struct AccessBody {
    #[schema(value_type = String, format = DateTime)]
    opened_at: Instant,
    /// In which role; `system` is the fund itself, by the clock.
    #[schema(value_type = Role, example = "member")]
    role: String,
    /// Who it was, as the event log names them; nobody, where it was the fund itself.
    #[schema(value_type = Option<String>, format = Uuid)]
    person_id: Option<PersonId>,
    #[schema(value_type = Purpose, example = "vote")]
    purpose: Purpose,
    /// What for, in words.
    #[schema(example = "Član komisije je čitao Vašu prijavu da bi glasao o njoj.")]
    why: String,
    /// What was read.
    #[schema(example = json!(["applications.need"]))]
    fields: Vec<String>,
}

impl AccessBody {
    fn of(access: Access, language: Language) -> Self {
        let Access { opened_at, by, role, purpose, fields, .. } = access;
        let why = text(language, &format!("access-{purpose}"), &[]).unwrap_or_default();
        Self { opened_at, role, person_id: by, purpose, why, fields }
    }
}

/// Who read what of you, the latest first. What you read yourself is not on it.
#[utoipa::path(
    tag = "You",
    params(PageQuery),
    responses((status = 200, description = "A page; empty where nobody read anything.", body = Page<AccessBody>))
)]
#[get("/me/access-log")]
pub async fn show(app: App, bearer: Bearer, spoken: Spoken, Query(query): Query<PageQuery>) -> Result<Answer, Problem> {
    let page = signed_in::read(&app, bearer, move |conn, _, caller, _| {
        let subjects = own::stands_under(conn, caller.person)?;
        journal::of_subjects(conn, &subjects, query.cursor, query.limit.unwrap_or_default())
    });
    Ok(Answer::ok(&page.await?.map(|access| AccessBody::of(access, spoken.0)))?)
}
