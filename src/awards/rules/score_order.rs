//! The full amount from the highest mean score down, while the money lasts.

use super::rank::Lots;
use super::{Candidate, Fate, Place, fund_first};
use crate::calls::Score;
use crate::money::Money;

pub(super) fn allocate<'a>(
    budget: Money,
    full_amount: Money,
    minimum: Score,
    lots: &Lots<'_>,
    candidates: &'a [Candidate],
) -> Vec<Place<'a>> {
    let ranked = lots.rank(candidates, |one, other| other.score.compare(one.score));
    let (reaching, below): (Vec<_>, Vec<_>) =
        ranked.into_iter().partition(|candidate| candidate.score.reaches(minimum));
    let mut places = fund_first(reaching, budget.holds(full_amount), full_amount);
    places.extend(below.into_iter().map(|candidate| Place { candidate, fate: Fate::Unfunded }));
    places
}
