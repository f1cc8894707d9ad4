//! Pages of long lists: a limit, and an opaque cursor that says after which row the next page starts.

use std::num::NonZeroU8;
use std::str::FromStr;
use std::sync::LazyLock;

use data_encoding::{BASE64URL_NOPAD, Encoding};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::clock::Instant;
use crate::error::{Error, Result};

/// How cursors are read: any text of the right length and letters is a place, so that their form can be told in a pattern.
static READING: LazyLock<Encoding> = LazyLock::new(|| {
    let mut loose = BASE64URL_NOPAD.specification();
    loose.check_trailing_bits = false;
    loose.encoding().unwrap_or(BASE64URL_NOPAD)
});

/// The bytes of a cursor; nothing where it has not so many.
pub fn cursor_bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    READING.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok())
}

/// How many rows a page holds: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(NonZeroU8);

impl Limit {
    const MOST: u8 = 100;

    /// # Errors
    /// [`Error::Invalid`] for anything but 1 to 100.
    pub fn new(rows: u8) -> Result<Self> {
        let limit = NonZeroU8::new(rows).filter(|rows| rows.get() <= Self::MOST);
        limit.map(Self).ok_or_else(|| Error::invalid("limit", "a page holds 1 to 100 rows"))
    }

    pub fn rows(self) -> usize {
        usize::from(self.0.get())
    }

    /// One more than the page holds: the extra row tells whether there is a next page.
    pub fn rows_and_one(self) -> i64 {
        i64::from(self.0.get()).saturating_add(1)
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(NonZeroU8::MIN.saturating_add(49))
    }
}

/// Where a page starts: behind the row with this number. Opaque to callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor(pub i64);

impl std::fmt::Display for Cursor {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&BASE64URL_NOPAD.encode(&self.0.to_be_bytes()))
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        cursor_bytes(text)
            .map(|bytes| Self(i64::from_be_bytes(bytes)))
            .ok_or_else(|| Error::invalid("cursor", "not a cursor of this list"))
    }
}

/// Where a page of a list in one of several orders starts: behind the row with this number (a moment, an amount, a rank) and
/// id. Opaque to callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyCursor {
    pub key: i64,
    pub id: Uuid,
}

impl std::fmt::Display for KeyCursor {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = [self.key.to_be_bytes().as_slice(), self.id.as_bytes().as_slice()].concat();
        out.write_str(&BASE64URL_NOPAD.encode(&bytes))
    }
}

impl FromStr for KeyCursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap_or_default();
        let parts = bytes.split_first_chunk::<8>().and_then(|(key, id)| Some((*key, Uuid::from_slice(id).ok()?)));
        parts
            .map(|(key, id)| Self { key: i64::from_be_bytes(key), id })
            .ok_or_else(|| Error::invalid("cursor", "not a cursor of this list"))
    }
}

/// Where a page of a list by time starts: behind the row of this moment and id. Opaque to callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeCursor {
    pub at: Instant,
    pub id: Uuid,
}

impl std::fmt::Display for TimeCursor {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        KeyCursor { key: self.at.micros(), id: self.id }.fmt(out)
    }
}

impl FromStr for TimeCursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        text.parse().map(|KeyCursor { key, id }| Self { at: Instant::from_micros(key), id })
    }
}

/// Some rows of a list, and the cursor of the next page where there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// The `cursor` of the next page; nothing on the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The same page with its rows presented otherwise.
    pub fn map<U>(self, present: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(present).collect(), next: self.next }
    }

    /// Makes a page of up to `limit.rows_and_one()` rows; `place` says where a row stands in the list.
    pub fn new<C: std::fmt::Display>(mut rows: Vec<T>, limit: Limit, place: impl Fn(&T) -> C) -> Self {
        let has_more = rows.len() > limit.rows();
        rows.truncate(limit.rows());
        let next = rows.last().filter(|_| has_more).map(|row| place(row).to_string());
        Self { items: rows, next }
    }
}

/// How many rows a file holds at the most.
pub const MOST_EXPORTED: i64 = 200_000;

/// All rows of a file, of which one more than it holds was asked for.
///
/// # Errors
/// Refused where there are more than [`MOST_EXPORTED`]: a file that ends early would look whole.
pub fn whole<T>(rows: Vec<T>) -> Result<Vec<T>> {
    if i64::try_from(rows.len()).is_ok_and(|count| count <= MOST_EXPORTED) {
        return Ok(rows);
    }
    Err(Error::refused("export_too_long", "more rows than one file holds; narrow the filter"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_the_way_out_and_back() {
        for place in [0, 1, -1, i64::MAX] {
            assert_eq!(Cursor(place).to_string().parse::<Cursor>().unwrap(), Cursor(place));
        }
        assert!("shorter".parse::<Cursor>().is_err() && "shorter".parse::<TimeCursor>().is_err());
        let cursor = TimeCursor { at: Instant::from_micros(-7), id: Uuid::from_u128(u128::MAX) };
        assert_eq!(cursor.to_string().parse::<TimeCursor>().unwrap(), cursor);
    }

    #[test]
    fn only_a_full_page_has_a_next_one() {
        let limit = Limit::new(2).unwrap();
        assert_eq!(Page::new(vec![1, 2], limit, |row| Cursor(*row)).next, None);
        let page = Page::new(vec![1, 2, 3], limit, |row| Cursor(*row));
        assert_eq!((page.items, page.next), (vec![1, 2], Some(Cursor(2).to_string())));
        assert!(Limit::new(0).is_err() && Limit::new(101).is_err());
    }

    #[test]
    fn a_file_is_whole_or_refused() {
        let most = usize::try_from(MOST_EXPORTED).unwrap();
        assert_eq!(whole(vec![(); most]).unwrap().len(), most);
        assert_eq!(whole(vec![(); most + 1]).unwrap_err().refusal_code(), Some("export_too_long"));
    }
}
