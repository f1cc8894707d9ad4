//! Questions that the first try of a write on PostgreSQL leaves out, because a unique index answers them as well.
//!
//! PostgreSQL guards what a transaction has looked for by the page of an index, and takes whatever lies on the same page for
//! a conflict (<https://www.postgresql.org/docs/15/transaction-iso.html#XACT-SERIALIZABLE>). Where the answer is nearly
//! always “nobody”, it is cheaper not to ask: an insert that finds somebody fails, and the write runs again and asks.

use std::cell::Cell;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Everything is asked.
    Asks,
    MaySkip,
    HasSkipped,
}

thread_local! {
    static STATE: Cell<State> = const { Cell::new(State::Asks) };
}

/// Whether to leave out a question whose answer is only needed for a kind refusal: an insert of the same transaction must
/// fail where the answer is not “nobody”. If the transaction fails then, whatever with, it runs again with every question.
pub fn skips_question() -> bool {
    let may = STATE.get() != State::Asks;
    if may {
        STATE.set(State::HasSkipped);
    }
    may
}

/// One try of a write on this thread, from its beginning to its end.
pub(super) struct Try;

impl Try {
    pub(super) fn begin(may_skip: bool) -> Self {
        STATE.set(if may_skip { State::MaySkip } else { State::Asks });
        Self
    }

    /// Ends it; says whether a question was left out.
    pub(super) fn has_skipped(self) -> bool {
        STATE.get() == State::HasSkipped
    }
}

impl Drop for Try {
    /// Also where the work panics.
    fn drop(&mut self) {
        STATE.set(State::Asks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_try_that_may_skips_and_nothing_is_left_of_it() {
        assert!(!skips_question(), "outside of a try everything is asked");
        let first = Try::begin(true);
        assert!(skips_question() && skips_question() && first.has_skipped());
        assert!(!skips_question());
        assert!(!Try::begin(true).has_skipped(), "it might have");
        let second = Try::begin(false);
        assert!(!skips_question() && !second.has_skipped());
        let panicked = std::panic::catch_unwind(|| {
            let _first = Try::begin(true);
            panic!("as it must");
        });
        assert!(panicked.is_err() && !skips_question());
    }
}
