//! `fond replay`: a whole round from a folder, the report on stdout, progress on stderr.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{Failure, Place, print};
use crate::audit;
use crate::replay::{self, Case, CaseError, Progress};
use crate::startup::Fond;
use crate::transparency;

/// Run a whole round from a case folder and print the report as JSON
///
/// The folder is read and checked before anything is written; then everything happens in one transaction.
/// Exit code 2: the folder is wrong, and nothing was written. docs/CASES.md describes the format.
#[derive(Args)]
#[command(after_help = "Example:\n  fond replay tests/cases/2020 --database sqlite://round.sqlite3 > report.json")]
pub struct Replay {
    /// The folder with call.json, applications.csv, votes.csv, …
    dir: PathBuf,
    #[command(flatten)]
    place: Place,
}

impl From<CaseError> for Failure {
    fn from(error: CaseError) -> Self {
        Self { message: error.to_string(), is_bad_input: true }
    }
}

impl Replay {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let case = Case::read(&self.dir)?;
        let Fond { db, vault } = self.place.open()?;
        let mut bar = Bar::default();
        let outcome = db.write(|conn| {
            replay::run(conn, &vault, &case, &mut |_, progress| {
                bar.show(progress);
                Ok(())
            })
        });
        bar.end();
        let report = outcome.map_err(|error| case.blame(error))?;
        audit::number_committed(&db)?;
        transparency::actions::count_waiting(&db)?;
        let json = serde_json::to_string_pretty(&report).map_err(crate::error::Error::corrupt)?;
        print(&json)
    }
}

/// The progress of one step at a time; nothing where stderr is no terminal.
#[derive(Default)]
pub(super) struct Bar(Option<(replay::Step, ProgressBar)>);

impl Bar {
    pub(super) fn show(&mut self, progress: Progress) {
        if self.0.as_ref().is_none_or(|(step, _)| *step != progress.step) {
            self.end();
            let total = u64::try_from(progress.total).unwrap_or(u64::MAX);
            let style = ProgressStyle::with_template("{msg:<16} {wide_bar} {pos}/{len}").ok();
            let bar = ProgressBar::new(total).with_message(progress.step.as_str());
            self.0 = Some((progress.step, style.map_or(bar.clone(), |style| bar.with_style(style))));
        }
        if let Some((_, bar)) = &self.0 {
            bar.set_position(u64::try_from(progress.done).unwrap_or(u64::MAX));
        }
    }

    pub(super) fn end(&mut self) {
        if let Some((_, bar)) = self.0.take() {
            bar.finish_and_clear();
        }
    }
}

/// What went wrong in a replay: where the case is at fault, the message names its place.
impl Case {
    fn blame(&self, error: crate::error::Error) -> Failure {
        match self.at_fault(&error) {
            Some(wrong) => wrong.into(),
            None => error.into(),
        }
    }
}
