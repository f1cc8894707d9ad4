//! The limits of sending an application.
//!
//! On SQLite the very rows that the server wrote, committed one by one on one raw connection; on PostgreSQL rows of the same
//! sizes from the 32 clients of pgbench.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Text};
use fond::ids::PersonId;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::server::Place;
use super::{CONNECTIONS, PAIRS};

/// The tables that sending an application adds rows to, and how the person is found whose row it is.
const TABLES: [(&str, &str); 5] = [
    ("applications", "row.person_id AS person FROM applications AS row"),
    ("findings", "person_id AS person FROM findings AS row JOIN applications ON applications.id = row.application_id"),
    ("events", "row.actor_id AS person FROM events AS row"),
    ("jobs", "person_id AS person FROM jobs AS row JOIN applications ON applications.id = row.subject"),
    ("idempotent_answers", "row.person_id AS person FROM idempotent_answers AS row"),
];
/// Of a person's events those of sending.
const SENDING: [&str; 2] = ["application_submitted", "eligibility_checked"];

/// The rows of one application, table by table.
type Sent = Vec<(usize, Vec<Value>)>;

/// A database of SQLite as it was before anything was sent, to commit the same rows into.
pub struct Copy {
    conn: Connection,
}

impl Copy {
    /// Copies the database, in which nobody works now.
    pub fn of(place: &Place) -> Self {
        let copy = place.folder.path().join("copy.sqlite3");
        Connection::open(place.file()).unwrap().execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
        std::fs::File::open(&copy).unwrap().sync_all().unwrap();
        let conn = Connection::open(copy).unwrap();
        let pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536;";
        conn.execute_batch(pragmas).unwrap();
        Self { conn }
    }

    /// Commits what these people sent, so many in each transaction; gives how many a second.
    pub fn commit(&self, sent: &[Sent], group: usize) -> f64 {
        let mut inserts = TABLES.map(|(table, _)| {
            let width = self.conn.prepare(&format!("SELECT * FROM {table}")).unwrap().column_count();
            let marks = vec!["?"; width].join(", ");
            self.conn.prepare(&format!("INSERT INTO {table} VALUES ({marks})")).unwrap()
        });
        let began = Instant::now();
        for together in sent.chunks(group) {
            self.conn.execute_batch("BEGIN IMMEDIATE").unwrap();
            for (table, row) in together.iter().flatten() {
                inserts[*table].execute(params_from_iter(row)).unwrap();
            }
            self.conn.execute_batch("COMMIT").unwrap();
        }
        sent.len() as f64 / began.elapsed().as_secs_f64()
    }
}

/// What these people sent, as it stands in the database. What was done since (numbers of events, letters, totals) is left
/// out: it is no part of sending.
pub fn rows(database: &Path, people: &[PersonId]) -> Vec<Sent> {
    let conn = Connection::open(database).unwrap();
    conn.execute_batch("CREATE TEMP TABLE sent (person BLOB PRIMARY KEY)").unwrap();
    let mut note = conn.prepare("INSERT INTO sent VALUES (?1)").unwrap();
    for person in people {
        note.execute([person.uuid().as_bytes().as_slice()]).unwrap();
    }
    let mut sent: BTreeMap<Vec<u8>, Sent> = BTreeMap::new();
    for (table, (name, of)) in TABLES.into_iter().enumerate() {
        let select = format!("SELECT row.*, {of} WHERE person IN (SELECT person FROM sent)");
        let mut select = conn.prepare(&select).unwrap();
        let names: Vec<String> = select.column_names().iter().map(|name| (*name).to_owned()).collect();
        let mut rows = select.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let kind = names.iter().position(|column| column == "kind").map(|at| row.get::<_, String>(at).unwrap());
            if name == "events" && !kind.is_some_and(|kind| SENDING.contains(&kind.as_str())) {
                continue;
            }
            let mut values: Vec<Value> = (0..names.len()).map(|at| row.get(at).unwrap()).collect();
            let Some(Value::Blob(person)) = values.pop() else { panic!("a row of nobody") };
            names.iter().zip(&mut values).for_each(|(column, value)| as_sent(name, column, value));
            sent.entry(person).or_default().push((table, values));
        }
    }
    assert_eq!(sent.len(), people.len());
    assert!(sent.values().all(|rows| rows.len() >= 5), "an application without all of its rows");
    sent.into_values().collect()
}

/// A value as it was when it was sent.
fn as_sent(table: &str, column: &str, value: &mut Value) {
    match (table, column) {
        ("events", "sequence") | ("jobs", "done_at") => *value = Value::Null,
        ("jobs", "attempts") => *value = Value::Integer(0),
        _ => {}
    }
}

/// How many transactions a second as many clients of pgbench commit, each with rows of the sizes of one that was sent.
pub struct Pgbench {
    script: String,
    url: String,
    runs: Cell<usize>,
}

/// People that each client of pgbench sends for in one run, each once; their ids follow from their numbers.
const EACH: usize = 1_000;

