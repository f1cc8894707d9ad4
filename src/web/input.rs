//! What a request says, parsed into types: every wrong field is told at once, nothing unknown is passed over.

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use serde_json::{Map, Value};

use super::problem::Problem;
use crate::crypto::PasswordText;
use crate::error::{Error, FieldError};
use crate::language::Language;
use crate::page::{Limit, TimeCursor};
use crate::text_enum::UnknownWord;

/// Why a value is wrong: a stable word and what its text needs.
pub type Wrong = (&'static str, Option<(&'static str, String)>);

/// A type that one field of a request becomes.
pub trait Field: Sized {
    fn read(value: &Value) -> Result<Self, Wrong>;
}

/// A type that the fields of a request become. `None` only where something was wrong, which `fields` remembers.
pub trait Input: Sized {
    fn read(fields: &mut Fields) -> Option<Self>;
}

/// The fields of a body or a query, and what was wrong with them.
pub struct Fields {
    values: Map<String, Value>,
    wrong: Vec<FieldError>,
}

impl Fields {
    pub fn required<T: Field>(&mut self, name: &str) -> Option<T> {
        match self.optional(name)? {
            Some(value) => Some(value),
            None => self.fail(name, ("missing", None)),
        }
    }

    /// `Some(None)` where it is left out or null.
    pub fn optional<T: Field>(&mut self, name: &str) -> Option<Option<T>> {
        match self.values.remove(name) {
            None | Some(Value::Null) => Some(None),
            Some(value) => match T::read(&value) {
                Ok(value) => Some(Some(value)),
                Err(wrong) => self.fail(name, wrong),
            },
        }
    }

    /// All fields as they came, for what is read as a whole.
    pub fn take_all(&mut self) -> Map<String, Value> {
        std::mem::take(&mut self.values)
    }

    /// Remembers what is wrong with a field, which may stand deep inside a body.
    pub fn wrong(&mut self, wrong: FieldError) {
        self.wrong.push(wrong);
    }

    fn fail<T>(&mut self, name: &str, (code, argument): Wrong) -> Option<T> {
        self.wrong.push(FieldError { field: name.to_owned(), code, argument });
        None
    }

    fn into<T: Input>(mut self, status: StatusCode) -> Result<T, Problem> {
        let value = T::read(&mut self);
        let unknown: Vec<String> = self.values.keys().take(20).map(|name| crate::error::shown(name)).collect();
        for name in &unknown {
            self.fail::<()>(name, ("unknown", None));
        }
        match value {
            Some(value) if self.wrong.is_empty() => Ok(value),
            _ => Err(Problem::fields(status, "invalid", self.wrong)),
        }
    }
}

/// The body of a request, as the frame read it.
#[derive(Clone)]
pub(super) struct Body(pub actix_web::web::Bytes);

/// A JSON body. 415 for another media type, 400 for what is no JSON object, 422 with every wrong field.
pub struct Json<T>(pub T);

impl<T: Input> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read_json(request).map(Self))
    }
}

fn read_json<T: Input>(request: &HttpRequest) -> Result<T, Problem> {
    let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"));
    }
    let body = request.extensions().get::<Body>().cloned();
    let bytes = body.map(|body| body.0).unwrap_or_default();
    let values = serde_json::from_slice(&bytes).map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "bad_request"))?;
    Fields { values, wrong: Vec::new() }.into(StatusCode::UNPROCESSABLE_ENTITY)
}

/// A query string. 400 with every wrong field.
pub struct Query<T>(pub T);

impl<T: Input> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = actix_web::web::Query::<Vec<(String, String)>>::from_query(request.query_string());
        let read = pairs.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "bad_request")).and_then(|pairs| {
            let (mut values, mut wrong) = (Map::new(), Vec::new());
            for (name, value) in pairs.into_inner() {
                if values.insert(name.clone(), Value::String(value)).is_some() {
                    wrong.push(FieldError { field: crate::error::shown(&name), code: "twice", argument: None });
                }
            }
            Fields { values, wrong }.into(StatusCode::BAD_REQUEST)
        });
        ready(read.map(Self))
    }
}

/// The language that a request asks for: for answers that hold sentences.
#[derive(Debug, Clone, Copy)]
pub struct Asked(pub Language);

impl FromRequest for Asked {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let accepted = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        ready(Ok(Self(Language::negotiate(accepted))))
    }
}

