//! From settings to something that works: the database open and migrated, the vault unlocked.

use std::path::{Path, PathBuf};

use crate::audit;
use crate::config::Settings;
use crate::crypto::{MasterKey, Vault};
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
    let url = database.unwrap_or(&settings.database_url);
    let engine = if url.is_empty() { default_database()? } else { Engine::parse(url)? };
    let named_key = Some(settings.master_key_file.as_path()).filter(|path| !path.as_os_str().is_empty());
    // A key that is named must be right before anything is created.
    let named_key = named_key.map(MasterKey::read).transpose()?;
    let open = || Db::open(&engine, &settings.database.tuning());
    let (db, key) = match (named_key, &engine) {
        (Some(key), _) => (open()?, key),
        (None, Engine::Sqlite(file)) => {
            let db = open()?;
            let key = key_beside(&db, file)?;
            (db, key)
        }
        (None, Engine::Postgres(_)) => {
            return Err(Error::Settings(
                "PostgreSQL needs a master key file: set FOND__MASTER_KEY_FILE (fond keys master --out FILE makes one)"
                    .into(),
            ));
        }
    };
    let vault = db.write(|conn| Vault::open(conn, &key))?;
    // Events that were committed just before a process died have no number yet.
    audit::number_committed(&db)?;
    Ok(Fond { db, vault })
}

/// The key beside a SQLite database; made only while nothing was ever sealed.
fn key_beside(db: &Db, file: &Path) -> Result<MasterKey> {
    let mut name = file.as_os_str().to_owned();
    name.push(".key");
    let path = PathBuf::from(name);
    let is_new = !db.read(Vault::exists)?;
    if is_new && !path.exists() {
        // Another process may have been faster; then its key is the one.
        match MasterKey::create(&path) {
            Err(Error::File { reason, .. }) if reason.kind() == std::io::ErrorKind::AlreadyExists => {}
            made => return made,
        }
    }
    MasterKey::read(&path)
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
