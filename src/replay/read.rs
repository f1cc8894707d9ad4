//! The files of a case, one function each, in the order in which they speak of each other.

use std::collections::BTreeSet;
use std::path::Path;

use super::CaseError;
use super::call_json::CallFile;
use super::case::{Attempt, BankLine, BankOutcome, Case, CaseRecusal, CaseSeat, CaseVote, Resolved};
use super::table::{Row, Table};
use crate::aid::{AidRecord, Effect, NewProgramme};
use crate::applications::{Household, Submission};
use crate::clock::Date;
use crate::committee::{Ballot, SeatKind};
use crate::error::{Error, shown};
use crate::ledger::Contribution;
use crate::money::{Money, Rate};
use crate::payouts::Execution;

const CONTRIBUTIONS: Table = Table {
    file: "contributions.csv",
    columns: &["received_on", "donor", "amount", "currency", "rate", "fee", "note"],
};
const PROGRAMMES: Table =
    Table { file: "aid_programmes.csv", columns: &["programme", "provider", "level", "universal", "effect", "title"] };
const APPLICATIONS: Table = Table {
    file: "applications.csv",
    columns: &[
        "ref",
        "submitted_at",
        "given_name",
        "family_name",
        "jmbg",
        "email",
        "phone",
        "municipality",
        "discipline",
        "association",
        "bank_account",
        "account_holder",
        "household",
        "household_size",
        "single_parent",
        "children_born",
        "housing",
        "income_before",
        "income_during",
        "benefits",
        "other_support",
        "declared_aid",
        "related_to_fund",
        "statement",
    ],
};
const RECORDS: Table =
    Table { file: "aid_records.csv", columns: &["programme", "jmbg", "name", "municipality", "amount", "paid_on"] };
const RESOLUTIONS: Table =
    Table { file: "resolutions.csv", columns: &["ref", "finding", "resolution", "by", "reason"] };
const COMMITTEE: Table =
    Table { file: "committee.csv", columns: &["member", "association", "seat", "substitutes_for"] };
const RECUSALS: Table = Table { file: "recusals.csv", columns: &["ref", "member", "reason"] };
const VOTES: Table = Table { file: "votes.csv", columns: &["ref", "member", "vote", "score", "reason", "cast_at"] };
const PAYOUTS: Table = Table { file: "payouts.csv", columns: &["ref", "on", "amount", "bank_reference", "outcome"] };

/// People in one household.
const LARGEST_HOUSEHOLD: u32 = 1000;
const HIGHEST_SCORE: u32 = 100;

/// Names that are known so far, for rows that speak of them.
type Known = BTreeSet<String>;

pub(super) fn case(folder: &Path) -> Result<Case, CaseError> {
    if !folder.is_dir() {
        return Err(CaseError::of_file(&folder.display().to_string(), "there is no such folder"));
    }
    let call = CallFile::read(folder)?;
    let contributions = contributions(folder)?;
    let (programmes, codes) = programmes(folder)?;
    let (attempts, references) = attempts(folder, &codes)?;
    let records = RECORDS.read(folder, |row| Ok((known(row, "programme", &codes, "programme")?, record(row)?)))?;
    let resolutions = RESOLUTIONS.read(folder, |row| resolved(row, &references))?;
    let (seats, members) = committee(folder)?;
    let recusals = RECUSALS.read(folder, |row| recusal(row, &references, &members))?;
    let votes = votes(folder, &references)?;
    let payouts = payouts(folder, &references)?;
    Ok(Case { call, contributions, programmes, attempts, records, resolutions, seats, recusals, votes, payouts })
}

/// A name that another file has introduced.
fn known(row: &Row<'_>, column: &str, names: &Known, what: &str) -> Result<String, CaseError> {
    let name = row.word(column)?;
    if names.contains(&name) {
        Ok(name)
    } else {
        Err(row.wrong(column, format!("there is no {what} “{}”", shown(&name))))
    }
}

/// A name that this row introduces.
fn new_name(row: &Row<'_>, column: &str, names: &mut Known, what: &str) -> Result<String, CaseError> {
    let name = row.word(column)?;
    if names.insert(name.clone()) {
        return Ok(name);
    }
    Err(row.wrong(column, format!("there are two of the {what} “{}”", shown(&name))))
}

