//! The only place, with `schema.rs` and `migrations/`, that knows there are two databases.
//!
//! Every write of the crate runs inside [`Db::write`], which is one transaction; `?` inside it rolls everything back.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, Pool, PooledConnection};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

mod engine;
mod patience;
mod sql;
mod writer;
pub use engine::Engine;
pub use patience::Patience;
pub use sql::{sum_i64, update};
use writer::Writer;

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

/// The steps of each engine: same names, same columns (a test compares them).
pub const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
pub const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Held while one process migrates a PostgreSQL database; the others wait. An arbitrary number that is only ours.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(7265638140215)";

/// SQLite: 64 MiB of page cache keep a round of thousands in memory until it commits, instead of writing pages out and
/// reading them back.
const WRITER: &str = "PRAGMA cache_size = -65536;";
/// SQLite: a reader never writes.
const READER: &str = "PRAGMA cache_size = -8192; PRAGMA query_only = ON;";
/// PostgreSQL: whoever does not say that they write, does not; and nobody waits longer for a lock than SQLite would.
const CAREFUL: &str = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY; SET lock_timeout = '5s';";

/// The database: connections that write, connections that read. A clone is the same database.
#[derive(Clone)]
pub struct Db {
    writers: Writers,
    readers: Pool<Manager>,
    /// Those of the readers.
    permits: Arc<Semaphore>,
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
        Ok(Self { writers, readers, permits: permits(tuning.pool_size), patience: tuning.patience })
    }

    /// Runs `work` in one transaction and commits it; any error rolls all of it back.
    ///
    /// Where another writer was first (serialization failure, deadlock, lock, a unique key taken meanwhile) the work
    /// runs again, until the patience ends; so it must not keep anything outside the transaction.
    pub fn write<T>(&self, work: impl FnMut(&mut Conn) -> Result<T>) -> Result<T> {
        self.write_patiently(&Patience::default(), work)
    }

    /// [`Db::write`] for what only follows what others have committed and guards every row that it changes. On PostgreSQL
    /// it sees each row as it was committed last; no writer beside it fails for it, but where both change the same row.
    pub fn follow<T>(&self, work: impl FnMut(&mut Conn) -> Result<T>) -> Result<T> {
        self.persist("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", &Patience::default(), work)
    }

    fn write_patiently<T>(&self, patience: &Patience, work: impl FnMut(&mut Conn) -> Result<T>) -> Result<T> {
        self.persist("BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE", patience, work)
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
            let outcome = self.attempt(postgres, patience, &mut work);
            tries = tries.saturating_add(1);
            match outcome {
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
            // A deferred transaction that reads first and writes later fails at once when another one wrote in between.
            begin(conn, postgres, "BEGIN IMMEDIATE")?;
            let outcome = work(conn).and_then(|value| patience.begin_commit().map(|()| value));
            let ended = end(conn, outcome);
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
    pub async fn write_async<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let patience = Patience::current();
        patience.require()?;
        match &self.writers {
            Writers::Thread(writer) => writer.write(patience, work).await,
            Writers::Pool { permits, .. } => {
                let db = self.clone();
                blocking(permits, move || db.write_patiently(&patience, work)).await
            }
        }
    }

    /// Runs `work` on one consistent view of the database. A write is refused by the engine.
    pub fn read<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        self.glance(|conn| in_one_view(conn, work))
    }

    /// [`Db::read`] for those who must not block.
    pub async fn read_async<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.glance_async(|conn| in_one_view(conn, work)).await
    }

    fn glance<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        work(&mut *take(&self.readers)?)
    }

    /// Runs `work` without a transaction, which spares PostgreSQL two round trips: each statement sees what is committed
    /// when it runs. For a single statement, or where a change in between does no harm. A write is refused by the engine.
    ///
    /// SQLite answers short reads faster than a thread can be changed, so they run where they are asked.
    pub async fn glance_async<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.writers {
            Writers::Thread(_) => self.glance(work),
            Writers::Pool { .. } => {
                let db = self.clone();
                blocking(&self.permits, move || db.glance(work)).await
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
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let closed = |_| Error::Connection("the database is closed".into());
    let permit = Arc::clone(permits).acquire_owned().await.map_err(closed)?;
    let run = move || {
        let outcome = work();
        drop(permit);
        outcome
    };
    tokio::task::spawn_blocking(run).await.map_err(|_| Error::corrupt("a piece of work panicked"))?
}

/// Runs `work` in a transaction that only reads.
fn in_one_view<T>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    begin(conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "BEGIN DEFERRED")?;
    let outcome = work(conn);
    end(conn, outcome)
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
        Ok(value) => AnsiTransactionManager::commit_transaction(inner).map(|()| value).map_err(Error::from),
        Err(error) => {
            // A connection that cannot even roll back is thrown away by the pool, and with it the transaction.
            let _ = AnsiTransactionManager::rollback_transaction(inner);
            Err(error)
        }
    })
}

