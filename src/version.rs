//! The versions that a change was decided on: what `If-Match` says, as far as an action needs it.

use crate::error::{Error, Result};

/// The most versions that a change can name; nobody has seen more of one thing at once.
const MOST: usize = 8;

/// Which versions of a thing a change may be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    is_any: bool,
    versions: [Option<i32>; MOST],
}

impl Seen {
    /// Whatever there is.
    pub const ANY: Self = Self { is_any: true, versions: [None; MOST] };

    /// One of these; of more than eight the first eight.
    pub fn one_of(named: impl IntoIterator<Item = i32>) -> Self {
        let mut versions = [None; MOST];
        versions.iter_mut().zip(named).for_each(|(place, version)| *place = Some(version));
        Self { is_any: false, versions }
    }

    /// Asks that a thing is still what was seen; `what` names it in the error.
    ///
    /// # Errors
    /// [`Error::Stale`].
    pub fn require(self, version: i32, what: &'static str) -> Result<()> {
        let is_seen = self.is_any || self.versions.contains(&Some(version));
        is_seen.then_some(()).ok_or(Error::Stale(what))
    }
}

impl From<i32> for Seen {
    fn from(version: i32) -> Self {
        Self::one_of([version])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_seen_is_stale() {
        assert!(Seen::from(2).require(2, "it").is_ok() && Seen::ANY.require(7, "it").is_ok());
        assert!(Seen::one_of([1, 2]).require(2, "it").is_ok());
        for seen in [Seen::from(1), Seen::one_of([]), Seen::one_of(3..99)] {
            assert!(matches!(seen.require(2, "it"), Err(Error::Stale("it"))), "{seen:?}");
        }
    }
}
