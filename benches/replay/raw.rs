//! The limit: the rows of a replayed database, sealed bytes and all, inserted raw in one transaction.
//!
//! One by one, with prepared statements, into the same tables with the same pragmas.

use std::path::Path;
use std::time::Instant;

use rusqlite::Connection;
use rusqlite::types::Value;

/// The rows of every table, in the order in which tables refer to each other.
pub struct Rows(Vec<(String, Vec<Vec<Value>>)>);

impl Rows {
    pub fn read(database: &Path) -> Self {
        let conn = Connection::open(database).unwrap();
        let mut tables = conn
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%' ORDER BY rowid")
            .unwrap();
        let names: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let rows = |name: &String| {
            let mut select = conn.prepare(&format!("SELECT * FROM {name}")).unwrap();
            let width = select.column_count();
            let read = |row: &rusqlite::Row<'_>| (0..width).map(|at| row.get(at)).collect::<Result<Vec<Value>, _>>();
            select.query_map([], read).unwrap().map(Result::unwrap).collect()
        };
        Self(names.iter().map(|name| (name.clone(), rows(name))).collect())
    }

    pub fn count(&self) -> usize {
        self.0.iter().map(|(_, rows)| rows.len()).sum()
    }

    /// Seconds from BEGIN to the end of COMMIT.
    pub fn insert(&self, database: &Path) -> f64 {
        let conn = Connection::open(database).unwrap();
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536;",
        )
        .unwrap();
        let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
        let mut steps: Vec<_> = std::fs::read_dir(migrations).unwrap().map(|step| step.unwrap().path()).collect();
        steps.sort();
        for step in steps {
            conn.execute_batch(&std::fs::read_to_string(step.join("up.sql")).unwrap()).unwrap();
        }
        let began = Instant::now();
        conn.execute_batch("BEGIN IMMEDIATE").unwrap();
        for (table, rows) in self.0.iter().filter(|(_, rows)| !rows.is_empty()) {
            let marks = vec!["?"; rows[0].len()].join(", ");
            let mut insert = conn.prepare(&format!("INSERT INTO {table} VALUES ({marks})")).unwrap();
            for row in rows {
                insert.execute(rusqlite::params_from_iter(row)).unwrap();
            }
        }
        conn.execute_batch("COMMIT").unwrap();
        began.elapsed().as_secs_f64()
    }
}
