//! The category of need: the first whose conditions all hold.

use super::age::has_turned;
use crate::applications::Need;
use crate::calls::{Conditions, IncomeLost, Rules};
use crate::money::Money;

/// The number of the category an applicant belongs to; none where no category fits.
pub(super) fn of(rules: &Rules, need: &Need) -> Option<i32> {
    let fits = rules.categories.iter().find(|category| all_hold(&category.conditions, rules, need));
    fits.map(|category| category.number)
}

/// A condition that is not given holds.
fn all_hold(conditions: &Conditions, rules: &Rules, need: &Need) -> bool {
    let on = rules.reference_date;
    let holds = [
        conditions.income_lost.is_none_or(|lost| has_lost(lost, rules, need)),
        conditions.single_parent.is_none_or(|expected| need.is_single_parent == expected),
        conditions.other_support.is_none_or(|expected| need.has_other_support == expected),
        conditions
            .child_younger_than
            .is_none_or(|years| need.children_born.iter().any(|born| !has_turned(*born, years, on))),
        conditions.min_age.is_none_or(|years| has_turned(need.born, years, on)),
        conditions.lives_alone.is_none_or(|expected| (need.household_size == 1) == expected),
        conditions.benefits_at_most.is_none_or(|most| need.benefits <= most),
    ];
    holds.iter().all(|held| *held)
}

fn has_lost(lost: IncomeLost, rules: &Rules, need: &Need) -> bool {
    let (before, during) = (need.income_before, need.income_during);
    let had_income = before > Money::ZERO;
    match lost {
        IncomeLost::All => had_income && during == Money::ZERO,
        IncomeLost::Most => {
            let is_most = before.minus(during).is_ok_and(|gone| rules.most_means_over.is_exceeded_by(gone, before));
            had_income && is_most
        }
    }
}
