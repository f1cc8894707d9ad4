//! Making a backup, and deleting those that are too old.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::age_file::{AgeFile, Written};
use super::hold::Hold;
use super::name::{Kind, Name};
use super::pour::{Progress, Sink, Source, Step, Watch, pour};
use super::recipients::Recipients;
use super::server::Server;
use super::{failed, program, require_finished, sqlite, store};
use crate::clock::Instant;
use crate::db::{Engine, connect_raw};
use crate::error::{Error, Result};

/// What is to be saved, where to and for whom.
pub struct Job<'a> {
    pub engine: &'a Engine,
    pub folder: &'a Path,
    pub recipients: &'a Recipients,
    /// For how long writers may be held.
    pub hold: Duration,
    /// Reads the clock: once nobody writes any more, where writers are held.
    pub clock: fn() -> Instant,
}

/// A backup that stands.
#[derive(Debug)]
pub struct Made {
    pub file: Written,
    /// Everything that was acknowledged before is in it.
    pub moment: Instant,
    /// Writers were held until it stood: everything that was acknowledged before its end is in it.
    pub is_up_to_its_end: bool,
}

/// Makes a backup of a database that is in use.
///
/// # Errors
/// [`Error::File`] where the database or the folder is not there, the disk is full, or pg_dump fails; then nothing is left of
/// it. What `watch` says to stop it.
pub fn make(job: &Job<'_>, watch: &mut Watch<'_>) -> Result<Made> {
    if !job.folder.is_dir() {
        let folder = job.folder.display();
        return Err(Error::Settings(format!("the folder of the backups, {folder}, is not there: make it first")));
    }
    require_finished(job.engine)?;
    require_there(job.engine)?;
    let hold = Hold::begin(job.engine, job.hold)?;
    let moment = (job.clock)();
    let path = job.folder.join(Name::new(moment, Kind::of(job.engine)).to_string());
    let mut file = AgeFile::begin(&path, job.recipients)?;
    match job.engine {
        Engine::Sqlite(database) => pour_sqlite(database, Sink(&mut file, &failed(&path)), watch)?,
        Engine::Postgres(url) => pour_postgres(job.engine, url, Sink(&mut file, &failed(&path)), watch)?,
    }
    let file = file.finish()?;
    let is_up_to_its_end = hold.is_some_and(Hold::end);
    Ok(Made { file, moment, is_up_to_its_end })
}

/// # Errors
/// [`Error::File`] where there is no SQLite database of this name, [`Error::Settings`] where there is nothing of Fond in the
/// one that is meant; opening it would make what is missing.
pub fn require_there(engine: &Engine) -> Result<()> {
    if let Engine::Sqlite(database) = engine
        && !database.is_file()
    {
        return Err(failed(database)(std::io::Error::new(std::io::ErrorKind::NotFound, "there is no such database")));
    }
    match store::foreign(&mut connect_raw(engine)?)? {
        Some(name) => Err(Error::Settings(format!(
            "the database {name} holds nothing of Fond: is another one meant? (fond migrate makes its tables)"
        ))),
        None => Ok(()),
    }
}

fn pour_sqlite(database: &Path, to: Sink<'_>, watch: &mut Watch<'_>) -> Result<()> {
    watch(Progress::begun(Step::Copying))?;
    let mut copy = sqlite::copy(database)?;
    let total = Some(copy.bytes);
    let read_failed = failed(database);
    let from = Source(&mut copy.file, &read_failed);
    pour(from, to, |done| watch(Progress { step: Step::Encrypting, done, total }))
}

fn pour_postgres(engine: &Engine, url: &str, to: Sink<'_>, watch: &mut Watch<'_>) -> Result<()> {
    let server = Server::parse(url)?;
    let mut conn = connect_raw(engine)?;
    let snapshot = store::export_snapshot(&mut conn)?;
    program::dump(&server, &snapshot, to, |done| watch(Progress { step: Step::Encrypting, done, total: None }))?;
    // The snapshot was there to its end.
    store::let_go(&mut conn)
}

/// Deletes the backups of a folder that are older than `keep` when `made` was made, and names them. What has no name of ours
/// stays.
///
/// # Errors
/// [`Error::File`] where one cannot be deleted.
pub fn expire(folder: &Path, made: &Made, keep: Duration) -> Result<Vec<PathBuf>> {
    let oldest = made.moment.minus(keep);
    let mut deleted = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
        let entry = entry.map_err(failed(folder))?;
        let name: Option<Name> = entry.file_name().to_str().and_then(|name| name.parse().ok());
        let is_file = entry.file_type().map_err(failed(&entry.path()))?.is_file();
        if is_file && name.is_some_and(|name| name.moment() < oldest) {
            std::fs::remove_file(entry.path()).map_err(failed(&entry.path()))?;
            deleted.push(entry.path());
        }
    }
    deleted.sort();
    Ok(deleted)
}
