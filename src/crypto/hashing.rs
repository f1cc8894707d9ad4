//! Hashing passwords: Argon2id (RFC 9106) on threads of its own, so that logging in cannot starve everything else.
//!
//! One thread hashes while nothing else wants a processor, keeps its memory while there is work and takes from a queue that
//! is bounded: whoever comes when it is full is told to come back. A flood of reads may leave it next to nothing, and so
//! somebody could lock everybody out; therefore whoever waited in vain for [`PATIENCE`] goes to a second thread, which
//! always gets a small share. docs/PERFORMANCE.md has the figures.

mod phc;
mod worker;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use argon2::Params;
use serde::Deserialize;
use subtle::ConstantTimeEq;
use tokio::sync::oneshot;
use tokio::time::timeout;
use zeroize::{Zeroize, ZeroizeOnDrop};

use self::phc::Stored;
use self::worker::{Hash, Request, Turn};
use super::seal::random_bytes;
use crate::config::PasswordSettings;
use crate::error::{Error, Result};

/// The way to the threads that hash. Clones share it; when the last is dropped, they finish what waits and end.
#[derive(Clone)]
pub struct Hasher {
    /// To the one whose turn comes when nothing else wants a processor.
    last: SyncSender<Request>,
    /// To the one that always gets a share.
    sure: SyncSender<Request>,
    patience: Duration,
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
/// How long somebody waits for the first thread before they go to the second. Handlers have ten seconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many may wait for the second: with a twentieth of a processor it does them in the rest of the ten seconds.
const MOST_SURE: usize = 8;

/// Where the requests to both threads come out.
struct Queues {
    last: Receiver<Request>,
    sure: Receiver<Request>,
}

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
    /// Starts the threads.
    ///
    /// # Errors
    /// [`Error::Settings`] for parameters that Argon2 refuses, [`Error::Crypto`] where there is no thread to be had.
    pub fn start(settings: &PasswordSettings) -> Result<Self> {
        let (hasher, queues) = Self::with_queues(settings)?;
        for (requests, turn) in [(queues.last, Turn::Last), (queues.sure, Turn::Sure)] {
            worker::spawn(requests, turn, Arc::clone(&hasher.runs))
                .map_err(|error| Error::Crypto(format!("no thread for hashing passwords: {error}")))?;
        }
        Ok(hasher)
    }

    /// A hasher and the ends of its queues that nobody serves yet.
    fn with_queues(settings: &PasswordSettings) -> Result<(Self, Queues)> {
        let params = Params::new(settings.memory_kib, settings.iterations, settings.lanes, Some(Hash::BYTES));
        let params = params.map_err(|error| Error::Settings(format!("wrong settings in [passwords]: {error}")))?;
        let (last, last_out) = sync_channel(settings.queue);
        let (sure, sure_out) = sync_channel(settings.queue.min(MOST_SURE));
        let retry_after_seconds = retry_after_seconds(settings);
        let hasher = Self { last, sure, patience: PATIENCE, params, retry_after_seconds, runs: Arc::default() };
        Ok((hasher, Queues { last: last_out, sure: sure_out }))
    }

    /// Hashes a password for storing: a PHC string, with 16 random bytes of salt.
    ///
    /// # Errors
    /// [`Error::Busy`] where too many wait already.
    pub async fn hash(&self, password: PasswordText) -> Result<String> {
        let salt = random_bytes::<SALT_BYTES>()?;
        let hash = self.run(password, &self.params, salt.as_slice()).await?;
        Ok(phc::to_text(&self.params, salt.as_slice(), &hash))
    }

    /// The same, waiting for it: for the command line. Panics inside an asynchronous context, which must not wait.
    pub fn hash_blocking(&self, password: PasswordText) -> Result<String> {
        let salt = random_bytes::<SALT_BYTES>()?;
        let hash =
            self.ask(&self.sure, password, &self.params, salt.as_slice())?.blocking_recv().map_err(|_| stopped())??;
        Ok(phc::to_text(&self.params, salt.as_slice(), &hash))
    }

    /// Compares a password with a stored hash. `None` (no such account, or one without a password) costs as much as a
    /// hash of the current parameters and is never right, so that the time taken does not tell whether an account exists.
    ///
    /// # Errors
    /// [`Error::Busy`] where too many wait already; [`Error::Corrupt`] for a stored hash that is not one of ours.
    pub async fn verify(&self, password: PasswordText, stored: Option<String>) -> Result<Verdict> {
        let stored = self.parse(stored)?;
        let hash = self.run(password, stored.params(), stored.salt()).await?;
        Ok(self.judge(&stored, &hash))
    }

    /// The same, waiting for it: for the command line. Panics inside an asynchronous context, which must not wait.
    pub fn verify_blocking(&self, password: PasswordText, stored: Option<String>) -> Result<Verdict> {
        let stored = self.parse(stored)?;
        let hash = self
            .ask(&self.sure, password, stored.params(), stored.salt())?
            .blocking_recv()
            .map_err(|_| stopped())??;
        Ok(self.judge(&stored, &hash))
    }

    /// How many hashes were computed since the start.
    pub fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    fn parse(&self, stored: Option<String>) -> Result<Stored> {
        stored.map_or_else(|| Ok(Stored::dummy(&self.params)), |text| Stored::parse(&text))
    }

    /// Asks the first thread and, where it does not answer in time, the second.
    async fn run(&self, password: PasswordText, params: &Params, salt: &[u8]) -> Result<Hash> {
        let first = self.ask(&self.last, password.clone(), params, salt)?;
        let answer = match timeout(self.patience, first).await {
            Ok(answer) => answer,
            Err(_) => self.ask(&self.sure, password, params, salt)?.await,
        };
        answer.map_err(|_| stopped())?
    }

    /// Puts a request into a queue. Whoever drops the answer's receiver before its turn costs nothing.
    fn ask(
        &self,
        queue: &SyncSender<Request>,
        password: PasswordText,
        params: &Params,
        salt: &[u8],
    ) -> Result<oneshot::Receiver<Result<Hash>>> {
        let (answer, receiver) = oneshot::channel();
        let request = Request { password, params: params.clone(), salt: salt.to_vec(), answer };
        queue.try_send(request).map_err(|refused| match refused {
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
    Error::Crypto("the threads that hash passwords have stopped".into())
}

#[cfg(test)]
mod tests;
