//! Holding writers for a moment, so that a backup holds everything that was acknowledged before its end.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::store;
use crate::db::{Engine, connect_raw};
use crate::error::{Error, Result};

/// Writers wait while this is there, but no longer than they were asked to. Dropped, it lets them go on.
pub(super) struct Hold {
    let_go: SyncSender<()>,
    thread: JoinHandle<bool>,
}

impl Hold {
    /// Waits until nobody writes and then holds everybody, for `most` at the longest. None where nobody is to be held, or
    /// where writers left no gap.
    pub fn begin(engine: &Engine, most: Duration) -> Result<Option<Self>> {
        if most.is_zero() {
            return Ok(None);
        }
        let mut conn = connect_raw(engine)?;
        if !store::hold_writers(&mut conn)? {
            return Ok(None);
        }
        let (let_go, told) = sync_channel(1);
        let wait = move || {
            let is_in_time = told.recv_timeout(most).is_ok();
            // Where this fails, the connection ends with the thread, and what it held.
            let _ = store::let_go(&mut conn);
            is_in_time
        };
        let started = std::thread::Builder::new().name("fond-hold".into()).spawn(wait);
        let thread =
            started.map_err(|error| Error::Connection(format!("the thread that holds did not start: {error}")))?;
        Ok(Some(Self { let_go, thread }))
    }

    /// Lets writers go on; says whether they were held until now.
    pub fn end(self) -> bool {
        self.let_go.send(()).is_ok() && self.thread.join().unwrap_or(false)
    }
}
