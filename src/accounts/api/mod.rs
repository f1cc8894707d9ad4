//! The routes of the accounts.

mod invitations;
mod jobs;
mod own;
mod registration;
mod resets;
mod roles;
mod second_factor;
mod sessions;
mod sign_in;

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

pub use sessions::PageQuery;

use super::actions::second_factor::SecondFactor;
use super::actions::sessions::{Lifetimes, SignIn};
use super::rules::{Email, Factors, Password, PasswordProblem, Role, device};
use crate::crypto::PasswordText;
use crate::error::{Error, FieldError, Result};
use crate::web::{App, Field, Wrong, word};

/// What everybody asks for again and again.
pub fn rush(config: &mut ServiceConfig) {
    config.service(own::show).service(sessions::refresh).service(sign_in::by_password);
}

/// Every other route of this slice.
pub fn routes(config: &mut ServiceConfig) {
    config.service(registration::ask).service(registration::confirm);
    config.service(sign_in::ask_link).service(sign_in::by_link).service(sign_in::by_code);
    config.service(sessions::list).service(sessions::end_all);
    config.service(sessions::end_current).service(sessions::step_up).service(sessions::end);
    config.service(resets::ask).service(resets::confirm);
    config.service(own::change_language).service(own::own_roles).service(own::change_password);
    config.service(own::ask_email).service(own::confirm_email);
    config.service(second_factor::begin).service(second_factor::confirm).service(second_factor::remove);
    config.service(second_factor::renew_codes);
    config.service(invitations::accept).service(invitations::list).service(invitations::create);
    config.service(invitations::one).service(invitations::confirm).service(invitations::withdraw);
    config.service(roles::list).service(roles::one).service(roles::end);
    config.service(roles::suspend).service(roles::restore);
    config.service(jobs::list).service(jobs::retry);
}

impl Field for Email {
    fn read(value: &Value) -> Result<Self, Wrong> {
        let text = value.as_str().ok_or(("wrong_type", None))?;
        text.parse().map_err(|code| (code, None))
    }
}

/// A role that is asked for or given. Nobody is made an applicant, or the fund itself: these are not among the words told.
pub struct OfferedRole(Role);

/// The roles that are given to people, in their order.
fn offered() -> impl Iterator<Item = Role> {
    Role::ALL.iter().copied().filter(|role| role.duty().is_some())
}

impl Field for OfferedRole {
    fn read(value: &Value) -> Result<Self, Wrong> {
        let expected = || Some(("expected", offered().map(Role::as_str).collect::<Vec<_>>().join(", ")));
        match word::<Role>(value) {
            Ok(role) if role.duty().is_some() => Ok(Self(role)),
            Ok(_) => Err(("role_not_offered", None)),
            Err(("word", _)) => Err(("word", expected())),
            Err(wrong) => Err(wrong),
        }
    }
}

impl PartialSchema for OfferedRole {
    fn schema() -> RefOr<Schema> {
        let words = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(offered().map(Role::as_str)));
        words.examples([Role::Member.as_str()]).into()
    }
}

impl ToSchema for OfferedRole {}

/// A password that may be set, or the field error that says why not.
fn new_password(field: &str, text: PasswordText, has_second_factor: bool, email: &Email) -> Result<PasswordText> {
    may_be_set(field, text, has_second_factor, Some(email))
}

/// A password that came with a link which leads nowhere: what is wrong with it whoever's it would be, with the fewest
/// characters that anybody may have there.
fn anybodys_password(field: &str, text: PasswordText, least: Factors) -> Result<PasswordText> {
    may_be_set(field, text, least == Factors::WithTotp, None)
}

fn may_be_set(field: &str, text: PasswordText, has_second_factor: bool, email: Option<&Email>) -> Result<PasswordText> {
    let factors = if has_second_factor { Factors::WithTotp } else { Factors::Alone };
    let wrong = |problem| {
        let (code, argument) = match problem {
            PasswordProblem::TooShort(least) => ("too_short", Some(("limit", least.to_string()))),
            PasswordProblem::TooLong(most) => ("too_long", Some(("limit", most.to_string()))),
            PasswordProblem::Common => ("password_common", None),
        };
        Error::Fields(vec![FieldError { field: field.to_owned(), code, argument }])
    };
    Password::new(text, factors, email.map(Email::as_str)).map(Password::into_text).map_err(wrong)
}

/// The second factor that a body gives: six digits, or a recovery code.
fn second_factor_of(totp_code: Option<String>, recovery_code: Option<String>) -> Option<SecondFactor> {
    totp_code.map(SecondFactor::Totp).or(recovery_code.map(SecondFactor::Recovery))
}

/// What goes with every way to sign in.
fn signing_in(app: &App, request: &HttpRequest, second_factor: Option<SecondFactor>) -> SignIn {
    let agent = request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    SignIn { device: device(agent), second_factor, lifetime: lifetimes(app).idle }
}

/// How long a session lasts, by the settings.
fn lifetimes(app: &App) -> Lifetimes {
    let days = |days: u32| Duration::from_secs(u64::from(days).saturating_mul(86_400));
    Lifetimes { idle: days(app.settings.tokens.refresh_days), most: days(app.settings.tokens.session_days) }
}
