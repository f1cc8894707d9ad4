//! The lower the income per member, the higher the award; the higher awards go first, until one no longer fits.

use super::rank::{Lots, has_income_up_to};
use super::{Candidate, Fate, Place, Ranking};
use crate::calls::Band;
use crate::error::Result;
use crate::money::Money;

pub(super) fn allocate<'a>(
    budget: Money,
    step: Money,
    bands: &[Band],
    lots: &Lots<'_>,
    candidates: &'a [Candidate],
) -> Result<Vec<Place<'a>>> {
    let amount = |candidate: &Candidate| amount_of(bands, &candidate.ranking).rounded_down_to(step);
    let ranked = lots.rank(candidates, |one, other| amount(other).cmp(&amount(one)));
    let mut left = budget;
    let mut has_stopped = false;
    let mut places = Vec::with_capacity(ranked.len());
    for candidate in ranked {
        let amount = amount(candidate);
        has_stopped = has_stopped || amount > left;
        let fate = match () {
            () if !amount.is_positive() => Fate::Unfunded,
            () if has_stopped => Fate::Reserve,
            () => {
                left = left.minus(amount)?;
                Fate::Awarded(amount)
            }
        };
        places.push(Place { candidate, fate });
    }
    Ok(places)
}

/// The amount of the first band that the income fits; zero where none does.
pub(super) fn amount_of(bands: &[Band], ranking: &Ranking) -> Money {
    let fits = |band: &&Band| band.income_per_member_at_most.is_none_or(|limit| has_income_up_to(ranking, limit));
    bands.iter().find(fits).map_or(Money::ZERO, |band| band.amount)
}
