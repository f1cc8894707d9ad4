//! Categories in order at the full amount; the first that the money cannot serve so shares equally what is left.

use std::cmp::Ordering;

use super::rank::Lots;
use super::{Candidate, Fate, Place, fund_first};
use crate::error::Result;
use crate::money::Money;

pub(super) struct Amounts {
    pub budget: Money,
    pub step: Money,
    pub full: Money,
    pub minimum: Money,
}

pub(super) fn allocate<'a>(
    amounts: &Amounts,
    categories: &[i32],
    lots: &Lots<'_>,
    candidates: &'a [Candidate],
) -> Result<Vec<Place<'a>>> {
    let full = amounts.full.rounded_down_to(amounts.step);
    let mut left = amounts.budget;
    let mut is_exhausted = false;
    let mut places = Vec::with_capacity(candidates.len());
    for number in categories {
        let of_category = candidates.iter().filter(|candidate| candidate.category == *number);
        let ranked = lots.rank(of_category, |_, _| Ordering::Equal);
        let count = ranked.len();
        if is_exhausted || count == 0 {
            places.extend(ranked.into_iter().map(|candidate| Place { candidate, fate: Fate::Reserve }));
            continue;
        }
        // A sum beyond counting cannot be served either.
        match full.times(count).and_then(|all| left.minus(all)) {
            Ok(rest) if !rest.is_negative() => {
                left = rest;
                places.extend(fund_first(ranked, count, full));
            }
            _ => {
                places.extend(share_rest(amounts, left, ranked));
                is_exhausted = true;
            }
        }
    }
    Ok(places)
}

/// An equal share for all; where that is below the minimum, the minimum for as many as the money reaches.
fn share_rest<'a>(amounts: &Amounts, left: Money, ranked: Vec<&'a Candidate>) -> Vec<Place<'a>> {
    let count = ranked.len();
    let share = left.shared_among(count).rounded_down_to(amounts.step);
    if share >= amounts.minimum {
        return fund_first(ranked, count, share);
    }
    let minimum = amounts.minimum.rounded_down_to(amounts.step);
    fund_first(ranked, left.holds(minimum), minimum)
}
