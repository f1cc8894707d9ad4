//! The cells of a case as values: words, texts, yes and no, numbers, days, lists.

use std::fmt::Display;
use std::str::FromStr;

use super::CaseError;
use super::table::Row;
use crate::clock::{Date, Instant};
use crate::error::shown;
use crate::money::Money;

/// Characters; names, places, codes and references are not longer.
const LONGEST_WORD: usize = 200;

impl Row<'_> {
    /// Whatever the value's own type reads.
    pub fn value<T: FromStr<Err: Display>>(&self, column: &str) -> Result<T, CaseError> {
        self.cell(column).parse().map_err(|error| self.wrong(column, error))
    }

    /// A value, or nothing where the cell is empty.
    pub fn optional<T: FromStr<Err: Display>>(&self, column: &str) -> Result<Option<T>, CaseError> {
        if self.cell(column).is_empty() { Ok(None) } else { self.value(column).map(Some) }
    }

    /// A short text that is not blank.
    pub fn word(&self, column: &str) -> Result<String, CaseError> {
        let text = self.short(column)?;
        if text.trim().is_empty() {
            return Err(self.wrong(column, "must not be empty"));
        }
        Ok(text)
    }

    /// A short text, perhaps empty.
    pub fn short(&self, column: &str) -> Result<String, CaseError> {
        let text = self.cell(column);
        if text.chars().count() > LONGEST_WORD {
            return Err(self.wrong(column, format!("is longer than {LONGEST_WORD} characters")));
        }
        Ok(text.to_owned())
    }

    pub fn text(&self, column: &str) -> String {
        self.cell(column).to_owned()
    }

    pub fn yes(&self, column: &str) -> Result<bool, CaseError> {
        match self.cell(column) {
            "yes" => Ok(true),
            "no" => Ok(false),
            other => Err(self.wrong(column, format!("“{}” is neither yes nor no", shown(other)))),
        }
    }

    pub fn day(&self, column: &str) -> Result<Date, CaseError> {
        self.value(column)
    }

    pub fn moment(&self, column: &str) -> Result<Instant, CaseError> {
        self.value(column)
    }

    pub fn money(&self, column: &str) -> Result<Money, CaseError> {
        self.value(column)
    }

    /// A whole number from `least` to `most`, written in digits alone.
    pub fn number(&self, column: &str, least: u32, most: u32) -> Result<u32, CaseError> {
        let text = self.cell(column);
        let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| is_digits && (least..=most).contains(number));
        number.ok_or_else(|| {
            self.wrong(column, format!("“{}” is not a whole number from {least} to {most}", shown(text)))
        })
    }

    /// Values between semicolons; an empty cell is an empty list.
    pub fn list<T>(&self, column: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, CaseError> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return Ok(Vec::new());
        }
        cell.split(';').map(|part| read(part).map_err(|reason| self.wrong(column, reason))).collect()
    }
}
