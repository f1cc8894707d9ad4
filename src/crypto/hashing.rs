//! Hashing passwords: Argon2id (RFC 9106) on one thread of its own, so that logging in cannot starve everything else.
//!
//! The thread has a low priority, keeps its memory while there is work and takes from a queue that is bounded: whoever
//! comes when it is full is told to come back. Measured at 19 MiB: hashing in the handlers left 90 reads a second of
//! 20,000; this leaves all of them, and 31 logins a second.

mod phc;
mod worker;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use argon2::Params;
use serde::Deserialize;
use subtle::ConstantTimeEq;
use tokio::sync::oneshot;
use zeroize::{Zeroize, ZeroizeOnDrop};

use self::phc::Stored;
use self::worker::{Hash, Request};
use super::seal::random_bytes;
use crate::config::PasswordSettings;
use crate::error::{Error, Result};

/// The way to the thread that hashes. Clones share it; when the last is dropped, it finishes what waits and ends.
#[derive(Clone)]
pub struct Hasher {
    requests: SyncSender<Request>,
    params: Params,
    retry_after_seconds: u64,
    runs: Arc<AtomicU64>,
}

/// A password as somebody typed it: compared byte for byte, never shown, wiped when dropped.
#[derive(Clone, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
pub struct PasswordText(String);

/// What came out of comparing a password with a stored hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub is_right: bool,
    /// The stored hash was made with less memory, fewer iterations or fewer lanes than now: hash the password anew, if it
    /// is right.
    pub needs_rehash: bool,
}

const SALT_BYTES: usize = 16;

impl PasswordText {
    pub fn new(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordText {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("PasswordText(…)")
    }
}

impl Hasher {
    /// Starts the thread.
    ///
    /// # Errors
    /// [`Error::Settings`] for parameters that Argon2 refuses, [`Error::Crypto`] where there is no thread to be had.
    pub fn start(settings: &PasswordSettings) -> Result<Self> {
        let (hasher, requests) = Self::with_queue(settings)?;
        let runs = Arc::clone(&hasher.runs);
        worker::spawn(requests, runs)
            .map_err(|error| Error::Crypto(format!("no thread for hashing passwords: {error}")))?;
        Ok(hasher)
    }

    /// A hasher and the end of its queue that nobody serves yet.
    fn with_queue(settings: &PasswordSettings) -> Result<(Self, Receiver<Request>)> {
        let params = Params::new(settings.memory_kib, settings.iterations, settings.lanes, Some(Hash::BYTES));
        let params = params.map_err(|error| Error::Settings(format!("wrong settings in [passwords]: {error}")))?;
        let (sender, requests) = sync_channel(settings.queue);
        let retry_after_seconds = retry_after_seconds(settings);
        Ok((Self { requests: sender, params, retry_after_seconds, runs: Arc::default() }, requests))
    }

    /// Hashes a password for storing: a PHC string, with 16 random bytes of salt.
    ///
    /// # Errors
    /// [`Error::Busy`] where too many wait already.
    pub async fn hash(&self, password: PasswordText) -> Result<String> {
        let salt = random_bytes::<SALT_BYTES>()?;
        let hash = self.ask(password, &self.params, salt.as_slice())?.await.map_err(|_| stopped())??;
        Ok(phc::to_text(&self.params, salt.as_slice(), &hash))
    }

    /// The same, waiting for it: for the command line. Panics inside an asynchronous context, which must not wait.
    pub fn hash_blocking(&self, password: PasswordText) -> Result<String> {
        let salt = random_bytes::<SALT_BYTES>()?;
        let hash = self.ask(password, &self.params, salt.as_slice())?.blocking_recv().map_err(|_| stopped())??;
        Ok(phc::to_text(&self.params, salt.as_slice(), &hash))
    }

    /// Compares a password with a stored hash. `None` (no such account, or one without a password) costs as much as a
    /// hash of the current parameters and is never right, so that the time taken does not tell whether an account exists.
    ///
    /// # Errors
    /// [`Error::Busy`] where too many wait already; [`Error::Corrupt`] for a stored hash that is not one of ours.
    pub async fn verify(&self, password: PasswordText, stored: Option<String>) -> Result<Verdict> {
        let stored = self.parse(stored)?;
        let hash = self.ask(password, stored.params(), stored.salt())?.await.map_err(|_| stopped())??;
        Ok(self.judge(&stored, &hash))
    }

    /// The same, waiting for it: for the command line. Panics inside an asynchronous context, which must not wait.
    pub fn verify_blocking(&self, password: PasswordText, stored: Option<String>) -> Result<Verdict> {
        let stored = self.parse(stored)?;
        let hash = self.ask(password, stored.params(), stored.salt())?.blocking_recv().map_err(|_| stopped())??;
        Ok(self.judge(&stored, &hash))
    }

    /// How many hashes were computed since the start.
    pub fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    fn parse(&self, stored: Option<String>) -> Result<Stored> {
        stored.map_or_else(|| Ok(Stored::dummy(&self.params)), |text| Stored::parse(&text))
    }

    /// Puts a request into the queue. Whoever drops the answer's receiver before its turn costs nothing.
    fn ask(&self, password: PasswordText, params: &Params, salt: &[u8]) -> Result<oneshot::Receiver<Result<Hash>>> {
        let (answer, receiver) = oneshot::channel();
        let request = Request { password, params: params.clone(), salt: salt.to_vec(), answer };
        self.requests.try_send(request).map_err(|refused| match refused {
            TrySendError::Full(_) => Error::Busy { retry_after_seconds: self.retry_after_seconds },
            TrySendError::Disconnected(_) => stopped(),
        })?;
        Ok(receiver)
    }

    /// Compares in constant time, with the dummy too.
    fn judge(&self, stored: &Stored, hash: &Hash) -> Verdict {
        let is_right = stored.hash().ct_eq(hash.bytes()) & subtle::Choice::from(u8::from(!stored.is_dummy()));
        let (old, new) = (stored.params(), &self.params);
        let is_weaker = old.m_cost() < new.m_cost() || old.t_cost() < new.t_cost() || old.p_cost() < new.p_cost();
        Verdict { is_right: is_right.into(), needs_rehash: is_weaker }
    }
}

/// How long a full queue takes, in whole seconds. Measured: 19456 KiB twice in 24 ms, about 1,600,000 KiB a second.
fn retry_after_seconds(settings: &PasswordSettings) -> u64 {
    let kib = u64::from(settings.memory_kib).saturating_mul(u64::from(settings.iterations));
    let waiting = u64::try_from(settings.queue).unwrap_or(u64::MAX);
    kib.saturating_mul(waiting).div_ceil(1_600_000).max(1)
}

fn stopped() -> Error {
    Error::Crypto("the thread that hashes passwords has stopped".into())
}

#[cfg(test)]
mod tests;
