//! From a file to a database that nobody serves yet.

use std::io::{self, Read};
use std::path::Path;

use super::identities::Identities;
use super::name::Kind;
use super::pour::{Progress, Sink, Source, Step, Watch, pour};
use super::program::{self, Restored};
use super::server::Server;
use super::sqlite::Unnamed;
use super::{failed, store};
use crate::db::{Engine, connect_raw};
use crate::error::{Error, Result};

/// A database that was filled and is not in use: under another name, or marked so that no server starts on it.
pub struct Unfinished(Place);

enum Place {
    Sqlite(Unnamed),
    Postgres(Engine),
}

impl Unfinished {
    /// Where it is until then.
    pub fn engine(&self) -> Engine {
        match &self.0 {
            Place::Sqlite(unnamed) => Engine::Sqlite(unnamed.path()),
            Place::Postgres(engine) => engine.clone(),
        }
    }

    /// Gives it its name, or takes the mark away: from here on it is a database like any other.
    pub fn finish(self) -> Result<()> {
        match self.0 {
            Place::Sqlite(unnamed) => unnamed.finish(),
            Place::Postgres(engine) => store::mark_finished(&mut connect_raw(&engine)?),
        }
    }
}

/// # Errors
/// [`Error::Settings`] where a restore into this database was begun and not ended: nobody may be served from it.
pub fn require_finished(engine: &Engine) -> Result<()> {
    match engine {
        // It has another name until then.
        Engine::Sqlite(_) => Ok(()),
        Engine::Postgres(_) if store::is_unfinished(&mut connect_raw(engine)?)? => Err(Error::Settings(
            "a restore into this database is not finished: wait for it, or drop the database and make it anew".into(),
        )),
        Engine::Postgres(_) => Ok(()),
    }
}

/// # Errors
/// [`Error::Invalid`] where there is something in the place of the database.
pub fn require_free(target: &Engine) -> Result<()> {
    match target {
        Engine::Sqlite(file) => {
            for ending in ["", "-wal", "-journal"] {
                let mut name = file.as_os_str().to_owned();
                name.push(ending);
                if Path::new(&name).symlink_metadata().is_ok() {
                    let shown = Path::new(&name).display();
                    return Err(Error::invalid("--database", format!("{shown} is there already; name a new file")));
                }
            }
            Ok(())
        }
        Engine::Postgres(_) => {
            require_finished(target)?;
            match store::count_tables(&mut connect_raw(target)?)? {
                0 => Ok(()),
                some => Err(Error::invalid("--database", format!("has {some} tables already; name an empty one"))),
            }
        }
    }
}

/// Decrypts a backup into a database that is not there yet.
///
/// # Errors
/// [`Error::Crypto`] where the file is not whole, or not for these keys; [`Error::Invalid`] where it is of the other kind of
/// database or something is in its place; [`Error::File`] with what pg_restore says. Then nothing is left of it; but a PostgreSQL
/// database stays marked as unfinished where `watch` stopped it in the midst.
pub fn unpack(file: &Path, keys: &Identities, target: &Engine, watch: &mut Watch<'_>) -> Result<Unfinished> {
    require_free(target)?;
    let total = Some(file.metadata().map_err(failed(file))?.len());
    let damaged = |reason: io::Error| Error::Crypto(format!("{} is damaged or cut off: {reason}", file.display()));
    match target {
        Engine::Sqlite(path) => {
            let mut plain = plain(file, keys, Kind::Sqlite)?;
            let unnamed = Unnamed::new(path)?;
            let mut database = unnamed.create()?;
            let write_failed = failed(&unnamed.path());
            let to = Sink(&mut database, &write_failed);
            pour(Source(&mut plain, &damaged), to, |done| watch(Progress { step: Step::Restoring, done, total }))?;
            database.sync_all().map_err(failed(&unnamed.path()))?;
            Ok(Unfinished(Place::Sqlite(unnamed)))
        }
        Engine::Postgres(url) => {
            let server = Server::parse(url)?;
            // Read to its end first: pg_restore might commit before it sees that the end is missing.
            let (mut whole, mut nowhere) = (plain(file, keys, Kind::Postgres)?, io::sink());
            let write_failed = failed(file);
            let to = Sink(&mut nowhere, &write_failed);
            pour(Source(&mut whole, &damaged), to, |done| watch(Progress { step: Step::Reading, done, total }))?;
            let mut plain = plain(file, keys, Kind::Postgres)?;
            store::mark_unfinished(&mut connect_raw(target)?)?;
            let restored = program::restore(&server, Source(&mut plain, &damaged), |done| {
                watch(Progress { step: Step::Restoring, done, total })
            });
            if let Restored::Refused(error) = restored? {
                store::mark_still_empty(&mut connect_raw(target)?)?;
                return Err(error);
            }
            Ok(Unfinished(Place::Postgres(target.clone())))
        }
    }
}

/// What the file holds, if it is of this kind.
fn plain(file: &Path, keys: &Identities, kind: Kind) -> Result<impl Read + use<>> {
    let mut plain = keys.open(file)?;
    let mut first = Vec::new();
    let expected = kind.first_bytes();
    let read = (&mut plain).take(u64::try_from(expected.len()).unwrap_or(0)).read_to_end(&mut first);
    read.map_err(|reason| Error::Crypto(format!("{} is damaged or cut off: {reason}", file.display())))?;
    if first != expected {
        return Err(Error::invalid(
            file.display().to_string(),
            format!("holds no backup of a {} database, which --database names", kind.as_str()),
        ));
    }
    Ok(io::Cursor::new(first).chain(plain))
}
