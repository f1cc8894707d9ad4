//! The keys of the blind indexes that a process knows: one version, and two while they are rotated beside it.
//!
//! Nobody is told of a rotation. What is known is read again, at the latest a second after it was read, by whoever looks
//! something up; the rotation waits longer than that between its steps. So a row may have an index of a version only where
//! everybody looks for that version, and everybody makes indexes of a version before the rows of the old one are renewed.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant as Stopwatch};

use super::index::{BlindIndex, Hashed, IndexKey, IndexKind, hmac_sha256};
use super::ring::Ring;
use super::seal::DataKey;
use super::store;
use super::vault::{KeyClass, create_version};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::OwnerId;

/// How long what is known of the versions holds.
pub const LEASE: Duration = Duration::from_secs(1);
/// How long a version is still looked for after its keys are gone: a long read may see the database as it was.
const OLD_READS: Duration = Duration::from_secs(120);

/// Each index and the class of its keys.
const KINDS: [(IndexKind, KeyClass); 7] = [
    (IndexKind::Jmbg, KeyClass::IndexJmbg),
    (IndexKind::Account, KeyClass::IndexAccount),
    (IndexKind::NameAndPlace, KeyClass::IndexNameAndPlace),
    (IndexKind::Household, KeyClass::IndexHousehold),
    (IndexKind::Payout, KeyClass::IndexPayout),
    (IndexKind::Email, KeyClass::IndexEmail),
    (IndexKind::Answer, KeyClass::IndexAnswer),
];

/// The classes of the keys that are rotated together: those of the indexes, and the one that makes mailed links.
pub(super) fn classes() -> impl Iterator<Item = KeyClass> {
    KINDS.into_iter().map(|(_, class)| class).chain([KeyClass::Link])
}

/// Makes the keys of a version.
pub(super) fn create(conn: &mut Conn, ring: &Ring, version: i32) -> Result<()> {
    classes().try_for_each(|class| create_version(conn, ring, OwnerId::FUND, class, version).map(|_| ()))
}

/// What a value may be found by: its index of each version that rows may have, the one that is written first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forms(Vec<BlindIndex>);

impl Forms {
    /// The one to write.
    ///
    /// # Errors
    /// [`Error::Corrupt`] never: forms are made with one at least.
    pub fn written(&self) -> Result<BlindIndex> {
        self.0.first().copied().ok_or_else(|| Error::corrupt("a value without an index"))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = BlindIndex> {
        self.0.iter().copied()
    }

    /// Whether every row has the same one, so that a unique index tells two rows of one value apart.
    pub fn is_single(&self) -> bool {
        self.0.len() == 1
    }

    /// Whether an index is one of the same value.
    pub fn contains(&self, index: &BlindIndex) -> bool {
        self.0.contains(index)
    }
}

/// The versions as they were last read.
pub(super) struct Indexes(RwLock<Arc<Known>>);

/// What is known at one time.
pub(super) struct Known {
    read_at: Stopwatch,
    /// The one that is written first, then the others.
    versions: Vec<Arc<Version>>,
}

pub(super) struct Version {
    number: i32,
    keys: Arc<Vec<(IndexKind, IndexKey)>>,
    link: DataKey,
    /// Since when its keys are not in the database any more: what was made before can still be told.
    gone_since: Option<Stopwatch>,
}

impl Indexes {
    pub fn open(conn: &mut Conn, ring: &Ring) -> Result<Self> {
        Ok(Self(RwLock::new(Arc::new(Known::read(conn, ring, &[])?))))
    }

    /// What is known, read again where that was too long ago.
    pub fn known(&self, conn: &mut Conn, ring: &Ring) -> Result<Arc<Known>> {
        let known = self.last_known();
        if known.read_at.elapsed() < LEASE {
            return Ok(known);
        }
        let read = Arc::new(Known::read(conn, ring, &known.versions)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&read);
        Ok(read)
    }

