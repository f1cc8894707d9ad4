//! The master key: 32 random bytes in a file outside the database, readable by its owner alone.
//!
//! While it is rotated the file holds two: the new one first, and the one that still wraps a part of the keys.

use std::fmt;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Binary;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::private_file::{KeyFile, parse_key, push_key};
use super::seal::{DataKey, KEY_BYTES, fill_random};
use crate::error::{Error, Result};

/// By which a wrapped key says which master key wraps it. It tells nothing of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Binary)]
pub struct MasterId([u8; 8]);

/// Wraps every data key. Whoever loses it loses everything that is sealed; whoever finds it can open the database.
pub struct MasterKey {
    path: PathBuf,
    /// The newest first.
    keys: Vec<Bytes>,
}

#[derive(Clone, ZeroizeOnDrop)]
struct Bytes([u8; KEY_BYTES]);

const PREFIX: &str = "fond-master-key-1:";

impl MasterKey {
    /// Makes a key and writes it to a new file with mode 0600.
    ///
    /// # Errors
    /// [`Error::File`] where the file exists already (it is never overwritten) or cannot be written.
    pub fn create(path: &Path) -> Result<Self> {
        let made = Self { path: path.to_owned(), keys: vec![Bytes::random()?] };
        file(path).create(&made.text())?;
        Ok(made)
    }

    /// Reads the key.
    ///
    /// # Errors
    /// [`Error::Crypto`] where the file is missing, readable by others, or holds no master key.
    pub fn read(path: &Path) -> Result<Self> {
        let text = file(path).read()?;
        let keys: Option<Vec<_>> = text.lines().map(|line| parse_key(line.trim_end(), PREFIX)).collect();
        let keys = keys.filter(|keys| (1..=2).contains(&keys.len())).ok_or_else(|| not_a_key(path))?;
        Ok(Self { path: path.to_owned(), keys: keys.into_iter().map(|bytes| Bytes(*bytes)).collect() })
    }

    /// Where it was read.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The id of the newest.
    pub(super) fn newest(&self) -> Result<MasterId> {
        self.keys.first().ok_or_else(|| not_a_key(&self.path))?.id()
    }

    /// The keys that wrap data keys, with their ids, the newest first (HKDF-SHA-256, RFC 5869).
    pub(super) fn wrapping_keys(&self) -> Result<Vec<(MasterId, DataKey)>> {
        self.keys.iter().map(|key| Ok((key.id()?, key.wrapping_key()?))).collect()
    }

    /// Puts a new key before the one of the file. Where there are two already, a rotation was not finished, and the new
    /// one of that time is taken.
    pub(super) fn begin_rotation(&mut self) -> Result<()> {
        if self.keys.len() < 2 {
            self.keys.insert(0, Bytes::random()?);
            file(&self.path).replace(&self.text())?;
        }
        Ok(())
    }

    /// Takes the old key out of the file.
    pub(super) fn end_rotation(&mut self) -> Result<()> {
        self.keys.truncate(1);
        file(&self.path).replace(&self.text())
    }

    /// The text of the file.
    pub(crate) fn text(&self) -> Zeroizing<String> {
        // Reserved at once, so that no copy of a key stays behind in a smaller buffer.
        let mut text = Zeroizing::new(String::with_capacity(256));
        self.keys.iter().for_each(|key| push_key(&mut text, PREFIX, &key.0));
        text
    }
}

/// Keeps others from rotating what stands under a master key of the same folder until it is dropped. The folder is locked,
/// since the file is replaced meanwhile.
///
/// # Errors
/// [`Error::Crypto`] where another rotation holds it, [`Error::File`] where it cannot be held.
pub(super) fn lock(path: &Path) -> Result<File> {
    let failed = |reason| Error::File { path: path.display().to_string(), reason };
    // Behind a link, as it is replaced there.
    let file = path.canonicalize().map_err(failed)?;
    let folder = file.parent().unwrap_or(&file);
    let held = File::open(folder).map_err(failed)?;
    match held.try_lock() {
        Ok(()) => Ok(held),
        Err(TryLockError::WouldBlock) => Err(Error::Crypto(format!(
            "another rotation of a key in {} is running; wait until it ends",
            folder.display()
        ))),
        Err(TryLockError::Error(reason)) => Err(failed(reason)),
    }
}

impl Bytes {
    fn random() -> Result<Self> {
        let mut key = Self([0; KEY_BYTES]);
        fill_random(&mut key.0)?;
        Ok(key)
    }

    fn id(&self) -> Result<MasterId> {
        let mut id = [0; 8];
        self.expand(b"fond master key id 1", &mut id)?;
        Ok(MasterId(id))
    }

    fn wrapping_key(&self) -> Result<DataKey> {
        let mut bytes = [0; KEY_BYTES];
        self.expand(b"fond data key wrapping 1", &mut bytes)?;
        Ok(DataKey::new(bytes, 1))
    }

    fn expand(&self, purpose: &[u8], out: &mut [u8]) -> Result<()> {
        let expanded = Hkdf::<Sha256>::new(None, &self.0).expand(purpose, out);
        expanded.map_err(|_| Error::Crypto("the master key gives no wrapping key".into()))
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

impl fmt::Display for MasterId {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl<DB: Backend> ToSql<Binary, DB> for MasterId
where
    [u8]: ToSql<Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        <[u8] as ToSql<Binary, DB>>::to_sql(self.0.as_slice(), out)
    }
}

impl<DB: Backend> FromSql<Binary, DB> for MasterId
where
    Vec<u8>: FromSql<Binary, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = <[u8; 8]>::try_from(Vec::from_sql(raw)?);
        bytes.map(Self).map_err(|_| "the id of a master key has 8 bytes".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_private_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let made = MasterKey::create(&path).unwrap();
        assert_eq!(MasterKey::read(&path).unwrap().newest().unwrap(), made.newest().unwrap());
        assert!(matches!(MasterKey::create(&path), Err(Error::File { .. })));
    }

    #[test]
    fn a_rotation_that_was_interrupted_goes_on_with_the_same_keys() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let old = MasterKey::create(&path).unwrap().newest().unwrap();
        MasterKey::read(&path).unwrap().begin_rotation().unwrap();
        let mut again = MasterKey::read(&path).unwrap();
        let new = again.newest().unwrap();
        again.begin_rotation().unwrap();
        let ids: Vec<MasterId> = again.wrapping_keys().unwrap().iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, [new, old]);
        assert_ne!(new, old);
        again.end_rotation().unwrap();
        assert_eq!(MasterKey::read(&path).unwrap().wrapping_keys().unwrap().len(), 1);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.repeat(3)).unwrap();
        assert!(MasterKey::read(&path).is_err(), "three are no rotation");
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
        std::fs::write(&path, "").unwrap();
        refusal("does not hold a master key");
    }
}
