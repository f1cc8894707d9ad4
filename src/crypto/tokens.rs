//! Access tokens: JWT (RFC 7519) in the profile of RFC 9068, signed with Ed25519 and nothing else.

mod memory;

use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use self::memory::Memory;
use super::signing::{Key, SigningKeys};
use crate::clock::Instant;
use crate::config::TokenSettings;
use crate::error::{Error, Result};
use crate::ids::{PersonId, SessionId};

/// Makes access tokens and recognises them. Time is passed in.
pub struct AccessTokens {
    keys: SigningKeys,
    issuer: String,
    audience: String,
    lifetime_seconds: i64,
    validation: Validation,
    memory: Memory,
}

/// What a token says: who, and in which session. Whether the session still stands is asked of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessClaims {
    pub person: PersonId,
    pub session: SessionId,
}

/// The claims as they stand in a token; times in seconds since 1970.
#[derive(Serialize, Deserialize)]
struct Payload {
    iss: String,
    aud: String,
    sub: PersonId,
    sid: SessionId,
    iat: i64,
    exp: i64,
}

/// A token that was verified: what it says, and when it is good.
#[derive(Clone, Copy)]
struct Verified {
    claims: AccessClaims,
    issued_at: i64,
    expires_at: i64,
}

/// RFC 9068, section 2.1.
const TYPE: &str = "at+jwt";
/// Ours have about 400 bytes.
const LONGEST_TOKEN_BYTES: usize = 2048;
const LONGEST_LIFETIME_SECONDS: i64 = 600;
/// How far the clock of another server that issues tokens may be ahead.
const CLOCK_SKEW_SECONDS: i64 = 60;

impl AccessTokens {
    pub fn new(keys: SigningKeys, settings: &TokenSettings) -> Self {
        let mut validation = Validation::new(Algorithm::EdDSA);
        // The library would read the clock; claims and times are checked below.
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        Self {
            keys,
            issuer: settings.issuer.clone(),
            audience: settings.audience.clone(),
            lifetime_seconds: i64::from(settings.access_seconds).min(LONGEST_LIFETIME_SECONDS),
            validation,
            memory: Memory::new(),
        }
    }

    /// A signed token, good from now for `access_seconds` of the settings.
    ///
    /// # Errors
    /// [`Error::Crypto`] where signing fails.
    pub fn issue(&self, claims: &AccessClaims, now: Instant) -> Result<String> {
        let issued_at = now.unix_seconds();
        let payload = Payload {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: claims.person,
            sid: claims.session,
            iat: issued_at,
            exp: issued_at.saturating_add(self.lifetime_seconds),
        };
        let key = self.keys.signing();
        jsonwebtoken::encode(&header(key), &payload, &key.encoding)
            .map_err(|error| Error::Crypto(format!("an access token cannot be signed: {error}")))
    }

    /// Who sent a token. A signature is checked once: a verified token is remembered by its SHA-256 until it expires.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for every token that is not exactly one of ours and good now.
    pub fn verify(&self, token: &str, now: Instant) -> Result<AccessClaims> {
        if token.len() > LONGEST_TOKEN_BYTES {
            return Err(Error::Unauthenticated);
        }
        let (digest, now) = (Sha256::digest(token).into(), now.unix_seconds());
        if let Some(verified) = self.memory.find(&digest) {
            return verified.at(now).ok_or(Error::Unauthenticated);
        }
        let verified = self.check(token).ok_or(Error::Unauthenticated)?;
        let claims = verified.at(now).ok_or(Error::Unauthenticated)?;
        self.memory.keep(digest, verified, now);
        Ok(claims)
    }

    /// Everything about a token that does not change with time.
    fn check(&self, token: &str) -> Option<Verified> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.alg != Algorithm::EdDSA || !header.typ.as_deref().is_some_and(is_access_token) {
            return None;
        }
        let key = self.keys.find(header.kid.as_deref()?)?;
        let payload = jsonwebtoken::decode::<Payload>(token, &key.decoding, &self.validation).ok()?.claims;
        let lifetime_seconds = payload.exp.checked_sub(payload.iat)?;
        let is_ours = payload.iss == self.issuer && payload.aud == self.audience;
        (is_ours && (1..=LONGEST_LIFETIME_SECONDS).contains(&lifetime_seconds)).then_some(Verified {
            claims: AccessClaims { person: payload.sub, session: payload.sid },
            issued_at: payload.iat,
            expires_at: payload.exp,
        })
    }
}

impl Verified {
    /// The claims, where the token is good at that second since 1970.
    fn at(&self, now: i64) -> Option<AccessClaims> {
        let is_good = self.expires_at > now && self.issued_at <= now.saturating_add(CLOCK_SKEW_SECONDS);
        is_good.then_some(self.claims)
    }
}

fn header(key: &Key) -> Header {
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(TYPE.into());
    header.kid = Some(key.kid.clone());
    header
}

/// RFC 9068, section 4: in any case of letters, and `application/` may stand before it.
fn is_access_token(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    typ.strip_prefix("application/").unwrap_or(&typ) == TYPE
}

#[cfg(test)]
mod tests;