/// An id in a path. What is no id names nothing: 404, as for one that does not exist.
pub fn path_id<T: From<uuid::Uuid>>(text: &str) -> Result<T, Error> {
    uuid::Uuid::try_parse(text).map(T::from).map_err(|_| Error::NotFound)
}

/// A text of one line or more, with a greatest number of characters; blank counts as missing.
pub fn text(value: &Value, most: usize) -> Result<String, Wrong> {
    let text = value.as_str().ok_or(("wrong_type", None))?;
    if text.trim().is_empty() {
        return Err(("missing", None));
    }
    if text.chars().count() > most {
        return Err(("too_long", Some(("limit", most.to_string()))));
    }
    if text.chars().any(|character| character.is_control() && character != '\n') {
        return Err(("control_character", None));
    }
    Ok(text.trim().to_owned())
}

/// One of the words of an enum.
pub fn word<T: FromStr<Err = UnknownWord>>(value: &Value) -> Result<T, Wrong> {
    let text = value.as_str().ok_or(("wrong_type", None))?;
    text.parse().map_err(|unknown: UnknownWord| ("word", Some(("expected", unknown.expected))))
}

impl Field for Language {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

/// A short text: tokens, codes, anything that is compared and not shown.
impl Field for String {
    fn read(value: &Value) -> Result<Self, Wrong> {
        text(value, 1000)
    }
}

impl Field for PasswordText {
    /// Exactly as it was typed; its length is a rule of passwords.
    fn read(value: &Value) -> Result<Self, Wrong> {
        let text = value.as_str().ok_or(("wrong_type", None))?;
        Ok(Self::new(text.to_owned()))
    }
}

impl Field for crate::clock::Instant {
    fn read(value: &Value) -> Result<Self, Wrong> {
        let text = value.as_str().ok_or(("wrong_type", None))?;
        text.parse().map_err(|_| ("instant", None))
    }
}

impl Field for Limit {
    /// A query is text; a body may hold a number.
    fn read(value: &Value) -> Result<Self, Wrong> {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let rows = digits.and_then(|digits| digits.parse().ok());
        rows.and_then(|rows| Self::new(rows).ok()).ok_or(("limit", None))
    }
}

impl Field for TimeCursor {
    fn read(value: &Value) -> Result<Self, Wrong> {
        value.as_str().and_then(|text| text.parse().ok()).ok_or(("cursor", None))
    }
}

impl Field for crate::clock::Date {
    fn read(value: &Value) -> Result<Self, Wrong> {
        let text = value.as_str().ok_or(("wrong_type", None))?;
        text.parse().map_err(|_| ("date", None))
    }
}

impl Field for crate::money::Money {
    /// A string, never a number: a number in JSON may have lost its para on the way.
    fn read(value: &Value) -> Result<Self, Wrong> {
        let text = value.as_str().ok_or(("wrong_type", None))?;
        text.parse().map_err(|_| ("amount", None))
    }
}

impl Field for bool {
    /// A query is text.
    fn read(value: &Value) -> Result<Self, Wrong> {
        match value {
            Value::Bool(flag) => Ok(*flag),
            Value::String(text) if text == "true" => Ok(true),
            Value::String(text) if text == "false" => Ok(false),
            _ => Err(("flag", None)),
        }
    }
}

impl Field for u32 {
    fn read(value: &Value) -> Result<Self, Wrong> {
        let number = match value {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        number.and_then(|number| Self::try_from(number).ok()).ok_or(("number", None))
    }
}

impl<T: Field> Field for Vec<T> {
    fn read(value: &Value) -> Result<Self, Wrong> {
        let items = value.as_array().filter(|items| items.len() <= MOST_ITEMS).ok_or(("list", None))?;
        items.iter().map(T::read).collect()
    }
}

/// How many items a list in a body holds at the most.
const MOST_ITEMS: usize = 100;

/// Ids in bodies and queries.
macro_rules! id_fields {
    ($($id:ty),+) => { $(
        impl Field for $id {
            fn read(value: &Value) -> Result<Self, Wrong> {
                value.as_str().and_then(|text| text.parse().ok()).ok_or(("id", None))
            }
        }
    )+ };
}
id_fields!(
    crate::ids::ApplicationId,
    crate::ids::CallId,
    crate::ids::JobId,
    crate::ids::PersonId,
    crate::ids::ProgrammeId,
    crate::ids::SeatId
);
