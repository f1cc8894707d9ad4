//! Starts the mail server of the tests: a Python program in an environment of its own, made once below target/.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::project;

const PACKAGES: [&str; 2] = ["aiosmtpd==1.4.6", "trustme==1.2.1"];

/// A mail server that runs until this is dropped. What it took outlives it in `folder`.
pub struct MailServer {
    pub port: u16,
    process: Child,
}

impl MailServer {
    /// `port` 0 takes a free one; `behaviour` are the arguments of server.py.
    pub fn start(folder: &Path, port: u16, behaviour: &[&str]) -> Self {
        let mut command = Command::new(python());
        command.arg(project("tests/mail/server.py")).arg("--folder").arg(folder);
        command.args(["--port", &port.to_string()]).args(behaviour).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().expect("the mail server does not start: run tests/mail/server.py by hand");
        Self { port, process }
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// The interpreter of the environment. Whoever comes first makes it; the others wait for its lock.
fn python() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mail-server");
    let (python, marker) = (folder.join("bin/python"), folder.join(PACKAGES.join(" ")));
    std::fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    if !marker.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PACKAGES));
        File::create(&marker).unwrap();
    }
    python
}

fn run(command: &mut Command) {
    let hint = "the mail tests need python3 with its venv module (Debian: apt-get install python3-venv), and PyPI once";
    let output = command.output().unwrap_or_else(|error| panic!("{hint}: {error}"));
    assert!(output.status.success(), "{hint}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A folder for what a server takes.
pub struct Taken(pub TempDir);

impl Taken {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Every message, whole.
    pub fn messages(&self) -> Vec<String> {
        let paths = std::fs::read_dir(self.path()).unwrap().map(|entry| entry.unwrap().path());
        let messages = paths.filter(|path| path.extension().is_some_and(|extension| extension == "eml"));
        messages.map(|path| std::fs::read_to_string(path).unwrap()).collect()
    }

    /// How often each Message-ID came, with the addresses it came to.
    pub fn ids(&self) -> BTreeMap<String, Vec<String>> {
        let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for message in self.messages() {
            ids.entry(header(&message, "Message-ID")).or_default().push(header(&message, "To"));
        }
        ids
    }

    /// How often a fault happened.
    pub fn faults(&self, what: &str) -> usize {
        let log = std::fs::read_to_string(self.path().join("faults")).unwrap_or_default();
        log.lines().filter(|line| *line == what).count()
    }
}

/// The value of a header that stands on one line.
pub fn header(message: &str, name: &str) -> String {
    let line = message.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    line.unwrap_or_else(|| panic!("no {name} in {message}")).trim().to_owned()
}
