//! Signing in: by password, by mailed link, by short code.

use actix_web::{HttpRequest, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::registration::{AddressBody, ask_by_mail};
use super::sessions::{TokensBody, tokens};
use super::{second_factor_of, signing_in};
use crate::accounts::actions::links::{self, Purpose};
use crate::accounts::actions::requests::{self, Typed};
use crate::accounts::actions::sessions::{self, Credentials, Proof, SignIn};
use crate::accounts::rules::{Email, RequestKind};
use crate::clock::Instant;
use crate::crypto::{PasswordText, Verdict};
use crate::error::Error;
use crate::web::{Answer, App, Fields, Input, Json, Problem};

/// Address and password and, where one is enrolled, the second factor.
#[derive(ToSchema)]
pub struct SignInBody {
    #[schema(value_type = String, example = "ana@example.org", max_length = 254)]
    email: Email,
    #[schema(value_type = String, example = "seven grey cranes over Palic")]
    password: PasswordText,
    /// Six digits of the authenticator app.
    #[schema(value_type = Option<String>, example = "123456")]
    totp_code: Option<String>,
    /// Or one of the ten recovery codes.
    #[schema(value_type = Option<String>, example = "7G3K-9M2P-X4QT-5B8N-0HZC-W6RD-48")]
    recovery_code: Option<String>,
}

impl Input for SignInBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (email, password) = (fields.required("email"), fields.required("password"));
        let (totp_code, recovery_code) = (fields.optional("totp_code"), fields.optional("recovery_code"));
        Some(Self { email: email?, password: password?, totp_code: totp_code?, recovery_code: recovery_code? })
    }
}

/// Sign in with a password. An unknown address and a wrong password get the same answer in the same time.
#[utoipa::path(
    tag = "Sessions",
    security(()),
    request_body = SignInBody,
    responses(
        (status = 201, description = "Signed in.", body = TokensBody),
        (status = 401, description = "Address and password do not belong together."),
        (status = 403, description = "The second factor is needed too (totp_required).")
    )
)]
#[post("/sessions")]
pub async fn by_password(app: App, request: HttpRequest, Json(body): Json<SignInBody>) -> Result<Answer, Problem> {
    let now = Instant::now();
    let SignInBody { email, password, totp_code, recovery_code } = body;
    app.limits.sign_in(&email.folded())?;
    let credentials = app.read(move |conn, app| sessions::credentials(conn, &app.vault, &email)).await?;
    let Credentials { person, stored } = credentials;
    let verdict = app.hasher.verify(password.clone(), stored.clone()).await?;
    let person = person.filter(|_| verdict.is_right).ok_or(Error::WrongCredentials)?;
    let proof = proof(&app, password, stored, verdict).await?;
    let sign_in = signing_in(&app, &request, second_factor_of(totp_code, recovery_code));
    let signed_in = app.write(move |conn, app| sessions::begin(conn, &app.vault, person, &proof, &sign_in, now));
    tokens(&app, &signed_in.await?, now)
}

/// Compares the password of somebody signed in with their stored hash.
///
/// # Errors
/// A field error on `field` where it is wrong: who they are is known, so that it is no 401.
pub(super) async fn prove_password(
    app: &App,
    field: &str,
    password: PasswordText,
    stored: Option<String>,
) -> crate::error::Result<Proof> {
    let verdict = app.hasher.verify(password.clone(), stored.clone()).await?;
    if !verdict.is_right {
        return Err(Error::field(field, "password_wrong"));
    }
    proof(app, password, stored, verdict).await
}

async fn proof(
    app: &App,
    password: PasswordText,
    stored: Option<String>,
    verdict: Verdict,
) -> crate::error::Result<Proof> {
    let matched = stored.filter(|_| verdict.is_right).ok_or(Error::WrongCredentials)?;
    let rehashed = if verdict.needs_rehash { Some(app.hasher.hash(password).await?) } else { None };
    Ok(Proof::Password { matched, rehashed })
}

/// What the device that asked keeps, to type the short code there.
#[derive(Serialize, ToSchema)]
pub struct LinkAskedBody {
    /// Goes with the short code to `POST /api/v1/sessions/code`.
    device_token: String,
    /// How long link and code work.
    #[schema(example = 600)]
    expires_in: u64,
}

/// Ask for a letter with a link and a short code to sign in without a password. The answer is always the same.
#[utoipa::path(
    tag = "Sessions",
    security(()),
    request_body = AddressBody,
    responses((status = 202, description = "A letter is on its way.", body = LinkAskedBody))
)]
#[post("/sign-in-links")]
pub async fn ask_link(app: App, request: HttpRequest, Json(body): Json<AddressBody>) -> Result<Answer, Problem> {
    let asked = ask_by_mail(&app, &request, body, RequestKind::SignIn).await?;
    let token = app.read(move |conn, app| links::token(conn, &app.vault, Purpose::Device, asked.uuid()));
    let device_token = token.await?;
    let body = LinkAskedBody { device_token, expires_in: RequestKind::SignIn.lifetime_seconds() };
    Ok(Answer::accepted(&body)?)
}

