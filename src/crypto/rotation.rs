//! Rotating keys beside running servers. What is interrupted goes on where it stopped.
//!
//! The master key: every data key is wrapped anew by a new one. The file holds both keys until the last data key is wrapped
//! by the new one; then the old one is taken out of it, and opens nothing any more.
//!
//! The keys of blind indexes: every index is made anew by a new one, from the old index, so that nothing sealed is opened
//! and what was forgotten but for its index is kept up too. Between the steps the servers take note (`indexes.rs`).

use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use super::coverage;
use super::indexes::{self, Known};
use super::master::{self, MasterKey};
use super::ring::Ring;
use super::store;
use super::store::renewing::{INDEX_COLUMNS, IndexColumn};
use super::vault::Vault;
use crate::db::{Conn, Db};
use crate::error::{Error, Result};

/// How many keys are wrapped anew in one write, so that nobody waits long.
const AT_ONCE: i64 = 200;
/// How many indexes are looked at in one write.
const INDEXES_AT_ONCE: usize = 200;
/// How long servers have to take note of a step: far longer than what they know holds, and than a write of theirs takes.
pub const PAUSE: Duration = Duration::from_secs(10);

/// Rotates the master key of a database; gives how many data keys were wrapped anew. `watch` is told after each part.
///
/// # Errors
/// [`crate::error::Error::Crypto`] where the file does not hold every key that wraps a key of the database, or where another
/// rotation is running: then nothing has changed. Those of file and database: then both keys stay in the file, everything
/// still opens, and the next run goes on.
pub fn rotate(db: &Db, mut master: MasterKey, watch: &mut dyn FnMut(u64)) -> Result<u64> {
    let _alone = master::lock(master.path())?;
    // The file may have been rotated between its reading and the lock.
    master = MasterKey::read(master.path())?;
    // Asked first, of every key: a new one is never put before a file that cannot finish.
    db.read(|conn| coverage::require_all(conn, &master))?;
    master.begin_rotation()?;
    let newest = master.newest()?;
    db.write(|conn| {
        // And again: the database may have been rotated meanwhile with a copy of the file.
        coverage::require_named(conn, &master)?;
        store::set_current_master(conn, newest)
    })?;
    let ring = Ring::new(&master, newest)?;
    let mut wrapped: u64 = 0;
    loop {
        let part = db.write(|conn| {
            let old = store::wrapped_by_others(conn, newest, AT_ONCE)?;
            for stored in &old {
                let key = ring.unwrap(stored)?;
                let (id, again) = ring.wrap(stored.owner_id, stored.class, &key)?;
                store::rewrap(conn, stored, id, &again)?;
            }
            if old.is_empty() {
                store::forget_other_masters(conn, newest)?;
            }
            Ok(u64::try_from(old.len()).unwrap_or(u64::MAX))
        })?;
        if part == 0 {
            master.end_rotation()?;
            return Ok(wrapped);
        }
        wrapped = wrapped.saturating_add(part);
        watch(wrapped);
    }
}

/// Puts new keys in the place of those of the blind indexes, and of the key that makes mailed links: links that were not
/// used until the end are dead then. Gives how many indexes were made anew; `watch` is told after each part.
///
/// Everybody looks for both versions first; then everybody writes the new one; then the rows of the old one are made anew,
/// and when a second walk finds none, the old keys are destroyed. `pause` is how long servers have between these steps:
/// [`PAUSE`], where there are any.
///
/// # Errors
/// [`Error::Crypto`] where another rotation is running: then nothing has changed. Those of the database, and [`Error::Crypto`]
/// for an index that does not open: both versions stay then, everybody finds everything, and the next run goes on.
pub fn rotate_indexes(db: &Db, vault: &Vault, pause: Duration, watch: &mut dyn FnMut(u64)) -> Result<u64> {
    let _alone = master::lock(vault.ring().path())?;
    let newest = db.write(|conn| begin(conn, vault.ring()))?;
    sleep(pause);
    db.write(|conn| store::set_written_version(conn, newest))?;
    sleep(pause);
    let known = Arc::new(db.read(|conn| Known::read(conn, vault.ring(), &[]))?);
    let mut renewed: u64 = 0;
    loop {
        let before = renewed;
        for column in INDEX_COLUMNS {
            renew_column(db, &known, column, &mut |more| {
                renewed = renewed.saturating_add(more);
                watch(renewed);
            })?;
        }
        if renewed == before {
            break;
        }
        // Whoever began to write by the old keys before the last step is done by then.
        sleep(pause);
    }
    let classes: Vec<_> = indexes::classes().collect();
    db.write(|conn| store::delete_older(conn, &classes, newest))?;
    Ok(renewed)
}

/// The version that the indexes go to: one that a rotation which was not finished made, or a new one.
fn begin(conn: &mut Conn, ring: &Ring) -> Result<i32> {
    match store::index_versions(conn)?.as_slice() {
        [_, .., newest] => Ok(*newest),
        [only] => {
            let newest = only.checked_add(1).ok_or(Error::Overflow)?;
            indexes::create(conn, ring, newest)?;
            Ok(newest)
        }
        [] => Err(Error::corrupt("there are no keys of blind indexes")),
    }
}

/// Makes the indexes of a column anew that are of another version than the one that is written.
fn renew_column(db: &Db, known: &Arc<Known>, column: IndexColumn, watch: &mut dyn FnMut(u64)) -> Result<()> {
    let mut after = Vec::new();
    loop {
        let (known, behind) = (Arc::clone(known), after.clone());
        // Each row is guarded by the index that it had, so that nobody's write has to fail for it.
        let (last, renewed) = db.follow(move |conn| {
            let rows = column.some(conn, &behind, INDEXES_AT_ONCE)?;
            let mut renewed: u64 = 0;
            for row in &rows {
                let index = known.forms_like(column.kind, row.found)?.written()?;
                if index != row.found && column.renew(conn, row, index)? > 0 {
                    renewed = renewed.saturating_add(1);
                }
            }
            Ok((rows.last().map(|row| row.key.clone()), renewed))
        })?;
        if renewed > 0 {
            watch(renewed);
        }
        match last {
            Some(key) => after = key,
            None => return Ok(()),
        }
    }
}
