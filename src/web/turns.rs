//! How many documents come and go at once: each is in memory as a whole, some times over, until its last byte is through.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant as Stopwatch;

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::StatusCode;
use actix_web::rt::task::JoinHandle;
use actix_web::web::Bytes;

use super::problem::Problem;
use super::uploads::{DEADLINE, PATIENCE};
use crate::ids::PersonId;

/// How many there are at once, and how many of one person.
const MOST: usize = 8;
const MOST_OF_ONE: usize = 2;
/// The same of files with everything of a person, which hold all of their documents.
const MOST_ARCHIVES: usize = 2;
const MOST_ARCHIVES_OF_ONE: usize = 1;
const RETRY_AFTER_SECONDS: u64 = 5;
/// How much of a document is handed on at once.
const PIECE: usize = 64 * 1024;

/// Whose documents are on their way, and how many of each. Kept in memory, as all limits are.
#[derive(Clone)]
pub struct DocumentTurns {
    /// What is told to whoever comes when there are as many as may be.
    busy: &'static str,
    most: usize,
    most_of_one: usize,
    running: Arc<Mutex<BTreeMap<PersonId, usize>>>,
}

/// A document that is on its way: once this is dropped, another one may be.
pub struct DocumentTurn {
    turns: DocumentTurns,
    person: PersonId,
}

impl DocumentTurns {
    /// Of those that are taken: `documents_running`.
    pub fn of_uploads() -> Self {
        Self::of("documents_running", MOST, MOST_OF_ONE)
    }

    /// Of those that are given out: `downloads_running`.
    pub fn of_downloads() -> Self {
        Self::of("downloads_running", MOST, MOST_OF_ONE)
    }

    /// Of files with everything of a person: `downloads_running` as well.
    pub fn of_archives() -> Self {
        Self::of("downloads_running", MOST_ARCHIVES, MOST_ARCHIVES_OF_ONE)
    }

    fn of(busy: &'static str, most: usize, most_of_one: usize) -> Self {
        Self { busy, most, most_of_one, running: Arc::default() }
    }

    /// Begins with a document for a person.
    ///
    /// # Errors
    /// 503 while there are as many as may be, of this person or of all.
    pub fn begin(&self, person: PersonId) -> Result<DocumentTurn, Problem> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let of_all = running.values().fold(0_usize, |sum, count| sum.saturating_add(*count));
        let of_one = running.get(&person).copied().unwrap_or_default();
        if of_all >= self.most || of_one >= self.most_of_one {
            return Err(Problem::later(StatusCode::SERVICE_UNAVAILABLE, self.busy, RETRY_AFTER_SECONDS));
        }
        running.insert(person, of_one.saturating_add(1));
        Ok(DocumentTurn { turns: self.clone(), person })
    }
}

impl Drop for DocumentTurn {
    fn drop(&mut self) {
        let mut running = self.turns.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.entry(self.person).and_modify(|count| *count = count.saturating_sub(1));
        running.retain(|_, count| *count > 0);
    }
}

/// What is left to be sent, and the turn that it takes.
struct Left {
    bytes: Bytes,
    taken_at: Stopwatch,
    _turn: DocumentTurn,
}

/// A file as the body of an answer, which keeps its turn until it is sent. Whoever does not take it is not waited for: then
/// bytes and turn are free again, and the answer breaks off.
pub struct Sending {
    size: BodySize,
    left: Rc<RefCell<Option<Left>>>,
    watch: JoinHandle<()>,
}

impl Sending {
    /// Called where the server runs: it watches itself.
    pub fn new(bytes: Vec<u8>, turn: DocumentTurn) -> Self {
        let bytes = Bytes::from(bytes);
        let (size, taken_at) = (bytes.size(), Stopwatch::now());
        let left = Rc::new(RefCell::new(Some(Left { bytes, taken_at, _turn: turn })));
        let watch = actix_web::rt::spawn(give_up(Rc::clone(&left)));
        Self { size, left, watch }
    }
}

/// Lets go of what nobody takes.
async fn give_up(left: Rc<RefCell<Option<Left>>>) {
    let began = Stopwatch::now();
    loop {
        let Some(idle) = left.borrow().as_ref().map(|left| left.taken_at.elapsed()) else { return };
        if idle >= PATIENCE || began.elapsed() >= DEADLINE {
            left.take();
            return;
        }
        actix_web::rt::time::sleep(PATIENCE.saturating_sub(idle)).await;
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.watch.abort();
        self.left.take();
    }
}

