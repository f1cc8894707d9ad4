//! Stored hashes as PHC strings: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, written one way and read strictly.
//!
//! Format: <https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md>.

use argon2::password_hash::phc::PasswordHash;
use argon2::{ARGON2ID_IDENT, Params, Version};
use data_encoding::BASE64_NOPAD;

use super::SALT_BYTES;
use super::worker::Hash;
use crate::error::{Error, Result};

/// What a password is compared with.
pub(super) struct Stored {
    params: Params,
    salt: Vec<u8>,
    /// Nothing for the dummy, which stands for an account that does not exist.
    hash: Option<[u8; Hash::BYTES]>,
}

/// More than this in a stored hash is no setting of ours: it would stop the thread for minutes.
const MOST_MEMORY_KIB: u32 = 1_048_576;
const MOST_ITERATIONS: u32 = 64;
const MOST_LANES: u32 = 64;

impl Stored {
    pub fn dummy(params: &Params) -> Self {
        Self { params: params.clone(), salt: vec![0; SALT_BYTES], hash: None }
    }

    /// # Errors
    /// [`Error::Corrupt`] for everything but Argon2id of version 0x13 with a salt and 32 bytes. The text is not repeated.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || Error::corrupt("a password's hash that is not one of ours");
        let parsed = PasswordHash::new(text).map_err(|_| wrong())?;
        let params = Params::try_from(&parsed).map_err(|_| wrong())?;
        let salt = parsed.salt.ok_or_else(wrong)?.to_vec();
        let hash = parsed.hash.ok_or_else(wrong)?;
        let hash = <[u8; Hash::BYTES]>::try_from(hash.as_bytes()).map_err(|_| wrong())?;
        let is_ours = parsed.algorithm == ARGON2ID_IDENT
            && parsed.version == Some(Version::V0x13.into())
            && params.m_cost() <= MOST_MEMORY_KIB
            && params.t_cost() <= MOST_ITERATIONS
            && params.p_cost() <= MOST_LANES;
        is_ours.then_some(Self { params, salt, hash: Some(hash) }).ok_or_else(wrong)
    }

    pub fn params(&self) -> &Params {
        &self.params
    }

    pub fn salt(&self) -> &[u8] {
        &self.salt
    }

    /// Zeros for the dummy: comparing with them takes as long, and is not asked.
    pub fn hash(&self) -> &[u8] {
        self.hash.as_ref().map_or(&[0; Hash::BYTES], |hash| hash)
    }

    pub fn is_dummy(&self) -> bool {
        self.hash.is_none()
    }
}

pub(super) fn to_text(params: &Params, salt: &[u8], hash: &Hash) -> String {
    let (memory, iterations, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
    let (salt, hash) = (BASE64_NOPAD.encode(salt), BASE64_NOPAD.encode(hash.bytes()));
    format!("$argon2id$v=19$m={memory},t={iterations},p={lanes}${salt}${hash}")
}
