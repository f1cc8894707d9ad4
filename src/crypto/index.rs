//! Blind indexes: equal values are found, and nobody without the key learns or guesses them.
//!
//! An index is the hash of a value, encrypted so that equal hashes give equal bytes (AES-SIV). Unlike a keyed hash it can
//! be taken from one key to the next without the value, which is how the keys are rotated (docs/decisions/0011-forgetting.md).

use std::iter;

use aes_siv::siv::Aes256Siv;
use data_encoding::HEXLOWER;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Binary;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::seal::{DataKey, random_bytes};
use crate::error::{Error, Result};

crate::text_enum! {
    /// What an index finds. Each has a key of its own, so that indexes cannot be compared with each other.
    pub enum IndexKind {
        Jmbg => "jmbg",
        Account => "account",
        NameAndPlace => "name_and_place",
        Household => "household",
        /// What a payout was authorised for: payee, account, amount, reference.
        Payout => "payout",
        /// The address that somebody signs in with.
        Email => "email",
        /// Idempotency keys, and the payloads they came with.
        Answer => "answer",
    }
}

/// Version of the key (2 bytes, big-endian), synthetic IV (16), encrypted SHA-256 of kind and value (32).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Binary)]
pub struct BlindIndex([u8; INDEX_BYTES]);

const VERSION_BYTES: usize = 2;
const IV_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
const INDEX_BYTES: usize = VERSION_BYTES + IV_BYTES + HASH_BYTES;

/// SHA-256 of a kind and a value: what indexes of every version of the keys are made of. It is never stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Hashed([u8; HASH_BYTES]);

/// The key of one index, of one version.
pub(super) struct IndexKey {
    version: u16,
    /// Of AES-SIV: one half authenticates, the other encrypts.
    bytes: Zeroizing<[u8; 64]>,
}

impl BlindIndex {
    /// By which version of its key it was made.
    pub(super) fn version(self) -> u16 {
        self.0.first_chunk().map_or(0, |version| u16::from_be_bytes(*version))
    }

    /// As people and programs pass it on.
    pub fn hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }
}

impl Hashed {
    pub fn of(kind: IndexKind, value: &str) -> Self {
        let hash = Sha256::new().chain_update(kind.as_str()).chain_update([0]).chain_update(value);
        Self(hash.finalize().into())
    }

    /// By chance: what nothing is found by.
    pub fn of_nothing() -> Result<Self> {
        Ok(Self(*random_bytes()?))
    }
}

impl IndexKey {
    /// The cipher of a data key (HKDF-SHA-256, RFC 5869; AES-SIV, RFC 5297).
    pub fn new(key: &DataKey) -> Result<Self> {
        let version = u16::try_from(key.version()).map_err(|_| Error::Overflow)?;
        let mut bytes = Zeroizing::new([0; 64]);
        let expanded = Hkdf::<Sha256>::new(None, key.bytes()).expand(b"fond blind index 1", bytes.as_mut_slice());
        expanded.map_err(|_| Error::Crypto("the key of an index gives no cipher".into()))?;
        Ok(Self { version, bytes })
    }

    fn cipher(&self) -> Aes256Siv {
        Aes256Siv::new(&(*self.bytes).into())
    }

    /// The index of a hash: the same for the same.
    pub fn index(&self, hashed: Hashed) -> Result<BlindIndex> {
        let encrypted = self.cipher().encrypt(iter::empty::<&[u8]>(), &hashed.0);
        let encrypted = encrypted.map_err(|_| Error::Crypto("making an index failed".into()))?;
        let mut bytes = [0; INDEX_BYTES];
        let (version, rest) = bytes.split_at_mut(VERSION_BYTES);
        version.copy_from_slice(&self.version.to_be_bytes());
        rest.copy_from_slice(&encrypted);
        Ok(BlindIndex(bytes))
    }

    /// The hash that an index was made of with this key.
    ///
    /// # Errors
    /// [`Error::Crypto`] where it was made with another.
    pub fn hashed(&self, index: BlindIndex) -> Result<Hashed> {
        let wrong = || Error::Crypto("an index was not made with the key that it names".into());
        let rest = index.0.get(VERSION_BYTES..).ok_or_else(wrong)?;
        let plain = self.cipher().decrypt(iter::empty::<&[u8]>(), rest).map_err(|_| wrong())?;
        <[u8; HASH_BYTES]>::try_from(plain.as_slice()).map(Hashed).map_err(|_| wrong())
    }
}

/// HMAC-SHA-256 (RFC 2104); any length of key.
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

impl<DB: Backend> ToSql<Binary, DB> for BlindIndex
where
    [u8]: ToSql<Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        <[u8] as ToSql<Binary, DB>>::to_sql(self.0.as_slice(), out)
    }
}

impl<DB: Backend> FromSql<Binary, DB> for BlindIndex
where
    Vec<u8>: FromSql<Binary, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = <[u8; INDEX_BYTES]>::try_from(Vec::from_sql(raw)?);
        bytes.map(Self).map_err(|_| "a blind index has 50 bytes".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_follows_rfc_4231() {
        let mac = hmac_sha256(b"Jefe", b"what do ya want for nothing?");
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(data_encoding::HEXLOWER.encode(&mac), expected);
    }

    #[test]
    fn equal_values_have_equal_indexes_and_only_under_one_key() {
        let (key, other) = (DataKey::random(7).unwrap(), DataKey::random(7).unwrap());
        let (key, other) = (IndexKey::new(&key).unwrap(), IndexKey::new(&other).unwrap());
        let index = |key: &IndexKey, kind, value| key.index(Hashed::of(kind, value)).unwrap();
        let made = index(&key, IndexKind::Jmbg, "0101966660014");
        assert_eq!(made, index(&key, IndexKind::Jmbg, "0101966660014"));
        assert_ne!(made, index(&key, IndexKind::Jmbg, "0101966660015"));
        assert_ne!(made, index(&key, IndexKind::Account, "0101966660014"));
        assert_ne!(made, index(&other, IndexKind::Jmbg, "0101966660014"));
        assert_eq!(made.version(), 7);
    }

    #[test]
    fn an_index_goes_from_one_key_to_the_next_and_opens_with_no_other() {
        let (old, new) = (DataKey::random(1).unwrap(), DataKey::random(2).unwrap());
        let (old, new) = (IndexKey::new(&old).unwrap(), IndexKey::new(&new).unwrap());
        let hashed = Hashed::of(IndexKind::Email, "ana@example.org");
        let index = old.index(hashed).unwrap();
        let renewed = new.index(old.hashed(index).unwrap()).unwrap();
        assert_eq!(renewed, new.index(hashed).unwrap());
        assert_eq!(renewed.version(), 2);
        assert!(new.hashed(index).is_err() && old.hashed(renewed).is_err());
    }
}
