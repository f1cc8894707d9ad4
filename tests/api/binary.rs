//! The program itself as a server: it can be told to stop, and be killed.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use fond::crypto::{Place, Sealed, SigningKeys};
use fond::ids::MailRequestId;
use fond::schema::mail_requests;

use crate::support::{TestDatabase, project};

pub struct Binary {
    pub address: SocketAddr,
    process: Child,
}

impl Binary {
    /// Starts it on a database and waits until it listens; `more` are settings by their variables.
    pub fn start(database: &TestDatabase, more: &[(&str, &str)]) -> Self {
        let keys = database.folder.path().join("signing.keys");
        if !keys.exists() {
            SigningKeys::create(&keys).unwrap();
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_fond"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--database", &database.url]);
        command.arg("--config").arg(project("config/test.toml"));
        command.env("FOND__MASTER_KEY_FILE", &database.key).env("FOND__TOKENS__SIGNING_KEYS_FILE", &keys);
        command.env("FOND__MAIL__FOLDER", database.folder.path().join("mail"));
        command.env("FOND__HTTP__METRICS_LISTEN", "127.0.0.1:0").env("FOND__HTTP__WORKERS", "2");
        command.env("FOND__HTTP__LOG", "error").env("FOND__LIMITS__ADDRESS_PER_MINUTE", "1000000");
        command.env_remove("FOND_SIGNING_KEYS").envs(more.iter().copied()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.split_whitespace().find_map(|word| word.strip_prefix("http://")).expect(&line);
        Self { address: address.parse().unwrap(), process }
    }

    /// SIGTERM, as an init system sends it.
    #[cfg(unix)]
    pub fn terminate(&self) {
        let process = rustix::process::Pid::from_raw(i32::try_from(self.process.id()).unwrap()).unwrap();
        rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
    }

    /// SIGKILL: nothing of it runs any more when this returns.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// How it ended, if it did so in time.
    pub fn ended(&mut self, patience: Duration) -> Option<ExitStatus> {
        let began = Instant::now();
        while began.elapsed() < patience {
            if let Some(status) = self.process.try_wait().unwrap() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The addresses that asked for a letter, as the database has them.
pub fn asked(database: &TestDatabase) -> Vec<String> {
    let fond = database.open();
    let columns = (mail_requests::id, mail_requests::email_sealed);
    let rows: Vec<(MailRequestId, Sealed)> = mail_requests::table.select(columns).load(&mut database.raw()).unwrap();
    let open = |(id, sealed): (MailRequestId, Sealed)| {
        let place = Place { table: "mail_requests", column: "email_sealed", row: id.uuid() };
        String::from_utf8(fond.vault.open_contact(place, &sealed).unwrap().to_vec()).unwrap()
    };
    rows.into_iter().map(open).collect()
}
