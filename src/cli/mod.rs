//! The command line: one file a command. Results go to stdout, everything else to stderr.
//!
//! Exit codes: 0 done · 1 could not be done · 2 bad input (arguments, settings, a case).

mod breach;
mod demo;
mod keys;
mod migrate;
mod replay;
mod serve;
mod user;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::Settings;
use crate::error::{Error, Result};
use crate::startup::{self, Fond};

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
  fond breach-report --since 2026-11-20              whose data people read since then
  fond keys master --out master.key                  a new master key, for PostgreSQL
  FOND__MASTER_KEY_FILE=master.key fond replay tests/cases/2020 --database postgres://localhost/fond";

#[derive(Subcommand)]
enum Command {
    Serve(serve::Serve),
    Demo(demo::DemoCommand),
    #[command(subcommand)]
    User(user::User),
    Replay(replay::Replay),
    Migrate(migrate::Migrate),
    #[command(subcommand)]
    Keys(keys::Keys),
    BreachReport(breach::BreachReport),
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
    fn open(&self) -> Result<Fond> {
        let settings = Settings::load(self.config.as_deref())?;
        startup::open(&settings, self.database.as_deref())
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
        Command::Replay(command) => command.run(),
        Command::Migrate(command) => command.run(),
        Command::Keys(command) => command.run(),
        Command::BreachReport(command) => command.run(),
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

/// Writes a result to stdout.
fn print(text: &str) -> Result<(), Failure> {
    let written = writeln!(std::io::stdout(), "{text}");
    written.map_err(|reason| Error::File { path: "stdout".into(), reason }.into())
}
