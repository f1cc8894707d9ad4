//! The allocation: a pure function of the rules, the seed and the candidates. One file a method.
//!
//! Every method gives a place to every candidate, best first. Whoever is funded stands before all who are not.

mod category_order;
mod draw;
mod equal_split;
mod income_bands;
mod outcome;
mod rank;
mod reserve;
mod score_order;
#[cfg(test)]
mod tests;

pub use draw::draw_number;
pub use outcome::{Outcome, Placed};
pub use rank::Mean;
pub use reserve::{is_free, next_amount};
use serde::Serialize;

use crate::applications::Ranking;
use crate::calls::{Allocation, Plan};
use crate::error::{Error, Result};
use crate::money::Money;

/// An approved application, as far as an allocation looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub reference: String,
    pub category: i32,
    pub score: Mean,
    pub ranking: Ranking,
}

/// What an allocation decides for an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    Awarded(Money),
    /// Next in line when an award falls free.
    Reserve,
    /// Not in line: below the minimum score, or in no band.
    Unfunded,
}

/// A place in the order of an allocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    pub candidate: &'a Candidate,
    pub fate: Fate,
}

/// Shares the budget: that of the call, which may be another than its rules began with. `categories` are the numbers of the call's categories in order of priority.
///
/// # Errors
/// Refused where lots must be drawn and there is no seed; [`Error::Overflow`] where amounts leave the range.
pub fn allocate<'a>(
    rules: &Allocation,
    budget: Money,
    categories: &[i32],
    seed: Option<&str>,
    candidates: &'a [Candidate],
) -> Result<Vec<Place<'a>>> {
    if rules.needs_seed() && seed.is_none() {
        return Err(Error::refused("seed_missing", "lots decide in this call, and the seed is not recorded yet"));
    }
    let lots = rank::Lots { ties: &rules.ties, seed: seed.unwrap_or_default() };
    let step = rules.step();
    let plan = rules.plan().map_err(|key| Error::invalid(format!("allocation.{key}"), "is missing"))?;
    match plan {
        Plan::CategoryOrder { full_amount, minimum_amount } => {
            let amounts = category_order::Amounts { budget, step, full: full_amount, minimum: minimum_amount };
            category_order::allocate(&amounts, categories, &lots, candidates)
        }
        Plan::EqualSplit { cap } => Ok(equal_split::allocate(budget, step, cap, &lots, candidates)),
        Plan::ScoreOrder { full_amount, minimum_score } => {
            Ok(score_order::allocate(budget, full_amount.rounded_down_to(step), minimum_score, &lots, candidates))
        }
        Plan::IncomeBands { bands } => income_bands::allocate(budget, step, &bands, &lots, candidates),
        Plan::Draw { full_amount, tickets } => {
            Ok(draw::allocate(budget, full_amount.rounded_down_to(step), tickets, lots.seed, candidates))
        }
    }
}

/// The first `count` of a ranked list get the amount; the others wait in line. An amount of nothing is no award.
fn fund_first<'a>(ranked: Vec<&'a Candidate>, count: usize, amount: Money) -> Vec<Place<'a>> {
    let count = if amount.is_positive() { count } else { 0 };
    let fate = |at: usize| if at < count { Fate::Awarded(amount) } else { Fate::Reserve };
    ranked.into_iter().enumerate().map(|(at, candidate)| Place { candidate, fate: fate(at) }).collect()
}
