//! The connection below the HTTP library: how long a request's head may take, what is said to what never becomes one.
//!
//! The library times the head of the first request of a connection alone, and answers what it cannot read with a status and
//! nothing else. Both are mended where bytes come and go.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use actix_web::body::MessageBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONNECTION, CONTENT_LENGTH, DATE, HeaderValue, HttpDate};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant as Moment, Sleep, sleep};

use super::frame::write_headers;
use super::problem::Problem;
use super::services::{App, Services};
use crate::clock::Instant;
use crate::ids::RequestId;
use crate::language::Language;

/// A request whose head takes longer than this to arrive, from its first byte on, is not waited for.
const HEAD_DEADLINE: Duration = Duration::from_secs(10);

/// Whether a request of this connection is being handled. Found in the data of the connection by the frame.
#[derive(Debug, Clone, Default)]
pub struct Turn(Rc<Cell<bool>>);

/// Held while a request is handled.
pub(super) struct Taken(Turn);

impl Turn {
    pub(super) fn take(&self) -> Taken {
        self.0.set(true);
        Taken(self.clone())
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.0.set(false);
    }
}

/// A connection that is watched. Between two requests a clock runs, which the first byte of the next one winds up again.
pub struct Wire {
    stream: TcpStream,
    app: App,
    turn: Turn,
    clock: Pin<Box<Sleep>>,
    is_running: bool,
    has_begun: bool,
    /// An answer waits for a reader who is slow; that is no head which is late.
    is_blocked: bool,
    is_over: bool,
}

impl Wire {
    pub fn new(stream: TcpStream, app: App) -> Self {
        Self {
            stream,
            app,
            turn: Turn::default(),
            clock: Box::pin(sleep(HEAD_DEADLINE)),
            is_running: false,
            has_begun: false,
            is_blocked: false,
            is_over: false,
        }
    }

    /// For the frame, to say when it handles a request.
    pub fn turn(&self) -> Turn {
        self.turn.clone()
    }

    fn wind_up(&mut self) {
        if let Some(deadline) = Moment::now().checked_add(HEAD_DEADLINE) {
            self.clock.as_mut().reset(deadline);
        }
    }

    /// Whether the head of a request is late. While one is handled or answered, nothing is.
    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        if self.turn.0.get() || self.is_blocked {
            self.is_running = false;
            return false;
        }
        if !self.is_running {
            (self.is_running, self.has_begun) = (true, false);
            self.wind_up();
        }
        self.clock.as_mut().poll(context).is_ready()
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.is_over && self.is_late(context) {
            self.is_over = true;
            // Whoever does not read it either is hung up on all the same.
            let goodbye = farewell(&self.app, StatusCode::REQUEST_TIMEOUT);
            let _ = Pin::new(&mut self.stream).poll_write(context, &goodbye);
        }
        if self.is_over {
            // As if the other side had nothing more to say: the library ends the connection in good order.
            return Poll::Ready(Ok(()));
        }
        let before = into.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, into);
        if self.is_running && !self.has_begun && into.filled().len() > before {
            self.has_begun = true;
            self.wind_up();
        }
        read
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.is_running = false;
        let written = match bare(bytes) {
            // What stands before it goes first.
            Some((at, _)) if at > 0 => {
                Pin::new(&mut self.stream).poll_write(context, bytes.get(..at).unwrap_or_default())
            }
            Some((_, status)) => {
                let full = farewell(&self.app, status);
                Pin::new(&mut self.stream).poll_write(context, &full).map_ok(|_| bytes.len())
            }
            None => Pin::new(&mut self.stream).poll_write(context, bytes),
        };
        self.is_blocked = written.is_pending();
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Where the library's own answer to what it could not read stands at the end of what it writes, and its status. Answers of
/// the frame have an id.
fn bare(bytes: &[u8]) -> Option<(usize, StatusCode)> {
    const START: &[u8] = b"HTTP/1.1 4";
    if !bytes.ends_with(b"\r\n\r\n") {
        return None;
    }
    let at = bytes.windows(START.len()).rposition(|part| part == START)?;
    let head = std::str::from_utf8(bytes.get(at..)?).ok()?.to_ascii_lowercase();
    let is_bare = head.contains("\r\ncontent-length: 0\r\n") && !head.contains("\r\nx-request-id:");
    let status = head.get(9..12)?.parse().ok()?;
    matches!(status, 400 | 431).then_some((at, StatusCode::from_u16(status).ok()?)).filter(|_| is_bare)
}

/// A whole answer, the last of its connection. In which language the request is nobody knows.
fn farewell(app: &Services, status: StatusCode) -> Vec<u8> {
    let code = match status {
        StatusCode::REQUEST_TIMEOUT => "timeout",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => "headers_too_large",
        _ => "bad_request",
    };
    let id = RequestId::new().to_string();
    let mut response = Problem::new(status, code).render(Language::default(), &id);
    write_headers(app, response.headers_mut(), &id, None);
    app.metrics.count("none", "none", status.as_str(), Duration::ZERO);
    tracing::debug!(request_id = %id, status = status.as_u16(), "what came was no request");
    let now = HttpDate::from(SystemTime::from(Instant::now())).to_string();
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    if let Ok(now) = HeaderValue::from_str(&now) {
        response.headers_mut().insert(DATE, now);
    }
    let (head, body) = response.into_parts();
    let body = body.try_into_bytes().unwrap_or_default();
    let reason = status.canonical_reason().unwrap_or_default();
    let mut text =
        format!("HTTP/1.1 {} {reason}\r\n{CONTENT_LENGTH}: {}\r\n", status.as_str(), body.len()).into_bytes();
    for (name, value) in head.headers() {
        text.extend_from_slice(name.as_str().as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value.as_bytes());
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(b"\r\n");
    text.extend_from_slice(&body);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_librarys_own_answer_is_bare() {
        let bare_one = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\ndate: x\r\n\r\n";
        assert_eq!(bare(bare_one.as_bytes()), Some((0, StatusCode::BAD_REQUEST)));
        let behind = format!("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi{}", bare_one.replace("400", "431"));
        assert_eq!(bare(behind.as_bytes()), Some((40, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)));
        for other in [
            "",
            "\r\n\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nx-request-id: 1\r\n\r\n",
            "HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 4\r\n\r\n\r\n\r\n",
        ] {
            assert_eq!(bare(other.as_bytes()), None, "{other}");
        }
    }
}
