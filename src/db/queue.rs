//! Who waits for the database: only so many.
//!
//! Whoever comes after them is told at once to come again, which costs next to nothing, so that a rush takes nothing from
//! those who are being served.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{Error, Result};

/// A queue of at most so many. A clone is the same queue.
#[derive(Clone)]
pub(super) struct Queue {
    waiting: Arc<AtomicUsize>,
    most: usize,
}

/// A place in the queue, from entering it to the answer.
pub(super) struct Place(Arc<AtomicUsize>);

impl Queue {
    pub(super) fn new(most: usize) -> Self {
        Self { waiting: Arc::default(), most: most.max(1) }
    }

    pub(super) fn is_full(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) >= self.most
    }

    pub(super) fn is_waited_in(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// # Errors
    /// [`Error::Busy`] where it is full.
    pub(super) fn enter(&self) -> Result<Place> {
        // Counted from here on, and given back by its end.
        let place = Place(Arc::clone(&self.waiting));
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        if before < self.most { Ok(place) } else { Err(Error::Busy { retry_after_seconds: 1 }) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_after_the_last_place_is_sent_away_until_somebody_leaves() {
        let queue = Queue::new(2);
        let first = queue.enter().unwrap();
        assert!(!queue.is_full());
        let _second = queue.enter().unwrap();
        assert!(queue.is_full());
        for _ in 0..3 {
            assert!(matches!(queue.enter(), Err(Error::Busy { retry_after_seconds: 1 })));
        }
        drop(first);
        assert!(!queue.is_full() && queue.enter().is_ok(), "who was sent away does not count");
    }
}
