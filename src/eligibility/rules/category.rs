//! The category of need: the first whose conditions all hold, and why.

use super::age::has_turned;
use crate::applications::Need;
use crate::calls::{Conditions, IncomeLost, Rules};
use crate::money::Money;

/// One condition of a category, as it is asked of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    IncomeLost(IncomeLost),
    SingleParent(bool),
    OtherSupport(bool),
    /// Some child is younger than this many full years at the reference date.
    ChildYoungerThan(u8),
    MinAge(u8),
    LivesAlone(bool),
    BenefitsAtMost(Money),
}

/// A category, and each of its conditions with whether it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    pub category: i32,
    pub conditions: Vec<(Condition, bool)>,
}

impl Fit {
    pub fn fits(&self) -> bool {
        self.conditions.iter().all(|(_, holds)| *holds)
    }
}

/// The number of the category an applicant belongs to; none where no category fits.
pub(super) fn of(rules: &Rules, need: &Need) -> Option<i32> {
    fits(rules, need).find(Fit::fits).map(|fit| fit.category)
}

/// Every category in the order of the call, with what holds of it.
pub fn fits<'a>(rules: &'a Rules, need: &'a Need) -> impl Iterator<Item = Fit> + 'a {
    rules.categories.iter().map(move |category| {
        let asked = asked(&category.conditions).into_iter();
        let conditions = asked.map(|condition| (condition, holds(condition, rules, need))).collect();
        Fit { category: category.number, conditions }
    })
}

/// The conditions that are given; what is not given is not asked.
pub fn asked(conditions: &Conditions) -> Vec<Condition> {
    let Conditions { income_lost, single_parent, other_support, .. } = conditions;
    let Conditions { child_younger_than, min_age, lives_alone, benefits_at_most, .. } = conditions;
    let all = [
        income_lost.map(Condition::IncomeLost),
        single_parent.map(Condition::SingleParent),
        other_support.map(Condition::OtherSupport),
        child_younger_than.map(Condition::ChildYoungerThan),
        min_age.map(Condition::MinAge),
        lives_alone.map(Condition::LivesAlone),
        benefits_at_most.map(Condition::BenefitsAtMost),
    ];
    all.into_iter().flatten().collect()
}

fn holds(condition: Condition, rules: &Rules, need: &Need) -> bool {
    let on = rules.reference_date;
    match condition {
        Condition::IncomeLost(lost) => has_lost(lost, rules, need),
        Condition::SingleParent(expected) => need.is_single_parent == expected,
        Condition::OtherSupport(expected) => need.has_other_support == expected,
        Condition::ChildYoungerThan(years) => need.children_born.iter().any(|born| !has_turned(*born, years, on)),
        Condition::MinAge(years) => has_turned(need.born, years, on),
        Condition::LivesAlone(expected) => (need.household_size == 1) == expected,
        Condition::BenefitsAtMost(most) => need.benefits <= most,
    }
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