fn contributions(folder: &Path) -> Result<Vec<Contribution>, CaseError> {
    let (mut received, mut fees) = (Money::ZERO, Money::ZERO);
    CONTRIBUTIONS.read(folder, |row| {
        let given = Contribution {
            received_on: row.day("received_on")?,
            donor: row.word("donor")?,
            amount: row.money("amount")?,
            currency: row.value("currency").map_err(|_| {
                row.wrong("currency", format!("“{}” is not a code such as RSD or EUR", shown(row.cell("currency"))))
            })?,
            rate: row.optional("rate")?.unwrap_or(Rate::ONE),
            fee: row.optional("fee")?.unwrap_or(Money::ZERO),
            note: row.text("note"),
        };
        let gross = given.in_dinars().map_err(|error| match error {
            Error::Invalid(column, reason) => row.wrong(&column, reason),
            other => row.wrong("amount", other),
        })?;
        received = received.plus(gross).map_err(|error| row.wrong("amount", error))?;
        fees = fees.plus(given.fee).map_err(|error| row.wrong("fee", error))?;
        Ok(given)
    })
}

fn programmes(folder: &Path) -> Result<(Vec<NewProgramme>, Known), CaseError> {
    let mut codes = Known::new();
    let programmes = PROGRAMMES.read(folder, |row| {
        let effect: Effect = row.value("effect")?;
        if !effect.is_supported() {
            return Err(row.wrong("effect", format!("“{effect}” is not supported yet; use disqualify or ignore")));
        }
        Ok(NewProgramme {
            code: new_name(row, "programme", &mut codes, "programme")?,
            provider: row.short("provider")?,
            level: row.value("level")?,
            is_universal: row.yes("universal")?,
            effect,
            title: row.short("title")?,
        })
    })?;
    Ok((programmes, codes))
}

fn attempts(folder: &Path, codes: &Known) -> Result<(Vec<Attempt>, Known), CaseError> {
    let mut references = Known::new();
    let mut attempts = APPLICATIONS.read(folder, |row| {
        let reference = new_name(row, "ref", &mut references, "ref")?;
        Ok(Attempt { at: row.moment("submitted_at")?, sent: submission(row, reference, codes)? })
    })?;
    attempts.sort_by(|one, other| (one.at, &one.sent.reference).cmp(&(other.at, &other.sent.reference)));
    Ok((attempts, references))
}

fn submission(row: &Row<'_>, reference: String, codes: &Known) -> Result<Submission, CaseError> {
    let is_known = |code: &str| {
        if codes.contains(code) {
            Ok(code.to_owned())
        } else {
            Err(format!("there is no programme “{}”", shown(code)))
        }
    };
    let born = |text: &str| text.parse::<Date>().map_err(|error| error.to_string());
    let sent = Submission {
        reference,
        // A wrong JMBG or account is no bad input but a refused attempt.
        jmbg: row.text("jmbg"),
        bank_account: row.text("bank_account"),
        account_holder: row.short("account_holder")?,
        given_name: row.word("given_name")?,
        family_name: row.word("family_name")?,
        email: email(row)?,
        phone: row.short("phone")?,
        municipality: row.word("municipality")?,
        discipline: row.short("discipline")?,
        association: Some(row.short("association")?).filter(|code| !code.is_empty()),
        household: Household::Named(row.word("household")?),
        household_size: row.number("household_size", 1, LARGEST_HOUSEHOLD)?,
        is_single_parent: row.yes("single_parent")?,
        children_born: row.list("children_born", born)?,
        housing: row.value("housing")?,
        income_before: row.money("income_before")?,
        income_during: row.money("income_during")?,
        benefits: row.money("benefits")?,
        has_other_support: row.yes("other_support")?,
        declared_aid: row.list("declared_aid", is_known)?,
        is_related_to_fund: row.yes("related_to_fund")?,
        statement: row.text("statement"),
    };
    sent.ranking().map_err(|error| row.wrong("benefits", error))?;
    Ok(sent)
}

/// Something with one at-sign inside, or nothing: not everybody has an address.
fn email(row: &Row<'_>) -> Result<String, CaseError> {
    let text = row.short("email")?;
    let has_parts =
        text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    if text.is_empty() || (has_parts && !text.contains(char::is_whitespace)) {
        return Ok(text);
    }
    Err(row.wrong("email", format!("“{}” is not an e-mail address", shown(&text))))
}

fn record(row: &Row<'_>) -> Result<AidRecord, CaseError> {
    // A wrong JMBG is the register's error, and finds nobody.
    let jmbg = Some(row.short("jmbg")?).filter(|text| !text.is_empty());
    // Without a JMBG nothing but the name finds anybody.
    let name = if jmbg.is_some() { row.short("name")? } else { row.word("name")? };
    Ok(AidRecord {
        jmbg,
        name,
        municipality: row.short("municipality")?,
        amount: row.money("amount")?,
        paid_on: row.day("paid_on")?,
    })
}

