//! SQLite's one writer: a thread that holds the writing connection and commits in groups.
//!
//! It begins a transaction, runs what waits, each piece in a savepoint of its own, commits once, and only then answers
//! all of them: one flush of the disk serves many writes (docs/decisions/0002-two-databases.md has the figures).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use tokio::sync::oneshot;

use super::queue::Place;
use super::{Conn, Patience, begin, end, is_race, on_each, undone};
use crate::error::{Error, Result};

/// What the thread is asked.
enum Request {
    Write(Box<dyn Write>),
    /// Somebody wants the connection for a transaction of their own, and gives it back.
    Lend(SyncSender<Conn>, Receiver<Conn>),
}

/// A piece of work with a place for its result. The thread does not know what the result is.
trait Write: Send {
    /// Whether somebody still waits for it.
    fn is_wanted(&self) -> bool;
    /// Runs inside its savepoint and remembers the result; says whether it is to be kept.
    fn run(&mut self, conn: &mut Conn) -> bool;
    /// The group that it is in has been committed, or not.
    fn has_ended(&self);
    /// Tells the result; where the group could not commit, that instead.
    fn answer(self: Box<Self>, failure: Option<Error>);
}

struct Waiting<T, F> {
    work: F,
    patience: Patience,
    outcome: Option<Result<T>>,
    answer: Answer<T>,
    /// Its place in the queue, until it is answered; work of the server itself has none and is never sent away.
    _place: Option<Place>,
}

/// Who waits for the result: a task, or a thread that blocks.
enum Answer<T> {
    Task(oneshot::Sender<Result<T>>),
    Thread(SyncSender<Result<T>>),
}

impl<T: Send, F: FnMut(&mut Conn) -> Result<T> + Send> Write for Waiting<T, F> {
    fn is_wanted(&self) -> bool {
        let is_there = !matches!(&self.answer, Answer::Task(answer) if answer.is_closed());
        is_there && self.patience.require().is_ok()
    }

    fn run(&mut self, conn: &mut Conn) -> bool {
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.work)(conn)));
        let outcome = outcome.unwrap_or_else(|_| Err(Error::corrupt("a write panicked and was rolled back")));
        // From here to the commit of the group it cannot be given up.
        self.outcome = Some(outcome.and_then(|value| self.patience.begin_commit().map(|()| value)));
        matches!(self.outcome, Some(Ok(_)))
    }

    fn has_ended(&self) {
        self.patience.committed();
    }

    fn answer(mut self: Box<Self>, failure: Option<Error>) {
        let outcome = match (self.outcome.take(), failure) {
            (Some(Err(own)), _) => Err(own),
            (_, Some(failure)) => Err(failure),
            (Some(Ok(value)), None) => Ok(value),
            (None, None) => Err(Error::corrupt("a write was answered before it ran")),
        };
        // Whoever asked may have gone; the write stands all the same.
        match self.answer {
            Answer::Task(answer) => drop(answer.send(outcome)),
            Answer::Thread(answer) => drop(answer.send(outcome)),
        }
    }
}

/// The way to the thread; it ends with the last of these.
#[derive(Clone)]
pub(super) struct Writer {
    requests: Sender<Request>,
}

impl Writer {
    /// Starts the thread. `connect` opens the connection anew where one was lost; `group` is the most that one commit
    /// holds.
    pub(super) fn start(
        first: Conn,
        group: usize,
        connect: impl Fn() -> Result<Conn> + Send + 'static,
    ) -> Result<Self> {
        let (requests, incoming) = channel();
        let serve = move || serve(first, &incoming, group.max(1), &connect);
        let started = std::thread::Builder::new().name("fond-writer".into()).spawn(serve);
        started.map_err(|error| Error::Connection(format!("the writer thread did not start: {error}")))?;
        Ok(Self { requests })
    }

