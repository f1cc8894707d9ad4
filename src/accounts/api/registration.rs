//! Registering: the address first, then, by the link that was mailed to it, the account.

use actix_web::{HttpRequest, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::sessions::{TokensBody, tokens};
use super::{anybodys_password, new_password, signing_in};
use crate::accounts::actions::links::Purpose;
use crate::accounts::actions::requests;
use crate::accounts::rules::{Email, Factors, RequestKind};
use crate::clock::Instant;
use crate::crypto::PasswordText;
use crate::language::Language;
use crate::web::{Answer, App, Fields, Input, Json, Problem, Told, Wrongs};

/// An address that is to have an account.
#[derive(ToSchema)]
pub struct AddressBody {
    #[schema(value_type = String, example = "ana@example.org", max_length = 254)]
    pub email: Email,
    /// In which language the fund writes; else that of `Accept-Language`.
    pub language: Option<Language>,
}

impl Input for AddressBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (email, language) = (fields.required("email"), fields.optional("language"));
        Some(Self { email: email?, language: language? })
    }
}

/// What is said whether or not the address has an account.
#[derive(Serialize, ToSchema)]
pub struct AcceptedBody {
    #[schema(example = "accepted")]
    status: &'static str,
}

pub(super) const ACCEPTED: AcceptedBody = AcceptedBody { status: "accepted" };

/// The link that was mailed, and the password that is to be.
#[derive(ToSchema)]
pub struct ConfirmBody {
    /// What stands behind the # of the mailed link.
    #[schema(value_type = String)]
    token: Option<String>,
    /// At least 15 characters; left out, one signs in by mailed link.
    #[schema(value_type = Option<String>, example = "seven grey cranes over Palic")]
    password: Option<PasswordText>,
}

impl Input for ConfirmBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { token: fields.required("token"), password: fields.optional("password").flatten() })
    }
}

/// Ask for an account. A letter with a link goes to the address; the answer is always the same.
#[utoipa::path(
    tag = "Registration",
    security(()),
    request_body = AddressBody,
    responses((status = 202, description = "A letter is on its way.", body = AcceptedBody))
)]
#[post("/registrations")]
pub async fn ask(app: App, request: HttpRequest, Json(body): Json<AddressBody>) -> Result<Answer, Problem> {
    ask_by_mail(&app, &request, body, RequestKind::Registration).await?;
    Ok(Answer::accepted(&ACCEPTED)?)
}

/// Writes down what somebody asks for an address.
pub(super) async fn ask_by_mail(
    app: &App,
    request: &HttpRequest,
    body: AddressBody,
    kind: RequestKind,
) -> Result<crate::ids::MailRequestId, Problem> {
    app.limits.letter(&body.email.folded())?;
    let accepted = request.headers().get("accept-language").and_then(|value| value.to_str().ok());
    let language = body.language.unwrap_or_else(|| Language::negotiate(accepted));
    let now = Instant::now();
    let asked = app.write(move |conn, app| requests::ask(conn, &app.vault, kind, &body.email, language, now)).await?;
    (app.wake)();
    Ok(asked)
}

/// The address behind the link of a request, and whether its owner has a second factor; what is wrong with it is kept.
pub(super) async fn email_behind(
    app: &App,
    purpose: Purpose,
    token: Option<&str>,
    wrongs: &mut Wrongs,
    now: Instant,
) -> Result<Option<(Email, bool)>, Problem> {
    let Some(token) = token.map(str::to_owned) else { return Ok(None) };
    let behind = app.read(move |conn, app| requests::email_behind(conn, &app.vault, purpose, &token, now));
    Ok(wrongs.keep(behind.await)?)
}

/// Open the account by the mailed link, with a password or without one, and sign in.
#[utoipa::path(
    tag = "Registration",
    security(()),
    request_body = ConfirmBody,
    responses((status = 201, description = "The account is open and signed in.", body = TokensBody))
)]
#[post("/registrations/confirm")]
pub async fn confirm(
    app: App,
    request: HttpRequest,
    Told(body, mut wrongs): Told<ConfirmBody>,
) -> Result<Answer, Problem> {
    let now = Instant::now();
    let ConfirmBody { token, password } = body;
    let behind = email_behind(&app, Purpose::Registration, token.as_deref(), &mut wrongs, now).await?;
    let password = match (password, &behind) {
        (None, _) => None,
        (Some(text), None) => wrongs.keep(anybodys_password("password", text, Factors::Alone))?,
        (Some(text), Some((email, _))) => wrongs.keep(new_password("password", text, false, email))?,
    };
    let token = wrongs.settle(token)?;
    let hash = match password {
        Some(password) => Some(app.hasher.hash(password).await?),
        None => None,
    };
    let sign_in = signing_in(&app, &request, None);
    let confirmed = app.write(move |conn, app| {
        requests::confirm_registration(conn, &app.vault, &token, hash.as_deref(), &sign_in, now)
    });
    tokens(&app, &confirmed.await?, now)
}
