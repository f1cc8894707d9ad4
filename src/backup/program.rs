//! pg_dump and pg_restore: run, fed or listened to, and believed only where they say that all went well.

use std::cell::Cell;
use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use super::pour::{Sink, Source, pour};
use super::server::Server;
use crate::error::{Error, Result};

/// Pours a dump of a database, as a snapshot shows it, into `to`.
///
/// # Errors
/// [`Error::File`] with what pg_dump says, or that it is not there.
pub(super) fn dump(server: &Server, snapshot: &str, to: Sink<'_>, watch: impl FnMut(u64) -> Result<()>) -> Result<()> {
    let mut command = server.command("pg_dump");
    command.args(["--format=custom", "--snapshot", snapshot]).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut running = Running::start("pg_dump", command)?;
    let mut from = running.child.stdout.take().ok_or_else(|| failed("pg_dump", "has no output"))?;
    pour(Source(&mut from, &|error| failed("pg_dump", &error.to_string())), to, watch)?;
    running.end()
}

/// How a restore ended that ran to its end.
pub(super) enum Restored {
    Whole,
    /// pg_restore is not there, or gave up: nothing of it was committed.
    Refused(Error),
}

/// Fills an empty database with a dump, all of it or nothing.
///
/// # Errors
/// What `from` or `watch` says. Then pg_restore was stopped, and nobody knows what it had sent to the server.
pub(super) fn restore(server: &Server, from: Source<'_>, watch: impl FnMut(u64) -> Result<()>) -> Result<Restored> {
    let mut command = server.command("pg_restore");
    command.args(["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut running = match Running::start("pg_restore", command) {
        Ok(running) => running,
        Err(error) => return Ok(Restored::Refused(error)),
    };
    let mut to = running.child.stdin.take().ok_or_else(|| failed("pg_restore", "has no input"))?;
    let has_ended = Cell::new(false);
    let write_failed = |error: io::Error| {
        has_ended.set(error.kind() == io::ErrorKind::BrokenPipe);
        failed("pg_restore", &error.to_string())
    };
    let poured = pour(from, Sink(&mut to, &write_failed), watch);
    // Where it stopped listening, it says itself why.
    if let (Err(error), false) = (poured, has_ended.get()) {
        // Before its input ends: it must not take what it has for everything.
        drop(running);
        return Err(error);
    }
    drop(to);
    Ok(running.end().map_or_else(Restored::Refused, |()| Restored::Whole))
}

/// A program at work. Dropped before its end, it is killed.
struct Running {
    name: &'static str,
    child: Child,
    said: Option<JoinHandle<String>>,
}

impl Running {
    fn start(name: &'static str, mut command: Command) -> Result<Self> {
        let started = command.stderr(Stdio::piped()).spawn();
        let mut child = started.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => failed(
                name,
                "is not on this machine's PATH; it comes with the client programs of PostgreSQL (Debian: apt install \
                 postgresql-client), and must be as new as the server",
            ),
            _ => failed(name, &error.to_string()),
        })?;
        // Listened to beside everything else: whoever is not listened to stops working.
        let said = child.stderr.take().map(|mut said| {
            std::thread::spawn(move || {
                let mut bytes = Vec::new();
                let _ = said.read_to_end(&mut bytes);
                String::from_utf8_lossy(&bytes).into_owned()
            })
        });
        Ok(Self { name, child, said })
    }

    fn end(mut self) -> Result<()> {
        let status = self.child.wait().map_err(|error| failed(self.name, &error.to_string()))?;
        let said = self.said.take().and_then(|said| said.join().ok()).unwrap_or_default();
        if status.success() {
            return Ok(());
        }
        let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let said = lines.join("; ");
        let hint = if said.contains("version mismatch") { " (install one that is as new as the server)" } else { "" };
        Err(failed(self.name, &format!("{status}: {said}{hint}")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // After its end both do nothing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn failed(name: &str, reason: &str) -> Error {
    Error::File { path: name.to_owned(), reason: io::Error::other(reason.to_owned()) }
}
