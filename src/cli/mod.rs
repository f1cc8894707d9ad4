//! The command line: one file a command. Results go to stdout, everything else to stderr.
//!
//! Exit codes: 0 done · 1 could not be done · 2 bad input (arguments, settings, a case).

mod access_log;
mod backup;
mod breach;
mod demo;
mod erase;
mod keys;
mod migrate;
mod reached;
mod replay;
mod restore;
mod retention;
mod serve;
mod sessions;
mod user;
mod watched;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::Settings;
use crate::error::{Error, Result, shown};
use crate::startup::{self, Fond};
use crate::web::Csv;

/// The software of a solidarity fund.
#[derive(Parser)]
#[command(name = "fond", version, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  fond demo                                          a fund to try, with the round of 2020 in it
  fond serve                                         the API on 127.0.0.1:8080
  fond user create --role administrator --email ana@example.org
  fond replay tests/cases/2020                       a whole round, into the default SQLite database
  fond replay tests/cases/2020 --database sqlite://round.sqlite3
  fond sessions end --all                            everybody is signed out, after a breach
  fond breach-report --since 2026-11-20              whose data people read since then
  fond access-log --application K7QM-2X9D            who read what of somebody without an account
  fond retention --dry-run                           what is over its term and would be erased
  fond erase --application 01993c5e-7a52-7cc0-9d3c-6f3c1d1f0a11
  fond migrate                                       the tables made or brought up to date, and nothing else
  fond backup --out /mnt/backups                     encrypted to the custodians of [backup] in the settings
  fond restore fond-20261127T101500Z.sqlite3.age --identity key.txt --database sqlite://fund.sqlite3
  fond keys escrow --out master.key.age              the master key, for the same custodians
  fond keys master --out master.key                  a new master key, for PostgreSQL
  fond keys rotate                                   another master key in its place, beside running servers
  fond keys signing --out signing.keys               keys that sign access tokens, for PostgreSQL
  FOND__MASTER_KEY_FILE=master.key fond replay tests/cases/2020 --database postgres://localhost/fond";

#[derive(Subcommand)]
enum Command {
    Serve(serve::Serve),
    Demo(demo::DemoCommand),
    #[command(subcommand)]
    User(user::User),
    #[command(subcommand)]
    Sessions(sessions::Sessions),
    Replay(replay::Replay),
    Migrate(migrate::Migrate),
    #[command(subcommand)]
    Keys(keys::Keys),
    BreachReport(breach::BreachReport),
    AccessLog(access_log::AccessLog),
    Retention(retention::Retention),
    Erase(erase::Erase),
    Backup(backup::Backup),
    Restore(restore::Restore),
}

/// Which database and settings a command uses.
#[derive(Args)]
struct Place {
    /// sqlite://path or postgres://user@host/name; by default a SQLite file in the data folder of this platform
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    database: Option<String>,
    /// A settings file that goes over the defaults (see config/default.toml)
    #[arg(long, value_name = "FILE", env = "FOND_CONFIG")]
    config: Option<PathBuf>,
}

impl Place {
    /// Opens the database; makes it, with its key, where it is not there.
    fn open(&self) -> Result<Fond> {
        let settings = Settings::load(self.config.as_deref())?;
        startup::open(&settings, self.database.as_deref())
    }

    /// Opens a database that is there.
    fn open_existing(&self) -> Result<Fond> {
        let settings = Settings::load(self.config.as_deref())?;
        startup::open_existing(&settings, self.database.as_deref())
    }
}

/// Why a command ended early: a message, and whether the input was at fault.
struct Failure {
    message: String,
    is_bad_input: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { is_bad_input: matches!(error, Error::Settings(_) | Error::Invalid(..)), message: error.to_string() }
    }
}

/// Reads the arguments, runs the command, says on stderr what went wrong.
pub fn run() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve(command) => command.run(),
        Command::Demo(command) => command.run(),
        Command::User(command) => command.run(),
        Command::Sessions(command) => command.run(),
        Command::Replay(command) => command.run(),
        Command::Migrate(command) => command.run(),
        Command::Keys(command) => command.run(),
        Command::BreachReport(command) => command.run(),
        Command::AccessLog(command) => command.run(),
        Command::Retention(command) => command.run(),
        Command::Erase(command) => command.run(),
        Command::Backup(command) => command.run(),
        Command::Restore(command) => command.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { message, is_bad_input }) => {
            // Nobody may be reading; there is nothing left to do about it.
            let _ = writeln!(std::io::stderr(), "fond: {message}");
            ExitCode::from(if is_bad_input { 2 } else { 1 })
        }
    }
}

/// What is said of an argument that cannot be an id.
fn no_id(argument: &str, text: &str) -> Error {
    Error::invalid(argument, format!("“{}” is no id", shown(text)))
}

/// Writes a result to stdout.
fn print(text: &str) -> Result<(), Failure> {
    is_printed(writeln!(std::io::stdout(), "{text}"))
}

/// Writes a table to stdout, as the file that it is.
fn print_csv(csv: &Csv) -> Result<(), Failure> {
    let mut stdout = std::io::stdout();
    is_printed(stdout.write_all(csv.text().as_bytes()).and_then(|()| stdout.flush()))
}

fn is_printed(written: std::io::Result<()>) -> Result<(), Failure> {
    written.map_err(|reason| Error::File { path: "stdout".into(), reason }.into())
}
