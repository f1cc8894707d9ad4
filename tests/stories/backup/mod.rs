//! Backups: made under load, restored elsewhere, refused where they must be, and nothing left in the plain.

mod drill;
mod erased;
mod escrow;
#[cfg(unix)]
mod killed;
mod making;
mod restoring;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::RunQueryDsl;
use diesel::sql_types::Text;
use fond::config::Settings;
use fond::crypto::MasterKey;
use fond::db::{Conn, Engine, connect_raw};
use fond::startup::{self, Fond};
use tempfile::TempDir;

use crate::command::fond;
use crate::support::{case, project};

/// A custodian: a secret key in a file, and the public one.
struct Custodian {
    identity: PathBuf,
    recipient: String,
}

impl Custodian {
    fn new(folder: &Path, name: &str) -> Self {
        use age::secrecy::ExposeSecret;
        let key = age::x25519::Identity::generate();
        let (identity, recipient) = (folder.join(name), key.to_public().to_string());
        let text = format!("# public key: {recipient}\n{}\n", key.to_string().expose_secret());
        std::fs::write(&identity, text).unwrap();
        Self { identity, recipient }
    }
}

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A whole database of this test's own, for a backup is of all that a database holds; and two custodians.
struct Place {
    folder: TempDir,
    key: PathBuf,
    backups: PathBuf,
    custodians: [Custodian; 2],
    /// The server, and the databases that were made on it.
    server: Option<String>,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (key, backups) = (folder.path().join("master.key"), folder.path().join("backups"));
        MasterKey::create(&key).unwrap();
        std::fs::create_dir(&backups).unwrap();
        let custodians = ["ana.txt", "mira.txt"].map(|name| Custodian::new(folder.path(), name));
        Self { key, backups, custodians, server: std::env::var("TEST_DATABASE_URL").ok(), folder }
    }

    fn is_postgres(&self) -> bool {
        self.server.is_some()
    }

    /// The database of this name; on PostgreSQL an empty one is made.
    fn database(&self, name: &str) -> Database {
        let Some(server) = &self.server else {
            std::fs::create_dir_all(self.folder.path().join(name)).unwrap();
            let url = format!("sqlite://{}", self.folder.path().join(name).join("fond.sqlite3").display());
            return Database { url, made_on: None };
        };
        let made = format!("fond_backup_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        execute(server, &format!("CREATE DATABASE {made}"));
        let (front, _) = server.rsplit_once('/').unwrap();
        Database { url: format!("{front}/{made}"), made_on: Some((server.clone(), made)) }
    }

    fn settings(&self) -> Settings {
        let mut settings = Settings::load(Some(&project("config/test.toml"))).unwrap();
        settings.master_key_file.clone_from(&self.key);
        settings
    }

    fn open(&self, database: &Database) -> Fond {
        startup::open(&self.settings(), Some(&database.url)).unwrap()
    }

    fn command(&self, name: &str, database: &Database) -> Command {
        let mut command = fond();
        command.arg(name).args(["--database", &database.url]).env("FOND__MASTER_KEY_FILE", &self.key);
        command.env("PATH", std::env::var_os("PATH").unwrap());
        command
    }

    fn backup(&self, database: &Database) -> Command {
        let mut command = self.command("backup", database);
        command.arg("--out").arg(&self.backups);
        for custodian in &self.custodians {
            command.args(["--recipient", &custodian.recipient]);
        }
        command
    }

    fn restore(&self, backup: &Path, custodian: &Custodian, target: &Database) -> Command {
        let mut command = self.command("restore", target);
        command.arg(backup).arg("--identity").arg(&custodian.identity);
        command
    }

    /// The files in the folder of the backups.
    fn made(&self) -> Vec<PathBuf> {
        files(&self.backups)
    }

    /// A backup of a database with a round in it.
    fn backup_of_a_round(&self) -> PathBuf {
        let source = self.database("source");
        self.replay(&source);
        success(&mut self.backup(&source));
        let [backup] = self.made().try_into().unwrap();
        backup
    }

    fn replay(&self, database: &Database) {
        let mut replay = self.command("replay", database);
        success(replay.arg(case("payouts")));
    }

    /// Nothing but what was there before lies beside a database and in the folder of the backups.
    fn require_tidy(&self) {
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let (path, name) = entry.map(|entry| (entry.path(), entry.file_name().into_string().unwrap())).unwrap();
                assert!(!name.starts_with('.') && !name.contains("unfinished"), "{} is left", path.display());
                if path.is_dir() {
                    folders.push(path);
                }
            }
        }
    }
}

struct Database {
    url: String,
    made_on: Option<(String, String)>,
}

impl Database {
    fn raw(&self) -> Conn {
        connect_raw(&Engine::parse(&self.url).unwrap()).unwrap()
    }

    /// Whether something is there that could be served.
    fn is_there(&self) -> bool {
        match Engine::parse(&self.url).unwrap() {
            Engine::Sqlite(file) => file.exists(),
            Engine::Postgres(_) => !self.lines("SELECT relname::text AS line FROM pg_class WHERE relname = 'events' OR relname = 'restore_unfinished'").is_empty(),
        }
    }

    fn lines(&self, sql: &str) -> Vec<String> {
        #[derive(diesel::QueryableByName)]
        struct Line {
            #[diesel(sql_type = Text)]
            line: String,
        }
        let lines: Vec<Line> = diesel::sql_query(sql).load(&mut self.raw()).unwrap();
        lines.into_iter().map(|line| line.line).collect()
    }

    fn people(&self) -> BTreeSet<String> {
        let id = if self.made_on.is_some() { "id::text" } else { "lower(hex(id))" };
        self.lines(&format!("SELECT {id} AS line FROM people")).into_iter().map(|id| plain_id(&id)).collect()
    }

    fn count(&self, table: &str) -> String {
        self.lines(&format!("SELECT CAST(COUNT(*) AS TEXT) AS line FROM {table}")).remove(0)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.made_on {
            execute(server, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

fn execute(server: &str, sql: &str) {
    diesel::sql_query(sql).execute(&mut connect_raw(&Engine::parse(server).unwrap()).unwrap()).unwrap();
}

/// An id without what the engines write differently.
fn plain_id(id: &str) -> String {
    id.replace(['-', '\\'], "").trim_start_matches('x').to_owned()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn success(command: &mut Command) -> String {
    told(&command.output().unwrap())
}

/// What a command says that succeeded.
fn told(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(&output.stderr));
    assert_eq!(said(&output.stderr), "", "no progress where stderr is no terminal");
    said(&output.stdout)
}

fn refusal(command: &mut Command, parts: &[&str]) {
    let output = command.output().unwrap();
    let message = said(&output.stderr);
    assert!(matches!(output.status.code(), Some(1 | 2)), "{:?}: {message}", output.status);
    assert_eq!(said(&output.stdout), "");
    for part in parts {
        assert!(message.contains(part), "“{part}” in: {message}");
    }
    assert_eq!(message.trim_end().lines().count(), 1, "one message: {message}");
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}
