//! Ranking: the call's own order of criteria, lots, and last of all the reference code. Everything is compared exactly.

use std::cmp::Ordering;

use super::draw::draw_number;
use super::{Candidate, Ranking};
use crate::calls::{Score, Tie};
use crate::money::Money;

/// The mean of the votes that carry a score, as a fraction; no such vote is a mean of zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mean {
    pub sum: i32,
    pub count: i32,
}

impl Mean {
    fn parts(self) -> (i64, i64) {
        if self.count > 0 { (i64::from(self.sum), i64::from(self.count)) } else { (0, 1) }
    }

    pub fn compare(self, other: Self) -> Ordering {
        let ((sum, count), (other_sum, other_count)) = (self.parts(), other.parts());
        sum.saturating_mul(other_count).cmp(&other_sum.saturating_mul(count))
    }

    pub fn reaches(self, minimum: Score) -> bool {
        let (sum, count) = self.parts();
        sum.saturating_mul(Score::UNIT) >= minimum.ten_thousandths().saturating_mul(count)
    }
}

/// Compares incomes per member of the household without dividing.
pub(super) fn compare_income(one: &Ranking, other: &Ranking) -> Ordering {
    let share =
        |of: &Ranking, by: &Ranking| i128::from(of.income.minor()).saturating_mul(i128::from(by.household_size));
    share(one, other).cmp(&share(other, one))
}

/// Whether the income per member is at most an amount, compared exactly.
pub(super) fn has_income_up_to(ranking: &Ranking, limit: Money) -> bool {
    let most = i128::from(limit.minor()).saturating_mul(i128::from(ranking.household_size));
    i128::from(ranking.income.minor()) <= most
}

/// What decides between equals: the criteria of the call, and the seed of its lots.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lots<'a> {
    pub ties: &'a [Tie],
    pub seed: &'a str,
}

impl Lots<'_> {
    /// Sorts by `first`, then by the criteria, then by reference code.
    pub fn rank<'c>(
        &self,
        candidates: impl IntoIterator<Item = &'c Candidate>,
        first: impl Fn(&Candidate, &Candidate) -> Ordering,
    ) -> Vec<&'c Candidate> {
        let is_drawn = self.ties.contains(&Tie::Draw);
        let lot =
            |candidate: &Candidate| if is_drawn { draw_number(self.seed, &candidate.reference, 1) } else { [0; 32] };
        let mut drawn: Vec<_> = candidates.into_iter().map(|candidate| (candidate, lot(candidate))).collect();
        drawn.sort_by(|one, other| {
            first(one.0, other.0)
                .then_with(|| {
                    self.ties
                        .iter()
                        .map(|tie| decide(*tie, one, other))
                        .find(|order| order.is_ne())
                        .unwrap_or(Ordering::Equal)
                })
                .then_with(|| one.0.reference.cmp(&other.0.reference))
        });
        drawn.into_iter().map(|(candidate, _)| candidate).collect()
    }
}

type Drawn<'a> = (&'a Candidate, [u8; 32]);

fn decide(tie: Tie, (one, lot): &Drawn<'_>, (other, other_lot): &Drawn<'_>) -> Ordering {
    match tie {
        Tie::ChildrenDesc => other.ranking.children.cmp(&one.ranking.children),
        Tie::IncomePerMemberAsc => compare_income(&one.ranking, &other.ranking),
        Tie::TenantFirst => other.ranking.is_tenant.cmp(&one.ranking.is_tenant),
        Tie::Draw => lot.cmp(other_lot),
    }
}
