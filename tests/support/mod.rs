//! What every test stands on: a database of its own, on the engine of this run, and small cases to play.
//!
//! SQLite in a temporary folder; with `TEST_DATABASE_URL` a schema of its own in that PostgreSQL database.

pub mod api;
pub mod dump;
pub mod papers;
pub mod people;
pub mod round;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::RunQueryDsl;
use fond::config::Settings;
use fond::crypto::MasterKey;
use fond::db::{Conn, Engine, connect_raw};
use fond::startup::{self, Fond};
use tempfile::TempDir;

/// A database that nobody else uses; it is gone when this is dropped.
pub struct TestDatabase {
    pub url: String,
    pub key: PathBuf,
    pub folder: TempDir,
    schema: Option<(String, String)>,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl TestDatabase {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("master.key");
        MasterKey::create(&key).unwrap();
        let (url, schema) = match std::env::var("TEST_DATABASE_URL") {
            Ok(server) => {
                let number = NEXT.fetch_add(1, Ordering::Relaxed);
                let schema = format!("test_{}_{number}", std::process::id());
                execute(&server, &format!("CREATE SCHEMA {schema}"));
                let mark = if server.contains('?') { '&' } else { '?' };
                (format!("{server}{mark}options=-csearch_path%3D{schema}"), Some((server, schema)))
            }
            Err(_) => (format!("sqlite://{}", folder.path().join("fond.sqlite3").display()), None),
        };
        Self { url, key, folder, schema }
    }

    pub fn is_postgres(&self) -> bool {
        self.schema.is_some()
    }

    pub fn engine(&self) -> Engine {
        Engine::parse(&self.url).unwrap()
    }

    pub fn settings(&self) -> Settings {
        let mut settings = Settings::load(Some(&project("config/test.toml"))).unwrap();
        settings.master_key_file.clone_from(&self.key);
        settings.mail.folder = self.folder.path().join("mail");
        settings.documents.store = self.folder.path().join("documents").display().to_string();
        settings
    }

    pub fn open(&self) -> Fond {
        startup::open(&self.settings(), Some(&self.url)).unwrap()
    }

    /// Where a server of this database writes down what was erased.
    pub fn erasures_file(&self) -> PathBuf {
        startup::erasures_file(&self.settings(), &self.engine())
    }

    /// How many openings stand on the access journal.
    pub fn journaled(&self) -> u64 {
        let all = "SELECT CAST(COALESCE(SUM(openings), 0) AS BIGINT) AS number FROM access_journal";
        u64::try_from(self.number(all)).unwrap()
    }

    /// A connection past the application, to look at what is really stored.
    pub fn raw(&self) -> Conn {
        connect_raw(&self.engine()).unwrap()
    }

    /// The first number of the first row of a query.
    pub fn number(&self, sql: &str) -> i64 {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            number: i64,
        }
        let row: Row = diesel::sql_query(sql).get_result(&mut self.raw()).unwrap();
        row.number
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some((server, schema)) = &self.schema {
            execute(server, &format!("DROP SCHEMA {schema} CASCADE"));
        }
    }
}

fn execute(server: &str, sql: &str) {
    let mut conn = connect_raw(&Engine::parse(server).unwrap()).unwrap();
    diesel::sql_query(sql).execute(&mut conn).unwrap();
}

/// A path inside the project.
pub fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A case of the project.
pub fn case(name: &str) -> PathBuf {
    project("tests/cases").join(name)
}

/// A copy of a case that a test may change.
pub fn copy_of(name: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(case(name)).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    folder
}

/// Changes a file of a copied case.
pub fn edit(folder: &Path, file: &str, change: impl FnOnce(String) -> String) {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, change(text)).unwrap();
}

/// Every folder of tests/cases.
pub fn case_names() -> Vec<String> {
    let folders = std::fs::read_dir(project("tests/cases")).unwrap().map(|entry| entry.unwrap());
    let mut names: Vec<String> =
        folders.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