/// Counts a try of the second factor that comes with a link: a wrong one uses up no link, so that it could be guessed at.
async fn count_try(app: &App, purpose: Purpose, token: &str, sign_in: &SignIn, now: Instant) -> Result<(), Problem> {
    if sign_in.second_factor.is_none() {
        return Ok(());
    }
    let token = token.to_owned();
    let person = app.read(move |conn, app| requests::person_behind(conn, &app.vault, purpose, &token, now)).await;
    let person = person.map_err(|error| if purpose == Purpose::Device { of_device(error) } else { error })?;
    person.map_or(Ok(()), |person| app.limits.code(person))
}

/// What is wrong with a token, told of the field that it came in.
fn of_device(error: Error) -> Error {
    let Error::Fields(mut wrong) = error else { return error };
    wrong.iter_mut().filter(|wrong| wrong.field == "token").for_each(|wrong| wrong.field = "device_token".to_owned());
    Error::Fields(wrong)
}

/// A mailed link and, where one is enrolled, the second factor.
#[derive(ToSchema)]
pub struct LinkBody {
    /// What stands behind the # of the mailed link.
    token: String,
    #[schema(value_type = Option<String>, example = "123456")]
    totp_code: Option<String>,
    #[schema(value_type = Option<String>, example = "7G3K-9M2P-X4QT-5B8N-0HZC-W6RD-48")]
    recovery_code: Option<String>,
}

impl Input for LinkBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        let token = fields.required("token");
        let (totp_code, recovery_code) = (fields.optional("totp_code"), fields.optional("recovery_code"));
        Some(Self { token: token?, totp_code: totp_code?, recovery_code: recovery_code? })
    }
}

/// Sign in by the mailed link.
#[utoipa::path(
    tag = "Sessions",
    security(()),
    request_body = LinkBody,
    responses(
        (status = 201, description = "Signed in.", body = TokensBody),
        (status = 403, description = "The second factor is needed too (totp_required).")
    )
)]
#[post("/sessions/link")]
pub async fn by_link(app: App, request: HttpRequest, Json(body): Json<LinkBody>) -> Result<Answer, Problem> {
    let now = Instant::now();
    let LinkBody { token, totp_code, recovery_code } = body;
    let sign_in = signing_in(&app, &request, second_factor_of(totp_code, recovery_code));
    count_try(&app, Purpose::SignIn, &token, &sign_in, now).await?;
    let signed_in = app.write(move |conn, app| requests::sign_in_by_link(conn, &app.vault, &token, &sign_in, now));
    tokens(&app, &signed_in.await?, now)
}

/// The short code of the letter, on the device that asked for it.
#[derive(ToSchema)]
pub struct CodeBody {
    /// From the answer to `POST /api/v1/sign-in-links`.
    device_token: String,
    /// Eight digits; spaces and dashes do not matter.
    #[schema(example = "1234 5678")]
    code: String,
    #[schema(value_type = Option<String>, example = "123456")]
    totp_code: Option<String>,
    #[schema(value_type = Option<String>, example = "7G3K-9M2P-X4QT-5B8N-0HZC-W6RD-48")]
    recovery_code: Option<String>,
}

impl Input for CodeBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (device_token, code) = (fields.required("device_token"), fields.required("code"));
        let (totp_code, recovery_code) = (fields.optional("totp_code"), fields.optional("recovery_code"));
        let (device_token, code) = (device_token?, code?);
        Some(Self { device_token, code, totp_code: totp_code?, recovery_code: recovery_code? })
    }
}

/// Sign in by the short code. Five wrong ones end it; then a new letter is needed.
#[utoipa::path(
    tag = "Sessions",
    security(()),
    request_body = CodeBody,
    responses(
        (status = 201, description = "Signed in.", body = TokensBody),
        (status = 403, description = "The second factor is needed too (totp_required).")
    )
)]
#[post("/sessions/code")]
pub async fn by_code(app: App, request: HttpRequest, Json(body): Json<CodeBody>) -> Result<Answer, Problem> {
    let now = Instant::now();
    let CodeBody { device_token, code, totp_code, recovery_code } = body;
    let sign_in = signing_in(&app, &request, second_factor_of(totp_code, recovery_code));
    count_try(&app, Purpose::Device, &device_token, &sign_in, now).await?;
    let typed =
        app.write(move |conn, app| requests::sign_in_by_code(conn, &app.vault, &device_token, &code, &sign_in, now));
    match typed.await.map_err(of_device)? {
        Typed::SignedIn(signed_in) => tokens(&app, &signed_in, now),
        Typed::Wrong => Err(Error::field("code", "code").into()),
    }
}
