//! How many files are taken at once: each reads for minutes, keeps a thread and some 30 MB, and writes beside everybody else.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::http::StatusCode;

use super::problem::Problem;
use crate::error::Error;
use crate::ids::CallId;

/// How many files this server takes at once.
const MOST: usize = 2;
const RETRY_AFTER_SECONDS: u64 = 30;

/// The calls that a file is being taken for. Kept in memory, as all limits are: several servers count each for itself.
#[derive(Clone, Default)]
pub struct Uploads(Arc<Mutex<BTreeSet<CallId>>>);

/// A file that is being taken: once this is dropped, another one may come.
pub struct Upload {
    uploads: Uploads,
    call: CallId,
}

impl Uploads {
    /// Begins with a file for a call.
    ///
    /// # Errors
    /// 409 (`upload_running`) where one is being taken for the call, 503 (`uploads_running`) while as many are as may be.
    pub fn begin(&self, call: CallId) -> Result<Upload, Problem> {
        let mut running = self.running();
        if running.contains(&call) {
            return Err(Error::refused("upload_running", "a register of this call is being loaded").into());
        }
        if running.len() >= MOST {
            return Err(Problem::later(StatusCode::SERVICE_UNAVAILABLE, "uploads_running", RETRY_AFTER_SECONDS));
        }
        running.insert(call);
        Ok(Upload { uploads: self.clone(), call })
    }

    fn running(&self) -> MutexGuard<'_, BTreeSet<CallId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.uploads.running().remove(&self.call);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_for_a_call_and_two_in_all() {
        let uploads = Uploads::default();
        let [one, other, third] = [(); 3].map(|()| CallId::new());
        let refused = |call| uploads.begin(call).err().map(|problem| (problem.status.as_u16(), problem.code));
        let first = uploads.begin(one).ok().unwrap();
        assert_eq!(refused(one), Some((409, "upload_running")));
        let _second = uploads.begin(other).ok().unwrap();
        assert_eq!((refused(third), refused(one)), (Some((503, "uploads_running")), Some((409, "upload_running"))));
        drop(first);
        assert_eq!((refused(third), refused(other)), (None, Some((409, "upload_running"))));
    }
}
