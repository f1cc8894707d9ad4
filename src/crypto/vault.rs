//! The vault: hands out data keys, which lie wrapped in the database, and makes blind indexes.

use std::cell::OnceCell;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::coverage;
use super::index::{BlindIndex, IndexKind};
use super::indexes::{Forms, Indexes};
use super::master::MasterKey;
use super::opener::Openings;
use super::ring::Ring;
use super::seal::{DataKey, Place, Sealed};
use super::store::{self, StoredKey};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::OwnerId;

crate::text_enum! {
    /// What a data key seals. Each class can be destroyed at its own term.
    pub enum KeyClass {
        /// Who somebody is: names, JMBG, contact.
        Identity => "identity",
        /// Why somebody needs help: household, incomes, statement, and what others wrote about it.
        Need => "need",
        /// Where the money goes: account and its holder.
        Payment => "payment",
        /// Documents that somebody sent, and what their files were called.
        Documents => "documents",
        /// The rows of one aid register.
        Register => "register",
        IndexJmbg => "index_jmbg",
        IndexAccount => "index_account",
        IndexNameAndPlace => "index_name_and_place",
        IndexHousehold => "index_household",
        IndexPayout => "index_payout",
        IndexEmail => "index_email",
        IndexAnswer => "index_answer",
        /// Makes the secret half of mailed links, and the short codes that go with them.
        Link => "link",
        /// Addresses of those who have no key of their own yet: requests by mail, invitations.
        Contact => "contact",
    }
}

/// The opened master key and index keys of one database.
pub struct Vault {
    ring: Ring,
    indexes: Indexes,
    contact: DataKey,
    openings: Arc<Openings>,
}

/// The keys of one owner, wrapped as they lie in the database; read together where the first of them is asked for. They
/// belong to one transaction.
#[derive(Debug, Clone)]
pub struct Keys {
    owner: OwnerId,
    stored: OnceCell<Vec<StoredKey>>,
}

impl Keys {
    pub fn of(owner: impl Into<OwnerId>) -> Self {
        Self { owner: owner.into(), stored: OnceCell::new() }
    }

    /// One that was read together with something else of its owner; the others do not exist here.
    pub fn only(stored: StoredKey) -> Self {
        Self { owner: stored.owner_id, stored: OnceCell::from(vec![stored]) }
    }

    /// All of them, which were read together with something else of their owner.
    pub fn read(owner: impl Into<OwnerId>, stored: Vec<StoredKey>) -> Self {
        Self { owner: owner.into(), stored: OnceCell::from(stored) }
    }

    pub fn owner(&self) -> OwnerId {
        self.owner
    }

    fn stored(&self, conn: &mut Conn) -> Result<&[StoredKey]> {
        if let Some(stored) = self.stored.get() {
            return Ok(stored);
        }
        let stored = store::list(conn, self.owner)?;
        Ok(self.stored.get_or_init(|| stored))
    }
}

const FIRST_VERSION: i32 = 1;

impl Vault {
    /// Opens the vault of a database; a new database gets its index keys here.
    ///
    /// # Errors
    /// [`Error::Crypto`] where the master key is not the one of this database, or where the file lacks one of two that wrap
    /// its keys.
    pub fn open(conn: &mut Conn, master: &MasterKey) -> Result<Self> {
        let current = match store::current_master(conn)? {
            Some(current) => current,
            None => {
                store::set_current_master(conn, master.newest()?)?;
                master.newest()?
            }
        };
        coverage::require_named(conn, master)?;
        let ring = Ring::new(master, current)?;
        let contact = fund_key(conn, &ring, KeyClass::Contact)?;
        if store::find_written_version(conn)?.is_none() {
            super::indexes::create(conn, &ring, FIRST_VERSION)?;
            store::set_written_version(conn, FIRST_VERSION)?;
        }
        let indexes = Indexes::open(conn, &ring)?;
        Ok(Self { ring, indexes, contact, openings: Arc::default() })
    }

    /// Whether the database has keys already, so that a lost master key must not be replaced by a new one.
    pub fn exists(conn: &mut Conn) -> Result<bool> {
        Ok(store::find(conn, OwnerId::FUND, KeyClass::IndexJmbg)?.is_some())
    }

    /// Makes the key of a new owner for a class of data. An owner has one key a class.
    pub fn create_key(&self, conn: &mut Conn, owner: impl Into<OwnerId>, class: KeyClass) -> Result<DataKey> {
        create(conn, &self.ring, owner.into(), class)
    }

    /// The key of an owner for a class of data.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it was never made or is destroyed.
    pub fn key(&self, conn: &mut Conn, owner: impl Into<OwnerId>, class: KeyClass) -> Result<DataKey> {
        let owner = owner.into();
        let stored = store::find(conn, owner, class)?.ok_or(Error::NotFound)?;
        self.ring.unwrap(&stored).map(|key| key.counted(&self.openings))
    }

