//! Plays a case through the actions, in the order of a round, with the file's times as the clock.

use std::collections::BTreeMap;

use super::case::{BankLine, BankOutcome, Case};
use super::people::{Officers, seat_committee};
use super::report::{self, Counts, Report};
use crate::accounts::{Actor, Role, actions as accounts};
use crate::aid::actions as aid;
use crate::applications::{ApplicationState, Refused, actions as applications};
use crate::awards::actions as awards;
use crate::calls::{Call, actions as calls};
use crate::clock::Instant;
use crate::committee::actions as committee;
use crate::crypto::Vault;
use crate::db::Conn;
use crate::eligibility::{Finding, Resolution, actions as eligibility};
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, AwardId, PayoutId};
use crate::ledger::actions as ledger;
use crate::payouts::actions::{self as payouts, Preparation};
use crate::payouts::{Payout, PayoutState};
use crate::version::Seen;

crate::text_enum! {
    /// The parts of a round, in their order.
    pub enum Step {
        Contributions => "Contributions",
        Call => "Call",
        Applications => "Applications",
        AidRecords => "Aid records",
        Resolutions => "Resolutions",
        Committee => "Committee",
        Recusals => "Recusals",
        Votes => "Votes",
        Closing => "Closing",
        Allocation => "Allocation",
        Preparation => "Payouts prepared",
        Payouts => "Payouts",
        Report => "Report",
    }
}

/// How far a replay is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub step: Step,
    pub done: usize,
    pub total: usize,
}

/// Is told of every action once it is done.
pub type Watch<'a> = dyn FnMut(&mut Conn, Progress) -> Result<()> + 'a;

/// Plays a case and reports what came out. Belongs inside one `db.write`: either all of it happens or nothing.
///
/// # Errors
/// Refused where the call exists in the database already, or its budget is above what was received.
pub fn run(conn: &mut Conn, vault: &Vault, case: &Case, watch: &mut Watch<'_>) -> Result<Report> {
    let mut round = Round::begin(conn, vault, case, watch)?;
    round.submit_all()?;
    round.import_registers()?;
    round.resolve_findings()?;
    round.vote()?;
    round.allocate()?;
    round.pay()?;
    round.report()
}

struct Round<'a, 'w> {
    conn: &'a mut Conn,
    vault: &'a Vault,
    case: &'a Case,
    watch: &'a mut Watch<'w>,
    /// The latest time so far; what has no time of its own happens then.
    now: Instant,
    officers: Officers,
    call: Call,
    applications: BTreeMap<&'a str, ApplicationId>,
    counts: Counts,
}

impl<'a, 'w> Round<'a, 'w> {
    /// Contributions, then the call and its aid catalogue.
    fn begin(conn: &'a mut Conn, vault: &'a Vault, case: &'a Case, watch: &'a mut Watch<'w>) -> Result<Self> {
        let begins = case.begins_at();
        let officers = Officers::register(conn, vault, case, begins)?;
        let book = &case.rules().code;
        let total = case.contributions.len();
        for (at, given) in case.contributions.iter().enumerate() {
            ledger::contribute(conn, &officers.treasurer, book, given, Instant::start_of(given.received_on))?;
            watch(conn, Progress { step: Step::Contributions, done: at.saturating_add(1), total })?;
        }
        let now = case.last_contribution().map_or(begins, |day| Instant::start_of(day).max(begins));
        let call = calls::make(conn, &officers.administrator, case.rules(), now)?;
        for programme in &case.programmes {
            aid::add_programme(conn, &officers.administrator, call.id, programme, now)?;
        }
        let call = calls::publish(conn, &officers.administrator, call.id, now)?;
        watch(conn, Progress { step: Step::Call, done: 1, total: 1 })?;
        let (applications, counts) = (BTreeMap::new(), Counts::default());
        Ok(Self { conn, vault, case, watch, now, officers, call, applications, counts })
    }

    fn done(&mut self, step: Step, at: usize, total: usize) -> Result<()> {
        (self.watch)(self.conn, Progress { step, done: at.saturating_add(1), total })
    }

    /// Something happens at a time of its own.
    fn at(&mut self, time: Instant) -> Instant {
        self.now = self.now.max(time);
        time
    }