#[derive(diesel::QueryableByName)]
struct Statement {
    #[diesel(sql_type = Text)]
    statement: String,
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl Pgbench {
    /// Reads one application that was sent.
    pub fn like(place: &Place, person: PersonId) -> Self {
        let mut conn = place.raw();
        let known = format!(
            "INSERT INTO people (id, created_at) SELECT decode(md5(number::text), 'hex'), 0
             FROM generate_series(0, {}) AS number ON CONFLICT DO NOTHING",
            PAIRS * CONNECTIONS * EACH
        );
        diesel::sql_query(known).execute(&mut conn).unwrap();
        let person = format!("'\\x{}'::bytea", person.uuid().simple());
        let mut script = format!(
            "\\set person :next + (:run * {CONNECTIONS} + :client_id) * {EACH}\n\\set next :next + 1\n\\set one random(1, 9000000000000)\nBEGIN;\n"
        );
        for (table, of) in TABLES {
            // The columns of the row alone, under its own name.
            let (_, from) = of.split_once(" FROM ").unwrap();
            let whose = of.split(' ').next().unwrap();
            let kinds = format!("AND kind IN ('{}')", SENDING.join("', '"));
            let sending = if table == "events" { kinds.as_str() } else { "" };
            let of_person = format!("{from} WHERE {whose} = {person} {sending}");
            let count = format!("SELECT COUNT(*) AS count FROM {of_person}");
            let rows = diesel::sql_query(count).get_result::<Count>(&mut conn).unwrap().count;
            for row in 0..rows {
                script += &insert(&mut conn, table, &of_person, row);
            }
        }
        Self { script: script + "COMMIT;\n", url: place.url.clone(), runs: Cell::default() }
    }

    pub fn per_second(&self, place: &Place, seconds: u64) -> f64 {
        let script = place.folder.path().join("pgbench.sql");
        std::fs::write(&script, &self.script).unwrap();
        let (seconds, clients) = (seconds.to_string(), format!("--client={CONNECTIONS}"));
        let run = format!("--define=run={}", self.runs.replace(self.runs.get() + 1));
        let arguments = ["--no-vacuum", "--protocol=prepared", &clients, "--jobs=2", "--define=next=0", &run];
        let arguments = arguments.into_iter().chain(["--time", &seconds, "--file"]);
        // Not encrypted within the machine, as the server is connected.
        let mut command = Command::new("pgbench");
        let command = command.args(arguments).arg(script).arg(&self.url).env("PGSSLMODE", "allow");
        let output = command.output().expect("pgbench");
        let text = String::from_utf8_lossy(&output.stdout);
        // A client whose transaction fails stops, and the rest would be another limit.
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        let line = text.lines().find_map(|line| line.strip_prefix("tps = "));
        let line = line.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
        line.split_whitespace().next().unwrap().parse().unwrap()
    }
}

/// An INSERT like the row at a place among those of a table: what names something is new, everything else as it is.
fn insert(conn: &mut fond::db::Conn, table: &str, of_person: &str, row: i64) -> String {
    let new = |salt: &str, bytes: usize| format!("substr(sha256((:one::text || '{salt}')::bytea), 1, {bytes})");
    let person = "decode(md5(:person::text), 'hex')".to_owned();
    // As long as an index is: 50 bytes.
    let (id, index) = (new("a", 16), |salt: &str| format!("{} || {}", new(salt, 32), new(&format!("{salt}2"), 18)));
    let replaced: Vec<(&str, String)> = match table {
        "applications" => vec![
            ("id", id),
            ("person_id", person),
            ("reference", "to_hex(:one::bigint)".into()),
            ("jmbg_index", index("j")),
            ("account_index", index("k")),
            ("name_index", index("n")),
            ("household_index", index("h")),
        ],
        "findings" => vec![("application_id", id)],
        "events" => vec![("id", new(&format!("e{row}"), 16)), ("actor_id", person), ("sequence", "NULL".into())],
        "jobs" => vec![("id", new("w", 16)), ("subject", id), ("attempts", "0".into()), ("done_at", "NULL".into())],
        _ => vec![("person_id", person), ("key_index", index("i"))],
    };
    let names: Vec<&str> = replaced.iter().map(|(name, _)| *name).collect();
    // The other columns as literals, from the catalogue of the database.
    let columns = format!(
        "SELECT column_name::text AS statement FROM information_schema.columns
         WHERE table_schema = current_schema() AND table_name = '{table}' ORDER BY ordinal_position"
    );
    let columns: Vec<Statement> = diesel::sql_query(columns).load(conn).unwrap();
    let kept = columns.iter().map(|column| column.statement.as_str()).filter(|column| !names.contains(column));
    let kept: Vec<&str> = kept.collect();
    let literals: Vec<String> = kept.iter().map(|column| format!("quote_nullable(row.{column})")).collect();
    let select = format!(
        "SELECT concat_ws(', ', {}) AS statement FROM {of_person} ORDER BY 1 LIMIT 1 OFFSET {row}",
        literals.join(", ")
    );
    let values = diesel::sql_query(select).get_result::<Statement>(conn).unwrap().statement;
    let new: Vec<String> = replaced.into_iter().map(|(_, value)| value).collect();
    format!("INSERT INTO {table} ({}, {}) VALUES ({}, {values});\n", names.join(", "), kept.join(", "), new.join(", "))
}
