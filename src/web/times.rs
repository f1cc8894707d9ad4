//! When something begins or ends: a moment, or a day as people say it, which is one in Belgrade.

use std::time::Duration;

use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::input::{Field, Wrong};
use crate::clock::Instant;

/// From when on: a moment, or a day, which means its first moment in Belgrade.
pub struct Begin(pub Instant);

/// Until when: a moment, or a day, which means its end in Belgrade; and whether it was a day.
pub struct End(pub Instant, bool);

impl End {
    /// The last moment that belongs to it: that of a day is before the first of the next.
    pub fn last(&self) -> Instant {
        if self.1 { self.0.minus(Duration::from_micros(1)) } else { self.0 }
    }
}

impl Field for Begin {
    fn read(value: &Value) -> Result<Self, Wrong> {
        let text = value.as_str().ok_or(("wrong_type", None))?;
        let of_day = text.parse().ok().map(Instant::begin_of);
        of_day.or_else(|| text.parse().ok()).map(Self).ok_or(("end", None))
    }
}

impl Field for End {
    fn read(value: &Value) -> Result<Self, Wrong> {
        let text = value.as_str().ok_or(("wrong_type", None))?;
        let of_day = text.parse().ok().map(|day| Self(Instant::end_of(day), true));
        of_day.or_else(|| text.parse().ok().map(|moment| Self(moment, false))).ok_or(("end", None))
    }
}

impl PartialSchema for Begin {
    fn schema() -> RefOr<Schema> {
        day_or_moment().into()
    }
}

impl PartialSchema for End {
    fn schema() -> RefOr<Schema> {
        day_or_moment().into()
    }
}

impl ToSchema for Begin {}

impl ToSchema for End {}

/// How either is written.
pub fn day_or_moment() -> Schema {
    let text = |format, example: &str| {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(format)))
            .examples([example])
    };
    OneOfBuilder::new()
        .item(text(KnownFormat::Date, "2027-12-31"))
        .item(text(KnownFormat::DateTime, "2027-12-31T23:00:00Z"))
        .description(Some(
            "A moment, or a day in Belgrade: its beginning where something begins, its end where it ends.",
        ))
        .build()
        .into()
}