    fn submit_all(&mut self) -> Result<()> {
        let case = self.case;
        for (at, attempt) in case.attempts.iter().enumerate() {
            let now = self.at(attempt.at);
            let applicant = accounts::register_applicant(self.conn, now)?;
            match eligibility::submit(self.conn, self.vault, &applicant, self.call.id, &attempt.sent, now) {
                Ok(application) => {
                    self.applications.insert(&attempt.sent.reference, application.id);
                }
                Err(error) => self.counts.refuse(&attempt.sent.reference, refused_attempt(error)?),
            }
            self.done(Step::Applications, at, case.attempts.len())?;
        }
        Ok(())
    }

    /// One register for each programme that has records; then what they hit is checked again.
    fn import_registers(&mut self) -> Result<()> {
        let case = self.case;
        let programmes = aid::programmes(self.conn, self.call.id)?;
        for (at, programme) in programmes.iter().enumerate() {
            let mut records =
                case.records.iter().filter(|(code, _)| *code == programme.code).map(|(_, record)| record).peekable();
            if records.peek().is_some() {
                aid::import_register(
                    self.conn,
                    self.vault,
                    &self.officers.administrator,
                    programme.id,
                    records,
                    self.now,
                )?;
                eligibility::run_rechecks(self.conn, self.vault, self.now)?;
                self.confirm_certain_hits()?;
            }
            self.done(Step::AidRecords, at, programmes.len())?;
        }
        Ok(())
    }

    /// A record under an applicant's own number is certain, and the format lets it fail at once. In the fund it goes before
    /// a person where the application had passed already: here that person confirms it.
    fn confirm_certain_hits(&mut self) -> Result<()> {
        let waiting = applications::list_in_state(self.conn, self.call.id, ApplicationState::NeedsReview)?;
        let held: Vec<_> =
            waiting.into_iter().filter(|found| found.held_from.is_some()).map(|found| found.id).collect();
        let findings = eligibility::list(self.conn, &self.officers.auditor, &held)?;
        for (application, found) in findings {
            if found.contains(&Finding::OtherAid) {
                let decided = (Finding::OtherAid, Resolution::Confirmed);
                let by = &self.officers.administrator;
                let application = applications::find(self.conn, application)?;
                eligibility::resolve(
                    self.conn,
                    self.vault,
                    by,
                    (application, Seen::ANY),
                    decided,
                    "their own number",
                    self.now,
                )?;
            }
        }
        Ok(())
    }

    /// A decision on a finding that was not raised, or asks for none, does nothing.
    fn resolve_findings(&mut self) -> Result<()> {
        let case = self.case;
        for (at, resolved) in case.resolutions.iter().enumerate() {
            let by = self.officers.deciders.get(&resolved.by).ok_or(Error::NotFound)?;
            let application = self.applications.get(resolved.reference.as_str());
            if let (Some(application), Some(finding)) = (application, resolved.finding) {
                let decided = (finding, resolved.resolution);
                let application = applications::find(self.conn, *application)?;
                let outcome = eligibility::resolve(
                    self.conn,
                    self.vault,
                    by,
                    (application, Seen::ANY),
                    decided,
                    &resolved.reason,
                    self.now,
                );
                unless_refused(outcome, &["finding_not_open"])?;
            }
            self.done(Step::Resolutions, at, case.resolutions.len())?;
        }
        Ok(())
    }

    /// Seats, recusals, votes, and the close.
    fn vote(&mut self) -> Result<()> {
        let case = self.case;
        let members =
            seat_committee(self.conn, self.vault, &self.officers.administrator, case, self.call.id, self.now)?;
        self.done(Step::Committee, 0, 1)?;
        for (at, recusal) in case.recusals.iter().enumerate() {
            let member = members.get(&recusal.member).ok_or(Error::NotFound)?;
            if let Some(application) = self.applications.get(recusal.reference.as_str()) {
                let outcome = committee::recuse(self.conn, self.vault, member, *application, &recusal.reason, self.now);
                unless_refused(outcome, &["already_recused"])?;
            }
            self.done(Step::Recusals, at, case.recusals.len())?;
        }
        let chair = members.values().find(|member| member.role() == Role::Chair);
        // Without a chair the clock opens and closes the voting.
        let chair = chair.unwrap_or(&Actor::SYSTEM);
        let open = self.now.max(self.call.closes_at.plus(std::time::Duration::from_micros(1)));
        self.call = committee::open(self.conn, chair, self.call.id, open)?;
        for (at, vote) in case.votes.iter().enumerate() {
            let now = self.at(vote.at);
            // Who has no seat cannot even act; and what was refused at submission cannot be voted on.
            match (members.get(&vote.member), self.applications.get(vote.reference.as_str())) {
                (Some(member), Some(application)) => {
                    match committee::cast(self.conn, self.vault, member, *application, &vote.ballot, now) {
                        Err(error) if committee::is_refused_vote(&error) => self.counts.refuse_vote(),
                        outcome => outcome?,
                    }
                }
                _ => self.counts.refuse_vote(),
            }
            self.done(Step::Votes, at, case.votes.len())?;
        }
        let now = self.now.max(case.rules().voting_closes_at);
        self.now = now;
        self.call = committee::close(self.conn, self.vault, chair, self.call.id, now)?;
        self.done(Step::Closing, 0, 1)
    }

