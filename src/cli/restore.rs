//! `fond restore`: from a backup to a database that may be served again.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;

use super::watched::Watched;
use super::{Failure, Place, print};
use crate::backup::{self, Checked, Identities, Progress, Step};
use crate::config::Settings;
use crate::db::Engine;
use crate::error::{Error, Result};
use crate::privacy::erasure::Erased;
use crate::privacy::list;
use crate::startup::{self, Fond};
use crate::{audit, documents, transparency};

/// Restore a backup into a new database, erase again who was erased, check it
///
/// The database must not be there yet (PostgreSQL: be empty), and its master key must: beside it (FILE.key), or as
/// FOND__MASTER_KEY_FILE names it. Nothing is served from it before everything is done: until then a SQLite database has
/// another name, and on a PostgreSQL database no server starts. PostgreSQL needs pg_restore.
#[derive(Args)]
#[command(after_help = "\
Examples:
  fond restore fond-20261127T101500Z.sqlite3.age --identity key.txt --database sqlite://fund.sqlite3
  fond restore fond-20261127T101500Z.pgdump.age --identity key.txt --database postgres://localhost/fond \\
    --erasures /var/lib/fond/erasures")]
pub struct Restore {
    /// The backup
    file: PathBuf,
    /// The secret key of a custodian, in a file as age-keygen makes it
    #[arg(long, value_name = "KEYFILE")]
    identity: PathBuf,
    /// The newest list of erasures; instead of erasures_file of the settings, or the one beside the SQLite database or master key
    #[arg(long, value_name = "FILE")]
    erasures: Option<PathBuf>,
    /// The fund never erased anybody, so there is no list
    #[arg(long, conflicts_with = "erasures")]
    no_erasures: bool,
    #[command(flatten)]
    place: Place,
}

impl Restore {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let settings = Settings::load(self.place.config.as_deref())?;
        let engine = startup::engine(&settings, self.place.database.as_deref())?;
        // Whatever is missing is told before anything is written.
        backup::require_free(&engine)?;
        let list = self.list(&settings, &engine)?;
        let lines = list.as_deref().map(list::read).transpose()?;
        let key = startup::master_key(&settings, &engine)?;
        let identities = Identities::read(&self.identity)?;
        let mut watched = Watched::start()?;
        let unpacked = backup::unpack(&self.file, &identities, &engine, &mut |progress| watched.show(progress));
        let unfinished = unpacked?;
        watched.show(Progress::begun(Step::Erasing))?;
        let Fond { db, vault } = startup::open_whole(&settings, &unfinished.engine(), &key).map_err(of_its_time)?;
        require_newest(list.as_deref(), list::count_missing(&db, lines.as_deref().unwrap_or_default())?)?;
        let erased = lines.as_deref().map(|lines| list::apply(&db, &vault, lines)).transpose()?;
        db.write(documents::actions::forget_begun)?;
        watched.show(Progress::begun(Step::Checking))?;
        audit::number_committed(&db)?;
        transparency::actions::count_waiting(&db)?;
        let checked = backup::check(&db)?;
        drop((db, vault));
        watched.show(Progress::begun(Step::Checking))?;
        keep(&startup::erasures_file(&settings, &engine), lines.as_deref().unwrap_or_default())?;
        unfinished.finish()?;
        watched.end();
        print(&told(&self.file, erased, checked))
    }

    /// The list that is to be applied; none where somebody said that there is none.
    fn list(&self, settings: &Settings, engine: &Engine) -> Result<Option<PathBuf>> {
        let list = match &self.erasures {
            Some(named) => named.clone(),
            None => startup::erasures_file(settings, engine),
        };
        match list.metadata() {
            Err(reason) if self.no_erasures && reason.kind() == ErrorKind::NotFound => Ok(None),
            Ok(found) if self.no_erasures && found.len() == 0 => Ok(None),
            _ if self.no_erasures => Err(Error::Settings(format!(
                "--no-erasures says that nobody was ever erased, but {} is the list of those who were: leave the option out, \
                 or take the list away if it is of another fund",
                list.display()
            ))),
            Ok(_) => Ok(Some(list)),
            Err(reason) => Err(Error::Settings(format!(
                "the list of erasures, {}, cannot be read ({reason}): without it who was erased would be back. Name it \
                 (--erasures FILE), or say that nobody was ever erased (--no-erasures)",
                list.display()
            ))),
        }
    }
}

/// Puts what was applied on the list that the server of the restored database writes on: of those whom this backup does not
/// know nothing else says that they were erased, and another backup may know them.
fn keep(own: &Path, lines: &[Erased]) -> Result<()> {
    let more = "what stands on the list that was applied belongs there, too, before this database is served";
    list::add(own, lines).map(|_| ()).map_err(|error| list::and_told(error, more))
}

/// A list that lacks what the backup itself records is older than the backup.
fn require_newest(list: Option<&Path>, missing: usize) -> Result<()> {
    match list {
        _ if missing == 0 => Ok(()),
        Some(list) => Err(Error::Settings(format!(
            "the list of erasures, {}, lacks {missing} that the backup records: it is older than the backup, or of another fund, \
             and who was erased since would be back. Name the newest list (--erasures FILE)",
            list.display()
        ))),
        None => Err(Error::Settings(format!(
            "--no-erasures says that nobody was ever erased, but the backup records {missing} erasures: name the newest list of \
             them (--erasures FILE)"
        ))),
    }
}

/// A key that opens nothing may be right by now and wrong for a backup.
fn of_its_time(error: Error) -> Error {
    match error {
        Error::Crypto(reason) => Error::Crypto(format!(
            "{reason}; a backup made before fond keys rotate needs the master key of that time, one made in the midst of it \
             needs both: custodians have them, and FOND__MASTER_KEY_FILE names the file"
        )),
        other => other,
    }
}

fn told(file: &Path, erased: Option<u64>, checked: Checked) -> String {
    let erased = match erased {
        Some(erased) => format!("Erased again: {erased}."),
        None => "No list of erasures was applied.".to_owned(),
    };
    let Checked { events, books } = checked;
    format!(
        "Restored from {}.\n{erased}\nChecked: the database is whole, {events} events are numbered without a gap, {books} \
         books sum to zero, the master key opens it.",
        file.display()
    )
}
