//! A case as it was read: typed, complete, and consistent in itself.

use std::fmt;
use std::path::Path;

use super::call_json::CallFile;
use crate::aid::{AidRecord, NewProgramme};
use crate::applications::Submission;
use crate::calls::{Problem, Rules};
use crate::clock::{Date, Instant};
use crate::committee::{Ballot, SeatKind};
use crate::eligibility::{Finding, Resolution};
use crate::error::Error;
use crate::ledger::Contribution;
use crate::payouts::Execution;

/// What is wrong with a case, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseError {
    pub file: String,
    pub line: Option<u64>,
    /// Number and name of the column.
    pub column: Option<String>,
    pub reason: String,
}

impl CaseError {
    pub(super) fn of_file(file: &str, reason: impl fmt::Display) -> Self {
        Self { file: file.to_owned(), line: None, column: None, reason: reason.to_string() }
    }
}

impl fmt::Display for CaseError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(out, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(out, ", column {column}")?;
        }
        write!(out, ": {}", self.reason)
    }
}

impl std::error::Error for CaseError {}

/// A whole round of the fund.
pub struct Case {
    pub(super) call: CallFile,
    pub(super) contributions: Vec<Contribution>,
    pub(super) programmes: Vec<NewProgramme>,
    /// In the order in which they arrive.
    pub(super) attempts: Vec<Attempt>,
    /// The programme's code, and what its register says.
    pub(super) records: Vec<(String, AidRecord)>,
    pub(super) resolutions: Vec<Resolved>,
    /// Substitutes behind those they stand for.
    pub(super) seats: Vec<CaseSeat>,
    pub(super) recusals: Vec<CaseRecusal>,
    /// In the order in which they are cast.
    pub(super) votes: Vec<CaseVote>,
    /// In the order in which the bank reports them.
    pub(super) payouts: Vec<BankLine>,
}

/// One who tries to apply.
pub struct Attempt {
    pub at: Instant,
    pub sent: Submission,
}

pub struct Resolved {
    pub reference: String,
    /// None for a name that is no finding: a decision on it does nothing, as on any that was not raised.
    pub finding: Option<Finding>,
    pub resolution: Resolution,
    pub by: String,
    pub reason: String,
}

pub struct CaseSeat {
    pub member: String,
    pub association: String,
    pub kind: SeatKind,
    pub substitutes_for: Option<String>,
}

pub struct CaseRecusal {
    pub reference: String,
    pub member: String,
    pub reason: String,
}

pub struct CaseVote {
    pub reference: String,
    pub member: String,
    pub ballot: Ballot,
    pub at: Instant,
}

/// What the bank says of a payment.
pub struct BankLine {
    pub reference: String,
    pub outcome: BankOutcome,
    pub execution: Execution,
}

crate::text_enum! {
    pub enum BankOutcome {
        Executed => "executed",
        Returned => "returned",
    }
}

impl Case {
    /// Reads a folder and checks all of it.
    ///
    /// # Errors
    /// The first thing that is wrong, with file, line and column.
    pub fn read(folder: &Path) -> Result<Self, CaseError> {
        super::read::case(folder)
    }

    /// What everybody sends in, in the order in which they do.
    pub fn submissions(&self) -> impl Iterator<Item = &Submission> {
        self.attempts.iter().map(|attempt| &attempt.sent)
    }

    /// The aid catalogue.
    pub fn programmes(&self) -> &[NewProgramme] {
        &self.programmes
    }

    pub fn rules(&self) -> &Rules {
        &self.call.rules
    }

    /// The place of the case that made a replay fail, where the case is at fault.
    pub fn at_fault(&self, error: &Error) -> Option<CaseError> {
        match error {
            Error::Refused(refusal) if refusal.code == "budget_above_funds" => {
                let problem = Problem {
                    key: "allocation.budget".into(),
                    code: "above",
                    other: None,
                    reason: refusal.message.clone(),
                };
                Some(self.call.wrong(&problem))
            }
            _ => None,
        }
    }

    /// The earliest day of the case: from then on its officers hold their roles.
    pub(super) fn begins_at(&self) -> Instant {
        let days = self.contributions.iter().map(|given| given.received_on).map(Instant::start_of);
        days.chain([self.call.rules.opens_at]).min().unwrap_or(self.call.rules.opens_at)
    }

    pub(super) fn last_contribution(&self) -> Option<Date> {
        self.contributions.iter().map(|given| given.received_on).max()
    }
}
