//! The server that is measured: the release binary as a process of its own, on a database that nobody else uses.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::RunQueryDsl;
use fond::config::Settings;
use fond::crypto::{AccessTokens, MasterKey, SigningKeys};
use fond::db::{Conn, Engine, connect_raw};
use fond::startup::{self, Fond};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::machine::Share;

pub const BINARY: &str = env!("CARGO_BIN_EXE_fond");

/// A database with its keys and letters; it is gone when this is dropped.
pub struct Place {
    pub folder: TempDir,
    pub url: String,
    schema: Option<(String, String)>,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl Place {
    /// SQLite in a temporary folder, or a schema of its own where a PostgreSQL is given.
    pub fn new(postgres: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        MasterKey::create(&folder.path().join("master.key")).unwrap();
        SigningKeys::create(&folder.path().join("signing.keys")).unwrap();
        let Some(server) = postgres else {
            let url = format!("sqlite://{}", folder.path().join("fond.sqlite3").display());
            return Self { folder, url, schema: None };
        };
        let schema = format!("bench_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        execute(server, &format!("CREATE SCHEMA {schema}"));
        let mark = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{mark}options=-csearch_path%3D{schema}&application_name={schema}");
        Self { folder, url, schema: Some((server.to_owned(), schema)) }
    }

    /// Who works for a server on this database.
    pub fn share(&self, servers: &[u32]) -> Share {
        Share { processes: servers.to_vec(), backends: self.schema.clone() }
    }

    /// A release `fond` with the settings of this place and no limits that a load would meet.
    pub fn fond(&self, arguments: &[&str]) -> Command {
        let folder = self.folder.path();
        let mut command = Command::new(BINARY);
        command.args(arguments).arg("--database").arg(&self.url).env_clear().stdin(Stdio::null());
        command.env("FOND__MASTER_KEY_FILE", folder.join("master.key"));
        command.env("FOND__TOKENS__SIGNING_KEYS_FILE", self.signing_keys());
        command.env("FOND__MAIL__FOLDER", folder.join("mail"));
        command.env("FOND__HTTP__METRICS_LISTEN", "127.0.0.1:0").env("FOND__HTTP__LOG", "error");
        for limit in ["ACCOUNT_PER_MINUTE", "ADDRESS_PER_MINUTE", "SIGN_INS_PER_QUARTER", "LETTERS_PER_HOUR"] {
            command.env(format!("FOND__LIMITS__{limit}"), "1000000000");
        }
        command
    }

    /// Plays the case of 2020 into the database, so that it is one that was used.
    pub fn replay(&self) {
        let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/2020");
        let status = self.fond(&["replay", case.to_str().unwrap()]).stdout(Stdio::null()).status().unwrap();
        assert!(status.success(), "the replay failed");
    }

    pub fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// A server with some settings of its own.
    pub fn serve_with(&self, settings: &[(&str, &str)]) -> Server {
        let mut command = self.fond(&["serve", "--listen", "127.0.0.1:0"]);
        command.envs(settings.iter().copied());
        Server::start(command)
    }

    /// The file of a SQLite database.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("fond.sqlite3")
    }

    fn signing_keys(&self) -> PathBuf {
        self.folder.path().join("signing.keys")
    }

    /// Makes tokens as the server does.
    pub fn tokens(&self) -> AccessTokens {
        AccessTokens::new(SigningKeys::read(&self.signing_keys()).unwrap(), &self.settings().tokens)
    }

    fn settings(&self) -> Settings {
        let mut settings = Settings::load(None).unwrap();
        settings.master_key_file = self.folder.path().join("master.key");
        settings
    }

    /// The database, in this process.
    pub fn open(&self) -> Fond {
        startup::open(&self.settings(), Some(&self.url)).unwrap()
    }

    /// A connection past the application.
    pub fn raw(&self) -> Conn {
        connect_raw(&Engine::parse(&self.url).unwrap()).unwrap()
    }
}

impl Drop for Place {
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

/// A server process; it is stopped when this is dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    began: Instant,
    /// Kept open: the server says goodbye there.
    _output: BufReader<ChildStdout>,
}

impl Server {
    /// Starts a program that says on its first line where it listens: the first `http://…` in it.
    pub fn start(mut command: Command) -> Self {
        let began = Instant::now();
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let (_, address) = line.split_once("http://").expect("the address");
        let address = address.split_whitespace().next().unwrap().parse().unwrap();
        Self { child, address, began, _output: output }
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// From the start of the process to the first answer.
    pub fn first_answer(&self) -> Duration {
        let (status, _) = self.ask("GET", "/health", "");
        let took = self.began.elapsed();
        assert_eq!(status, 200);
        took
    }

    /// One request on a connection of its own: status and body.
    pub fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(&request(method, path, &["Connection: close"], body)).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), body.to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let process = Pid::from_child(&self.child);
        if kill_process(process, Signal::TERM).is_ok() {
            let _ = self.child.wait();
        }
    }
}

/// The bytes of a request.
pub fn request(method: &str, path: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
    headers.iter().for_each(|header| text += &format!("{header}\r\n"));
    if !body.is_empty() {
        text += &format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
    }
    (text + "\r\n" + body).into_bytes()
}
