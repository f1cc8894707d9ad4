//! What came out of a round: the totals, and every attempt under its reference. Made from the database, not from memory.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::accounts::Actor;
use crate::applications::{self, ApplicationState, Refused};
use crate::awards;
use crate::calls::Call;
use crate::db::Conn;
use crate::eligibility;
use crate::error::Result;
use crate::ledger::{self, Account};
use crate::money::Money;

/// The report, as `expected.json` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub totals: Totals,
    pub applications: BTreeMap<String, Line>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    pub attempts: usize,
    pub submitted: usize,
    pub refused: BTreeMap<String, usize>,
    pub eligible: usize,
    pub ineligible: usize,
    pub needs_review: usize,
    pub approved: usize,
    pub rejected: usize,
    pub no_quorum: usize,
    pub refused_votes: usize,
    pub awards: usize,
    pub awarded: Money,
    pub by_category: BTreeMap<String, CategoryTotals>,
    pub received: Money,
    pub fees: Money,
    pub paid_awards: usize,
    pub paid: Money,
    pub returned_payouts: usize,
    pub refused_payouts: usize,
    pub bank_balance: Money,
    pub undistributed: Money,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CategoryTotals {
    pub approved: usize,
    pub awards: usize,
    pub awarded: Money,
}

/// An attempt: refused, or what became of the application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Line {
    Refused {
        refused: String,
    },
    Application {
        category: Option<i32>,
        eligibility: String,
        findings: Vec<String>,
        decision: Option<String>,
        award: Option<Money>,
        paid: bool,
    },
}

/// What leaves no row behind, because nothing came to exist: it is counted while the case plays.
#[derive(Debug, Default)]
pub struct Counts {
    refused: BTreeMap<String, Refused>,
    refused_votes: usize,
    refused_payouts: usize,
    returned_payouts: usize,
}

impl Counts {
    pub fn refuse(&mut self, reference: &str, why: Refused) {
        self.refused.insert(reference.to_owned(), why);
    }

    pub fn refuse_vote(&mut self) {
        self.refused_votes = self.refused_votes.saturating_add(1);
    }

    pub fn refuse_payout(&mut self) {
        self.refused_payouts = self.refused_payouts.saturating_add(1);
    }

    pub fn accept_return(&mut self) {
        self.returned_payouts = self.returned_payouts.saturating_add(1);
    }
}

/// Reads what the database holds of a round and puts it together.
pub fn make(conn: &mut Conn, auditor: &Actor, call: &Call, counts: &Counts) -> Result<Report> {
    let applications = applications::actions::list(conn, auditor, call.id)?;
    let ids: Vec<_> = applications.iter().map(|application| application.id).collect();
    let mut findings = eligibility::actions::list(conn, auditor, &ids)?;
    let awards = awards::actions::list(conn, auditor, call.id)?;
    let awards: BTreeMap<_, _> = awards.into_iter().map(|award| (award.application_id, award.gross)).collect();
    let mut lines: BTreeMap<String, Line> = BTreeMap::new();
    for (reference, why) in &counts.refused {
        lines.insert(reference.clone(), Line::Refused { refused: why.to_string() });
    }
    for application in applications {
        let found = findings.remove(&application.id).unwrap_or_default();
        let (eligibility, decision) = standing(application.state);
        let line = Line::Application {
            category: application.category,
            eligibility: eligibility.to_string(),
            findings: found.iter().map(ToString::to_string).collect(),
            decision: decision.map(|decision| decision.to_string()),
            award: awards.get(&application.id).copied(),
            paid: application.state == ApplicationState::Paid,
        };
        lines.insert(application.reference, line);
    }
    let mut totals = count(call, counts, &lines)?;
    add_money(conn, auditor, call, &mut totals)?;
    Ok(Report { totals, applications: lines })
}

/// Eligibility and decision, as the state of an application tells them.
fn standing(state: ApplicationState) -> (ApplicationState, Option<ApplicationState>) {
    use ApplicationState as S;
    match state {
        S::Submitted | S::Ineligible | S::NeedsReview | S::Withdrawn | S::Merged => (state, None),
        S::Eligible => (S::Eligible, None),
        S::Rejected | S::NoQuorum => (S::Eligible, Some(state)),
        S::Approved | S::Awarded | S::Reserve | S::Unfunded | S::Paid | S::Declined => (S::Eligible, Some(S::Approved)),
    }
}

fn count(call: &Call, counts: &Counts, lines: &BTreeMap<String, Line>) -> Result<Totals> {
    let mut totals = Totals {
        attempts: lines.len(),
        refused_votes: counts.refused_votes,
        refused_payouts: counts.refused_payouts,
        returned_payouts: counts.returned_payouts,
        by_category: call
            .rules
            .categories
            .iter()
            .map(|category| (category.number.to_string(), CategoryTotals::default()))
            .collect(),
        ..Totals::default()
    };
    for line in lines.values() {
        match line {
            Line::Refused { refused } => bump(totals.refused.entry(refused.clone()).or_default()),
            Line::Application { category, eligibility, decision, award, paid, .. } => {
                bump(&mut totals.submitted);
                totals.count_standing(eligibility, decision.as_deref());
                let of_category = category.and_then(|number| totals.by_category.get_mut(&number.to_string()));
                let (mut nowhere, is_approved) = (CategoryTotals::default(), decision.as_deref() == Some("approved"));
                of_category.unwrap_or(&mut nowhere).count(is_approved, *award)?;
                if let Some(amount) = award {
                    bump(&mut totals.awards);
                    totals.awarded = totals.awarded.plus(*amount)?;
                }
                if let (Some(amount), true) = (award, *paid) {
                    bump(&mut totals.paid_awards);
                    totals.paid = totals.paid.plus(*amount)?;
                }
            }
        }
    }
    Ok(totals)
}

impl Totals {
    fn count_standing(&mut self, eligibility: &str, decision: Option<&str>) {
        match eligibility {
            "eligible" => bump(&mut self.eligible),
            "ineligible" => bump(&mut self.ineligible),
            _ => bump(&mut self.needs_review),
        }
        match decision {
            Some("approved") => bump(&mut self.approved),
            Some("rejected") => bump(&mut self.rejected),
            Some(_) => bump(&mut self.no_quorum),
            None => {}
        }
    }
}

impl CategoryTotals {
    fn count(&mut self, is_approved: bool, award: Option<Money>) -> Result<()> {
        if is_approved {
            bump(&mut self.approved);
        }
        if let Some(amount) = award {
            bump(&mut self.awards);
            self.awarded = self.awarded.plus(amount)?;
        }
        Ok(())
    }
}

fn bump(count: &mut usize) {
    *count = count.saturating_add(1);
}

/// The money comes from the books: the bank's balance, and what is undistributed, are accounts of their own.
fn add_money(conn: &mut Conn, auditor: &Actor, call: &Call, totals: &mut Totals) -> Result<()> {
    let received = ledger::actions::received(conn, call.book())?;
    let books = ledger::actions::trial_balance(conn, auditor, call.book())?;
    totals.received = received.gross;
    totals.fees = received.fees;
    totals.bank_balance = books.of(&Account::Bank);
    totals.undistributed = books.of(&Account::Undistributed).negated()?;
    Ok(())
}
