//! The only place, with `schema.rs` and `migrations/`, that knows there are two databases.
//!
//! Every write of the crate runs inside [`Db::write`], which is one transaction; `?` inside it rolls everything back.

use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, Pool, PooledConnection};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

mod engine;
mod failures;
mod first_try;
mod opening;
mod patience;
mod pool;
mod queue;
mod scrub;
mod server_url;
mod sql;
mod undone;
mod writer;
mod writes;
pub use engine::Engine;
pub use failures::{is_lost_connection, is_lost_race};
use failures::{is_race, pause, unless_lost, unless_unsure};
use first_try::Try;
pub use first_try::skips_question;
pub use opening::{POSTGRES_MIGRATIONS, SQLITE_MIGRATIONS, connect_raw};
use opening::{connect, migrate};
pub use patience::Patience;
use pool::{Manager, pool, take};
use queue::Queue;
pub use server_url::ServerUrl;
pub use sql::{sum_i64, update};
pub use undone::if_undone;
use writer::Writer;
pub use writes::Writes;
pub(crate) use writes::write_with;

/// A connection to either engine.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    Pg(PgConnection),
    Sqlite(SqliteConnection),
}

/// Runs the same diesel statement on whichever engine the connection is: for what the multi-connection cannot say itself,
/// and for what runs so often that the text it builds anew each time would be felt.
macro_rules! on_each {
    ($conn:expr, $inner:ident => $body:expr) => {
        match $conn {
            $crate::db::Conn::Pg($inner) => $body,
            $crate::db::Conn::Sqlite($inner) => $body,
        }
    };
}
pub(crate) use on_each;

/// SQLite: 64 MiB of page cache keep a round of thousands in memory until it commits, instead of writing pages out and
/// reading them back.
/// Each write of a group has a savepoint; what that keeps of changed pages stays in memory instead of in a file, and the log
/// is copied back into the database less often than after every 1,000 pages.
const WRITER: &str = "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4000;";
/// SQLite: a reader never writes.
const READER: &str = "PRAGMA cache_size = -8192; PRAGMA query_only = ON;";
/// PostgreSQL: whoever does not say that they write, does not; nobody waits longer for a lock than SQLite would; and no
/// statement, all of which are small, is shared among processes that must be started for it.
const CAREFUL: &str = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY; SET lock_timeout = '5s';
    SET max_parallel_workers_per_gather = 0; SET jit = off;";
/// PostgreSQL: as if each transaction ran alone, one after the other.
const SERIALIZABLE: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE";

/// The database: connections that write, connections that read. A clone is the same database.
#[derive(Clone)]
pub struct Db {
    engine: Engine,
    writers: Writers,
    readers: Pool<Manager>,
    /// Those of the readers.
    permits: Arc<Semaphore>,
    /// Who waits to read.
    reading: Queue,
    /// Who waits to write.
    writing: Queue,
    patience: Duration,
}

#[derive(Clone)]
enum Writers {
    /// SQLite has one writer; waiting for it is fair and cheap, waiting for its lock is neither.
    Thread(Writer),
    /// PostgreSQL has connections for writing that no reader uses: a write holds its own through a flush of the disk and
    /// through the pauses of its retries, and reads go on beside it.
    Pool { pool: Pool<Manager>, permits: Arc<Semaphore> },
}

/// How the database is used; see `config/default.toml`.
#[derive(Debug, Clone)]
pub struct Tuning {
    /// Connections kept for PostgreSQL, and for reading SQLite.
    pub pool_size: u32,
    /// How long a writer that lost a race tries again.
    pub patience: Duration,
    /// The most writes that one commit of SQLite holds; 1 commits each alone.
    pub group: usize,
    /// How many may wait to write, and how many to read where reads wait for a connection.
    pub queue: usize,
}

impl Db {
    /// Connects, creates the SQLite file where there is none, and brings the tables up to date.
    ///
    /// # Errors
    /// [`Error::Connection`] where nobody answers; [`Error::Settings`] for a database made by a newer Fond.
    pub fn open(engine: &Engine, tuning: &Tuning) -> Result<Self> {
        let mut first = connect(engine)?;
        migrate(&mut first)?;
        let first_words = if matches!(engine, Engine::Sqlite(_)) { READER } else { CAREFUL };
        let readers = pool(engine, tuning.pool_size, first_words)?;
        let writers = match engine {
            Engine::Sqlite(_) => {
                let manager = Manager { engine: engine.clone(), first_words: WRITER };
                Writers::Thread(Writer::start(manager.connect()?, tuning.group, move || manager.connect())?)
            }
            Engine::Postgres(_) => {
                let size = tuning.pool_size.div_ceil(2);
                Writers::Pool { pool: pool(engine, size, first_words)?, permits: permits(size) }
            }
        };
        let (permits, patience) = (permits(tuning.pool_size), tuning.patience);
        let (reading, writing) = (Queue::new(tuning.queue), Queue::new(tuning.queue));
        let engine = engine.clone();
        Ok(Self { engine, writers, readers, permits, reading, writing, patience })
    }

