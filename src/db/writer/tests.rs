//! The writer thread: many writes share one commit, a failure stays with its own, the connection outlives every panic.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

use diesel::connection::SimpleConnection;
use futures_util::future::{BoxFuture, FutureExt, join, join_all};
use tempfile::TempDir;

use super::super::queue::Queue;
use super::super::{Engine, connect_raw};
use super::*;

const TABLES: &str = "
    PRAGMA wal_autocheckpoint = 0;
    CREATE TABLE numbers (number INTEGER PRIMARY KEY);
    CREATE TABLE children (parent INTEGER REFERENCES numbers DEFERRABLE INITIALLY DEFERRED);";

type Outcome = Result<()>;

struct Bench {
    writer: Writer,
    reconnected: Arc<AtomicUsize>,
    folder: TempDir,
}

impl Bench {
    fn new(group: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::Sqlite(file(folder.path()));
        let mut first = connect_raw(&engine).unwrap();
        execute(&mut first, TABLES).unwrap();
        let reconnected = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&reconnected);
        let connect = move || {
            count.fetch_add(1, Ordering::Relaxed);
            connect_raw(&engine)
        };
        Self { writer: Writer::start(first, group, connect).unwrap(), reconnected, folder }
    }

    fn write(&self, work: impl FnMut(&mut Conn) -> Outcome + Send + 'static) -> BoxFuture<'static, Outcome> {
        let writer = self.writer.clone();
        let place = Queue::new(1).enter().unwrap();
        async move { writer.write(Patience::default(), place, work).await }.boxed()
    }

    fn insert(&self, number: usize) -> BoxFuture<'static, Outcome> {
        self.write(move |conn| insert(conn, number))
    }

    /// A write that holds the thread until the gate opens, so that what is asked meanwhile is one group with it.
    fn hold(&self, number: usize) -> (BoxFuture<'static, Outcome>, Sender<()>) {
        let (gate, opened) = channel();
        let work = move |conn: &mut Conn| {
            opened.recv().unwrap();
            insert(conn, number)
        };
        (self.write(work), gate)
    }

    /// Asks for all of them behind a held one (number 0), then opens the gate; their outcomes, its own first.
    fn in_one_go(&self, mut writes: Vec<BoxFuture<'static, Outcome>>) -> Vec<Outcome> {
        let (held, gate) = self.hold(0);
        writes.insert(0, held);
        wait(join(join_all(writes), async { gate.send(()).unwrap() })).0
    }

    fn numbers(&self) -> Vec<i64> {
        use diesel::prelude::*;
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            number: i64,
        }
        let mut conn = connect_raw(&Engine::Sqlite(file(self.folder.path()))).unwrap();
        let rows: Vec<Row> = diesel::sql_query("SELECT number FROM numbers ORDER BY number").load(&mut conn).unwrap();
        rows.into_iter().map(|row| row.number).collect()
    }

    /// Frames of the write-ahead log that end a transaction: those that tell the size of the database after it
    /// (https://www.sqlite.org/fileformat2.html#walformat).
    fn commits(&self) -> usize {
        let log = std::fs::read(self.folder.path().join("a.sqlite3-wal")).unwrap();
        let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
        let frame = 24 + usize::try_from(number(8)).unwrap();
        let frames = (32..log.len()).step_by(frame).filter(|at| at + frame <= log.len());
        frames.filter(|at| log[at + 8..at + 16] == log[16..24] && number(at + 4) != 0).count()
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join("a.sqlite3")
}

fn execute(conn: &mut Conn, sql: &str) -> Outcome {
    Ok(on_each!(conn, inner => inner.batch_execute(sql))?)
}

