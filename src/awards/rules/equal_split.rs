//! The same for everybody: the budget by the number of approved, rounded down, at most the cap.

use std::cmp::Ordering;

use super::rank::Lots;
use super::{Candidate, Place, fund_first};
use crate::money::Money;

pub(super) fn allocate<'a>(
    budget: Money,
    step: Money,
    cap: Money,
    lots: &Lots<'_>,
    candidates: &'a [Candidate],
) -> Vec<Place<'a>> {
    let share = budget.shared_among(candidates.len()).min(cap).rounded_down_to(step);
    fund_first(lots.rank(candidates, |_, _| Ordering::Equal), candidates.len(), share)
}
