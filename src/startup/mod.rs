//! From settings to something that works: the database open and migrated, the vault unlocked, the signing keys read.

mod clockwork;
mod listen;
mod serve;
mod work;

use std::path::{Path, PathBuf};

pub use serve::{Running, document, start};

use crate::audit;
use crate::backup;
use crate::config::{SIGNING_KEYS, Settings};
use crate::crypto::{self, MasterKey, SigningKeys, Vault};
use crate::db::{Db, Engine};
use crate::error::{Error, Result};

/// An open database and the keys of what is sealed in it.
pub struct Fond {
    pub db: Db,
    pub vault: Vault,
}

/// Opens everything. `database` (from the command line) goes over the settings' URL.
///
/// # Errors
/// [`Error::Settings`] for an unknown kind of database or a missing key setting, [`Error::Crypto`] for a key that is
/// missing, wrong or readable by others.
pub fn open(settings: &Settings, database: Option<&str>) -> Result<Fond> {
    open_on(settings, &engine(settings, database)?)
}

/// The same for a database that is known already.
fn open_on(settings: &Settings, engine: &Engine) -> Result<Fond> {
    // A key that is named must be right before anything is created.
    let named_key = named(&settings.master_key_file).map(MasterKey::read).transpose();
    let named_key = named_key.map_err(|error| of_setting("master_key_file", error))?;
    if named_key.is_some() {
        backup::require_finished(engine)?;
    }
    let open = || Db::open(engine, &settings.database.tuning());
    let (db, key) = match (named_key, engine) {
        (Some(key), _) => (open()?, key),
        (None, Engine::Sqlite(file)) => {
            let db = open()?;
            let key = key_beside(&db, file)?;
            (db, key)
        }
        (None, Engine::Postgres(_)) => return Err(no_key_named()),
    };
    unlock(db, &key)
}

/// Opens what is there already, and makes neither a database nor a key.
///
/// # Errors
/// As for [`open`]; [`Error::File`] or [`Error::Settings`] where there is no such database of Fond.
pub fn open_existing(settings: &Settings, database: Option<&str>) -> Result<Fond> {
    let engine = engine(settings, database)?;
    backup::require_finished(&engine)?;
    backup::require_there(&engine)?;
    let key = master_key(settings, &engine)?;
    unlock(Db::open(&engine, &settings.database.tuning())?, &key)
}

/// Opens a database that was restored and that nothing is served from yet, or whose master key is to be saved: every wrapped
/// key is asked whether the file holds what opens it.
///
/// # Errors
/// As for [`open`].
pub fn open_whole(settings: &Settings, engine: &Engine, key: &MasterKey) -> Result<Fond> {
    let fond = unlock(Db::open(engine, &settings.database.tuning())?, key)?;
    fond.db.read(|conn| crypto::require_all(conn, key))?;
    Ok(fond)
}

fn unlock(db: Db, key: &MasterKey) -> Result<Fond> {
    let vault = db.write(|conn| Vault::open(conn, key))?;
    // Events that were committed just before a process died have no number yet.
    audit::number_committed(&db)?;
    Ok(Fond { db, vault })
}

/// The master key of a database: from the file that is named, else from the one beside a SQLite database. None is made.
///
/// # Errors
/// As for [`open`].
pub fn master_key(settings: &Settings, engine: &Engine) -> Result<MasterKey> {
    let read = MasterKey::read(&master_key_file(settings, engine)?);
    match named(&settings.master_key_file) {
        Some(_) => read.map_err(|error| of_setting("master_key_file", error)),
        None => read,
    }
}

fn no_key_named() -> Error {
    Error::Settings(
        "PostgreSQL needs a master key file: set FOND__MASTER_KEY_FILE (fond keys master --out FILE makes one)".into(),
    )
}

/// Which database is meant. `database` (from the command line) goes over the settings' URL.
///
/// # Errors
/// [`Error::Settings`] for an unknown kind of database.
pub fn engine(settings: &Settings, database: Option<&str>) -> Result<Engine> {
    let url = database.unwrap_or(&settings.database_url);
    let engine = if url.is_empty() { default_database() } else { Engine::parse(url) }?;
    let folder = match &engine {
        Engine::Sqlite(file) => file.parent().filter(|folder| !folder.is_dir()),
        Engine::Postgres(_) => None,
    };
    match folder {
        Some(folder) => Err(Error::Settings(format!(
            "the folder of the database, {}, is not there: make it first",
            folder.display()
        ))),
        None => Ok(engine),
    }
}

/// The keys that sign access tokens: from the variable, else from the file that is named, else from the file beside a
/// SQLite database. That one is made on first use, and made anew where it is lost: then everybody signs in again.
///
/// # Errors
/// [`Error::Settings`] where PostgreSQL is used and no keys are named, [`Error::Crypto`] for keys that are missing, wrong
/// or readable by others.
pub fn signing_keys(settings: &Settings, engine: &Engine) -> Result<SigningKeys> {
    match (&settings.tokens.signing_keys, named(&settings.tokens.signing_keys_file), engine) {
        (Some(text), _, _) => SigningKeys::parse(text.reveal()).map_err(|error| of_setting(SIGNING_KEYS, error)),
        (None, Some(path), _) => SigningKeys::read(path).map_err(|error| of_setting("tokens.signing_keys_file", error)),
        (None, None, Engine::Sqlite(file)) => {
            let path = beside(file, ".signing");
            if path.exists() {
                SigningKeys::read(&path)
            } else {
                first_of_all(&path, SigningKeys::create, SigningKeys::read)
            }
        }
        (None, None, Engine::Postgres(_)) => Err(Error::Settings(
            "PostgreSQL needs signing keys: set FOND__TOKENS__SIGNING_KEYS_FILE (fond keys signing --out FILE makes \
             one) or FOND_SIGNING_KEYS"
                .into(),
        )),
    }
}

