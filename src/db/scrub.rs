//! Overwriting what was deleted: a key that is destroyed must not lie on in free pages, in the log or in dead rows.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};

use super::opening::connect;
use super::{Conn, Engine};
use crate::error::{Error, Result};

/// How often it is tried while readers hold the log, or what was before.
const TRIES: usize = 40;

const PAUSE: Duration = Duration::from_millis(250);

/// The next transaction's number.
const NOW: &str = "SELECT pg_current_xact_id()::xid::text AS number";
/// How many others see the database as it was before a transaction.
const OLDER: &str = "SELECT COUNT(*) AS number FROM pg_stat_activity WHERE datname = current_database()
    AND pid <> pg_backend_pid() AND age(backend_xmin) > age($1::xid)";

#[derive(QueryableByName)]
struct Now {
    #[diesel(sql_type = Text)]
    number: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

/// SQLite overwrites what is deleted where it lies (`secure_delete`), and its log is cut off here. PostgreSQL keeps dead rows
/// until their place is needed: the table of the keys is written anew, which takes it a moment in which nobody reads it.
///
/// What is left of sealed columns opens with nothing then, but for one thing: on PostgreSQL an old row of `applications` whose
/// identity was sealed anew (the contact is erased), or whose need was emptied while its key lives on for another application,
/// can be read with that key until autovacuum has cleared its place and it is written over. PostgreSQL's own log keeps old pages
/// until it is reused.
pub(super) fn scrub(engine: &Engine) -> Result<()> {
    match connect(engine)? {
        Conn::Sqlite(mut conn) => {
            conn.batch_execute("PRAGMA busy_timeout = 250;")?;
            for _ in 0..TRIES {
                let done: Checkpoint = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(&mut conn)?;
                if done.busy == 0 {
                    return Ok(());
                }
            }
            Err(Error::Connection("readers hold the log of the database, so that it could not be cut off".into()))
        }
        Conn::Pg(mut conn) => {
            conn.batch_execute("SET lock_timeout = '5s'")?;
            let Now { number } = diesel::sql_query(NOW).get_result(&mut conn)?;
            for _ in 0..TRIES {
                // What somebody may still see as it was is kept by PostgreSQL, dead or not.
                let older: Count = diesel::sql_query(OLDER).bind::<Text, _>(&number).get_result(&mut conn)?;
                if older.number == 0 {
                    return Ok(conn.batch_execute("VACUUM (FULL) data_keys")?);
                }
                std::thread::sleep(PAUSE);
            }
            Err(Error::Connection("somebody reads the database as it was before the keys were destroyed".into()))
        }
    }
}
