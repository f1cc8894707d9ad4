//! The vault: hands out data keys, which lie wrapped in the database, and makes blind indexes.

use std::cell::OnceCell;
use std::sync::Arc;

use uuid::Uuid;
use zeroize::Zeroizing;

use super::index::{BlindIndex, IndexKind};
use super::master::MasterKey;
use super::opener::Openings;
use super::seal::{DataKey, KEY_BYTES, Place, Sealed};
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
        /// The rows of one aid register.
        Register => "register",
        IndexJmbg => "index_jmbg",
        IndexAccount => "index_account",
        IndexNameAndPlace => "index_name_and_place",
        IndexHousehold => "index_household",
        IndexPayout => "index_payout",
        IndexEmail => "index_email",
        IndexLink => "index_link",
        IndexAnswer => "index_answer",
        /// Addresses of those who have no key of their own yet: requests by mail, invitations.
        Contact => "contact",
    }
}

/// The opened master key and index keys of one database.
pub struct Vault {
    wrapping: DataKey,
    jmbg: DataKey,
    account: DataKey,
    name_and_place: DataKey,
    household: DataKey,
    payout: DataKey,
    email: DataKey,
    link: DataKey,
    answer: DataKey,
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
    /// [`Error::Crypto`] where the master key is not the one of this database.
    pub fn open(conn: &mut Conn, master: &MasterKey) -> Result<Self> {
        let wrapping = master.wrapping_key()?;
        let mut key = |class| fund_key(conn, &wrapping, class);
        Ok(Self {
            jmbg: key(KeyClass::IndexJmbg)?,
            account: key(KeyClass::IndexAccount)?,
            name_and_place: key(KeyClass::IndexNameAndPlace)?,
            household: key(KeyClass::IndexHousehold)?,
            payout: key(KeyClass::IndexPayout)?,
            email: key(KeyClass::IndexEmail)?,
            link: key(KeyClass::IndexLink)?,
            answer: key(KeyClass::IndexAnswer)?,
            contact: key(KeyClass::Contact)?,
            wrapping,
            openings: Arc::default(),
        })
    }

    /// Whether the database has keys already, so that a lost master key must not be replaced by a new one.
    pub fn exists(conn: &mut Conn) -> Result<bool> {
        Ok(store::find(conn, OwnerId::FUND, KeyClass::IndexJmbg)?.is_some())
    }

    /// Makes the key of a new owner for a class of data. An owner has one key a class.
    pub fn create_key(&self, conn: &mut Conn, owner: impl Into<OwnerId>, class: KeyClass) -> Result<DataKey> {
        create(conn, &self.wrapping, owner.into(), class)
    }

    /// The key of an owner for a class of data.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it was never made or is destroyed.
    pub fn key(&self, conn: &mut Conn, owner: impl Into<OwnerId>, class: KeyClass) -> Result<DataKey> {
        let owner = owner.into();
        let stored = store::find(conn, owner, class)?.ok_or(Error::NotFound)?;
        unwrap(&self.wrapping, &stored).map(|key| key.counted(&self.openings))
    }

    /// A key among those of its owner.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it was never made or is destroyed.
    pub fn among(&self, conn: &mut Conn, keys: &Keys, class: KeyClass) -> Result<DataKey> {
        let stored = keys.stored(conn)?.iter().find(|row| row.class == class);
        unwrap(&self.wrapping, stored.ok_or(Error::NotFound)?).map(|key| key.counted(&self.openings))
    }

    /// The same; one that does not exist yet is made.
    pub fn ensure_among(&self, conn: &mut Conn, keys: &mut Keys, class: KeyClass) -> Result<DataKey> {
        match self.among(conn, keys, class) {
            Err(Error::NotFound) => {
                let key = create(conn, &self.wrapping, keys.owner, class)?;
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

    pub fn index(&self, kind: IndexKind, value: &str) -> BlindIndex {
        let key = match kind {
            IndexKind::Jmbg => &self.jmbg,
            IndexKind::Account => &self.account,
            IndexKind::NameAndPlace => &self.name_and_place,
            IndexKind::Household => &self.household,
            IndexKind::Payout => &self.payout,
            IndexKind::Email => &self.email,
            IndexKind::Link => &self.link,
            IndexKind::Answer => &self.answer,
        };
        BlindIndex::of(key, value)
    }
}

fn fund_key(conn: &mut Conn, wrapping: &DataKey, class: KeyClass) -> Result<DataKey> {
    match store::find(conn, OwnerId::FUND, class)? {
        Some(stored) => unwrap(wrapping, &stored)
            .map_err(|_| Error::Crypto("this master key is not the one of this database".into())),
        None => create(conn, wrapping, OwnerId::FUND, class),
    }
}

fn create(conn: &mut Conn, wrapping: &DataKey, owner: OwnerId, class: KeyClass) -> Result<DataKey> {
    let key = DataKey::random(FIRST_VERSION)?;
    let wrapped = wrapping.seal(place(owner.uuid(), class), key.bytes())?;
    store::insert(conn, &StoredKey { owner_id: owner, class, version: key.version(), wrapped })?;
    Ok(key)
}

fn unwrap(wrapping: &DataKey, stored: &StoredKey) -> Result<DataKey> {
    let bytes = wrapping.open(place(stored.owner_id.uuid(), stored.class), &stored.wrapped)?;
    let bytes = <[u8; KEY_BYTES]>::try_from(bytes.as_slice()).map_err(|_| Error::corrupt("a key of another length"))?;
    Ok(DataKey::new(bytes, stored.version))
}

fn place(owner: Uuid, class: KeyClass) -> Place {
    Place { table: "data_keys", column: class.as_str(), row: owner }
}
