//! The master key: 32 random bytes in a file outside the database, readable by its owner alone.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::seal::{DataKey, KEY_BYTES, fill_random};
use crate::error::{Error, Result};

/// Wraps every data key. Whoever loses it loses everything that is sealed; whoever finds it can open the database.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct MasterKey([u8; KEY_BYTES]);

const PREFIX: &str = "fond-master-key-1:";
const LONGEST_FILE: u64 = 1024;

impl MasterKey {
    /// Makes a key and writes it to a new file with mode 0600.
    ///
    /// # Errors
    /// [`Error::File`] where the file exists already (it is never overwritten) or cannot be written.
    pub fn create(path: &Path) -> Result<Self> {
        let mut bytes = [0; KEY_BYTES];
        fill_random(&mut bytes)?;
        let failed = |reason| Error::File { path: path.display().to_string(), reason };
        let text = Zeroizing::new(format!("{PREFIX}{}\n", HEXLOWER.encode(&bytes)));
        // Written whole under another name first: a key file that exists is never half a key.
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}", std::process::id()));
        let unfinished = PathBuf::from(name);
        let written = new_private_file(&unfinished)
            .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
            .and_then(|()| std::fs::hard_link(&unfinished, path));
        let removed = std::fs::remove_file(&unfinished);
        written.and(removed).map_err(failed)?;
        Ok(Self(bytes))
    }

    /// Reads the key.
    ///
    /// # Errors
    /// [`Error::Crypto`] where the file is missing, readable by others, or holds no master key.
    pub fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let mut file = File::open(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => Error::Crypto(format!(
                "the master key file {shown} is missing; without it nothing personal opens (a new one for a new database: fond keys master --out FILE)"
            )),
            _ => Error::Crypto(format!("the master key file {shown} cannot be read: {error}")),
        })?;
        require_private(&file, path)?;
        let mut text = Zeroizing::new(String::new());
        (&mut file).take(LONGEST_FILE).read_to_string(&mut text).map_err(|_| not_a_key(path))?;
        let hex = text.trim_end().strip_prefix(PREFIX).ok_or_else(|| not_a_key(path))?;
        let bytes = Zeroizing::new(HEXLOWER.decode(hex.as_bytes()).map_err(|_| not_a_key(path))?);
        <[u8; KEY_BYTES]>::try_from(bytes.as_slice()).map(Self).map_err(|_| not_a_key(path))
    }

    /// The key that wraps data keys (HKDF-SHA-256, RFC 5869).
    pub(super) fn wrapping_key(&self) -> Result<DataKey> {
        let mut bytes = [0; KEY_BYTES];
        let expanded = Hkdf::<Sha256>::new(None, &self.0).expand(b"fond data key wrapping 1", &mut bytes);
        expanded.map_err(|_| Error::Crypto("the master key gives no wrapping key".into()))?;
        Ok(DataKey::new(bytes, 1))
    }
}

fn not_a_key(path: &Path) -> Error {
    Error::Crypto(format!(
        "{} does not hold a master key ({PREFIX}…, made by: fond keys master --out FILE)",
        path.display()
    ))
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

#[cfg(unix)]
fn require_private(file: &File, path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = file.metadata().map_err(|reason| Error::File { path: path.display().to_string(), reason })?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let shown = path.display();
        return Err(Error::Crypto(format!(
            "others may read the master key file {shown} (mode {mode:04o}); run: chmod 600 {shown}"
        )));
    }
    Ok(())
}

#[cfg(not(unix))]
fn require_private(_: &File, _: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_private_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let made = MasterKey::create(&path).unwrap();
        assert_eq!(MasterKey::read(&path).unwrap().0, made.0);
        assert!(matches!(MasterKey::create(&path), Err(Error::File { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_missing_wrong_or_readable_key_is_refused_by_name() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let refusal = |expected: &str| {
            let message = MasterKey::read(&path).err().unwrap().to_string();
            assert!(message.contains(expected) && message.contains("master.key"), "{message}");
        };
        refusal("is missing");
        std::fs::write(&path, "not a key").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        refusal("chmod 600");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        refusal("does not hold a master key");
    }
}
