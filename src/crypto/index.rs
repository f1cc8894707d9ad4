//! Blind indexes: equal values are found by their keyed hash, and nobody without the key learns or guesses the value.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Binary;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::seal::DataKey;

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
        /// The secret half of a mailed link, and the short code that goes with it.
        Link => "link",
        /// Idempotency keys, and the payloads they came with.
        Answer => "answer",
    }
}

/// HMAC-SHA-256 of a value under the key of its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Binary)]
pub struct BlindIndex([u8; 32]);

impl BlindIndex {
    pub(super) fn of(key: &DataKey, value: &str) -> Self {
        Self(hmac_sha256(key.bytes(), value.as_bytes()))
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
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
        let bytes = <[u8; 32]>::try_from(Vec::from_sql(raw)?);
        bytes.map(Self).map_err(|_| "a blind index has 32 bytes".into())
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
}
