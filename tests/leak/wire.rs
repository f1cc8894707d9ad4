//! A connection that stays open and sends whatever it is given, also what no proper client would.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(40);

/// What came back, byte by byte.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// 0 where the server hung up without a word.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub head: Vec<u8>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

pub struct Wire {
    address: SocketAddr,
    stream: Option<TcpStream>,
    read: Vec<u8>,
}

impl Wire {
    pub fn to(address: SocketAddr) -> Self {
        Self { address, stream: None, read: Vec::new() }
    }

    /// Sends a request and waits for its answer; connects again where the last one was hung up on.
    pub fn ask(&mut self, method: &str, request: &[u8]) -> Answer {
        let stream = self.stream.get_or_insert_with(|| {
            let stream = TcpStream::connect(self.address).unwrap();
            stream.set_nodelay(true).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.set_write_timeout(Some(PATIENCE)).unwrap();
            stream
        });
        // Where it is refused before its end, the answer may be there all the same.
        let _ = stream.write_all(request);
        let answer = self.hear(method != "HEAD");
        let goes_on = answer.status != 0 && answer.header("connection") != Some("close");
        if !goes_on {
            self.stream = None;
            self.read.clear();
        }
        answer
    }

    fn hear(&mut self, has_body: bool) -> Answer {
        let mut piece = vec![0; 64 * 1024];
        loop {
            if let Some((answer, length)) = parse(&self.read, has_body) {
                self.read.drain(..length);
                return answer;
            }
            match self.stream.as_mut().unwrap().read(&mut piece) {
                Ok(0) | Err(_) => return Answer::default(),
                Ok(count) => self.read.extend_from_slice(&piece[..count]),
            }
        }
    }
}

fn parse(bytes: &[u8], has_body: bool) -> Option<(Answer, usize)> {
    let head_length = bytes.windows(4).position(|part| part == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..head_length]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let headers: Vec<(String, String)> = lines.filter_map(header).collect();
    let told = headers.iter().find(|(name, _)| name == "content-length").filter(|_| has_body);
    let length: usize = told.map_or(0, |(_, length)| length.parse().unwrap());
    let body = bytes.get(head_length..head_length + length)?.to_vec();
    Some((Answer { status, headers, head: bytes[..head_length].to_vec(), body }, head_length + length))
}