    /// Runs `work` in the next group; the answer comes after its commit.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        patience: Patience,
        place: Place,
        work: impl FnMut(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, outcome) = oneshot::channel();
        self.ask(Waiting { work, patience, outcome: None, answer: Answer::Task(answer), _place: Some(place) })?;
        outcome.await.map_err(|_| gone())?
    }

    /// The same for the threads of the server itself, which may block.
    pub(super) fn write_blocking<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, outcome) = sync_channel(1);
        let (patience, answer) = (Patience::default(), Answer::Thread(answer));
        self.ask(Waiting { work, patience, outcome: None, answer, _place: None })?;
        outcome.recv().map_err(|_| gone())?
    }

    fn ask(&self, waiting: impl Write + 'static) -> Result<()> {
        self.requests.send(Request::Write(Box::new(waiting))).map_err(|_| gone())
    }

    /// Hands the connection to `work` on this thread, for one transaction of its own.
    pub(super) fn lend<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let (give, receive) = sync_channel(1);
        let (give_back, receive_back) = sync_channel(1);
        self.requests.send(Request::Lend(give, receive_back)).map_err(|_| gone())?;
        let mut conn = receive.recv().map_err(|_| gone())?;
        // A panic on the way drops the connection, and with it the transaction; the thread opens another.
        let outcome = work(&mut conn);
        let _ = give_back.send(conn);
        outcome
    }
}

fn gone() -> Error {
    Error::Connection("the writer of the database has ended".into())
}

fn serve(mut conn: Conn, incoming: &Receiver<Request>, group: usize, connect: &dyn Fn() -> Result<Conn>) {
    let mut next = incoming.recv().ok();
    while let Some(request) = next.take() {
        match request {
            Request::Lend(give, receive_back) => {
                if give.send(conn).is_ok()
                    && let Ok(returned) = receive_back.recv()
                {
                    conn = returned;
                } else if let Ok(fresh) = connect() {
                    conn = fresh;
                } else {
                    return;
                }
            }
            Request::Write(first) => {
                let (done, is_sound) = commit_group(&mut conn, first, incoming, group);
                next = done;
                if !is_sound {
                    match connect() {
                        Ok(fresh) => conn = fresh,
                        Err(_) => return,
                    }
                }
            }
        }
        if next.is_none() {
            next = incoming.recv().ok();
        }
    }
}

/// Runs and commits what waits; gives back a request that was taken but does not belong, and whether the connection
/// can be used again.
fn commit_group(
    conn: &mut Conn,
    first: Box<dyn Write>,
    incoming: &Receiver<Request>,
    group: usize,
) -> (Option<Request>, bool) {
    let (mut members, mark) = (Vec::new(), undone::mark());
    let mut left_over = None;
    let began = begin(conn, "BEGIN", "BEGIN IMMEDIATE");
    let mut failure = began.err();
    let mut next = Some(first);
    while let Some(mut write) = next.take() {
        if write.is_wanted() {
            if failure.is_none() {
                failure = in_savepoint(conn, write.as_mut()).err();
            }
            members.push(write);
        }
        if members.len() < group {
            match incoming.try_recv() {
                Ok(Request::Write(write)) => next = Some(write),
                Ok(other) => left_over = Some(other),
                Err(_) => {}
            }
        }
    }
    let ended = match failure {
        None => end(conn, Ok(())),
        Some(error) => end::<()>(conn, Err(error)),
    };
    let failure = ended.err();
    undone::settle(mark, failure.is_none());
    members.iter().for_each(|write| write.has_ended());
    members.into_iter().for_each(|write| write.answer(failure.as_ref().map(to_each)));
    (left_over, failure.is_none() || is_idle(conn))
}

/// What each of a group is told where all of it failed.
fn to_each(failure: &Error) -> Error {
    match is_race(failure) {
        true => Error::Busy { retry_after_seconds: 1 },
        false => Error::Connection(failure.to_string()),
    }
}

/// An error here means that the whole transaction is lost, not only this piece.
fn in_savepoint(conn: &mut Conn, write: &mut dyn Write) -> Result<()> {
    on_each!(conn, inner => AnsiTransactionManager::begin_transaction(inner))?;
    let mark = undone::mark();
    let is_kept = write.run(conn);
    if !is_kept {
        undone::settle(mark, false);
    }
    on_each!(conn, inner => match is_kept {
        true => AnsiTransactionManager::commit_transaction(inner),
        false => AnsiTransactionManager::rollback_transaction(inner),
    })?;
    Ok(())
}

/// Whether no transaction is left open on a connection.
fn is_idle(conn: &mut Conn) -> bool {
    on_each!(conn, inner => match AnsiTransactionManager::transaction_manager_status_mut(inner) {
        diesel::connection::TransactionManagerStatus::Valid(valid) => valid.transaction_depth().is_none(),
        diesel::connection::TransactionManagerStatus::InError => false,
    })
}

#[cfg(test)]
mod tests;
