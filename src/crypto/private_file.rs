//! Files that hold keys: readable by their owner alone, never half written, never overwritten by accident.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use super::seal::KEY_BYTES;
use crate::error::{Error, Result};

const LONGEST_FILE: u64 = 4096;

/// What a file of keys is called in messages.
pub(super) struct KeyFile<'a> {
    pub path: &'a Path,
    /// Such as “master key”.
    pub what: &'static str,
    /// What follows from its absence, and what to do.
    pub if_missing: &'static str,
}

impl KeyFile<'_> {
    /// Writes a new file with mode 0600.
    ///
    /// # Errors
    /// [`Error::File`] where it exists already or cannot be written.
    pub fn create(&self, text: &str) -> Result<()> {
        // Written whole under another name first: a key file that exists is never half a key.
        let unfinished = unfinished(self.path);
        let written = write_new(&unfinished, text).and_then(|()| std::fs::hard_link(&unfinished, self.path));
        let removed = std::fs::remove_file(&unfinished);
        written.and(removed).and_then(|()| sync_folder_of(self.path)).map_err(|reason| self.failed(reason))
    }

    /// Puts another text in the place of an existing file, mode 0600: at every moment one of the two is there, whole. Where
    /// the name is a link, that is the file which it leads to: nobody keeps the old text for the current one.
    ///
    /// # Errors
    /// [`Error::File`] where it cannot be written.
    pub fn replace(&self, text: &str) -> Result<()> {
        let target = self.path.canonicalize().map_err(|reason| self.failed(reason))?;
        let unfinished = unfinished(&target);
        let replaced = write_new(&unfinished, text).and_then(|()| std::fs::rename(&unfinished, &target));
        replaced.and_then(|()| sync_folder_of(&target)).map_err(|reason| {
            // It may never have been made.
            let _ = std::fs::remove_file(&unfinished);
            self.failed(reason)
        })
    }

    /// Reads the file.
    ///
    /// # Errors
    /// [`Error::Crypto`] where it is missing, no file, readable by others, or holds no text.
    pub fn read(&self) -> Result<Zeroizing<String>> {
        let (what, shown) = (self.what, self.path.display());
        let failed = |error: std::io::Error| match error.kind() {
            ErrorKind::NotFound => Error::Crypto(format!("the {what} file {shown} is missing; {}", self.if_missing)),
            _ => Error::Crypto(format!("the {what} file {shown} cannot be read: {error}")),
        };
        // Before it is opened: a pipe would wait for somebody who writes into it.
        if !self.path.metadata().map_err(failed)?.is_file() {
            return Err(Error::Crypto(format!(
                "{shown}, named for the {what}, is no file (a folder, a pipe or a device)"
            )));
        }
        let mut file = File::open(self.path).map_err(failed)?;
        self.require_private(&file)?;
        let mut text = Zeroizing::new(String::new());
        (&mut file).take(LONGEST_FILE).read_to_string(&mut text).map_err(failed)?;
        Ok(text)
    }

    #[cfg(unix)]
    fn require_private(&self, file: &File) -> Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().map_err(|reason| self.failed(reason))?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let (what, shown) = (self.what, self.path.display());
            return Err(Error::Crypto(format!(
                "others may read the {what} file {shown} (mode {mode:04o}); run: chmod 600 {shown}"
            )));
        }
        Ok(())
    }

    #[cfg(not(unix))]
    fn require_private(&self, _: &File) -> Result<()> {
        Ok(())
    }

    fn failed(&self, reason: std::io::Error) -> Error {
        Error::File { path: self.path.display().to_string(), reason }
    }
}

/// Reads a file that holds another secret than keys, by the same rules.
///
/// # Errors
/// As for [`KeyFile::read`].
pub fn read_private(path: &Path, what: &'static str, if_missing: &'static str) -> Result<Zeroizing<String>> {
    KeyFile { path, what, if_missing }.read()
}

/// Waits until the new name of a file is on the disk: it survives a loss of power once its folder is written, too.
///
/// # Errors
/// Where the folder cannot be opened or written.
#[cfg(unix)]
pub fn sync_folder_of(file: &Path) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all())
}

/// Other systems open no folder.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn sync_folder_of(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// The name of a file until it is whole.
fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    PathBuf::from(name)
}

fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = new_private_file(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
fn new_private_file(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn new_private_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Adds a line with a key to a text: the prefix that says what it is, then 64 hex digits.
pub(super) fn push_key(text: &mut Zeroizing<String>, prefix: &str, key: &[u8; KEY_BYTES]) {
    // Reserved at once, so that no copy of the key stays behind in a smaller buffer.
    text.reserve(prefix.len().saturating_add(65));
    text.push_str(prefix);
    HEXLOWER.encode_append(key, text);
    text.push('\n');
}

/// The key of such a line, without the line's end.
pub(super) fn parse_key(line: &str, prefix: &str) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    let bytes = Zeroizing::new(HEXLOWER.decode(line.strip_prefix(prefix)?.as_bytes()).ok()?);
    <[u8; KEY_BYTES]>::try_from(bytes.as_slice()).ok().map(Zeroizing::new)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn file(path: &Path) -> KeyFile<'_> {
        KeyFile { path, what: "key", if_missing: "" }
    }

    #[test]
    fn what_is_no_file_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").args(["-m", "600"]).arg(&pipe).status().unwrap().success());
        for path in [pipe.as_path(), folder.path(), Path::new("/dev/null")] {
            let message = file(path).read().unwrap_err().to_string();
            assert!(message.contains("is no file") && message.contains(&path.display().to_string()), "{message}");
        }
    }

    #[test]
    fn the_folder_of_a_name_is_written_and_must_be_there() {
        let folder = tempfile::tempdir().unwrap();
        sync_folder_of(&folder.path().join("a.key")).unwrap();
        sync_folder_of(Path::new("a.key")).unwrap();
        assert!(sync_folder_of(&folder.path().join("absent").join("a.key")).is_err());
    }

    #[test]
    fn what_a_link_leads_to_is_replaced_and_the_link_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        std::fs::create_dir(&real).unwrap();
        file(&real.join("a.key")).create("old").unwrap();
        std::os::unix::fs::symlink("real/a.key", &link).unwrap();
        file(&link).replace("new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(*file(&real.join("a.key")).read().unwrap(), "new");
        assert_eq!(*file(&link).read().unwrap(), "new");
        let left = |folder: &Path| std::fs::read_dir(folder).unwrap().count();
        assert_eq!((left(&real), left(folder.path())), (1, 2), "nothing unfinished is left");
        assert!(matches!(file(&folder.path().join("absent")).replace("new"), Err(Error::File { .. })));
    }
}
