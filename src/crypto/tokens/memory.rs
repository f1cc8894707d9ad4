//! The tokens that were verified already: checking a signature costs far more than looking one up.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Verified;

/// Verified tokens by their SHA-256, in parts that are locked one by one.
pub(super) struct Memory([Mutex<HashMap<[u8; 32], Verified>>; PARTS]);

const PARTS: usize = 16;
/// 16 × 640: the memory never holds more than 10,240 tokens, about 1.5 MB.
const MOST_IN_A_PART: usize = 640;

impl Memory {
    pub fn new() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }

    /// The token with this hash, expired or not.
    pub fn find(&self, digest: &[u8; 32]) -> Option<Verified> {
        self.part(digest)?.get(digest).copied()
    }

    /// Remembers a token. Where a part is full of tokens that are still good, it starts anew: they are verified once more.
    pub fn keep(&self, digest: [u8; 32], verified: Verified, now: i64) {
        let Some(mut part) = self.part(&digest) else { return };
        if part.len() >= MOST_IN_A_PART {
            part.retain(|_, verified| verified.expires_at > now);
        }
        if part.len() >= MOST_IN_A_PART {
            part.clear();
        }
        part.insert(digest, verified);
    }

    fn part(&self, digest: &[u8; 32]) -> Option<MutexGuard<'_, HashMap<[u8; 32], Verified>>> {
        let [first, ..] = digest;
        // A map is whole after every step, so that a panic elsewhere leaves nothing half done.
        self.0.get(usize::from(first & 0x0f)).map(|part| part.lock().unwrap_or_else(PoisonError::into_inner))
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.0.iter().map(|part| part.lock().unwrap().len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::super::AccessClaims;
    use super::*;
    use crate::ids::{PersonId, SessionId};

    #[test]
    fn the_memory_is_bounded_and_forgets_what_has_expired_first() {
        let memory = Memory::new();
        let claims = AccessClaims { person: PersonId::new(), session: SessionId::new() };
        let verified = |expires_at| Verified { claims, issued_at: 0, expires_at };
        let digest = |number: u32| {
            let mut digest = [0; 32];
            digest[0] = (number % 16) as u8;
            digest[1..5].copy_from_slice(&number.to_be_bytes());
            digest
        };
        let full = (PARTS * MOST_IN_A_PART) as u32;
        (0..full).for_each(|number| memory.keep(digest(number), verified(if number < 16 { 10 } else { 20 }), 5));
        assert_eq!(memory.len(), PARTS * MOST_IN_A_PART);
        memory.keep(digest(full), verified(20), 15);
        assert!(memory.find(&digest(0)).is_none() && memory.find(&digest(16)).is_some());
        (full..full * 3).for_each(|number| memory.keep(digest(number), verified(20), 15));
        assert!(memory.len() <= PARTS * MOST_IN_A_PART);
        assert!(memory.find(&digest(full * 3 - 1)).is_some());
    }
}