/// Whether the work lost a race and may win when it runs again.
fn is_race(error: &Error) -> bool {
    matches!(error, Error::Database(error) if is_lost_race(error))
}

/// Whether the engine refused for what another transaction did at the same time.
pub fn is_lost_race(error: &DieselError) -> bool {
    let DieselError::DatabaseError(kind, info) = error else {
        return false;
    };
    // diesel knows one of the states; the others are told by their message.
    let races =
        ["deadlock detected", "could not serialize", "lock timeout", "is locked", "canceling statement due to lock"];
    match kind {
        // Every action asks first whether a key is taken, so that a second run gives the proper refusal.
        DatabaseErrorKind::SerializationFailure | DatabaseErrorKind::UniqueViolation => true,
        _ => races.iter().any(|race| info.message().contains(race)),
    }
}

/// Waits a random moment that grows with the tries, so that those who collided do not collide again.
fn pause(tries: u32) {
    let longest = 1_u64.checked_shl(tries.min(7)).unwrap_or(128);
    let millis = getrandom::u64().unwrap_or(1).checked_rem(longest.saturating_add(1)).unwrap_or(1);
    std::thread::sleep(Duration::from_millis(millis.saturating_add(1)));
}

fn connect(engine: &Engine) -> Result<Conn> {
    let refused = |error: ConnectionError| Error::Connection(error.to_string());
    match engine {
        Engine::Postgres(url) => PgConnection::establish(url).map(Conn::Pg).map_err(refused),
        Engine::Sqlite(path) => connect_sqlite(path).map(Conn::Sqlite),
    }
}

/// The order matters: nothing may fail for a lock before the timeout is set.
fn connect_sqlite(path: &Path) -> Result<SqliteConnection> {
    let shown = path.display();
    let name = path.to_str().ok_or_else(|| Error::Settings(format!("{shown}: the path must be UTF-8")))?;
    let mut conn = SqliteConnection::establish(name).map_err(|error| Error::Connection(format!("{shown}: {error}")))?;
    conn.batch_execute(
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;",
    )
    .map_err(|error| Error::Connection(format!("{shown}: {error}")))?;
    Ok(conn)
}

/// Runs the steps that are missing, all in one transaction, one process at a time.
fn migrate(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Pg(pg) => pg.transaction(|pg| {
            pg.batch_execute(MIGRATION_LOCK)?;
            run_missing(pg, POSTGRES_MIGRATIONS)
        }),
        Conn::Sqlite(sqlite) => sqlite.immediate_transaction(|sqlite| run_missing(sqlite, SQLITE_MIGRATIONS)),
    }
}

fn run_missing<DB: diesel::backend::Backend>(
    conn: &mut impl MigrationHarness<DB>,
    steps: EmbeddedMigrations,
) -> Result<()> {
    use diesel::migration::MigrationSource;
    let failed = |error| Error::Connection(format!("the tables could not be made: {error}"));
    let known = MigrationSource::<DB>::migrations(&steps).map_err(failed)?;
    let is_known = |version: &_| known.iter().any(|step| step.name().version() == *version);
    if let Some(version) = conn.applied_migrations().map_err(failed)?.iter().find(|version| !is_known(version)) {
        return Err(Error::Settings(format!("this database was made by a newer Fond (step {version}); use that one")));
    }
    conn.run_pending_migrations(steps).map_err(failed)?;
    Ok(())
}

/// Opens connections for the pool. Never `Conn::establish`: it takes any text for a SQLite file.
struct Manager {
    engine: Engine,
    /// What a connection is told first.
    first_words: &'static str,
}

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = Error;

    fn connect(&self) -> Result<Conn> {
        let mut conn = connect(&self.engine)?;
        on_each!(&mut conn, inner => inner.batch_execute(self.first_words))?;
        Ok(conn)
    }

    fn is_valid(&self, _: &mut Conn) -> Result<()> {
        Ok(())
    }

    /// A connection whose transaction did not end (a panic, a failed rollback) is not used again.
    fn has_broken(&self, conn: &mut Conn) -> bool {
        let status = on_each!(conn, inner => match AnsiTransactionManager::transaction_manager_status_mut(inner) {
            diesel::connection::TransactionManagerStatus::Valid(valid) => valid.transaction_depth().is_none(),
            diesel::connection::TransactionManagerStatus::InError => false,
        });
        std::thread::panicking() || !status
    }
}

fn pool(engine: &Engine, size: u32, first_words: &'static str) -> Result<Pool<Manager>> {
    Pool::builder()
        .max_size(size.max(1))
        .min_idle(Some(0))
        .test_on_check_out(false)
        .build(Manager { engine: engine.clone(), first_words })
        .map_err(|error| Error::Connection(error.to_string()))
}

fn take(pool: &Pool<Manager>) -> Result<PooledConnection<Manager>> {
    pool.get().map_err(|error| Error::Connection(error.to_string()))
}

/// Opens one connection without migrating it: for the tests of the migrations and for raw measurements.
pub fn connect_raw(engine: &Engine) -> Result<Conn> {
    connect(engine)
}
