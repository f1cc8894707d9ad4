//! A fund to try: the round of 2020 already played, and calls with work waiting for everybody, on a throw-away database.

mod calls;
mod case;
mod people;

pub use people::{PASSWORD, Person};

use crate::clock::Instant;
use crate::crypto::Vault;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::replay::{self, Progress, Report};

/// What the demo consists of, once it stands.
pub struct Demo {
    pub report: Report,
    /// One for each kind of user, in the order in which a round needs them.
    pub people: Vec<Person>,
}

/// Fills an empty database. `password_hash` is that of [`PASSWORD`]; `watch` is told how far the round of 2020 is.
///
/// # Errors
/// [`Error::Corrupt`] where the embedded round cannot be read or played.
pub fn fill(db: &Db, vault: &Vault, password_hash: &str, mut watch: impl FnMut(Progress)) -> Result<Demo> {
    let case = case::read()?;
    let report = db.write(|conn| {
        replay::run(conn, vault, &case, &mut |_, progress| {
            watch(progress);
            Ok(())
        })
    })?;
    let now = Instant::now();
    let people = db.write(|conn| {
        let people = people::make(conn, vault, password_hash, now)?;
        calls::make(conn, vault, &case, &people, now)?;
        Ok(people)
    })?;
    crate::audit::number_committed(db)?;
    match people.is_empty() {
        true => Err(Error::corrupt("a demo without people")),
        false => Ok(Demo { report, people }),
    }
}
