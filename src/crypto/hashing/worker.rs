//! The threads that hash: one request after another, in memory that each keeps while there is work.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant as Stopwatch};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::oneshot;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::PasswordText;
use crate::error::{Error, Result};

/// How long the memory waits for the next request: then it goes back to the allocator.
const KEPT: Duration = Duration::from_secs(1);

/// What somebody waits for.
pub(super) struct Request {
    pub password: PasswordText,
    pub params: Params,
    pub salt: Vec<u8>,
    pub answer: oneshot::Sender<Result<Hash>>,
}

/// What Argon2id makes of a password and a salt.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Hash([u8; Self::BYTES]);

impl Hash {
    pub const BYTES: usize = 32;

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// When a thread gets a processor.
#[derive(Clone, Copy)]
pub(super) enum Turn {
    /// While nothing else wants it.
    Last,
    /// Always, for a small share of the time.
    Sure,
}

/// Serves a queue on a thread of its own until nobody can ask any more.
pub(super) fn spawn(requests: Receiver<Request>, turn: Turn, runs: Arc<AtomicU64>) -> std::io::Result<()> {
    let serve = move || {
        step_back(turn);
        let rest = |work: Spent| match turn {
            Turn::Last => std::thread::sleep(work.rest()),
            Turn::Sure => {}
        };
        serve(&requests, &runs, rest);
    };
    std::thread::Builder::new().name("passwords".into()).spawn(serve).map(drop)
}

pub(super) fn serve(requests: &Receiver<Request>, runs: &AtomicU64, rest: impl Fn(Spent)) {
    while let Ok(first) = requests.recv() {
        let (mut memory, mut next) = (Vec::new(), Some(first));
        while let Some(request) = next {
            let began = Clocks::now();
            answer(request, &mut memory, runs);
            rest(began.spent());
            next = requests.recv_timeout(KEPT).ok();
        }
    }
}

fn answer(request: Request, memory: &mut Vec<Block>, runs: &AtomicU64) {
    // Whoever asked has gone away meanwhile; a hash would be for nobody.
    if request.answer.is_closed() {
        return;
    }
    let hash = compute(&request, memory);
    runs.fetch_add(1, Ordering::Relaxed);
    // They may have gone away during the hash.
    let _ = request.answer.send(hash);
}

/// What a hash took: by the clock, and of a processor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spent {
    pub wall: Duration,
    pub processor: Duration,
}

impl Spent {
    /// How long to rest after it. Where others wanted the processor too, a hash and its rest take six times what it needed of
    /// it: the priority alone does not hold it back from a database in another session, which Linux weighs as a group.
    pub fn rest(self) -> Duration {
        let is_contended = self.wall > self.processor.mul_f32(1.2);
        if is_contended { self.processor.saturating_mul(6).saturating_sub(self.wall) } else { Duration::ZERO }
    }
}

/// Both clocks of this thread.
struct Clocks {
    wall: Stopwatch,
    processor: Duration,
}

impl Clocks {
    fn now() -> Self {
        Self { wall: Stopwatch::now(), processor: processor_time() }
    }

    fn spent(&self) -> Spent {
        let wall = self.wall.elapsed();
        Spent { wall, processor: processor_time().saturating_sub(self.processor).min(wall) }
    }
}

/// How long this thread has had a processor.
#[cfg(target_os = "linux")]
fn processor_time() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(spent.tv_sec).unwrap_or(0), u32::try_from(spent.tv_nsec).unwrap_or(0))
}

/// Elsewhere it is not asked, and nothing rests.
#[cfg(not(target_os = "linux"))]
fn processor_time() -> Duration {
    Duration::ZERO
}

/// Argon2id, version 0x13, as RFC 9106 has it. The lanes are computed one after another.
fn compute(request: &Request, memory: &mut Vec<Block>) -> Result<Hash> {
    let blocks = request.params.block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::new());
    }
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, request.params.clone());
    let mut hash = Hash([0; Hash::BYTES]);
    argon2
        .hash_password_into_with_memory(request.password.as_str().as_bytes(), &request.salt, &mut hash.0, memory)
        .map_err(|error| Error::Crypto(format!("a password cannot be hashed: {error}")))?;
    Ok(hash)
}

/// Lets everything else go first. With `SCHED_IDLE` whoever wakes takes the processor at once, where a niceness lets the
/// hash run to the end of its slice of some milliseconds; but beside a flood it gets next to nothing, and without
/// privileges there is no way back. On Linux both belong to a thread; elsewhere they would be the whole process's.
#[cfg(target_os = "linux")]
fn step_back(turn: Turn) {
    use thread_priority::{NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy};
    let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
    let this = thread_priority::thread_native_id();
    let refused = match turn {
        Turn::Last => thread_priority::set_thread_priority_and_policy(this, ThreadPriority::Min, idle).err(),
        Turn::Sure => None,
    };
    if let Some(error) = &refused {
        tracing::warn!(?error, "hashing passwords gets a niceness instead of the lowest priority");
    }
    if (refused.is_some() || matches!(turn, Turn::Sure))
        && let Err(error) = rustix::process::nice(10)
    {
        tracing::warn!(%error, "hashing passwords keeps its priority");
    }
}

#[cfg(not(target_os = "linux"))]
fn step_back(_: Turn) {}
