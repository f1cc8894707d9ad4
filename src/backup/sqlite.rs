//! SQLite: a copy to encrypt, and a database that is filled before it gets its name.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::{NamedTempFile, TempDir, TempPath};

use super::{failed, folder_of, store};
use crate::crypto::sync_folder_of;
use crate::db::{Engine, connect_raw};
use crate::error::{Error, Result};

/// A copy in the plain. Nobody else can open it, and it is gone when this is dropped.
pub(super) struct Copy {
    pub file: File,
    pub bytes: u64,
    _folder: Private,
}

/// Copies a database as it is at this moment. The copy lies beside it: where one is safe, the other is.
pub(super) fn copy(database: &Path) -> Result<Copy> {
    let private = Private::new(BACKUP, database)?;
    let folder = &private.folder;
    let unnamed = NamedTempFile::new_in(folder.path()).map_err(failed(folder.path()))?;
    store::vacuum_into(&mut connect_raw(&Engine::Sqlite(database.to_owned()))?, unnamed.path())?;
    let file = unnamed.reopen().map_err(failed(unnamed.path()))?;
    let bytes = file.metadata().map_err(failed(unnamed.path()))?.len();
    // Where the system allows it, its name goes while it is still read: nothing is left even by a kill.
    #[cfg(unix)]
    unnamed.close().map_err(failed(folder.path()))?;
    #[cfg(not(unix))]
    unnamed.keep().map_err(|error| failed(folder.path())(error.error))?;
    Ok(Copy { file, bytes, _folder: private })
}

/// A database under another name than its own. Dropped, it is gone with everything beside it.
pub(super) struct Unnamed {
    private: Private,
    target: PathBuf,
}

/// How often it is looked whether the last connection is closed, and how long between.
const LOOKS: u32 = 500;
const LOOK: Duration = Duration::from_millis(20);

impl Unnamed {
    /// A place for the database `target`, in the same folder.
    pub fn new(target: &Path) -> Result<Self> {
        Ok(Self { private: Private::new(RESTORE, target)?, target: target.to_owned() })
    }

    pub fn path(&self) -> PathBuf {
        self.private.folder.path().join("unfinished.sqlite3")
    }

    /// A new file of mode 0600, to fill with the database.
    pub fn create(&self) -> Result<File> {
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(self.path()).map_err(failed(&self.path()))
    }

    /// Gives the database its name, once nobody has it open.
    ///
    /// # Errors
    /// [`Error::File`] where there is a file of that name meanwhile.
    pub fn finish(self) -> Result<()> {
        let path = self.path();
        let mut conn = connect_raw(&Engine::Sqlite(path.clone()))?;
        let mut looked: u32 = 0;
        while !store::fold_into_file(&mut conn)? {
            looked = looked.saturating_add(1);
            if looked > LOOKS {
                return Err(Error::Connection(format!("{} is still open", path.display())));
            }
            std::thread::sleep(LOOK);
        }
        drop(conn);
        File::open(&path).and_then(|file| file.sync_all()).map_err(failed(&path))?;
        let unnamed = TempPath::try_from_path(&path).map_err(failed(&path))?;
        unnamed.persist_noclobber(&self.target).map_err(|error| failed(&self.target)(error.error))?;
        sync_folder_of(&self.target).map_err(failed(&self.target))
    }
}

/// A folder beside a file that the owner alone can enter, for what is in the plain. Dropped, it is gone with everything in it;
/// what a process that was killed has left goes when the next one is made.
struct Private {
    /// Locked as long as somebody works in the folder.
    _in_use: File,
    folder: TempDir,
}

const BACKUP: &str = ".fond-backup-";
const RESTORE: &str = ".fond-restore-";
const IN_USE: &str = "in-use";

impl Private {
    fn new(prefix: &str, file: &Path) -> Result<Self> {
        let beside = folder_of(file);
        remove_abandoned(&beside).map_err(failed(&beside))?;
        let mut folder = tempfile::Builder::new();
        folder.prefix(prefix);
        #[cfg(unix)]
        folder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = folder.tempdir_in(&beside).map_err(failed(&beside))?;
        let path = folder.path().join(IN_USE);
        let in_use = File::create_new(&path).and_then(|in_use| in_use.lock().map(|()| in_use));
        Ok(Self { _in_use: in_use.map_err(failed(&path))?, folder })
    }
}

/// Removes the folders in which nobody works any more. One without the file that is locked is just being made.
fn remove_abandoned(beside: &Path) -> io::Result<()> {
    for entry in beside.read_dir()? {
        let entry = entry?;
        let name = entry.file_name();
        let is_ours = name.to_str().is_some_and(|name| name.starts_with(BACKUP) || name.starts_with(RESTORE));
        if is_ours && File::open(entry.path().join(IN_USE)).is_ok_and(|in_use| in_use.try_lock().is_ok()) {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
