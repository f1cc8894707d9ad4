//! A forgotten password: a letter with a link, and by it a new one.

use actix_web::{HttpRequest, post};
use utoipa::ToSchema;

use super::registration::{ACCEPTED, AcceptedBody, AddressBody, ask_by_mail};
use super::{behind_link, new_password};
use crate::accounts::actions::email::NewPassword;
use crate::accounts::actions::links::Purpose;
use crate::accounts::actions::requests;
use crate::accounts::rules::{Factors, RequestKind};
use crate::clock::Instant;
use crate::crypto::PasswordText;
use crate::web::{Answer, App, Fields, Input, Json, Problem};

/// The mailed link and the password that is to be.
#[derive(ToSchema)]
pub struct NewPasswordBody {
    /// What stands behind the # of the mailed link.
    token: String,
    /// At least 15 characters; 8 where a second factor is enrolled.
    #[schema(value_type = String, example = "seven grey cranes over Palic")]
    new_password: PasswordText,
}

impl Input for NewPasswordBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (token, new_password) = (fields.required("token"), fields.required("new_password"));
        Some(Self { token: token?, new_password: new_password? })
    }
}

/// Ask for a letter with a link to set a new password. The answer is always the same.
#[utoipa::path(
    tag = "Passwords",
    security(()),
    request_body = AddressBody,
    responses((status = 202, description = "A letter is on its way.", body = AcceptedBody))
)]
#[post("/password-resets")]
pub async fn ask(app: App, request: HttpRequest, Json(body): Json<AddressBody>) -> Result<Answer, Problem> {
    ask_by_mail(&app, &request, body, RequestKind::PasswordReset).await?;
    Ok(Answer::accepted(&ACCEPTED)?)
}

/// Set a new password by the mailed link. Every session ends.
#[utoipa::path(
    tag = "Passwords",
    security(()),
    request_body = NewPasswordBody,
    responses((status = 204, description = "The password is set."))
)]
#[post("/password-resets/confirm")]
pub async fn confirm(app: App, Json(body): Json<NewPasswordBody>) -> Result<Answer, Problem> {
    let now = Instant::now();
    let NewPasswordBody { token, new_password: text } = body;
    let own_token = token.clone();
    let behind =
        app.read(move |conn, app| requests::email_behind(conn, &app.vault, Purpose::PasswordReset, &own_token, now));
    let (email, has_second_factor) = behind_link(behind.await, "new_password", Some(&text), Factors::WithTotp)?;
    let hash = app.hasher.hash(new_password("new_password", text, has_second_factor, &email)?).await?;
    let new = NewPassword { hash, is_for_two_factors: has_second_factor };
    app.write(move |conn, app| requests::reset_password(conn, &app.vault, &token, &new, now)).await?;
    (app.wake)();
    Ok(Answer::nothing())
}