fn insert(conn: &mut Conn, number: usize) -> Outcome {
    execute(conn, &format!("INSERT INTO numbers VALUES ({number})"))
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn messages(outcomes: &[Outcome]) -> Vec<String> {
    outcomes.iter().map(|outcome| outcome.as_ref().map_or_else(ToString::to_string, |()| "done".into())).collect()
}

#[test]
fn many_writes_share_few_commits() {
    for (group, commits) in [(128, 2), (1, 256)] {
        let bench = Bench::new(group);
        let before = bench.commits();
        let outcomes = bench.in_one_go((1..256).map(|number| bench.insert(number)).collect());
        assert!(outcomes.iter().all(Result::is_ok));
        assert_eq!(bench.numbers(), (0..256).collect::<Vec<i64>>());
        assert_eq!(bench.commits() - before, commits, "in groups of {group}");
    }
}

#[test]
fn a_member_that_fails_or_panics_rolls_back_alone() {
    let bench = Bench::new(128);
    let before = bench.commits();
    let failing = bench.write(|conn| {
        insert(conn, 2)?;
        Err(Error::NotFound)
    });
    let panicking = bench.write(|conn| {
        insert(conn, 3)?;
        panic!("as it must");
    });
    let twice = bench.insert(1);
    let outcomes = bench.in_one_go(vec![bench.insert(1), failing, panicking, twice, bench.insert(5)]);
    assert_eq!(bench.numbers(), [0, 1, 5]);
    assert_eq!((bench.commits() - before, bench.reconnected.load(Ordering::Relaxed)), (1, 0));
    let told = messages(&outcomes);
    assert_eq!([&told[0], &told[1], &told[2], &told[5]], ["done", "done", "not found", "done"]);
    assert!(told[3].contains("panicked") && told[4].contains("UNIQUE"), "{told:?}");
}

#[test]
fn nobody_waits_for_it_any_more_so_it_is_not_begun() {
    let bench = Bench::new(128);
    let (held, gate) = bench.hold(0);
    let runs = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&runs);
    let mut given_up = bench.write(move |conn| {
        count.fetch_add(1, Ordering::Relaxed);
        insert(conn, 1)
    });
    let give_up = async {
        assert!((&mut given_up).now_or_never().is_none(), "it is asked for, and waits behind the held one");
        drop(given_up);
        gate.send(()).unwrap();
    };
    let (outcomes, ()) = wait(join(join_all([held, bench.insert(2)]), give_up));
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!((bench.numbers(), runs.load(Ordering::Relaxed)), (vec![0, 2], 0));
}

#[test]
fn a_commit_that_fails_is_told_to_every_member() {
    let bench = Bench::new(128);
    let orphan = bench.write(|conn| execute(conn, "INSERT INTO children VALUES (99)"));
    let failing = bench.write(|_| Err(Error::NotFound));
    let told = messages(&bench.in_one_go(vec![bench.insert(1), orphan, failing]));
    for index in [0, 1, 2] {
        assert!(told[index].contains("FOREIGN KEY"), "{told:?}");
    }
    assert_eq!((told[3].as_str(), bench.numbers()), ("not found", vec![]), "who failed before hears the own reason");
    wait(bench.insert(1)).unwrap();
    assert_eq!(bench.numbers(), [1]);
}

#[test]
fn a_transaction_that_is_lost_under_way_is_told_to_every_member() {
    let bench = Bench::new(128);
    // What SQLite does by itself when the disk is full, say.
    let losing = bench.write(|conn| execute(conn, "ROLLBACK"));
    let told = messages(&bench.in_one_go(vec![bench.insert(1), losing, bench.insert(2)]));
    assert!(told.iter().all(|told| told != "done"), "{told:?}");
    assert_eq!(bench.numbers(), [0; 0]);
    wait(bench.insert(1)).unwrap();
    assert_eq!(bench.numbers(), [1]);
}

#[test]
fn lending_works_beside_grouped_writes() {
    let bench = Bench::new(8);
    let lend = |number| {
        bench.writer.lend(|conn| {
            begin(conn, "BEGIN", "BEGIN IMMEDIATE")?;
            let outcome = insert(conn, number);
            end(conn, outcome)
        })
    };
    std::thread::scope(|scope| {
        scope.spawn(|| (0..100).for_each(|number| lend(number).unwrap()));
        scope.spawn(|| (100..200).for_each(|number| lend(number).unwrap()));
        let outcomes = wait(join_all((200..400).map(|number| bench.insert(number))));
        assert!(outcomes.iter().all(Result::is_ok));
    });
    assert_eq!(bench.numbers(), (0..400).collect::<Vec<i64>>());
}

#[test]
fn a_panic_of_a_borrower_costs_the_connection_and_nothing_else() {
    let bench = Bench::new(8);
    let borrow = || {
        bench.writer.lend(|conn| -> Outcome {
            begin(conn, "BEGIN", "BEGIN IMMEDIATE")?;
            insert(conn, 1)?;
            panic!("as it must");
        })
    };
    assert!(catch_unwind(AssertUnwindSafe(borrow)).is_err());
    wait(bench.insert(2)).unwrap();
    assert_eq!((bench.numbers(), bench.reconnected.load(Ordering::Relaxed)), (vec![2], 1));
}
