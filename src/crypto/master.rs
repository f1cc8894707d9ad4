//! The master key: 32 random bytes in a file outside the database, readable by its owner alone.

use std::path::Path;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::private_file::{KeyFile, parse_key, push_key};
use super::seal::{DataKey, KEY_BYTES, fill_random};
use crate::error::{Error, Result};

/// Wraps every data key. Whoever loses it loses everything that is sealed; whoever finds it can open the database.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct MasterKey([u8; KEY_BYTES]);

const PREFIX: &str = "fond-master-key-1:";

impl MasterKey {
    /// Makes a key and writes it to a new file with mode 0600.
    ///
    /// # Errors
    /// [`Error::File`] where the file exists already (it is never overwritten) or cannot be written.
    pub fn create(path: &Path) -> Result<Self> {
        let mut bytes = [0; KEY_BYTES];
        fill_random(&mut bytes)?;
        let mut text = Zeroizing::new(String::new());
        push_key(&mut text, PREFIX, &bytes);
        file(path).create(&text)?;
        Ok(Self(bytes))
    }

    /// Reads the key.
    ///
    /// # Errors
    /// [`Error::Crypto`] where the file is missing, readable by others, or holds no master key.
    pub fn read(path: &Path) -> Result<Self> {
        let text = file(path).read()?;
        parse_key(text.trim_end(), PREFIX).map(|bytes| Self(*bytes)).ok_or_else(|| not_a_key(path))
    }

    /// The key that wraps data keys (HKDF-SHA-256, RFC 5869).
    pub(super) fn wrapping_key(&self) -> Result<DataKey> {
        let mut bytes = [0; KEY_BYTES];
        let expanded = Hkdf::<Sha256>::new(None, &self.0).expand(b"fond data key wrapping 1", &mut bytes);
        expanded.map_err(|_| Error::Crypto("the master key gives no wrapping key".into()))?;
        Ok(DataKey::new(bytes, 1))
    }
}

fn file(path: &Path) -> KeyFile<'_> {
    KeyFile {
        path,
        what: "master key",
        if_missing: "without it nothing personal opens (a new one for a new database: fond keys master --out FILE)",
    }
}

fn not_a_key(path: &Path) -> Error {
    Error::Crypto(format!(
        "{} does not hold a master key ({PREFIX}…, made by: fond keys master --out FILE)",
        path.display()
    ))
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
