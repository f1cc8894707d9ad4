//! What must be true of a database before it is served again.

use super::store;
use crate::audit;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ledger;
use crate::money::Money;

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Numbered without a gap.
    pub events: i64,
    /// That sum to zero.
    pub books: usize,
}

/// Checks that the pages, indexes and references are whole (SQLite; PostgreSQL has checked its own), that the events are
/// numbered without a gap and that all books sum to zero.
///
/// # Errors
/// [`Error::Corrupt`], naming what is wrong.
pub fn check(db: &Db) -> Result<Checked> {
    db.read(|conn| {
        let faults = store::faults(conn)?;
        if !faults.is_empty() {
            return Err(Error::corrupt(faults.join("; ")));
        }
        let events = audit::count_gapless(conn)?;
        let books = ledger::actions::sums(conn)?;
        match books.iter().find(|(_, sum)| *sum != Money::ZERO) {
            Some((book, sum)) => Err(Error::corrupt(format!("the book {book} sums to {sum} and not to zero"))),
            None => Ok(Checked { events, books: books.len() }),
        }
    })
}
