//! Taking wrong keys out of the rules of a call, so that serde finds the next: each is put right from a sample.

use std::sync::LazyLock;

use serde_json::Value;

use crate::clock::{Date, Instant};
use crate::error::FieldError;
use crate::money::Money;
use crate::web::{Field, Wrong, too_large};

/// Valid rules with every key there is, to tell what a key should hold. One item stands for each list.
pub(super) static SAMPLE: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("rules_sample.json")).unwrap_or_default());

/// Objects where objects belong, lists where lists do: serde would also read an object from a list.
pub(super) fn check_shape(path: &str, value: &mut Value, sample: &Value, wrong: &mut Vec<FieldError>) {
    match (&mut *value, sample) {
        (Value::Object(fields), Value::Object(sample)) => {
            fields.retain(|_, value| !value.is_null());
            for (name, value) in fields.iter_mut() {
                if let Some(sample) = sample.get(name) {
                    check_shape(&joined(path, name), value, sample, wrong);
                }
            }
        }
        (Value::Array(items), Value::Array(sample)) => {
            if let Some(sample) = sample.first() {
                for (at, item) in items.iter_mut().enumerate() {
                    check_shape(&format!("{path}[{at}]"), item, sample, wrong);
                }
            }
        }
        (_, Value::Object(_) | Value::Array(_)) => {
            wrong.push(FieldError { field: path.to_owned(), code: "wrong_type", argument: None });
            *value = sample.clone();
        }
        _ => {}
    }
}

pub(super) fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Says what serde found wrong, and takes it away or puts what the sample has in its place.
pub(super) fn repair(value: &mut Value, path: &str, message: &str) -> Option<FieldError> {
    let path = if path == "." { "" } else { path };
    let named = |beginning: &str| message.strip_prefix(beginning).and_then(|rest| rest.split('`').next());
    let (name, code) = match (named("unknown field `"), named("missing field `"), named("duplicate field `")) {
        (Some(name), ..) => (name, "unknown"),
        (_, Some(name), _) => (name, "missing"),
        (.., Some(name)) => (name, "twice"),
        _ => return repair_leaf(value, path, message),
    };
    // The path of an unknown key may already end with it.
    let parent = path.strip_suffix(name).map_or(path, |rest| rest.trim_end_matches('.'));
    let sample = sample_at(parent).and_then(|sample| sample.get(name)).cloned();
    let field = FieldError { field: joined(parent, &crate::error::named(name)), code, argument: None };
    let place = at_mut(value, parent)?;
    match (code, sample) {
        ("missing", Some(sample)) => {
            place.as_object_mut()?.insert(name.to_owned(), sample);
        }
        ("twice", _) => *place = sample_at(parent)?.clone(),
        _ => {
            place.as_object_mut()?.remove(name)?;
        }
    }
    Some(field)
}

fn repair_leaf(value: &mut Value, path: &str, message: &str) -> Option<FieldError> {
    let sample = sample_at(path)?;
    let place = at_mut(value, path)?;
    let words = message.split_once(" is none of: ").map(|(_, words)| words.to_owned());
    let (code, argument) = match (words, code_of(path, sample)) {
        (Some(words), _) => ("word", Some(("expected", words))),
        (None, "amount") => why_no_amount(place),
        (None, "number") => why_no_number(place, message),
        (None, code) => (code, None),
    };
    *place = sample.clone();
    Some(FieldError { field: path.to_owned(), code, argument })
}

fn why_no_amount(value: &Value) -> Wrong {
    let is_large = |wrong: &Wrong| wrong.0 == "amount_too_large";
    Money::read(value).err().filter(is_large).unwrap_or(("amount", None))
}

/// What serde expected tells the most that a number can be.
fn why_no_number(value: &Value, message: &str) -> Wrong {
    let expected = message.rsplit("expected ").next().unwrap_or_default();
    let most: u32 = match expected {
        "u8" => u8::MAX.into(),
        "u16" => u16::MAX.into(),
        _ => i32::MAX.unsigned_abs(),
    };
    match value.as_f64() {
        Some(number) if number > f64::from(most) => match expected {
            // What is so small is an age.
            "u8" => ("age", None),
            _ => too_large(most),
        },
        _ => ("number", None),
    }
}

/// What a key should have held, told by what the sample holds.
fn code_of(path: &str, sample: &Value) -> &'static str {
    match sample {
        Value::Bool(_) => "flag",
        Value::Number(_) => "number",
        Value::String(_) if path.ends_with("most_means_over") => "share",
        Value::String(_) if path.ends_with("minimum_score") => "minimum_score",
        Value::String(text) if text.parse::<Instant>().is_ok() => "instant",
        Value::String(text) if text.parse::<Date>().is_ok() => "date",
        Value::String(text) if text.contains('.') && text.parse::<Money>().is_ok() => "amount",
        _ => "wrong_type",
    }
}

/// The steps of a path such as `allocation.bands[1].amount`.
fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split(['.', '[']).map(|step| step.trim_end_matches(']')).filter(|step| !step.is_empty())
}

pub(super) fn at_mut<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    steps(path).try_fold(value, |value, step| match value {
        Value::Object(fields) => fields.get_mut(step),
        Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    })
}

fn sample_at(path: &str) -> Option<&'static Value> {
    steps(path).try_fold(&*SAMPLE, |value, step| match value {
        Value::Object(fields) => fields.get(step),
        Value::Array(items) => items.first(),
        _ => None,
    })
}