    /// Overwrites what was deleted, so that no destroyed key is found in what is left of it. Not within a transaction.
    ///
    /// # Errors
    /// [`Error::Connection`] and those of the database where somebody holds what must be overwritten: nothing is lost then,
    /// and it may be tried again.
    pub fn scrub(&self) -> Result<()> {
        scrub::scrub(&self.engine)
    }

    /// Whether so many wait to write that no more are taken now.
    pub fn is_crowded(&self) -> bool {
        self.writing.is_full()
    }

    /// Runs `work` in one transaction and commits it; any error rolls all of it back.
    ///
    /// Where another writer was first (serialization failure, deadlock, lock, a unique key taken meanwhile) the work
    /// runs again, until the patience ends; so it must not keep anything outside the transaction.
    pub fn write<T>(&self, work: impl FnMut(&mut Conn) -> Result<T>) -> Result<T> {
        self.write_patiently(&Patience::default(), work)
    }

    /// [`Db::write`] for the threads of the server itself: for what only follows what others have committed, and guards every
    /// row that it changes. On SQLite it shares a commit with the writes of others. On PostgreSQL it sees each row as it was
    /// committed last; no writer beside it fails for it, but where both change the same row.
    pub fn follow<T: Send + 'static>(&self, work: impl FnMut(&mut Conn) -> Result<T> + Send + 'static) -> Result<T> {
        match &self.writers {
            Writers::Thread(writer) => writer.write_blocking(work),
            Writers::Pool { .. } => {
                self.persist("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", &Patience::default(), work)
            }
        }
    }

    fn write_patiently<T>(&self, patience: &Patience, work: impl FnMut(&mut Conn) -> Result<T>) -> Result<T> {
        self.persist(SERIALIZABLE, patience, work)
    }

    fn persist<T>(
        &self,
        postgres: &str,
        patience: &Patience,
        mut work: impl FnMut(&mut Conn) -> Result<T>,
    ) -> Result<T> {
        let began = Stopwatch::now();
        let mut tries: u32 = 0;
        loop {
            patience.require()?;
            let this =
                Try::begin(tries == 0 && postgres == SERIALIZABLE && matches!(self.writers, Writers::Pool { .. }));
            let outcome = self.attempt(postgres, patience, &mut work);
            let has_skipped = this.has_skipped();
            tries = tries.saturating_add(1);
            match outcome {
                Err(error @ Error::Unsure(_)) => return Err(error),
                // Why it failed may be told otherwise by a try that asks everything.
                Err(_) if has_skipped => pause(tries),
                // A connection that was lost before its commit did nothing: another one may do it.
                Err(Error::Connection(_)) if began.elapsed() < self.patience => pause(tries),
                Err(error) if began.elapsed() < self.patience && is_race(&error) => pause(tries),
                outcome => return outcome,
            }
        }
    }

    fn attempt<T>(
        &self,
        postgres: &str,
        patience: &Patience,
        work: &mut impl FnMut(&mut Conn) -> Result<T>,
    ) -> Result<T> {
        let mut transaction = |conn: &mut Conn| {
            let mark = undone::mark();
            // A deferred transaction that reads first and writes later fails at once when another one wrote in between.
            begin(conn, postgres, "BEGIN IMMEDIATE").map_err(unless_lost)?;
            let outcome = work(conn).map_err(unless_lost);
            let outcome = outcome.and_then(|value| patience.begin_commit().map(|()| value));
            let ended = end(conn, outcome);
            undone::settle(mark, ended.is_ok());
            patience.committed();
            ended
        };
        match &self.writers {
            Writers::Thread(writer) => writer.lend(transaction),
            Writers::Pool { pool, .. } => transaction(&mut *take(pool)?),
        }
    }

    /// [`Db::write`] for those who must not block. On SQLite many of these share one commit. What a request has given up
    /// ([`Patience`]) is rolled back.
    ///
    /// # Errors
    /// [`Error::Busy`] where too many wait already.
    pub async fn write_async<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let patience = Patience::current();
        patience.require()?;
        let place = self.writing.enter()?;
        match &self.writers {
            Writers::Thread(writer) => writer.write(patience, place, work).await,
            Writers::Pool { permits, .. } => {
                let db = self.clone();
                blocking(permits, place, move || db.write_patiently(&patience, work)).await
            }
        }
    }

    /// Runs `work` on one consistent view of the database. A write is refused by the engine.
    pub fn read<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let begins = |conn: &mut Conn| begin(conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "BEGIN DEFERRED");
        let (mut conn, ()) = self.on_reader(begins)?;
        let outcome = work(&mut conn);
        end(&mut conn, outcome)
    }

    /// [`Db::read`] for those who must not block.
    ///
    /// # Errors
    /// [`Error::Busy`] where too many wait already.
    pub async fn read_async<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.read_beside(|db| db.read(work)).await
    }

    /// For work that may come a little later: waits while anybody waits to write, but no longer than `most`.
    pub fn give_way(&self, most: Duration) {
        let began = Stopwatch::now();
        while self.writing.is_waited_in() && began.elapsed() < most {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// [`Db::glance_async`] for those who may block.
    pub(crate) fn glance<T>(&self, work: impl FnMut(&mut Conn) -> Result<T>) -> Result<T> {
        self.on_reader(work).map(|(_, value)| value)
    }

    /// Runs `work` on a connection of those who read. One that was lost while it lay in the pool (the database was restarted)
    /// is given up for another, on which `work` runs again.
    fn on_reader<T>(&self, mut work: impl FnMut(&mut Conn) -> Result<T>) -> Result<(PooledConnection<Manager>, T)> {
        let began = Stopwatch::now();
        loop {
            let mut conn = take(&self.readers)?;
            match work(&mut conn).map_err(unless_lost) {
                Ok(value) => return Ok((conn, value)),
                Err(Error::Connection(_)) if began.elapsed() < self.patience => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Runs `work` without a transaction, which spares PostgreSQL two round trips: each statement sees what is committed
    /// when it runs. For a single statement, or where a change in between does no harm. A write is refused by the engine.
    ///
    /// It may run again, where a connection was lost.
    pub async fn glance_async<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.read_beside(|db| db.glance(work)).await
    }

    /// SQLite answers short reads faster than a thread can be changed, so they run where they are asked.
    async fn read_beside<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.writers {
            Writers::Thread(_) => read(self),
            Writers::Pool { .. } => {
                let (db, place) = (self.clone(), self.reading.enter()?);
                blocking(&self.permits, place, move || read(&db)).await
            }
        }
    }
}

/// As many as a pool has connections: whoever waits, waits here and holds no thread.
fn permits(connections: u32) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(usize::try_from(connections).unwrap_or(1).max(1)))
}