    fn allocate(&mut self) -> Result<()> {
        if let Some(seed) = &self.case.call.seed {
            self.call = calls::record_seed(self.conn, &self.officers.administrator, self.call.id, seed, self.now)?;
        }
        self.call = awards::commit(self.conn, self.vault, &self.officers.treasurer, self.call.id, self.now)?;
        self.done(Step::Allocation, 0, 1)
    }

    /// Prepares and authorises every award, then records what the bank did. A file may name days of the bank that are earlier
    /// than its own votes or gifts; nothing is paid before it is authorised, so that is then on the first of these days.
    fn pay(&mut self) -> Result<()> {
        let awards = awards::list(self.conn, &self.officers.auditor, self.call.id)?;
        let first = self.case.payouts.iter().map(|line| Instant::start_of(line.execution.executed_on)).min();
        let authorised_at = first.map_or(self.now, |first| self.now.min(first));
        let mut payable = BTreeMap::new();
        for (at, award) in awards.iter().enumerate() {
            let payout = self.prepare_and_authorise(award.id, authorised_at)?;
            payable.insert(award.application_id, (award.id, payout.id));
            self.done(Step::Preparation, at, awards.len())?;
        }
        let case = self.case;
        for (at, line) in case.payouts.iter().enumerate() {
            let application = self.applications.get(line.reference.as_str());
            let due = application.and_then(|application| payable.get(application)).copied();
            self.record(line, due)?;
            self.done(Step::Payouts, at, case.payouts.len())?;
        }
        Ok(())
    }

    fn prepare_and_authorise(&mut self, award: AwardId, now: Instant) -> Result<Payout> {
        let prepared = match payouts::prepare(self.conn, self.vault, &self.officers.treasurer, award, now)? {
            Preparation::Prepared(payout) => payout,
            Preparation::Held(held) => {
                return Err(Error::corrupt(format!("{} was awarded in spite of a finding", held.reference)));
            }
        };
        payouts::authorise(self.conn, self.vault, &self.officers.authoriser, prepared.id, now)
    }

    fn record(&mut self, line: &BankLine, due: Option<(AwardId, PayoutId)>) -> Result<()> {
        let now = self.at(Instant::start_of(line.execution.executed_on));
        let Some((award, payout)) = due else {
            self.counts.refuse_payout();
            return Ok(());
        };
        let treasurer = self.officers.treasurer.clone();
        let outcome = match line.outcome {
            BankOutcome::Executed => {
                if payouts::find(self.conn, payout)?.state == PayoutState::Returned {
                    self.prepare_and_authorise(award, now)?;
                }
                payouts::execute(self.conn, self.vault, &treasurer, payout, &line.execution, now)
            }
            BankOutcome::Returned => {
                payouts::record_return(self.conn, &treasurer, payout, line.execution.executed_on, now)
            }
        };
        match unless_refused(outcome, &["payout_state", "amount_differs", "bank_reference_used"])? {
            Some(payout) if payout.state == PayoutState::Returned => self.counts.accept_return(),
            Some(_) => {}
            None => self.counts.refuse_payout(),
        }
        Ok(())
    }

    fn report(self) -> Result<Report> {
        let report = report::make(self.conn, &self.officers.auditor, &self.call, &self.counts)?;
        (self.watch)(self.conn, Progress { step: Step::Report, done: 1, total: 1 })?;
        Ok(report)
    }
}

/// Why an attempt came to nothing; other errors end the replay.
fn refused_attempt(error: Error) -> Result<Refused> {
    error.refusal_code().and_then(|code| code.parse().ok()).ok_or(error)
}

/// What an action gave, or nothing where a rule with one of these codes said no; other errors end the replay.
fn unless_refused<T>(outcome: Result<T>, codes: &[&str]) -> Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.refusal_code().is_some_and(|code| codes.contains(&code)) => Ok(None),
        Err(error) => Err(error),
    }
}
