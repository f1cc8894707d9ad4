//! A forgotten password: a letter with a link, and by it a new one.

use actix_web::{HttpRequest, post};
use utoipa::ToSchema;

use super::registration::{ACCEPTED, AcceptedBody, AddressBody, ask_by_mail, email_behind};
use super::{anybodys_password, new_password};
use crate::accounts::actions::email::NewPassword;
use crate::accounts::actions::links::Purpose;
use crate::accounts::actions::requests;
use crate::accounts::rules::{Factors, RequestKind};
use crate::clock::Instant;
use crate::crypto::PasswordText;
use crate::web::{Answer, App, Fields, Input, Json, Problem, Told};

/// The mailed link and the password that is to be.
#[derive(ToSchema)]
pub struct NewPasswordBody {
    /// What stands behind the # of the mailed link.
    #[schema(value_type = String)]
    token: Option<String>,
    /// At least 15 characters; 8 where a second factor is enrolled.
    #[schema(value_type = String, example = "seven grey cranes over Palic")]
    new_password: Option<PasswordText>,
}

impl Input for NewPasswordBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { token: fields.required("token"), new_password: fields.required("new_password") })
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
pub async fn confirm(app: App, Told(body, mut wrongs): Told<NewPasswordBody>) -> Result<Answer, Problem> {
    const FIELD: &str = "new_password";
    let now = Instant::now();
    let NewPasswordBody { token, new_password: text } = body;
    let behind = email_behind(&app, Purpose::PasswordReset, token.as_deref(), &mut wrongs, now).await?;
    let text = match (text, &behind) {
        (None, _) => None,
        (Some(text), None) => wrongs.keep(anybodys_password(FIELD, text, Factors::WithTotp))?,
        (Some(text), Some((email, has_two))) => wrongs.keep(new_password(FIELD, text, *has_two, email))?,
    };
    let has_second_factor = behind.is_some_and(|(_, has_second_factor)| has_second_factor);
    let (token, text) = wrongs.settle(token.zip(text))?;
    let hash = app.hasher.hash(text).await?;
    let new = NewPassword { hash, is_for_two_factors: has_second_factor };
    app.write(move |conn, app| requests::reset_password(conn, &app.vault, &token, &new, now)).await?;
    (app.wake)();
    Ok(Answer::nothing())
}
