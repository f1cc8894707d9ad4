//! Letters as files in a folder, for trying out and for tests: one `.eml` each, named by its job.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::ids::JobId;
use crate::jobs::Failure;

pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder where it is missing. An empty path is `mail` in the data folder of this platform.
    pub fn open(path: &Path) -> Result<Self> {
        let path = if path.as_os_str().is_empty() { default_folder()? } else { path.to_owned() };
        let failed = |reason| Error::File { path: format!("mail.folder: {}", path.display()), reason };
        std::fs::create_dir_all(&path).map_err(failed)?;
        Ok(Self(path))
    }

    /// Nobody ever sees half a letter: it is renamed when it is whole. A second try overwrites the first. It is not flushed
    /// to the disk: the folder is for trying out.
    pub fn put(&self, id: JobId, message: &[u8]) -> Result<(), Failure> {
        let (hidden, whole) = (self.0.join(format!(".{id}.part")), self.0.join(format!("{id}.eml")));
        let write = || {
            let mut file = private_file(&hidden)?;
            file.write_all(message)?;
            std::fs::rename(&hidden, &whole)
        };
        write().map_err(|_: std::io::Error| Failure::temporary("folder_unwritable"))
    }
}

/// Letters hold links that open accounts.
#[cfg(unix)]
fn private_file(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn private_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).open(path)
}

fn default_folder() -> Result<PathBuf> {
    let missing = || Error::Settings("this platform names no data folder; set FOND__MAIL__FOLDER".into());
    Ok(directories::ProjectDirs::from("rs", "", "fond").ok_or_else(missing)?.data_dir().join("mail"))
}