fn resolved(row: &Row<'_>, references: &Known) -> Result<Resolved, CaseError> {
    let reason = row.text("reason");
    if reason.trim().is_empty() {
        return Err(row.wrong("reason", "must not be empty: a decision on a finding needs a reason"));
    }
    Ok(Resolved {
        reference: known(row, "ref", references, "application")?,
        finding: row.word("finding")?.parse().ok(),
        resolution: row.value("resolution")?,
        by: row.word("by")?,
        reason,
    })
}

fn committee(folder: &Path) -> Result<(Vec<CaseSeat>, Known), CaseError> {
    let mut members = Known::new();
    let mut has_chair = false;
    let mut seats = COMMITTEE.read(folder, |row| {
        let seat = CaseSeat {
            member: new_name(row, "member", &mut members, "member")?,
            association: row.short("association")?,
            kind: row.value("seat")?,
            substitutes_for: Some(row.short("substitutes_for")?).filter(|member| !member.is_empty()),
        };
        if seat.kind == SeatKind::Chair && std::mem::replace(&mut has_chair, true) {
            return Err(row.wrong("seat", "there are two chairs"));
        }
        if (seat.kind == SeatKind::Substitute) != seat.substitutes_for.is_some() {
            return Err(row.wrong("substitutes_for", "a substitute, and only a substitute, stands for another member"));
        }
        Ok((row.line, seat))
    })?;
    let may_be_stood_for: Known = seats
        .iter()
        .filter(|(_, seat)| seat.kind != SeatKind::Substitute)
        .map(|(_, seat)| seat.member.clone())
        .collect();
    for (line, seat) in &seats {
        if let Some(principal) = seat.substitutes_for.as_ref().filter(|member| !may_be_stood_for.contains(*member)) {
            let reason = format!("there is no member or chair “{}”", shown(principal));
            let column = Some(COMMITTEE.column("substitutes_for"));
            return Err(CaseError { line: Some(*line), column, ..CaseError::of_file(COMMITTEE.file, reason) });
        }
    }
    seats.sort_by_key(|(line, seat)| (seat.kind == SeatKind::Substitute, *line));
    Ok((seats.into_iter().map(|(_, seat)| seat).collect(), members))
}

fn recusal(row: &Row<'_>, references: &Known, members: &Known) -> Result<CaseRecusal, CaseError> {
    Ok(CaseRecusal {
        reference: known(row, "ref", references, "application")?,
        member: known(row, "member", members, "member")?,
        reason: row.text("reason"),
    })
}

/// A vote by somebody who is no member is no bad input but a refused vote.
fn votes(folder: &Path, references: &Known) -> Result<Vec<CaseVote>, CaseError> {
    let mut votes = VOTES.read(folder, |row| {
        let score = if row.cell("score").is_empty() { None } else { Some(row.number("score", 0, HIGHEST_SCORE)?) };
        Ok(CaseVote {
            reference: known(row, "ref", references, "application")?,
            member: row.short("member")?,
            ballot: Ballot {
                vote: row.value("vote")?,
                score: score.and_then(|score| u8::try_from(score).ok()),
                reason: row.text("reason"),
            },
            at: row.moment("cast_at")?,
        })
    })?;
    votes.sort_by(|one, other| (one.at, &one.reference, &one.member).cmp(&(other.at, &other.reference, &other.member)));
    Ok(votes)
}

fn payouts(folder: &Path, references: &Known) -> Result<Vec<BankLine>, CaseError> {
    let mut lines = PAYOUTS.read(folder, |row| {
        let outcome: BankOutcome = row.value("outcome")?;
        Ok(BankLine {
            reference: known(row, "ref", references, "application")?,
            outcome,
            execution: Execution {
                // A file tells what happened.
                despite_finding: true,
                executed_on: row.day("on")?,
                amount: row.money("amount")?,
                bank_reference: if outcome == BankOutcome::Executed {
                    row.word("bank_reference")?
                } else {
                    row.short("bank_reference")?
                },
            },
        })
    })?;
    lines.sort_by(|one, other| {
        let key = |line: &BankLine| {
            (line.execution.executed_on, line.execution.bank_reference.clone(), line.outcome.as_str())
        };
        key(one).cmp(&key(other))
    });
    Ok(lines)
}