    /// A key among those of its owner.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it was never made or is destroyed.
    pub fn among(&self, conn: &mut Conn, keys: &Keys, class: KeyClass) -> Result<DataKey> {
        let stored = keys.stored(conn)?.iter().find(|row| row.class == class);
        self.ring.unwrap(stored.ok_or(Error::NotFound)?).map(|key| key.counted(&self.openings))
    }

    /// The same; one that does not exist yet is made.
    pub fn ensure_among(&self, conn: &mut Conn, keys: &mut Keys, class: KeyClass) -> Result<DataKey> {
        match self.among(conn, keys, class) {
            Err(Error::NotFound) => {
                let key = create(conn, &self.ring, keys.owner, class)?;
                keys.stored = OnceCell::new();
                Ok(key)
            }
            found => found,
        }
    }

    /// Destroys a key: what was sealed under it opens nowhere any more.
    pub fn destroy_key(&self, conn: &mut Conn, owner: impl Into<OwnerId>, class: KeyClass) -> Result<()> {
        store::delete(conn, owner.into(), class)
    }

    /// What wraps the keys.
    pub(super) fn ring(&self) -> &Ring {
        &self.ring
    }

    /// The key of addresses that belong to nobody known yet.
    pub fn contact(&self) -> &DataKey {
        &self.contact
    }

    /// Opens an address that belongs to nobody known yet.
    ///
    /// # Errors
    /// [`Error::Crypto`] where it does not open.
    pub fn open_contact(&self, place: Place, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>> {
        self.contact.open(place, sealed)
    }

    /// How often sealed data of people were opened. What was neither by themselves nor in vain is on the journal.
    pub fn openings(&self) -> &Arc<Openings> {
        &self.openings
    }

    /// What a value is found by.
    pub fn index(&self, conn: &mut Conn, kind: IndexKind, value: &str) -> Result<Forms> {
        self.indexes.known(conn, &self.ring)?.forms(kind, value)
    }

    /// The same for a value that is known by an index alone.
    pub fn like(&self, conn: &mut Conn, kind: IndexKind, index: BlindIndex) -> Result<Forms> {
        self.indexes.known(conn, &self.ring)?.forms_like(kind, index)
    }

    /// The same for many, one after the other.
    pub fn all_like(&self, conn: &mut Conn, kind: IndexKind, indexes: &[BlindIndex]) -> Result<Vec<BlindIndex>> {
        let known = self.indexes.known(conn, &self.ring)?;
        let mut all = Vec::with_capacity(indexes.len());
        for index in indexes {
            all.extend(known.forms_like(kind, *index)?.iter());
        }
        Ok(all)
    }

    /// An index to write later, made without asking the database: [`Vault::like`] makes it current then.
    pub fn index_ahead(&self, kind: IndexKind, value: &str) -> Result<BlindIndex> {
        self.indexes.last_known().forms(kind, value)?.written()
    }

    /// An index to write that nothing is found by.
    pub fn index_of_nothing(&self, conn: &mut Conn, kind: IndexKind) -> Result<BlindIndex> {
        self.indexes.known(conn, &self.ring)?.forms_of_nothing(kind)?.written()
    }

    /// What makes a mailed link one of ours (HMAC-SHA-256): by the key of now, and by the one that is being replaced.
    pub fn link_macs(&self, conn: &mut Conn, text: &str) -> Result<Vec<[u8; 32]>> {
        Ok(self.indexes.known(conn, &self.ring)?.link_macs(text))
    }
}

fn fund_key(conn: &mut Conn, ring: &Ring, class: KeyClass) -> Result<DataKey> {
    match store::find(conn, OwnerId::FUND, class)? {
        Some(stored) => ring.unwrap(&stored).map_err(|_| coverage::not_of_this_database(ring.path(), stored.master_id)),
        None => create(conn, ring, OwnerId::FUND, class),
    }
}

fn create(conn: &mut Conn, ring: &Ring, owner: OwnerId, class: KeyClass) -> Result<DataKey> {
    create_version(conn, ring, owner, class, FIRST_VERSION)
}

/// Makes a key of a version; of most classes there is the first alone.
pub(super) fn create_version(
    conn: &mut Conn,
    ring: &Ring,
    owner: OwnerId,
    class: KeyClass,
    version: i32,
) -> Result<DataKey> {
    let key = DataKey::random(version)?;
    match insert(conn, ring, owner, class, &key) {
        Err(error) if store::was_rotated(&error) => {
            ring.take_newest()?;
            match conn {
                // The statement alone was refused.
                Conn::Sqlite(_) => insert(conn, ring, owner, class, &key).map(|()| key),
                // The transaction is lost with it, and runs again.
                Conn::Pg(_) => Err(store::lost_race(&error)),
            }
        }
        inserted => inserted.map(|()| key),
    }
}

fn insert(conn: &mut Conn, ring: &Ring, owner: OwnerId, class: KeyClass, key: &DataKey) -> Result<()> {
    let (master_id, wrapped) = ring.wrap(owner, class, key)?;
    store::insert(conn, &StoredKey { owner_id: owner, class, version: key.version(), master_id, wrapped })
}
