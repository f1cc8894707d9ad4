//! Enrolling the second factor, and the recovery codes that go with it.

use actix_web::{delete, post};
use serde::Serialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::accounts::actions::{email, second_factor};
use crate::accounts::signed_in;
use crate::web::{Answer, App, Bearer, Fields, Input, Json, Problem};

/// A secret for an authenticator app. It is shown here and nowhere else.
#[derive(Serialize, ToSchema)]
pub struct OfferBody {
    /// base32, to be typed.
    #[schema(example = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")]
    secret: String,
    /// The same, for a QR code.
    #[schema(example = "otpauth://totp/Fond:ana%40example.org?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Fond")]
    url: String,
}

/// Ten codes for when the telephone is lost; each works once. They are shown here and nowhere else.
#[derive(Serialize, ToSchema)]
pub struct CodesBody {
    #[schema(min_items = 10, max_items = 10, example = json!(["7G3K-9M2P-X4QT-5B8N-0HZC-W6RD-48"]))]
    recovery_codes: Vec<String>,
}

impl From<Vec<Zeroizing<String>>> for CodesBody {
    fn from(codes: Vec<Zeroizing<String>>) -> Self {
        Self { recovery_codes: codes.iter().map(|code| code.to_string()).collect() }
    }
}

/// A code of the app.
#[derive(ToSchema)]
pub struct TotpBody {
    #[schema(example = "123456")]
    totp_code: String,
}

impl Input for TotpBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { totp_code: fields.required("totp_code")? })
    }
}

/// Begin to enrol a second factor: a secret for the authenticator app.
#[utoipa::path(
    tag = "Second factor",
    responses(
        (status = 201, description = "The secret. It counts once it is confirmed.", body = OfferBody),
        (status = 403, description = "Prove first who you are (step_up_required)."),
        (status = 409, description = "One is enrolled; remove it first.")
    )
)]
#[post("/me/second-factor")]
pub async fn begin(app: App, bearer: Bearer) -> Result<Answer, Problem> {
    let offer = signed_in::write(&app, bearer, move |conn, app, caller, now| {
        let address = email::own_address(conn, &app.vault, caller)?;
        second_factor::offer(conn, &app.vault, caller, &address, now)
    });
    let offer = offer.await?;
    let body = OfferBody { secret: offer.secret.to_string(), url: offer.url.to_string() };
    Ok(Answer::new(actix_web::http::StatusCode::CREATED, &body)?)
}

/// Enrol it by a code of the app. Your other sessions end, and ten recovery codes are given.
#[utoipa::path(
    tag = "Second factor",
    request_body = TotpBody,
    responses(
        (status = 200, description = "Enrolled.", body = CodesBody),
        (status = 403, description = "Prove first who you are (step_up_required)."),
        (status = 409, description = "One is enrolled already.")
    )
)]
#[post("/me/second-factor/confirm")]
pub async fn confirm(app: App, bearer: Bearer, Json(body): Json<TotpBody>) -> Result<Answer, Problem> {
    app.limits.code(bearer.person)?;
    let codes = signed_in::write(&app, bearer, move |conn, app, caller, now| {
        second_factor::confirm(conn, &app.vault, caller, &body.totp_code, now)
    });
    let codes = codes.await?;
    (app.wake)();
    Ok(Answer::ok(&CodesBody::from(codes))?)
}

/// Remove the second factor, to enrol another. The password is forgotten with it, for it may be too short to stand
/// alone: set a new one, or sign in by mailed link.
#[utoipa::path(
    tag = "Second factor",
    responses(
        (status = 204, description = "Removed. No role works until another is enrolled."),
        (status = 403, description = "Prove first who you are (step_up_required).")
    )
)]
#[delete("/me/second-factor")]
pub async fn remove(app: App, bearer: Bearer) -> Result<Answer, Problem> {
    let removed = signed_in::write(&app, bearer, move |conn, _, caller, now| second_factor::remove(conn, caller, now));
    removed.await?;
    (app.wake)();
    Ok(Answer::nothing())
}

/// Ten new recovery codes in place of the old ones.
#[utoipa::path(
    tag = "Second factor",
    responses(
        (status = 200, description = "The new codes.", body = CodesBody),
        (status = 403, description = "Prove first who you are (step_up_required).")
    )
)]
#[post("/me/recovery-codes")]
pub async fn renew_codes(app: App, bearer: Bearer) -> Result<Answer, Problem> {
    let codes =
        signed_in::write(&app, bearer, move |conn, _, caller, now| second_factor::renew_codes(conn, caller, now));
    Ok(Answer::ok(&CodesBody::from(codes.await?))?)
}
