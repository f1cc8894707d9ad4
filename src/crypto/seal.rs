//! The one place that encrypts and decrypts: XChaCha20-Poly1305, bound to table, column, row and key version.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Binary;
use serde::Serialize;
use uuid::Uuid;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::opener::Openings;
use crate::error::{Error, Result};

/// A ciphertext as it is stored: format (1 byte, now 1), nonce (24 bytes), ciphertext, tag (16 bytes).
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Binary)]
pub struct Sealed(Vec<u8>);

/// Where a ciphertext belongs. It opens nowhere else, so that rows and columns cannot be exchanged.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub table: &'static str,
    pub column: &'static str,
    pub row: Uuid,
}

/// A key that seals fields.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DataKey {
    bytes: [u8; 32],
    version: i32,
    /// Where it is counted how often something opens with the keys of people.
    #[zeroize(skip)]
    openings: Option<Arc<Openings>>,
}

const FORMAT: u8 = 1;
const NONCE_BYTES: usize = 24;
pub(super) const KEY_BYTES: usize = 32;

impl Sealed {
    /// What was kept outside the database.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// To be kept outside the database.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl DataKey {
    pub(super) fn new(bytes: [u8; KEY_BYTES], version: i32) -> Self {
        Self { bytes, version, openings: None }
    }

    /// The same, counted.
    pub(super) fn counted(self, openings: &Arc<Openings>) -> Self {
        let mut counted = self;
        counted.openings = Some(Arc::clone(openings));
        counted
    }

    pub(super) fn random(version: i32) -> Result<Self> {
        let mut bytes = [0; KEY_BYTES];
        fill_random(&mut bytes)?;
        Ok(Self::new(bytes, version))
    }

    pub(super) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.bytes
    }

    pub fn version(&self) -> i32 {
        self.version
    }

    /// Seals bytes for one place.
    pub fn seal(&self, place: Place, plain: &[u8]) -> Result<Sealed> {
        let mut nonce = [0; NONCE_BYTES];
        fill_random(&mut nonce)?;
        let payload = Payload { msg: plain, aad: &self.context(place) };
        let ciphertext = self.cipher().encrypt(&XNonce::from(nonce), payload);
        let ciphertext =
            ciphertext.map_err(|_| Error::Crypto(format!("sealing {}.{} failed", place.table, place.column)))?;
        Ok(Sealed([[FORMAT].as_slice(), &nonce, &ciphertext].concat()))
    }

    /// Opens what was sealed for this place with this key. Of people everything is opened by an [`super::Opener`].
    ///
    /// # Errors
    /// [`Error::Crypto`] where the key, the place or the ciphertext is another.
    pub(super) fn open(&self, place: Place, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>> {
        let wrong = || Error::Crypto(format!("{}.{} of {} does not open", place.table, place.column, place.row));
        let rest = sealed.0.strip_prefix(&[FORMAT]).ok_or_else(wrong)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(wrong)?;
        let payload = Payload { msg: ciphertext, aad: &self.context(place) };
        let plain = self.cipher().decrypt(&XNonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| wrong())?;
        if let Some(openings) = &self.openings {
            openings.all.fetch_add(1, Ordering::Relaxed);
        }
        Ok(plain)
    }

    /// Seals a value as JSON.
    pub fn seal_value<T: Serialize>(&self, place: Place, value: &T) -> Result<Sealed> {
        let plain = Zeroizing::new(serde_json::to_vec(value).map_err(Error::corrupt)?);
        self.seal(place, &plain)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.bytes.into())
    }

    fn context(&self, place: Place) -> Vec<u8> {
        let mut context = Vec::with_capacity(96);
        for part in ["fond", place.table, place.column] {
            context.extend_from_slice(part.as_bytes());
            context.push(0);
        }
        context.extend_from_slice(place.row.as_bytes());
        context.extend_from_slice(&self.version.to_be_bytes());
        context
    }
}

/// New random bytes from the operating system, wiped when dropped.
///
/// # Errors
/// [`Error::Crypto`] where the system gives none.
pub fn random_bytes<const N: usize>() -> Result<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0; N]);
    fill_random(bytes.as_mut_slice())?;
    Ok(bytes)
}

/// Random bytes from the operating system.
pub(super) fn fill_random(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|error| Error::Crypto(format!("the system gives no random bytes: {error}")))
}

impl Sealed {
    /// What is left of something that was erased. It opens with no key.
    pub fn nothing() -> Self {
        Self(Vec::new())
    }

    /// Whether it was erased.
    pub fn is_nothing(&self) -> bool {
        self.0.is_empty()
    }
}

impl<DB: Backend> ToSql<Binary, DB> for Sealed
where
    [u8]: ToSql<Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        <[u8] as ToSql<Binary, DB>>::to_sql(self.0.as_slice(), out)
    }
}

impl<DB: Backend> FromSql<Binary, DB> for Sealed
where
    Vec<u8>: FromSql<Binary, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Vec::from_sql(raw).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(column: &'static str, row: u128) -> Place {
        Place { table: "applications", column, row: Uuid::from_u128(row) }
    }

    #[test]
    fn opens_only_in_its_place_with_its_key() {
        let key = DataKey::random(1).unwrap();
        let sealed = key.seal(place("need_sealed", 1), b"three children").unwrap();
        assert_eq!(key.open(place("need_sealed", 1), &sealed).unwrap().as_slice(), b"three children");
        assert!(key.open(place("need_sealed", 2), &sealed).is_err());
        assert!(key.open(place("identity_sealed", 1), &sealed).is_err());
        assert!(DataKey::random(1).unwrap().open(place("need_sealed", 1), &sealed).is_err());
        assert!(DataKey::new(*key.bytes(), 2).open(place("need_sealed", 1), &sealed).is_err());
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let key = DataKey::random(1).unwrap();
        let sealed = key.seal(place("need_sealed", 1), b"x").unwrap();
        for at in 0..sealed.0.len() {
            let mut changed = sealed.clone();
            changed.0[at] ^= 1;
            assert!(key.open(place("need_sealed", 1), &changed).is_err(), "byte {at}");
        }
        assert!(key.open(place("need_sealed", 1), &Sealed(vec![])).is_err());
    }

    #[test]
    fn the_same_text_is_never_sealed_twice_alike() {
        let key = DataKey::random(1).unwrap();
        assert_ne!(key.seal(place("a", 1), b"x").unwrap(), key.seal(place("a", 1), b"x").unwrap());
    }
}
