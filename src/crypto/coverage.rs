//! Whether the file of the master key holds every key that the database needs: one, and two in the midst of a rotation.

use std::path::Path;

use super::master::{MasterId, MasterKey};
use super::store;
use crate::db::Conn;
use crate::error::{Error, Result};

/// That the file holds all master keys which the database names: a look at two rows, for every start.
///
/// # Errors
/// [`Error::Crypto`], naming the file, the master key that it lacks and what to do.
pub(super) fn require_named(conn: &mut Conn, master: &MasterKey) -> Result<()> {
    let needed = store::wrapping_masters(conn)?;
    require(conn, master, needed)
}

/// The same, asked of every wrapped key: for what is done seldom and must be right. Reads them all.
///
/// # Errors
/// As for [`require_named`].
pub fn require_all(conn: &mut Conn, master: &MasterKey) -> Result<()> {
    let needed = store::masters_of_keys(conn)?;
    require(conn, master, needed)
}

fn require(conn: &mut Conn, master: &MasterKey, mut needed: Vec<MasterId>) -> Result<()> {
    let Some(current) = store::current_master(conn)? else { return Ok(()) };
    needed.push(current);
    let held: Vec<MasterId> = master.wrapping_keys()?.into_iter().map(|(id, _)| id).collect();
    match needed.iter().find(|id| !held.contains(id)) {
        None => Ok(()),
        Some(_) if !needed.iter().any(|id| held.contains(id)) => Err(not_of_this_database(master.path(), current)),
        Some(missing) => Err(lacks(master.path(), *missing, *missing == current)),
    }
}

/// What is said of a file that opens nothing of a database.
pub(super) fn not_of_this_database(file: &Path, wraps: MasterId) -> Error {
    Error::Crypto(format!(
        "the master key in {} is not the one of this database, which needs the master key {wraps}: name its file in \
         master_key_file (FOND__MASTER_KEY_FILE)",
        file.display()
    ))
}

fn lacks(file: &Path, missing: MasterId, is_newer: bool) -> Error {
    let which = if is_newer { "newer" } else { "older" };
    Error::Crypto(format!(
        "the master key file {} lacks the {which} master key {missing}, which wraps some keys of this database, for a rotation \
         was not finished: name a file with the lines of both, the newer first, in master_key_file (FOND__MASTER_KEY_FILE); \
         fond keys rotate ends the rotation then",
        file.display()
    ))
}