/// Where the master key is: the file that is named, else one beside a SQLite database.
///
/// # Errors
/// [`Error::Settings`] where PostgreSQL is used and none is named.
pub fn master_key_file(settings: &Settings, engine: &Engine) -> Result<PathBuf> {
    match (named(&settings.master_key_file), engine) {
        (Some(path), _) => Ok(path.to_path_buf()),
        (None, Engine::Sqlite(file)) => Ok(beside(file, ".key")),
        (None, Engine::Postgres(_)) => Err(no_key_named()),
    }
}

/// The list of what was erased: the file that is named, else one beside a SQLite database or the master key.
pub fn erasures_file(settings: &Settings, engine: &Engine) -> PathBuf {
    match (named(&settings.erasures_file), engine) {
        (Some(path), _) => path.to_path_buf(),
        (None, Engine::Sqlite(file)) => beside(file, ".erasures"),
        (None, Engine::Postgres(_)) => beside(&settings.master_key_file, ".erasures"),
    }
}

/// The key beside a SQLite database; made only while nothing was ever sealed.
fn key_beside(db: &Db, file: &Path) -> Result<MasterKey> {
    let path = beside(file, ".key");
    let is_new = !db.read(Vault::exists)?;
    if is_new && !path.exists() {
        return first_of_all(&path, MasterKey::create, MasterKey::read);
    }
    MasterKey::read(&path)
}

/// Makes a key file, or reads it: another process may have been faster, and then its key is the one.
fn first_of_all<T>(path: &Path, create: impl Fn(&Path) -> Result<T>, read: impl Fn(&Path) -> Result<T>) -> Result<T> {
    match create(path) {
        Err(Error::File { reason, .. }) if reason.kind() == std::io::ErrorKind::AlreadyExists => read(path),
        made => made,
    }
}

/// What is wrong with a file, together with the setting that names it.
fn of_setting(key: &str, error: Error) -> Error {
    match error {
        Error::Crypto(reason) => Error::Crypto(format!("{key}: {reason}")),
        Error::File { path, reason } => Error::File { path: format!("{key}: {path}"), reason },
        other => other,
    }
}

/// The path of a setting, unless it is left empty.
fn named(path: &Path) -> Option<&Path> {
    Some(path).filter(|path| !path.as_os_str().is_empty())
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// A file in the data folder of this platform.
fn default_database() -> Result<Engine> {
    let missing = || Error::Settings("this platform names no data folder; set DATABASE_URL".into());
    let folders = directories::ProjectDirs::from("rs", "", "fond").ok_or_else(missing)?;
    let folder = folders.data_dir();
    let failed = |reason| Error::File { path: folder.display().to_string(), reason };
    std::fs::create_dir_all(folder).map_err(failed)?;
    Ok(Engine::Sqlite(folder.join("fond.sqlite3")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings::load(None).unwrap()
    }

    #[test]
    fn sqlite_makes_its_signing_keys_and_reads_them_again() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::Sqlite(folder.path().join("a.sqlite3"));
        signing_keys(&settings(), &engine).unwrap();
        let made = std::fs::read(folder.path().join("a.sqlite3.signing")).unwrap();
        signing_keys(&settings(), &engine).unwrap();
        assert_eq!(std::fs::read(folder.path().join("a.sqlite3.signing")).unwrap(), made);
        std::fs::write(folder.path().join("a.sqlite3.signing"), "nothing").unwrap();
        assert!(matches!(signing_keys(&settings(), &engine), Err(Error::Crypto(_))), "wrong keys are not replaced");
    }

    #[test]
    fn postgres_wants_signing_keys_named_and_a_named_file_is_never_made() {
        let engine = Engine::Postgres("postgres://none".into());
        let message = signing_keys(&settings(), &engine).err().unwrap().to_string();
        assert!(message.contains("FOND__TOKENS__SIGNING_KEYS_FILE") && message.contains("FOND_SIGNING_KEYS"));
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings();
        settings.tokens.signing_keys_file = folder.path().join("signing.keys");
        let absent = signing_keys(&settings, &engine).err().unwrap();
        assert!(matches!(absent, Error::Crypto(_)) && absent.to_string().contains("tokens.signing_keys_file"));
        settings.master_key_file = folder.path().join("master.key");
        let absent = open(&settings, Some("postgres://none")).err().unwrap();
        assert!(absent.to_string().contains("master_key_file"), "{absent}");
        SigningKeys::create(&settings.tokens.signing_keys_file).unwrap();
        signing_keys(&settings, &engine).unwrap();
    }
}
