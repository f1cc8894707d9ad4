//! Somebody else who holds what every write of a letter needs: all of a SQLite database, one table of PostgreSQL.

use diesel::RunQueryDsl;
use fond::db::Conn;

use crate::support::TestDatabase;

/// Held until it is dropped.
pub struct Lock(#[expect(dead_code, reason = "the lock goes with its connection")] Conn);

impl Lock {
    pub fn take(database: &TestDatabase) -> Self {
        let statements: &[&str] = match database.is_postgres() {
            true => &["BEGIN", "LOCK TABLE mail_requests IN ACCESS EXCLUSIVE MODE"],
            false => &["BEGIN IMMEDIATE"],
        };
        let mut conn = database.raw();
        for statement in statements {
            diesel::sql_query(*statement).execute(&mut conn).unwrap();
        }
        Self(conn)
    }
}
