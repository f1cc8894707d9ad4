//! What is asked of the databases themselves: snapshots, holding writers, whether one is empty, whole, finished.

use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use crate::db::{Conn, is_lost_connection, is_lost_race};
use crate::error::{Error, Result};

/// A table that stands in a PostgreSQL database while a restore is under way; its name is all that it holds.
const UNFINISHED: &str = "restore_unfinished";

/// How often the gap between writers of PostgreSQL is looked for, each time for so long. Somebody who came to the tables in
/// another order may be in the way; then both wait for each other, and this one gives in.
const TRIES: u32 = 10;
const TRY: &str = "SET LOCAL lock_timeout = '150ms'";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    answer: bool,
}

fn lines(conn: &mut Conn, sql: &str) -> Result<Vec<String>> {
    let lines: Vec<Line> = diesel::sql_query(sql).load(conn)?;
    Ok(lines.into_iter().map(|Line { line }| line).collect())
}

fn number(conn: &mut Conn, sql: &str) -> Result<i64> {
    let row: Number = diesel::sql_query(sql).get_result(conn)?;
    Ok(row.number)
}

/// Copies a SQLite database as it is at this moment into an empty file. Neither readers nor writers wait.
pub(super) fn vacuum_into(conn: &mut Conn, file: &Path) -> Result<()> {
    let path = file.to_str().ok_or_else(|| Error::Settings(format!("{}: the path must be UTF-8", file.display())))?;
    diesel::sql_query("VACUUM INTO $1").bind::<Text, _>(path).execute(conn)?;
    Ok(())
}

/// Opens a view of a PostgreSQL database as it is at this moment, and names it for other connections. It lasts as long as the
/// connection.
pub(super) fn export_snapshot(conn: &mut Conn) -> Result<String> {
    conn.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    let names = lines(conn, "SELECT pg_export_snapshot() AS line")?;
    names.into_iter().next().ok_or_else(|| Error::corrupt("a snapshot without a name"))
}

/// Waits until nobody writes, and holds everybody who would. False where somebody wrote all the time, or where this user of the
/// database may only read.
pub(super) fn hold_writers(conn: &mut Conn) -> Result<bool> {
    match conn {
        Conn::Sqlite(sqlite) => Ok(sqlite.batch_execute("BEGIN IMMEDIATE").is_ok()),
        Conn::Pg(_) => {
            // In the order in which writers come to them, mostly: what others refer to, what refers to it, the event, the
            // job. Whoever is in the midst of them then ends before it is waited for, and not the other way round.
            let names = "SELECT oid::regclass::text AS line FROM pg_class
                WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
                ORDER BY relname = 'jobs', relname = 'events', oid";
            let tables = lines(conn, names)?.join(", ");
            if tables.is_empty() {
                return Ok(false);
            }
            for tried in 1..=TRIES {
                let locked = conn.batch_execute(&format!("BEGIN; {TRY}; LOCK TABLE {tables} IN SHARE MODE"));
                match locked {
                    Ok(()) => return Ok(true),
                    Err(error) if is_lost_connection(&error) => return Err(error.into()),
                    Err(error) => {
                        let_go(conn)?;
                        if !is_lost_race(&error) {
                            return Ok(false);
                        }
                    }
                }
                // A short one first, for those whom the attempt made wait.
                std::thread::sleep(Duration::from_millis(20).saturating_mul(tried));
            }
            Ok(false)
        }
    }
}

pub(super) fn let_go(conn: &mut Conn) -> Result<()> {
    Ok(conn.batch_execute("ROLLBACK")?)
}

/// What a database is called in which there is nothing of Fond; none where there is.
pub(super) fn foreign(conn: &mut Conn) -> Result<Option<String>> {
    let sql = match conn {
        Conn::Sqlite(_) => {
            "SELECT file AS line FROM pragma_database_list
             WHERE name = 'main' AND NOT EXISTS (SELECT 1 FROM sqlite_master WHERE sqlite_master.name = 'data_keys')"
        }
        Conn::Pg(_) => "SELECT current_database()::text AS line WHERE to_regclass('data_keys') IS NULL",
    };
    Ok(lines(conn, sql)?.into_iter().next())
}

/// How many tables a PostgreSQL database has, apart from its own.
pub(super) fn count_tables(conn: &mut Conn) -> Result<i64> {
    number(
        conn,
        "SELECT COUNT(*) AS number FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
         WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND nspname !~ '^pg_' AND nspname <> 'information_schema'",
    )
}

/// Whether a restore into this PostgreSQL database was begun and not ended.
pub(super) fn is_unfinished(conn: &mut Conn) -> Result<bool> {
    let sql = format!("SELECT to_regclass('{UNFINISHED}') IS NOT NULL AS answer");
    let row: Answer = diesel::sql_query(sql).get_result(conn)?;
    Ok(row.answer)
}

pub(super) fn mark_unfinished(conn: &mut Conn) -> Result<()> {
    Ok(conn.batch_execute(&format!("CREATE TABLE {UNFINISHED} ()"))?)
}

/// Takes the mark away where a restore has left nothing else.
pub(super) fn mark_still_empty(conn: &mut Conn) -> Result<()> {
    if count_tables(conn)? > 1 {
        return Ok(());
    }
    mark_finished(conn)
}

pub(super) fn mark_finished(conn: &mut Conn) -> Result<()> {
    Ok(conn.batch_execute(&format!("DROP TABLE {UNFINISHED}"))?)
}

/// What is wrong with the pages, indexes and references of a database; nothing, mostly. PostgreSQL has checked the
/// references when it was filled.
pub(super) fn faults(conn: &mut Conn) -> Result<Vec<String>> {
    if matches!(conn, Conn::Pg(_)) {
        return Ok(Vec::new());
    }
    let mut faults =
        lines(conn, "SELECT integrity_check AS line FROM pragma_integrity_check WHERE integrity_check <> 'ok'")?;
    let dangling = "SELECT \"table\" || ' names a row of ' || parent || ' that is not there' AS line
        FROM pragma_foreign_key_check GROUP BY 1";
    faults.extend(lines(conn, dangling)?);
    Ok(faults)
}

/// Brings a SQLite database into its one file. False while somebody still has it open.
pub(super) fn fold_into_file(conn: &mut Conn) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Mode {
        #[diesel(sql_type = Text)]
        journal_mode: String,
    }
    let changed: QueryResult<Mode> = diesel::sql_query("PRAGMA journal_mode = DELETE").get_result(conn);
    match changed {
        Ok(mode) => Ok(mode.journal_mode == "delete"),
        Err(error) if is_lost_race(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