/// Runs `work` on a thread that may block, once there is a permit.
async fn blocking<T: Send + 'static>(
    permits: &Arc<Semaphore>,
    place: queue::Place,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let closed = |_| Error::Connection("the database is closed".into());
    let permit = Arc::clone(permits).acquire_owned().await.map_err(closed)?;
    let run = move || {
        let outcome = work();
        drop((permit, place));
        outcome
    };
    tokio::task::spawn_blocking(run).await.map_err(|_| Error::corrupt("a piece of work panicked"))?
}

/// Begins a transaction in the words of either engine.
fn begin(conn: &mut Conn, postgres: &str, sqlite: &str) -> Result<()> {
    match conn {
        Conn::Pg(inner) => AnsiTransactionManager::begin_transaction_sql(inner, postgres)?,
        Conn::Sqlite(inner) => AnsiTransactionManager::begin_transaction_sql(inner, sqlite)?,
    }
    Ok(())
}

/// Commits what went well and rolls back what did not.
fn end<T>(conn: &mut Conn, outcome: Result<T>) -> Result<T> {
    on_each!(conn, inner => match outcome {
        Ok(value) => AnsiTransactionManager::commit_transaction(inner).map(|()| value).map_err(unless_unsure),
        Err(error) => {
            // A connection that cannot even roll back is thrown away by the pool, and with it the transaction.
            let _ = AnsiTransactionManager::rollback_transaction(inner);
            Err(error)
        }
    })
}