    /// What is known, however long ago it was read.
    pub fn last_known(&self) -> Arc<Known> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Known {
    /// Reads the versions. Keys that were known are not opened again.
    pub fn read(conn: &mut Conn, ring: &Ring, before: &[Arc<Version>]) -> Result<Self> {
        let read_at = Stopwatch::now();
        let written =
            store::find_written_version(conn)?.ok_or_else(|| Error::corrupt("no keys of indexes are written"))?;
        let mut versions = Vec::new();
        for number in store::index_versions(conn)? {
            let same = before.iter().find(|version| version.number == number && version.gone_since.is_none());
            versions.push(match same {
                Some(version) => Arc::clone(version),
                None => Arc::new(Version::read(conn, ring, number)?),
            });
        }
        if !versions.iter().any(|version| version.number == written) {
            return Err(Error::corrupt("the keys of the indexes that are written are not there"));
        }
        for version in before {
            if !versions.iter().any(|there| there.number == version.number) {
                versions.push(Arc::new(version.gone()));
            }
        }
        versions.sort_by_key(|version| version.number != written);
        Ok(Self { read_at, versions })
    }

    /// What a value may be found by.
    pub fn forms(&self, kind: IndexKind, value: &str) -> Result<Forms> {
        self.forms_of(kind, Hashed::of(kind, value))
    }

    /// What the value of an index may be found by.
    pub fn forms_like(&self, kind: IndexKind, index: BlindIndex) -> Result<Forms> {
        let number = i32::from(index.version());
        let is_alone = !self.looked_for().any(|version| version.number != number);
        if is_alone {
            return Ok(Forms(vec![index]));
        }
        let unknown = || Error::Crypto(format!("an index names version {number} of its key, which is gone"));
        let made_by = self.versions.iter().find(|version| version.number == number).ok_or_else(unknown)?;
        self.forms_of(kind, made_by.key(kind)?.hashed(index)?)
    }

    /// Forms of nothing: by chance.
    pub fn forms_of_nothing(&self, kind: IndexKind) -> Result<Forms> {
        self.forms_of(kind, Hashed::of_nothing()?)
    }

    fn forms_of(&self, kind: IndexKind, hashed: Hashed) -> Result<Forms> {
        self.looked_for().map(|version| version.key(kind)?.index(hashed)).collect::<Result<_>>().map(Forms)
    }

    /// The versions that rows may have, the one that is written first.
    fn looked_for(&self) -> impl Iterator<Item = &Version> {
        let is_looked_for = |version: &&Version| version.gone_since.is_none_or(|since| since.elapsed() < OLD_READS);
        self.versions.iter().map(Arc::as_ref).filter(is_looked_for)
    }

    /// HMAC-SHA-256 of what a mailed link says, by the key that makes links now and by the one that made them before.
    pub fn link_macs(&self, text: &str) -> Vec<[u8; 32]> {
        let held = self.versions.iter().filter(|version| version.gone_since.is_none());
        held.map(|version| hmac_sha256(version.link.bytes(), text.as_bytes())).collect()
    }
}

impl Version {
    fn read(conn: &mut Conn, ring: &Ring, number: i32) -> Result<Self> {
        let stored = store::index_keys(conn, number)?;
        let key = |class: KeyClass| {
            let stored = stored.iter().find(|stored| stored.class == class);
            ring.unwrap(stored.ok_or_else(|| Error::corrupt("a version of the indexes lacks a key"))?)
        };
        let keys = KINDS.into_iter().map(|(kind, class)| Ok((kind, IndexKey::new(&key(class)?)?)));
        let keys = Arc::new(keys.collect::<Result<_>>()?);
        Ok(Self { number, keys, link: key(KeyClass::Link)?, gone_since: None })
    }

    /// The same, seen to be gone now unless it was before.
    fn gone(&self) -> Self {
        let gone_since = Some(self.gone_since.unwrap_or_else(Stopwatch::now));
        Self { number: self.number, keys: Arc::clone(&self.keys), link: self.link.clone(), gone_since }
    }

    fn key(&self, kind: IndexKind) -> Result<&IndexKey> {
        let found = self.keys.iter().find(|(of, _)| *of == kind);
        found.map(|(_, key)| key).ok_or_else(|| Error::corrupt("an index without a key"))
    }
}
