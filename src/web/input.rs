//! What a request says, parsed into types: every wrong field is told at once, nothing unknown is passed over.

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use serde_json::{Map, Value};

use super::problem::Problem;
use super::strict_json::{self, Unread};
use crate::crypto::PasswordText;
use crate::error::{Error, FieldError};
use crate::language::Language;
use crate::page::{Cursor, KeyCursor, Limit, TimeCursor};
use crate::text_enum::UnknownWord;

mod line;
mod number;
mod told;

pub use line::{Line, Phone, line};
pub use number::{too_large, up_to};
pub use told::{Told, Wrongs};

/// Of names that are wrong this many are told.
const MOST_NAMES: usize = 20;
/// What ends, before what begins it.
const BEFORE: &str = "before";

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

    /// [`Fields::optional`], where a blank text says nothing: so forms send what nobody filled in.
    pub fn filled<T: Field>(&mut self, name: &str) -> Option<Option<T>> {
        let is_blank = self.values.get(name).and_then(Value::as_str).is_some_and(|text| text.trim().is_empty());
        if is_blank {
            self.values.remove(name);
        }
        self.optional(name)
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

    /// Remembers it where what ends is before what begins it.
    pub fn in_order<T: PartialOrd>(&mut self, (begin, from): (&str, &T), (end, until): (&str, &T)) {
        if until < from {
            let argument = Some(("other", begin.to_owned()));
            self.wrong(FieldError { field: end.to_owned(), code: BEFORE, argument });
        }
    }

    /// The names of the fields that were not read yet.
    pub fn names(&self) -> Vec<String> {
        self.values.keys().cloned().collect()
    }

    /// What is left of the fields, taken as it is.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.values.remove(name)
    }

    /// Checks a field that stays what it is: null and what can be read pass.
    pub fn check<T: Field>(&mut self, name: &str, value: &Value) -> Option<()> {
        match (value, T::read(value)) {
            (Value::Null, _) | (_, Ok(_)) => Some(()),
            (_, Err(wrong)) => self.fail(name, wrong),
        }
    }

    fn into<T: Input>(self, status: StatusCode) -> Result<T, Problem> {
        self.finish().map_err(|wrong| Problem::fields(status, "invalid", wrong))
    }

    fn finish<T: Input>(mut self) -> Result<T, Vec<FieldError>> {
        let value = T::read(&mut self);
        self.no_more();
        match value {
            Some(value) if self.wrong.is_empty() => Ok(value),
            _ => Err(self.wrong),
        }
    }

    /// Every field that is left is one too many.
    fn no_more(&mut self) {
        let unknown: Vec<String> = self.values.keys().take(MOST_NAMES).map(|name| crate::error::named(name)).collect();
        for name in &unknown {
            self.fail::<()>(name, ("unknown", None));
        }
    }
}

/// Nothing is asked for: whatever comes is too much.
impl Input for () {
    fn read(_: &mut Fields) -> Option<Self> {
        Some(())
    }
}

/// Reads fields that were kept instead of sent: all that is wrong at once.
///
/// # Errors
/// [`Error::Fields`].
pub fn parse<T: Input>(values: Map<String, Value>) -> Result<T, Error> {
    Fields { values, wrong: Vec::new() }.finish().map_err(Error::Fields)
}

/// The body of a request, as the frame read it.
#[derive(Clone)]
pub(super) struct Body(pub actix_web::web::Bytes);

/// A JSON body. 415 for another media type or a compressed one, 400 for what is no JSON object (and where it stops being it), 422 with every wrong field.
pub struct Json<T>(pub T);

impl<T: Input> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read_json(request).and_then(|fields| fields.into(StatusCode::UNPROCESSABLE_ENTITY)).map(Self))
    }
}

fn read_json(request: &HttpRequest) -> Result<Fields, Problem> {
    let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"));
    }
    if request
        .headers()
        .get_all(CONTENT_ENCODING)
        .any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_content_encoding"));
    }
    let body = request.extensions().get::<Body>().cloned();
    let bytes = body.map(|body| body.0).unwrap_or_default();
    let no_json = |wrong| Problem::fields(StatusCode::BAD_REQUEST, "bad_request", vec![unread(&wrong)]);
    let (values, names) = strict_json::read(&bytes).map_err(no_json)?;
    let wrong = names.iter().take(MOST_NAMES).map(|name| twice(name)).collect();
    Ok(Fields { values, wrong })
}

/// How far a body could be read, by line and column, and nothing of what stands there; or that it is JSON and no object. A
/// number that is too large for anything is told by its field.
fn unread(Unread { error, path }: &Unread) -> FieldError {
    let body = "body".to_owned();
    let place = || Some(("place", format!("{}:{}", error.line(), error.column())));
    match error.line() {
        0 => FieldError { field: body, code: "no_object", argument: None },
        // serde_json has no other word for it.
        _ if error.to_string().starts_with("number out of range") => {
            let field = if path.is_empty() { body } else { crate::error::named(path) };
            FieldError { field, code: "number_unreadable", argument: place() }
        }
        _ => FieldError { field: body, code: "json", argument: place() },
    }
}

fn twice(name: &str) -> FieldError {
    FieldError { field: crate::error::named(name), code: "twice", argument: None }
}

/// A query string. 400 with every wrong field; 422 where each is right and they contradict each other.
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
                    wrong.push(twice(&name));
                }
            }
            Fields { values, wrong }.into(StatusCode::BAD_REQUEST).map_err(contradicting)
        });
        ready(read.map(Self))
    }
}

fn contradicting(problem: Problem) -> Problem {
    let is_told = !problem.fields.is_empty() && problem.fields.iter().all(|wrong| wrong.code == BEFORE);
    if is_told { Problem { status: StatusCode::UNPROCESSABLE_ENTITY, ..problem } } else { problem }
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
    // What word processors and forms put between lines and columns.
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ");
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
        line(value, 1000)
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

impl Field for Cursor {
    fn read(value: &Value) -> Result<Self, Wrong> {
        value.as_str().and_then(|text| text.parse().ok()).ok_or(("cursor", None))
    }
}

impl Field for TimeCursor {
    fn read(value: &Value) -> Result<Self, Wrong> {
        value.as_str().and_then(|text| text.parse().ok()).ok_or(("cursor", None))
    }
}

impl Field for KeyCursor {
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
    crate::ids::EntryId,
    crate::ids::JobId,
    crate::ids::PayoutId,
    crate::ids::PersonId,
    crate::ids::ProgrammeId,
    crate::ids::SeatId
);
