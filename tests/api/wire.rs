//! A client that speaks HTTP/1.1 byte by byte, for what no proper client does.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::support::api::Reply;

/// A connection and what it has read beyond the last answer.
pub struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
}

/// How a wait for an answer ended.
#[derive(Debug, Clone)]
pub enum Heard {
    Answer(Reply),
    /// Hung up without a byte of an answer.
    Closed,
    /// Hung up in the midst of an answer.
    Broken,
    /// Nothing, and nobody hung up.
    Silence,
}

impl Wire {
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, read: Vec::new() }
    }

    /// Whether the other side still took it.
    pub fn send(&mut self, text: &str) -> bool {
        self.stream.write_all(text.as_bytes()).is_ok()
    }

    /// Waits for the whole of one answer.
    pub fn hear(&mut self, patience: Duration) -> Heard {
        self.hear_of("GET", patience)
    }

    /// The same for a method: an answer to HEAD has no body, whatever its headers say.
    pub fn hear_of(&mut self, method: &str, patience: Duration) -> Heard {
        let deadline = Instant::now() + patience;
        loop {
            if let Some((reply, length)) = parse(&self.read, method != "HEAD") {
                self.read.drain(..length);
                return Heard::Answer(reply);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Heard::Silence;
            }
            match self.read_some(64 * 1024, left) {
                Ok(0) if self.read.is_empty() => return Heard::Closed,
                Ok(0) => return Heard::Broken,
                Ok(_) => {}
                Err(ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Heard::Silence,
                Err(_) if self.read.is_empty() => return Heard::Closed,
                Err(_) => return Heard::Broken,
            }
        }
    }

    /// Reads at most so many bytes; 0 where the other side has hung up.
    pub fn read_some(&mut self, most: usize, patience: Duration) -> Result<usize, ErrorKind> {
        let mut bytes = vec![0; most];
        self.stream.set_read_timeout(Some(patience.max(Duration::from_millis(1)))).unwrap();
        let count = self.stream.read(&mut bytes).map_err(|error| error.kind())?;
        self.read.extend_from_slice(&bytes[..count]);
        Ok(count)
    }
}

impl Heard {
    /// 0 where there was no answer.
    pub fn status(&self) -> u16 {
        if let Self::Answer(reply) = self { reply.status } else { 0 }
    }

    pub fn is_answer(&self) -> bool {
        matches!(self, Self::Answer(_))
    }

    /// Whether the server hangs up behind this answer.
    pub fn says_goodbye(&self) -> bool {
        matches!(self, Self::Answer(reply) if reply.headers.get("connection").is_some_and(|value| value == "close"))
    }
}

/// The request of somebody who wants an account.
pub fn registration(email: &str) -> String {
    let body = format!("{{\"email\": \"{email}\"}}");
    format!(
        "POST /api/v1/registrations HTTP/1.1\r\nHost: fond\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: fond\r\n\r\n")
}

/// The first answer, if it is there as a whole, and its length. Every answer of the server tells the length of its body.
fn parse(bytes: &[u8], has_body: bool) -> Option<(Reply, usize)> {
    let head_length = bytes.windows(4).position(|part| part == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..head_length]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let headers: BTreeMap<String, String> = lines.filter_map(header).collect();
    let told = headers.get("content-length").filter(|_| has_body);
    let body_length = told.map_or(0, |length| length.parse().unwrap());
    let body = bytes.get(head_length..head_length + body_length)?;
    let body = String::from_utf8_lossy(body).into_owned();
    Some((Reply { status, headers, body }, head_length + body_length))
}
