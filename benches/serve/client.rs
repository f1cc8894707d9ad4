//! A light client: many connections on one thread, requests made beforehand, of an answer only what is needed.
//!
//! It shares the processors with the server, so every instruction here is taken from what is measured. Each connection
//! sends the next request when the answer to the last is complete (a closed loop).

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::rt::net::TcpStream;
use actix_web::rt::time::sleep;
use actix_web::rt::{System, spawn};
use tokio::io::{AsyncRead, ReadBuf};

use super::machine::{Share, Usage};

/// What is asked: the requests of each connection, which it sends in turn.
pub struct Load<'a> {
    pub address: SocketAddr,
    pub reads: &'a [Vec<Vec<u8>>],
    /// Beside them: one client for each of these requests, that logs in all the time.
    pub logins: &'a [Vec<u8>],
    pub share: &'a Share,
}

/// What a slice of time came to.
#[derive(Default)]
pub struct Slice {
    pub per_second: f64,
    pub p50_micros: f64,
    pub p99_micros: f64,
    pub logins_per_second: f64,
    /// Logins that were told to come back later.
    pub put_off: usize,
    /// How many processors everybody else used.
    pub foreign: f64,
}

/// Before the clock starts, so that connections stand and caches are warm.
const WARM_UP: Duration = Duration::from_millis(300);
const MOMENT: Duration = Duration::from_millis(100);
/// Answers here are some hundred bytes; the longest is a page of calls.
const LONGEST_ANSWER: usize = 64 * 1024;

#[derive(Default)]
struct Tally {
    is_counting: Cell<bool>,
    is_over: Cell<bool>,
    micros: RefCell<Vec<u32>>,
    logins: Cell<usize>,
    put_off: Cell<usize>,
}

/// Sends a load for as long as `length`.
pub fn run(load: &Load, length: Duration) -> Slice {
    let tally = Rc::new(Tally::default());
    System::new().block_on(async {
        for requests in load.reads {
            spawn(read(load.address, requests.clone(), Rc::clone(&tally)));
        }
        for request in load.logins {
            spawn(log_in(load.address, request.clone(), Rc::clone(&tally)));
        }
        sleep(WARM_UP).await;
        let (usage, began) = (Usage::now(load.share), Instant::now());
        tally.is_counting.set(true);
        sleep(length).await;
        tally.is_counting.set(false);
        let (seconds, foreign) = (began.elapsed().as_secs_f64(), usage.foreign_since(load.share));
        tally.is_over.set(true);
        let mut micros = tally.micros.take();
        micros.sort_unstable();
        assert!(micros.len() > 100, "only {} answers", micros.len());
        Slice {
            per_second: micros.len() as f64 / seconds,
            p50_micros: f64::from(micros[micros.len() / 2]),
            p99_micros: f64::from(micros[micros.len() * 99 / 100]),
            logins_per_second: tally.logins.get() as f64 / seconds,
            put_off: tally.put_off.get(),
            foreign,
        }
    })
}

/// What sending came to.
pub struct Sent {
    pub per_second: f64,
    pub p50_micros: f64,
    pub p99_micros: f64,
    /// Processor time of server and database for each, in milliseconds.
    pub cpu_millis: f64,
    pub foreign: f64,
}

/// Sends the requests of each connection once, each when the one before it is answered, and waits for the last answer.
pub fn send(address: SocketAddr, requests: Vec<Vec<Vec<u8>>>, share: &Share) -> Sent {
    let count = requests.iter().map(Vec::len).sum::<usize>() as f64;
    System::new().block_on(async {
        let (usage, began) = (Usage::now(share), Instant::now());
        let connections: Vec<_> = requests.into_iter().map(|own| spawn(send_own(address, own))).collect();
        let mut micros = Vec::new();
        for connection in connections {
            micros.extend(connection.await.unwrap());
        }
        let seconds = began.elapsed().as_secs_f64();
        let (cpu, foreign) = (usage.own_since(share), usage.foreign_since(share));
        micros.sort_unstable();
        Sent {
            per_second: count / seconds,
            p50_micros: f64::from(micros[micros.len() / 2]),
            p99_micros: f64::from(micros[micros.len() * 99 / 100]),
            cpu_millis: cpu * 1000.0 / count,
            foreign,
        }
    })
}

async fn send_own(address: SocketAddr, requests: Vec<Vec<u8>>) -> Vec<u32> {
    let mut connection = Connection::open(address).await;
    let mut micros = Vec::new();
    for request in &requests {
        let began = Instant::now();
        let status = connection.ask(request).await;
        assert_eq!(status, *b"200", "{}", connection.text());
        micros.push(u32::try_from(began.elapsed().as_micros()).unwrap());
    }
    micros
}

async fn read(address: SocketAddr, requests: Vec<Vec<u8>>, tally: Rc<Tally>) {
    let mut connection = Connection::open(address).await;
    for request in requests.iter().cycle() {
        let began = Instant::now();
        let status = connection.ask(request).await;
        assert_eq!(status, *b"200", "{}", connection.text());
        if tally.is_counting.get() {
            tally.micros.borrow_mut().push(u32::try_from(began.elapsed().as_micros()).unwrap());
        }
        if tally.is_over.get() {
            return;
        }
    }
}

async fn log_in(address: SocketAddr, request: Vec<u8>, tally: Rc<Tally>) {
    let mut connection = Connection::open(address).await;
    while !tally.is_over.get() {
        let status = connection.ask(&request).await;
        let count = match &status {
            b"201" => &tally.logins,
            b"503" => &tally.put_off,
            _ => panic!("{}", connection.text()),
        };
        if tally.is_counting.get() {
            count.set(count.get() + 1);
        }
        if status == *b"503" {
            sleep(MOMENT).await;
        }
    }
}

pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: vec![0; LONGEST_ANSWER], filled: 0 }
    }

    /// Sends a request and waits for all of its answer; gives the three digits of the status.
    pub async fn ask(&mut self, request: &[u8]) -> [u8; 3] {
        // A socket that waits for an answer has room for a request of some hundred bytes.
        self.stream.writable().await.unwrap();
        assert_eq!(self.stream.try_write(request).unwrap(), request.len());
        self.filled = 0;
        loop {
            let some = self.receive().await;
            assert!(some > 0, "closed after {}", self.text());
            self.filled += some;
            if is_complete(&self.buffer[..self.filled]) {
                return self.buffer[9..12].try_into().unwrap();
            }
        }
    }

    /// `poll_read` knows that a socket which gave less than there was room for is empty; `try_read` would ask once more.
    async fn receive(&mut self) -> usize {
        let (stream, mut room) = (&mut self.stream, ReadBuf::new(&mut self.buffer[self.filled..]));
        poll_fn(|context| Pin::new(&mut *stream).poll_read(context, &mut room)).await.unwrap();
        room.filled().len()
    }

    /// The answer.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.buffer[..self.filled]).into_owned()
    }
}

/// Whether the blank line stands where the length of the body says. Both servers name the length first of all.
fn is_complete(answer: &[u8]) -> bool {
    const NAME: &[u8] = b"content-length: ";
    let Some(at) = answer.windows(NAME.len()).position(|window| window == NAME) else { return false };
    let digits = answer[at + NAME.len()..].iter().take_while(|byte| byte.is_ascii_digit());
    let length = digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0'));
    let body = answer.len().checked_sub(length);
    body.and_then(|body| answer.get(body.checked_sub(4)?..body)).is_some_and(|blank| blank == b"\r\n\r\n")
}
