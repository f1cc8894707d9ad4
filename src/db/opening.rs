//! Opening one connection, and bringing its tables up to date.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::server_url::as_connected;
use super::{Conn, Engine};
use crate::error::{Error, Result};

/// The steps of each engine: same names, same columns (a test compares them).
pub const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
pub const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Held while one process migrates a PostgreSQL database; the others wait. An arbitrary number that is only ours.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(7265638140215)";

pub(super) fn connect(engine: &Engine) -> Result<Conn> {
    let refused = |error: ConnectionError| Error::Connection(error.to_string());
    match engine {
        Engine::Postgres(url) => PgConnection::establish(&as_connected(url)).map(Conn::Pg).map_err(refused),
        Engine::Sqlite(path) => connect_sqlite(path).map(Conn::Sqlite),
    }
}

/// The order matters: nothing may fail for a lock before the timeout is set.
fn connect_sqlite(path: &Path) -> Result<SqliteConnection> {
    let shown = path.display();
    let name = path.to_str().ok_or_else(|| Error::Settings(format!("{shown}: the path must be UTF-8")))?;
    make_private(path);
    let mut conn = SqliteConnection::establish(name).map_err(|error| Error::Connection(format!("{shown}: {error}")))?;
    conn.batch_execute(
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;",
    )
    .map_err(|error| Error::Connection(format!("{shown}: {error}")))?;
    Ok(conn)
}

/// Makes a database that is not there as an empty file of mode 0600: SQLite would make it by the umask, for everybody to read
/// mostly. What SQLite makes beside it (-wal, -shm) has the mode of the database. One that is there is not even opened, for
/// closing it would let go of the locks that this process has on it.
fn make_private(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // Where this is impossible, SQLite says why.
    drop(options.open(path));
}

/// Runs the steps that are missing, all in one transaction, one process at a time.
pub(super) fn migrate(conn: &mut Conn) -> Result<()> {
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

/// Opens one connection without migrating it: for the tests of the migrations and for raw measurements.
pub fn connect_raw(engine: &Engine) -> Result<Conn> {
    connect(engine)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_new_database_and_what_lies_beside_it_are_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| folder.path().join(name).metadata().unwrap().permissions().mode() & 0o777;
        let engine = Engine::Sqlite(folder.path().join("a.sqlite3"));
        let mut conn = connect(&engine).unwrap();
        migrate(&mut conn).unwrap();
        assert_eq!(["a.sqlite3", "a.sqlite3-wal", "a.sqlite3-shm"].map(mode), [0o600; 3]);
        // One that somebody opened to a group stays so.
        std::fs::set_permissions(folder.path().join("a.sqlite3"), std::fs::Permissions::from_mode(0o640)).unwrap();
        connect(&engine).unwrap();
        assert_eq!(mode("a.sqlite3"), 0o640);
    }
}