impl MessageBody for Sending {
    type Error = std::io::Error;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let mut left = self.left.borrow_mut();
        let Some(left) = left.as_mut() else {
            return Poll::Ready(Some(Err(std::io::ErrorKind::TimedOut.into())));
        };
        left.taken_at = Stopwatch::now();
        let piece = left.bytes.split_to(left.bytes.len().min(PIECE));
        Poll::Ready((!piece.is_empty()).then_some(Ok(piece)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_documents_of_one_person_and_eight_in_all() {
        for (turns, code) in
            [(DocumentTurns::of_uploads(), "documents_running"), (DocumentTurns::of_downloads(), "downloads_running")]
        {
            let refused = |person| {
                let problem = turns.begin(person).err()?;
                Some((problem.status.as_u16(), problem.code, problem.retry_after_seconds))
            };
            let busy = Some((503, code, Some(RETRY_AFTER_SECONDS)));
            let people = [(); 5].map(|()| PersonId::new());
            let begin = |person: &PersonId| [(); 2].map(|()| turns.begin(*person).ok().unwrap());
            let mut running: Vec<DocumentTurn> = people.iter().take(1).flat_map(begin).collect();
            assert_eq!(refused(people[0]), busy);
            running.extend(people.iter().skip(1).take(3).flat_map(begin));
            assert_eq!(refused(people[4]), busy, "there are eight");
            running.truncate(7);
            assert_eq!((refused(people[4]), refused(people[0])), (None, busy));
        }
    }

    #[test]
    fn one_archive_of_one_person_and_two_in_all() {
        let turns = DocumentTurns::of_archives();
        let [ana, iva, eva] = [(); 3].map(|()| PersonId::new());
        let first = turns.begin(ana).ok().unwrap();
        let refused = turns.begin(ana).err().unwrap();
        assert_eq!((refused.status.as_u16(), refused.retry_after_seconds), (503, Some(RETRY_AFTER_SECONDS)));
        let _second = turns.begin(iva).ok().unwrap();
        assert!(turns.begin(eva).is_err());
        drop(first);
        assert!(turns.begin(eva).is_ok());
    }

    /// Takes the next piece of a body.
    async fn next(body: &mut Sending) -> Option<Result<usize, std::io::ErrorKind>> {
        let piece = std::future::poll_fn(|context| Pin::new(&mut *body).poll_next(context)).await;
        piece.map(|piece| piece.map(|piece| piece.len()).map_err(|error| error.kind()))
    }

    #[actix_web::test]
    async fn a_file_keeps_its_turn_until_it_is_sent() {
        let (turns, person) = (DocumentTurns::of_downloads(), PersonId::new());
        let [mut sent, dropped] = [(); 2].map(|()| Sending::new(vec![7; PIECE + 1], turns.begin(person).ok().unwrap()));
        assert!(matches!(sent.size(), BodySize::Sized(size) if size == PIECE as u64 + 1));
        assert!(turns.begin(person).is_err());
        assert_eq!(
            (next(&mut sent).await, next(&mut sent).await, next(&mut sent).await),
            (Some(Ok(PIECE)), Some(Ok(1)), None)
        );
        assert!(turns.begin(person).is_err(), "the library drops it when its last byte is written");
        drop(dropped);
        assert!(turns.begin(person).is_ok());
    }

    #[actix_web::test]
    async fn whoever_takes_nothing_gives_the_turn_back() {
        let (turns, person) = (DocumentTurns::of_downloads(), PersonId::new());
        let mut idle = Sending::new(vec![7; PIECE * 2], turns.begin(person).ok().unwrap());
        assert_eq!(next(&mut idle).await, Some(Ok(PIECE)));
        let past = Stopwatch::now().checked_sub(PATIENCE).unwrap();
        idle.left.borrow_mut().as_mut().unwrap().taken_at = past;
        give_up(Rc::clone(&idle.left)).await;
        assert_eq!(next(&mut idle).await, Some(Err(std::io::ErrorKind::TimedOut)));
        assert!([(); 2].map(|()| turns.begin(person)).iter().all(Result::is_ok));
    }
}
