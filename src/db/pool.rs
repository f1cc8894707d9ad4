//! Connections that are kept open, each told first what it is for.

use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::r2d2::{ManageConnection, Pool, PooledConnection};

use super::{Conn, Engine, connect, on_each};
use crate::error::{Error, Result};

/// Opens connections for the pool. Never `Conn::establish`: it takes any text for a SQLite file.
pub(super) struct Manager {
    pub engine: Engine,
    /// What a connection is told first.
    pub first_words: &'static str,
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

/// How long a connection is waited for while the database answers nobody.
const PATIENCE_TO_CONNECT: Duration = Duration::from_secs(5);

pub(super) fn pool(engine: &Engine, size: u32, first_words: &'static str) -> Result<Pool<Manager>> {
    Pool::builder()
        .max_size(size.max(1))
        .min_idle(Some(0))
        .test_on_check_out(false)
        .connection_timeout(PATIENCE_TO_CONNECT)
        .build(Manager { engine: engine.clone(), first_words })
        .map_err(|error| Error::Connection(error.to_string()))
}

pub(super) fn take(pool: &Pool<Manager>) -> Result<PooledConnection<Manager>> {
    pool.get().map_err(|error| Error::Connection(error.to_string()))
}
