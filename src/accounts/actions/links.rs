//! Mailed links: made from the id of what they answer, so that nothing secret is stored and a retried mail says the same.
//!
//! A link carries base64url(id ‖ HMAC-SHA-256(link key, purpose:id)). Who has the database but not the master key can
//! make none.

use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::crypto::Vault;
use crate::db::Conn;
use crate::error::{Error, Result};

crate::text_enum! {
    /// What a link is good for; one for another purpose does not open it.
    pub enum Purpose {
        Registration => "registration",
        SignIn => "sign-in",
        /// Held by the device that asked to sign in, and given with the short code.
        Device => "device",
        PasswordReset => "password-reset",
        EmailOld => "email-old",
        EmailNew => "email-new",
        Invitation => "invitation",
    }
}

const ID_BYTES: usize = 16;
/// 8 digits and 5 tries: one guess in twenty million.
const CODES: u64 = 100_000_000;

/// The token of a link.
pub fn token(conn: &mut Conn, vault: &Vault, purpose: Purpose, id: Uuid) -> Result<String> {
    let macs = vault.link_macs(conn, &format!("{purpose}:{id}"))?;
    macs.first().map(|mac| encode(id, mac)).ok_or_else(no_key)
}

/// The id that a token was made from.
///
/// # Errors
/// A field error on `token` for whatever was not made here for this purpose.
pub fn read(conn: &mut Conn, vault: &Vault, purpose: Purpose, text: &str) -> Result<Uuid> {
    let bytes = BASE64URL_NOPAD.decode(text.trim().as_bytes()).unwrap_or_default();
    let id = bytes.get(..ID_BYTES).and_then(|id| Uuid::from_slice(id).ok()).ok_or_else(spent)?;
    let macs = vault.link_macs(conn, &format!("{purpose}:{id}"))?;
    let is_right = |mac: &[u8; 32]| bool::from(encode(id, mac).as_bytes().ct_eq(text.trim().as_bytes()));
    if macs.iter().any(is_right) { Ok(id) } else { Err(spent()) }
}

fn encode(id: Uuid, mac: &[u8; 32]) -> String {
    BASE64URL_NOPAD.encode(&[id.as_bytes().as_slice(), mac.as_slice()].concat())
}

/// The short code that goes with a link to sign in.
pub fn code(conn: &mut Conn, vault: &Vault, id: Uuid) -> Result<String> {
    vault.link_macs(conn, &format!("code:{id}"))?.first().map(shorten).ok_or_else(no_key)
}

/// Whether somebody typed the short code of a link; spaces and dashes do not matter.
pub fn is_code(conn: &mut Conn, vault: &Vault, id: Uuid, typed: &str) -> Result<bool> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let macs = vault.link_macs(conn, &format!("code:{id}"))?;
    Ok(macs.iter().any(|mac| shorten(mac).as_bytes().ct_eq(digits.as_bytes()).into()))
}

fn shorten(mac: &[u8; 32]) -> String {
    let number = mac.first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    format!("{:08}", number.checked_rem(CODES).unwrap_or(0))
}

fn no_key() -> Error {
    Error::corrupt("no key makes links")
}

/// A link that is wrong, used or too old: which of these is not said.
pub fn spent() -> Error {
    Error::field("token", "token")
}
