//! Numbers and amounts: what is too large is told as that, with the most that is possible.

use std::fmt::Display;

use serde_json::Value;

use super::{Field, Wrong};
use crate::money::{Money, MoneyError};

/// Why a number is wrong that is more than it can be.
pub fn too_large(most: impl Display) -> Wrong {
    ("number_too_large", Some(("most", most.to_string())))
}

/// A whole number above zero, and at most so much.
///
/// # Errors
/// `number`, `above_zero`, `number_too_large`.
pub fn up_to(most: u32, value: &Value) -> Result<u32, Wrong> {
    match u32::read(value) {
        Ok(0) => Err(("above_zero", None)),
        Ok(number) if number <= most => Ok(number),
        Err(wrong) if wrong.0 == "number" => Err(wrong),
        _ => Err(too_large(most)),
    }
}

impl Field for u32 {
    /// A query is text.
    fn read(value: &Value) -> Result<Self, Wrong> {
        let (number, is_above) = match value {
            Value::Number(number) => {
                // What is beyond 64 bits comes as a float.
                let is_above = number.as_f64().is_some_and(|number| number > f64::from(Self::MAX));
                (number.as_u64().and_then(|number| Self::try_from(number).ok()), is_above)
            }
            Value::String(text) => {
                let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                (text.parse().ok(), is_number)
            }
            _ => (None, false),
        };
        number.ok_or_else(|| if is_above { too_large(Self::MAX) } else { ("number", None) })
    }
}

impl Field for Money {
    /// A string, never a number: a number in JSON may have lost its para on the way.
    fn read(value: &Value) -> Result<Self, Wrong> {
        let text = value.as_str().ok_or(("amount", None))?;
        text.parse::<Self>().map_err(|error| match error {
            MoneyError::TooLarge(_) => ("amount_too_large", Some(("most", Self::MOST.to_string()))),
            _ => ("amount", None),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told<T: Field>(value: &str) -> String {
        let (code, argument) = T::read(&serde_json::from_str(value).unwrap()).err().unwrap();
        argument.map_or_else(|| code.to_owned(), |(_, most)| format!("{code} {most}"))
    }

    #[test]
    fn what_is_too_large_is_told_as_that() {
        assert_eq!(u32::read(&json!(u32::MAX)), Ok(u32::MAX));
        for large in ["4294967296", "99999999999999999999", "1e300", "\"4294967296\"", "\"99999999999999999999\""] {
            assert_eq!(told::<u32>(large), "number_too_large 4294967295", "{large}");
        }
        for wrong in ["-1", "1.5", "-1e300", "\"\"", "\"-1\"", "\"1e9\"", "null", "[]"] {
            assert_eq!(told::<u32>(wrong), "number", "{wrong}");
        }
        assert_eq!((up_to(50, &json!(50)), up_to(50, &json!(51))), (Ok(50), Err(too_large(50))));
        assert_eq!(up_to(50, &json!(u64::MAX)), Err(too_large(50)));
        assert_eq!(up_to(50, &json!(0)), Err(("above_zero", None)));
        assert_eq!(Money::read(&json!("92233720368547758.07")), Ok(Money::MOST));
        for large in ["\"92233720368547758.08\"", "\"99999999999999999999\"", "\"999999999999999999999999999999.9\""] {
            assert_eq!(told::<Money>(large), "amount_too_large 92233720368547758.07", "{large}");
        }
        for wrong in ["\"1e400\"", "\"-1\"", "\"1.001\"", "\"\""] {
            assert_eq!(told::<Money>(wrong), "amount", "{wrong}");
        }
        assert_eq!((told::<Money>("1e300"), told::<Money>("1")), ("amount".to_owned(), "amount".to_owned()));
    }
}
