//! Many clients at once over connections that stay open, and what each of their requests came to.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::wire::{Heard, Wire, get, registration};

pub const CLIENTS: usize = 32;
const PATIENCE: Duration = Duration::from_secs(20);

/// A request that was sent as a whole.
#[derive(Debug)]
pub struct Sent {
    pub at: Instant,
    /// When the answer was there, or the end of the connection.
    pub ended: Instant,
    /// Whom it registers; nobody, where it only reads.
    pub email: Option<String>,
    pub heard: Heard,
}

/// What the clients share while they run.
#[derive(Default)]
pub struct Load {
    pub answered: AtomicUsize,
    /// Nobody begins another request.
    pub is_over: AtomicBool,
}

impl Load {
    /// Runs the clients until the load is over or the server hangs up; each registers somebody new and reads in turn.
    /// Meanwhile `midst` runs; gives its result and every request.
    pub fn run<T>(&self, address: SocketAddr, name: &str, midst: impl FnOnce() -> T) -> (T, Vec<Sent>) {
        std::thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS)
                .map(|number| scope.spawn(move || self.client(address, &format!("{name}-{number}"))))
                .collect();
            let result = midst();
            (result, clients.into_iter().flat_map(|client| client.join().unwrap()).collect())
        })
    }

    fn client(&self, address: SocketAddr, name: &str) -> Vec<Sent> {
        let (mut wire, mut sent) = (Wire::connect(address), Vec::new());
        while !self.is_over.load(Ordering::Relaxed) {
            let email = (sent.len() % 2 == 0).then(|| format!("{name}-{}@example.org", sent.len()));
            let request = email.as_deref().map_or_else(|| get("/api/v1/calls"), registration);
            if !wire.send(&request) {
                break;
            }
            let (at, heard) = (Instant::now(), wire.hear(PATIENCE));
            let goes_on = heard.is_answer() && !heard.says_goodbye();
            sent.push(Sent { at, ended: Instant::now(), email, heard });
            self.answered.fetch_add(usize::from(goes_on), Ordering::Relaxed);
            if !goes_on {
                break;
            }
        }
        sent
    }

    /// Waits until so many requests are answered.
    pub fn wait_for(&self, answers: usize) {
        let began = Instant::now();
        while self.answered.load(Ordering::Relaxed) < answers {
            assert!(began.elapsed() < PATIENCE, "the server does not answer");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Those who were told that a letter is on its way.
pub fn acknowledged(sent: &[Sent]) -> Vec<&str> {
    sent.iter().filter(|sent| sent.heard.status() == 202).filter_map(|sent| sent.email.as_deref()).collect()
}
