//! Commitments: what the audit log says of private facts, so that they can be proved later but not guessed.

use data_encoding::HEXLOWER;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Binary;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::seal::fill_random;
use crate::error::{Error, Result};

/// 32 random bytes that are kept beside the facts and erased with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = Binary)]
pub struct Salt([u8; 32]);

/// SHA-256 of salt and canonical facts, in hex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Commitment(String);

impl Salt {
    pub fn random() -> Result<Self> {
        let mut bytes = [0; 32];
        fill_random(&mut bytes)?;
        Ok(Self(bytes))
    }
}

/// SHA-256(salt ‖ facts as RFC 8785 JSON).
pub fn commit<T: Serialize>(salt: Salt, facts: &T) -> Result<Commitment> {
    let canonical = serde_json_canonicalizer::to_vec(facts).map_err(Error::corrupt)?;
    let digest = Sha256::new().chain_update(salt.0).chain_update(&canonical).finalize();
    Ok(Commitment(HEXLOWER.encode(&digest)))
}

impl<DB: Backend> ToSql<Binary, DB> for Salt
where
    [u8]: ToSql<Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        <[u8] as ToSql<Binary, DB>>::to_sql(self.0.as_slice(), out)
    }
}

impl<DB: Backend> FromSql<Binary, DB> for Salt
where
    Vec<u8>: FromSql<Binary, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = <[u8; 32]>::try_from(Vec::from_sql(raw)?);
        bytes.map(Self).map_err(|_| "a salt has 32 bytes".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_keys_does_not_matter_and_the_salt_does() {
        let salt = Salt([7; 32]);
        let one = commit(salt, &serde_json::json!({"a": 1, "b": 2})).unwrap();
        assert_eq!(one, commit(salt, &serde_json::json!({"b": 2, "a": 1})).unwrap());
        assert_ne!(one, commit(Salt([8; 32]), &serde_json::json!({"a": 1, "b": 2})).unwrap());
    }
}
