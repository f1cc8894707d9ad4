//! The migrations: up, down and up again on the engine of this run; the same steps and columns on both.

use std::collections::BTreeMap;

use diesel::RunQueryDsl;
use diesel::migration::MigrationSource;
use diesel::sql_types::Text;
use diesel_migrations::MigrationHarness;
use fond::db::{Conn, POSTGRES_MIGRATIONS, SQLITE_MIGRATIONS};

use crate::support::{TestDatabase, project};

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Every table, column, index and trigger, one a line.
fn shape(database: &TestDatabase) -> Vec<String> {
    let sql = if database.is_postgres() {
        "SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable AS line
           FROM information_schema.columns WHERE table_schema = current_schema()
         UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = current_schema()
         UNION ALL SELECT 'trigger ' || trigger_name || ' ' || event_manipulation
           FROM information_schema.triggers WHERE trigger_schema = current_schema()
         UNION ALL SELECT 'function ' || routine_name FROM information_schema.routines WHERE routine_schema = current_schema()
         ORDER BY line"
    } else {
        "SELECT type || ' ' || name || ' ' || COALESCE(sql, '') AS line FROM sqlite_schema ORDER BY line"
    };
    let lines: Vec<Line> = diesel::sql_query(sql).load(&mut database.raw()).unwrap();
    lines.into_iter().map(|line| line.line).filter(|line| !line.contains("__diesel_schema_migrations")).collect()
}

#[test]
fn up_down_and_up_again() {
    let database = TestDatabase::new();
    database.open();
    let up = shape(&database);
    assert!(up.len() > 50, "{up:#?}");
    match database.raw() {
        Conn::Pg(mut conn) => drop(conn.revert_all_migrations(POSTGRES_MIGRATIONS).unwrap()),
        Conn::Sqlite(mut conn) => drop(conn.revert_all_migrations(SQLITE_MIGRATIONS).unwrap()),
    }
    assert_eq!(shape(&database), Vec::<String>::new(), "something is left behind");
    database.open();
    assert_eq!(shape(&database), up);
}

#[test]
fn both_engines_have_the_same_steps() {
    let names = |engine: &str| {
        let folders = std::fs::read_dir(project("migrations").join(engine)).unwrap();
        let mut names: Vec<String> = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
    let embedded = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE_MIGRATIONS).unwrap().len();
    assert_eq!(embedded, names("sqlite").len());
}

/// Columns of each table as the scripts of an engine make them: name, kind, whether it may be missing.
fn columns_of_scripts(engine: &str) -> BTreeMap<String, Vec<(String, &'static str, bool)>> {
    let mut folders: Vec<_> =
        std::fs::read_dir(project("migrations").join(engine)).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let mut tables: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for folder in folders {
        let script = std::fs::read_to_string(folder.join("up.sql")).unwrap();
        for table in script.split("CREATE TABLE ").skip(1) {
            let (name, rest) = table.split_once(" (\n").unwrap();
            let body = rest.split_once("\n)").unwrap().0;
            let columns = body.lines().map(str::trim).filter_map(column).collect();
            tables.insert(name.to_owned(), columns);
        }
        for added in script.lines().filter_map(|line| line.strip_prefix("ALTER TABLE ")) {
            let (table, definition) = added.split_once(" ADD COLUMN ").unwrap();
            tables.get_mut(table).unwrap().push(column(definition.trim_end_matches(';')).unwrap());
        }
    }
    tables
}

fn column(line: &str) -> Option<(String, &'static str, bool)> {
    let mut words = line.trim_end_matches(',').split(' ');
    let (name, kind) = (words.next()?, words.next()?);
    let kind = match kind {
        "BLOB" | "BYTEA" => "bytes",
        "INTEGER" | "BIGINT" | "BOOLEAN" => "number",
        "TEXT" => "text",
        _ => return None,
    };
    let before_checks = line.split(" CHECK ").next()?;
    Some((name.to_owned(), kind, before_checks.contains("NOT NULL")))
}

#[test]
fn both_engines_have_the_same_columns_and_so_has_the_schema() {
    let (sqlite, postgres) = (columns_of_scripts("sqlite"), columns_of_scripts("postgres"));
    assert_eq!(sqlite, postgres);
    let schema = std::fs::read_to_string(project("src/schema.rs")).unwrap();
    let mut of_schema = BTreeMap::new();
    for table in schema.split("diesel::table! {").skip(1) {
        let (head, body) = table.split_once(") {").unwrap();
        let name = head.trim().split(' ').next().unwrap();
        let columns = body.split('}').next().unwrap().lines().filter_map(|line| line.trim().split_once(" -> "));
        let column = |(name, kind): (&str, &str)| {
            let kind = kind.trim_end_matches(',');
            let plain = kind.trim_start_matches("Nullable<").trim_end_matches('>');
            let plain = match plain {
                "Binary" => "bytes",
                "Text" => "text",
                "Integer" | "BigInt" | "Bool" => "number",
                other => panic!("{other}"),
            };
            (name.to_owned(), plain, !kind.starts_with("Nullable"))
        };
        of_schema.insert(name.to_owned(), columns.map(column).collect::<Vec<_>>());
    }
    assert_eq!(of_schema, sqlite);
}

#[test]
fn a_database_of_a_newer_fond_is_refused() {
    let database = TestDatabase::new();
    database.open();
    diesel::sql_query("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')")
        .execute(&mut database.raw())
        .unwrap();
    let error = fond::startup::open(&database.settings(), Some(&database.url)).err().unwrap();
    assert!(error.to_string().contains("newer Fond (step 9999)"), "{error}");
}

#[test]
fn every_table_of_sqlite_is_strict() {
    for table in columns_of_scripts("sqlite").keys() {
        let scripts: String = std::fs::read_dir(project("migrations/sqlite"))
            .unwrap()
            .map(|entry| std::fs::read_to_string(entry.unwrap().path().join("up.sql")).unwrap())
            .collect();
        let of_table = scripts.split(&format!("CREATE TABLE {table} (")).nth(1).unwrap();
        assert!(of_table.split(';').next().unwrap().contains("STRICT"), "{table}");
    }
}
