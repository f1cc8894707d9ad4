//! Oneself: what the fund knows, one's language, roles, password and address.

use actix_web::{get, patch, post, put};
use serde::Serialize;
use utoipa::ToSchema;

use super::new_password;
use super::registration::{ACCEPTED, AcceptedBody};
use super::roles::GrantBody;
use super::sign_in::prove_password;
use crate::accounts::actions::email::NewPassword;
use crate::accounts::actions::sessions::Proof;
use crate::accounts::actions::{self, Me, email};
use crate::accounts::rules::Email;
use crate::accounts::signed_in;
use crate::clock::Instant;
use crate::crypto::PasswordText;
use crate::ids::PersonId;
use crate::language::Language;
use crate::page::Page;
use crate::web::{Answer, App, Bearer, Fields, IfMatch, Input, Json, Once, Problem, Query, Told};

/// What the fund knows of one's account.
#[derive(Serialize, ToSchema)]
pub struct MeBody {
    #[schema(value_type = String, format = Uuid)]
    id: PersonId,
    #[schema(example = "ana@example.org")]
    email: String,
    /// In which language the fund writes.
    language: Language,
    has_password: bool,
    has_second_factor: bool,
    /// While this stands, no role but that of an applicant works.
    is_suspended: bool,
}

impl From<&Me> for MeBody {
    fn from(me: &Me) -> Self {
        Self {
            id: me.person,
            email: me.email.as_str().to_owned(),
            language: me.language,
            has_password: me.has_password,
            has_second_factor: me.has_second_factor,
            is_suspended: me.is_suspended,
        }
    }
}

/// Your account.
#[utoipa::path(tag = "You", responses((status = 200, description = "Your account.", body = MeBody)))]
#[get("/me")]
pub async fn show(app: App, bearer: Bearer) -> Result<Answer, Problem> {
    let now = Instant::now();
    let me = app.glance(move |conn, app| actions::me(conn, &app.vault, bearer.person, bearer.session, now)).await?;
    Ok(Answer::ok(&MeBody::from(&me))?.version(me.version))
}

/// What of the account can be changed just so.
#[derive(ToSchema)]
pub struct ChangeBody {
    language: Language,
}

impl Input for ChangeBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { language: fields.required("language")? })
    }
}

/// Change the language in which the fund writes to you.
#[utoipa::path(
    tag = "You",
    params(("If-Match" = String, Header, description = "The `ETag` of `GET /api/v1/me`.", example = "\"1\"")),
    request_body = ChangeBody,
    responses((status = 200, description = "Your account as it is now.", body = MeBody))
)]
#[patch("/me")]
pub async fn change_language(
    app: App,
    bearer: Bearer,
    version: IfMatch,
    Json(body): Json<ChangeBody>,
) -> Result<Answer, Problem> {
    let me = signed_in::write(&app, bearer, move |conn, app, caller, now| {
        actions::change_language(conn, caller, version.0, body.language)?;
        actions::me(conn, &app.vault, caller.person, caller.session, now)
    });
    let me = me.await?;
    Ok(Answer::ok(&MeBody::from(&me))?.version(me.version))
}

/// The roles that you hold.
#[utoipa::path(tag = "You", responses((status = 200, description = "All of them.", body = Page<GrantBody>)))]
#[get("/me/roles")]
pub async fn own_roles(app: App, bearer: Bearer, Query(()): Query<()>) -> Result<Answer, Problem> {
    let grants = signed_in::read(&app, bearer, move |conn, _, caller, now| actions::own_grants(conn, caller, now));
    let items = grants.await?.into_iter().map(GrantBody::from).collect();
    Ok(Answer::ok(&Page { items, next: None })?)
}

/// The old password, where there is one, and the new.
#[derive(ToSchema)]
pub struct PasswordBody {
    /// Left out only by those who have none.
    #[schema(value_type = Option<String>)]
    current_password: Option<PasswordText>,
    /// At least 15 characters; 8 where a second factor is enrolled.
    #[schema(value_type = String, example = "seven grey cranes over Palic")]
    new_password: Option<PasswordText>,
}

