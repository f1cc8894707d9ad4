//! Rows on their way into the database: gathered in runs, sorted by what they are found by, sealed, and given on in chunks.
//!
//! An index of hashes is written to all over: a thousand rows in the order of their file touch a thousand of its pages, and
//! everybody else's write waits for these. Sorted in runs of many thousands they touch a few dozen.

use tokio::sync::mpsc::Sender;

use super::actions::{LoadedRow, indexes_of, prepare};
use super::file::Taken;
use super::rules::{AidRecord, RecordIndexes};
use crate::crypto::{DataKey, Vault};
use crate::error::Result;

/// How many rows are written at once.
pub const CHUNK: usize = 1_000;
/// How many rows are sorted at once: some 30 MB of memory, whatever the size of the file.
const RUN: usize = 131_072;

/// Seals rows and gives them on, one run after the other.
pub struct Runs<'a> {
    vault: &'a Vault,
    key: &'a DataKey,
    give: Sender<Vec<LoadedRow>>,
    run: Vec<(RecordIndexes, AidRecord)>,
}

impl<'a> Runs<'a> {
    pub fn new(vault: &'a Vault, key: &'a DataKey, give: Sender<Vec<LoadedRow>>) -> Self {
        Self { vault, key, give, run: Vec::new() }
    }

    /// Takes a row; nothing is the end.
    pub fn take(&mut self, record: Option<AidRecord>) -> Result<Taken> {
        let is_end = record.is_none();
        if let Some(record) = record {
            self.run.push((indexes_of(self.vault, &record)?, record));
        }
        if is_end || self.run.len() >= RUN { self.give_on() } else { Ok(Taken::GoOn) }
    }

    /// Ids are made and rows sealed in the order in which they are written.
    fn give_on(&mut self) -> Result<Taken> {
        self.run.sort_unstable_by_key(|(indexes, _)| *indexes);
        for chunk in self.run.chunks(CHUNK) {
            let rows =
                chunk.iter().map(|(indexes, record)| prepare(self.key, *indexes, record)).collect::<Result<_>>()?;
            if self.give.blocking_send(rows).is_err() {
                return Ok(Taken::NotAnyMore);
            }
        }
        self.run.clear();
        Ok(Taken::GoOn)
    }
}
