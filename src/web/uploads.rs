//! How many files are taken at once: each reads for minutes, keeps a thread and some 30 MB, and writes beside everybody else.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt;
use tokio::time::timeout;

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

/// Where nothing comes for so long, nothing more is waited for; nor beyond this in all.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
pub(super) const DEADLINE: Duration = Duration::from_secs(600);

/// Reads a body of at most so many bytes as it comes, and stops at the first byte too many.
///
/// # Errors
/// 413 with this code; 408 where it comes too slowly, 415 where it is compressed.
pub async fn read_upload(
    request: &HttpRequest,
    mut payload: Payload,
    (most, code): (usize, &'static str),
) -> Result<Bytes, Problem> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    if !matches!(header(CONTENT_ENCODING).unwrap_or_default(), "" | "identity") {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_content_encoding"));
    }
    let too_large = || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, code);
    let announced = header(CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
    if announced.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let late = |_| Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout");
    let read = async {
        let mut bytes = BytesMut::with_capacity(announced.unwrap_or_default());
        while let Some(chunk) = timeout(PATIENCE, payload.next()).await.map_err(late)? {
            let chunk = chunk.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "bad_request"))?;
            if bytes.len().saturating_add(chunk.len()) > most {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    };
    timeout(DEADLINE, read).await.map_err(late)?
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
