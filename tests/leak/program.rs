//! The program itself as a server, with a log that tells the most, metrics, letters and temporary files in folders of ours.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::support::{TestDatabase, project};

/// The folder of documents, below that of the data.
pub const DOCUMENTS: &str = "documents";

pub struct Program {
    pub address: SocketAddr,
    pub metrics: SocketAddr,
    pub log: PathBuf,
    pub temporary: PathBuf,
    process: Child,
}

impl Program {
    pub fn start(database: &TestDatabase) -> Self {
        let folder = database.folder.path();
        let (log, temporary) = (folder.join("server.log"), folder.join("temporary"));
        std::fs::create_dir(&temporary).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_fond"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--database", &database.url]);
        command.arg("--config").arg(project("config/test.toml"));
        command.env("FOND__MASTER_KEY_FILE", &database.key).env("FOND__MAIL__FOLDER", folder.join("mail"));
        command.env("FOND__TOKENS__SIGNING_KEYS_FILE", folder.join("signing.keys"));
        command.env("FOND__DOCUMENTS__STORE", folder.join(DOCUMENTS));
        command.env("FOND__HTTP__METRICS_LISTEN", "127.0.0.1:0").env("FOND__HTTP__WORKERS", "2");
        command.env("FOND__HTTP__LOG", "debug").env("TMPDIR", &temporary).env("SQLITE_TMPDIR", &temporary);
        for limit in ["ACCOUNT_PER_MINUTE", "ADDRESS_PER_MINUTE", "SIGN_INS_PER_QUARTER", "LETTERS_PER_HOUR"] {
            command.env(format!("FOND__LIMITS__{limit}"), "1000000");
        }
        command.env_remove("FOND_SIGNING_KEYS").stdout(Stdio::piped());
        command.stderr(std::fs::File::create(&log).unwrap());
        let mut process = command.spawn().unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut line = || {
            let mut line = String::new();
            out.read_line(&mut line).unwrap();
            let address = line.split_whitespace().find_map(|word| word.strip_prefix("http://")).expect(&line);
            address.trim_end_matches("/metrics").parse().unwrap()
        };
        let (address, metrics) = (line(), line());
        // What it says at its end must not meet a closed pipe.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        Self { address, metrics, log, temporary, process }
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// SIGTERM, as an init system sends it; how it ended.
    pub fn terminate(&mut self) -> ExitStatus {
        let process = rustix::process::Pid::from_raw(i32::try_from(self.process.id()).unwrap()).unwrap();
        rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
        let began = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn metrics_text(&self) -> Vec<u8> {
        let url = format!("http://{}/metrics", self.metrics);
        ureq::get(&url).call().unwrap().body_mut().read_to_vec().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