impl Input for PasswordBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        let current_password = fields.optional("current_password").flatten();
        Some(Self { current_password, new_password: fields.required("new_password") })
    }
}

/// Change your password. Your other sessions end.
#[utoipa::path(
    tag = "You",
    request_body = PasswordBody,
    responses(
        (status = 204, description = "Changed."),
        (status = 403, description = "Prove first who you are (step_up_required).")
    )
)]
#[put("/me/password")]
pub async fn change_password(
    app: App,
    bearer: Bearer,
    Told(body, mut wrongs): Told<PasswordBody>,
) -> Result<Answer, Problem> {
    app.limits.code(bearer.person)?;
    let own = signed_in::read(&app, bearer, move |conn, app, caller, _| {
        let stored = email::own_password(conn, caller)?;
        Ok((email::own_address(conn, &app.vault, caller)?, caller.has_second_factor, stored))
    });
    let (address, has_second_factor, stored) = own.await?;
    let text = body.new_password.map(|text| new_password("new_password", text, has_second_factor, &address));
    let text = wrongs.keep(text.transpose())?.flatten();
    let matched = match (body.current_password, stored) {
        (None, None) => None,
        (current, stored) => {
            let current = current.unwrap_or_else(|| PasswordText::new(String::new()));
            match wrongs.keep(prove_password(&app, "current_password", current, stored).await)? {
                Some(Proof::Password { matched, .. }) => Some(matched),
                Some(Proof::Mail) | None => None,
            }
        }
    };
    let text = wrongs.settle(text)?;
    let new = NewPassword { hash: app.hasher.hash(text).await?, is_for_two_factors: has_second_factor };
    let changed = signed_in::write(&app, bearer, move |conn, _, caller, now| {
        email::change_password(conn, caller, matched.as_deref(), &new, now)
    });
    changed.await?;
    (app.wake)();
    Ok(Answer::nothing())
}

/// The address that is to be.
#[derive(ToSchema)]
pub struct EmailBody {
    #[schema(value_type = String, example = "ana.nova@example.org", max_length = 254)]
    email: Email,
}

impl Input for EmailBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { email: fields.required("email")? })
    }
}

/// Ask to change your address. Both addresses get a link, and nothing changes until both are followed.
#[utoipa::path(
    tag = "You",
    params(("Idempotency-Key" = Option<String>, Header, description = "So that a retry is no second request.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")),
    request_body = EmailBody,
    responses(
        (status = 202, description = "Two letters are on their way.", body = AcceptedBody),
        (status = 403, description = "Prove first who you are (step_up_required).")
    )
)]
#[post("/me/email-changes")]
pub async fn ask_email(app: App, bearer: Bearer, key: Once, Json(body): Json<EmailBody>) -> Result<Answer, Problem> {
    app.limits.code(bearer.person)?;
    app.limits.letter(&body.email.folded())?;
    let answer = signed_in::write_once(&app, bearer, key, move |conn, app, caller, now| {
        email::ask_change(conn, &app.vault, caller, &body.email, now)?;
        Answer::accepted(&ACCEPTED)
    });
    let answer = answer.await?;
    (app.wake)();
    Ok(answer)
}

/// A mailed link.
#[derive(ToSchema)]
pub struct TokenBody {
    /// What stands behind the # of the mailed link.
    token: String,
}

impl Input for TokenBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { token: fields.required("token")? })
    }
}

/// How far a change of address has come.
#[derive(Serialize, ToSchema)]
pub struct EmailChangeBody {
    /// Whether both addresses confirmed. Then every session has ended.
    is_changed: bool,
}

/// Confirm a change of address by the link that went to one of the two.
#[utoipa::path(
    tag = "You",
    security(()),
    request_body = TokenBody,
    responses((status = 200, description = "Confirmed here.", body = EmailChangeBody))
)]
#[post("/email-changes/confirm")]
pub async fn confirm_email(app: App, Json(body): Json<TokenBody>) -> Result<Answer, Problem> {
    let now = Instant::now();
    let change = app.write(move |conn, app| email::confirm_change(conn, &app.vault, &body.token, now)).await?;
    (app.wake)();
    Ok(Answer::ok(&EmailChangeBody { is_changed: change == email::Change::Changed })?)
}
