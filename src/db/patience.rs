//! Whether somebody still waits for a write.
//!
//! One that is given up is not committed, and one that is being committed is not given up. Whoever answers a request waits
//! only so long; without this, a write that waits for a lock would be answered “not carried out” and then be carried out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::error::{Error, Result};

const WAITING: u8 = 0;
const COMMITTING: u8 = 1;
const GIVEN_UP: u8 = 2;

tokio::task_local! {
    static CURRENT: Patience;
}

/// The patience of one request, shared with the thread that writes for it.
#[derive(Debug, Clone, Default)]
pub struct Patience(Arc<AtomicU8>);

impl Patience {
    /// Runs `work`; the writes in it ask this patience before they commit.
    pub async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self.clone(), work).await
    }

    /// That of the request that runs; one without end where there is none.
    pub(super) fn current() -> Self {
        CURRENT.try_with(Self::clone).unwrap_or_default()
    }

    /// Ends the waiting: from here on nothing is committed. False where something is being committed at this moment; then
    /// it is worth while to wait a little more.
    pub fn give_up(&self) -> bool {
        self.step(WAITING, GIVEN_UP) || self.0.load(Ordering::Acquire) == GIVEN_UP
    }

    /// # Errors
    /// [`Error::Busy`] where nobody waits any more.
    pub(super) fn require(&self) -> Result<()> {
        let is_given_up = self.0.load(Ordering::Acquire) == GIVEN_UP;
        if is_given_up { Err(Error::Busy { retry_after_seconds: 5 }) } else { Ok(()) }
    }

    /// Begins to commit; who does must say [`Patience::committed`] afterwards.
    ///
    /// # Errors
    /// [`Error::Busy`] where nobody waits any more.
    pub(super) fn begin_commit(&self) -> Result<()> {
        self.step(WAITING, COMMITTING);
        self.require()
    }

    /// The commit has ended, well or not.
    pub(super) fn committed(&self) {
        self.step(COMMITTING, WAITING);
    }

    fn step(&self, from: u8, to: u8) -> bool {
        self.0.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_up_is_not_committed_and_the_other_way_round() {
        let patience = Patience::default();
        assert!(patience.require().is_ok() && patience.begin_commit().is_ok());
        assert!(!patience.give_up(), "it is being committed");
        patience.committed();
        assert!(patience.give_up() && patience.give_up());
        assert!(patience.require().is_err() && patience.begin_commit().is_err());
        patience.committed();
        assert!(patience.begin_commit().is_err(), "given up is given up");
    }
}
