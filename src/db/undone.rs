//! What else must happen where a transaction is not committed: counters that were raised in it, say.
//!
//! A transaction runs on one thread from its beginning to its end; a group of them, too.

use std::cell::RefCell;

type Hook = Box<dyn FnOnce()>;

thread_local! {
    static HOOKS: RefCell<Vec<Hook>> = const { RefCell::new(Vec::new()) };
}

/// Runs `hook` if the transaction that this is called in is rolled back. Of no use outside a write.
pub fn if_undone(hook: impl FnOnce() + 'static) {
    HOOKS.with_borrow_mut(|hooks| hooks.push(Box::new(hook)));
}

/// How many hooks there are, for [`settle`].
pub(super) fn mark() -> usize {
    HOOKS.with_borrow(Vec::len)
}

/// Takes away what was added since `mark`, and runs it where the transaction was not committed.
pub(super) fn settle(mark: usize, is_committed: bool) {
    let added = HOOKS.with_borrow_mut(|hooks| hooks.split_off(mark.min(hooks.len())));
    if !is_committed {
        added.into_iter().for_each(|hook| hook());
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;

    #[test]
    fn only_what_was_undone_runs() {
        let count = Rc::new(Cell::new(0));
        let add = |number: i32| {
            let count = Rc::clone(&count);
            if_undone(move || count.set(count.get() + number));
        };
        let group = mark();
        add(1);
        let second = mark();
        add(10);
        settle(second, false);
        assert_eq!(count.get(), 10, "a savepoint takes with it what was in it");
        add(100);
        settle(group, true);
        assert_eq!((count.get(), mark()), (10, group));
    }
}
