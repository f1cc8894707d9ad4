//! The wrapping keys that a vault holds: one, and for a while two where the master key is rotated beside it.
//!
//! A server is not told of a rotation. It meets a key that a master key unknown to it wraps, or is refused where it wraps by
//! the old one, and reads the file again.

use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use super::coverage;
use super::master::{MasterId, MasterKey};
use super::seal::{DataKey, KEY_BYTES, Place, Sealed};
use super::store::StoredKey;
use super::vault::KeyClass;
use crate::error::{Error, Result};
use crate::ids::OwnerId;

pub(super) struct Ring {
    path: PathBuf,
    held: RwLock<Held>,
}

struct Held {
    keys: Vec<(MasterId, DataKey)>,
    /// By which new keys are wrapped.
    current: MasterId,
}

impl Ring {
    /// The keys of a file, wrapping by the one of them that the database names.
    ///
    /// # Errors
    /// [`Error::Crypto`] where it is not among them.
    pub fn new(master: &MasterKey, current: MasterId) -> Result<Self> {
        let keys = master.wrapping_keys()?;
        if !keys.iter().any(|(id, _)| *id == current) {
            return Err(coverage::not_of_this_database(master.path(), current));
        }
        Ok(Self { path: master.path().to_owned(), held: RwLock::new(Held { keys, current }) })
    }

    /// Where the master key was read.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Wraps the key of an owner; gives which master key did.
    pub fn wrap(&self, owner: OwnerId, class: KeyClass, key: &DataKey) -> Result<(MasterId, Sealed)> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let wrapping = held.key(held.current).ok_or_else(|| Error::corrupt("the vault lost its master key"))?;
        Ok((held.current, wrapping.seal(place(owner, class), key.bytes())?))
    }

    /// Opens a wrapped key. One that a master key wraps which is not known yet is looked for in the file.
    ///
    /// # Errors
    /// [`Error::Crypto`] where the file has no such key, or it does not open.
    pub fn unwrap(&self, stored: &StoredKey) -> Result<DataKey> {
        if let Some(opened) = self.unwrap_held(stored) {
            return opened;
        }
        self.read_again()?;
        let (id, path) = (stored.master_id, self.path.display());
        let unknown = || Error::Crypto(format!("a key is wrapped by the master key {id}, which {path} does not hold"));
        self.unwrap_held(stored).ok_or_else(unknown)?
    }

    fn unwrap_held(&self, stored: &StoredKey) -> Option<Result<DataKey>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.key(stored.master_id).map(|wrapping| {
            let bytes = wrapping.open(place(stored.owner_id, stored.class), &stored.wrapped)?;
            let bytes = <[u8; KEY_BYTES]>::try_from(bytes.as_slice());
            bytes
                .map(|bytes| DataKey::new(bytes, stored.version))
                .map_err(|_| Error::corrupt("a key of another length"))
        })
    }

    /// Wraps by the newest key of the file from now on: the database has refused the old one.
    pub fn take_newest(&self) -> Result<()> {
        let newest = self.read_again()?;
        self.held.write().unwrap_or_else(PoisonError::into_inner).current = newest;
        Ok(())
    }

    /// Takes the keys of the file to those that are held: what was read before the rotation may still need the old one.
    fn read_again(&self) -> Result<MasterId> {
        let master = MasterKey::read(&self.path)?;
        let keys = master.wrapping_keys()?;
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        for (id, key) in keys {
            if held.key(id).is_none() {
                held.keys.push((id, key));
            }
        }
        master.newest()
    }
}

impl Held {
    fn key(&self, id: MasterId) -> Option<&DataKey> {
        self.keys.iter().find(|(held, _)| *held == id).map(|(_, key)| key)
    }
}

/// A wrapped key opens in its own place alone.
fn place(owner: OwnerId, class: KeyClass) -> Place {
    Place { table: "data_keys", column: class.as_str(), row: owner.uuid() }
}
