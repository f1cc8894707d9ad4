//! JSON objects in which every name stands once.
//!
//! serde_json would let the last one win, and another reader the first (RFC 8259, section 4: what happens is unpredictable).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Why a body cannot be read, and the path of the value that ends it; none where it ends outside of all.
#[derive(Debug)]
pub struct Unread {
    pub error: serde_json::Error,
    pub path: String,
}

impl From<serde_json::Error> for Unread {
    fn from(error: serde_json::Error) -> Self {
        Self { error, path: String::new() }
    }
}

/// Reads an object, and the paths of all the names that stand twice: `email`, `rules.criteria.code`.
///
/// # Errors
/// Where it is no JSON, or no object.
pub fn read(bytes: &[u8]) -> Result<(Map<String, Value>, Vec<String>), Unread> {
    let mut seen = Seen::default();
    let mut input = serde_json::Deserializer::from_slice(bytes);
    let read = Strict { path: "", seen: &mut seen }.deserialize(&mut input);
    let Seen { twice, ended_at } = seen;
    let value = read.map_err(|error| Unread { error, path: ended_at.unwrap_or_default() })?;
    input.end()?;
    match value {
        Value::Object(object) => Ok((object, twice)),
        _ => Err(serde_json::Error::custom("no object").into()),
    }
}

/// What was seen on the way.
#[derive(Default)]
struct Seen {
    /// The paths of names that stand twice.
    twice: Vec<String>,
    /// The path of the innermost value that could not be read.
    ended_at: Option<String>,
}

/// A value at a path, and what is seen on the way.
struct Strict<'a> {
    path: &'a str,
    seen: &'a mut Seen,
}

impl Strict<'_> {
    fn within(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Value, D::Error> {
        let Self { path, seen } = self;
        let read = input.deserialize_any(Strict { path, seen: &mut *seen });
        if read.is_err() && seen.ended_at.is_none() {
            seen.ended_at = Some(path.to_owned());
        }
        read
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut found = Vec::new();
        while let Some(item) = items.next_element_seed(Strict { path: self.path, seen: &mut *self.seen })? {
            found.push(item);
        }
        Ok(Value::Array(found))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut found = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            let path = self.within(&name);
            let value = entries.next_value_seed(Strict { path: &path, seen: &mut *self.seen })?;
            if found.insert(name, value).is_some() && !self.seen.twice.contains(&path) {
                self.seen.twice.push(path);
            }
        }
        Ok(Value::Object(found))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_stand_twice_are_told_with_their_place() {
        let (_, twice) =
            read(br#"{"a": 1, "b": [{"c": {"d": 1, "d": 2}}], "a": 2, "a": 3, "\u0061b": 1, "ab": 2}"#).unwrap();
        assert_eq!(twice, ["b.c.d", "a", "ab"]);
    }

    #[test]
    fn what_is_no_object_is_none() {
        for wrong in ["", "[]", "null", "1", "{", "{}{}", "{} x", "{\"a\": }", "{\"a\": 1e999}"] {
            assert!(read(wrong.as_bytes()).is_err(), "{wrong}");
        }
        let deep = "{\"a\":".repeat(5000);
        assert!(read(deep.as_bytes()).is_err());
    }

    #[test]
    fn where_it_ends_is_told() {
        for (body, path) in [
            (r#"{"a": 1, "b": {"c": [2, 1e400]}, "d": 3}"#, "b.c"),
            (r#"{"a": -1e400}"#, "a"),
            (r#"{"a": {"b": 1}, x}"#, ""),
            ("1e400", ""),
            ("{} x", ""),
        ] {
            assert_eq!(read(body.as_bytes()).unwrap_err().path, path, "{body}");
        }
    }

    proptest! {
        #[test]
        fn everything_else_is_read_as_ever(
            numbers in proptest::collection::vec(any::<i64>(), 0..4), float in any::<f64>(), text in any::<String>(),
        ) {
            let value = serde_json::json!({"a": numbers, "b": {"c": float, "d": null, "e": true}, "f": text, "g": u64::MAX});
            let read = read(value.to_string().as_bytes()).unwrap();
            let expected: Value = serde_json::from_str(&value.to_string()).unwrap();
            prop_assert_eq!((Value::Object(read.0), read.1), (expected, Vec::new()));
        }
    }
}
