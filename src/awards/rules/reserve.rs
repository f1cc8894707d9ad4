//! What the next on the reserve list gets, out of awards that fell free.

use super::Ranking;
use super::income_bands::amount_of;
use crate::calls::{Allocation, Plan};
use crate::error::{Error, Result};
use crate::money::Money;

/// The amount for the first on the list; nothing where too little fell free. Methods with fixed amounts give that amount.
/// The others, whose last awards were shares, pass on what fell free: each release to one, in their order.
///
/// `released` are the awards that fell free, oldest first; `taken` are those that were given out of them already, whether they
/// went down the list or came back to whom they were taken from.
pub fn next_amount(
    rules: &Allocation,
    ranking: &Ranking,
    released: &[Money],
    taken: &[Money],
) -> Result<Option<Money>> {
    let left = left(released, taken)?;
    let plan = rules.plan().map_err(|key| Error::invalid(format!("allocation.{key}"), "is missing"))?;
    let amount = match plan {
        Plan::CategoryOrder { full_amount, minimum_amount } => {
            let [least, most] = [minimum_amount, full_amount].map(|amount| amount.rounded_down_to(rules.step()));
            share_passed_on(released, taken, least, most)?
        }
        Plan::EqualSplit { .. } => share_passed_on(released, taken, Money::ZERO, Money::ZERO)?,
        Plan::ScoreOrder { full_amount, .. } | Plan::Draw { full_amount, .. } => {
            full_amount.rounded_down_to(rules.step())
        }
        Plan::IncomeBands { bands } => amount_of(&bands, ranking).rounded_down_to(rules.step()),
    };
    Ok(Some(amount).filter(|amount| amount.is_positive() && *amount <= left))
}

/// What was taken was taken of the oldest first. The oldest release that nothing was taken of goes to one, as it was. What is
/// left of one that an award came back out of goes to one as well; where it is less than the least award it goes with the release
/// behind it, up to the largest, so that it neither lies idle nor is all that somebody gets.
fn share_passed_on(released: &[Money], taken: &[Money], least: Money, most: Money) -> Result<Money> {
    let mut taken = Money::sum(taken.iter().copied())?;
    let mut amount = Money::ZERO;
    for release in released {
        let of_this = taken.min(*release);
        taken = taken.minus(of_this)?;
        amount = amount.plus(release.minus(of_this)?)?;
        if of_this == Money::ZERO {
            return Ok(amount.min(most.max(*release)));
        }
        if amount.is_positive() && amount >= least {
            return Ok(amount);
        }
    }
    Ok(Money::ZERO)
}

/// What fell free and was not given on.
fn left(released: &[Money], taken: &[Money]) -> Result<Money> {
    Money::sum(released.iter().copied())?.minus(Money::sum(taken.iter().copied())?)
}

/// Whether an award that was released can be given again: whether so much is left of what fell free, its own money or another's.
pub fn is_free(gross: Money, released: &[Money], taken: &[Money]) -> Result<bool> {
    Ok(gross <= left(released, taken)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::calls::Method;

    fn rules(method: Method) -> Allocation {
        let json = serde_json::json!({
            "method": method.as_str(), "budget": "1000.00", "round_down_to": "1.00", "full_amount": "100.00",
            "minimum_amount": "50.00", "cap": "100.00", "minimum_score": 60,
            "bands": [{ "income_per_member_at_most": "50.00", "amount": "200.00" }, { "amount": "100.00" }],
        });
        serde_json::from_value(json).unwrap()
    }

    fn ranking(income: i64) -> Ranking {
        Ranking { income: Money::from_minor(income), household_size: 1, children: 0, is_tenant: false }
    }

    proptest! {
        #[test]
        fn never_more_is_passed_on_than_fell_free(
            method in prop::sample::select(Method::ALL.to_vec()),
            released in prop::collection::vec(1..30_000_i64, 0..12),
            income in 0..10_000_i64,
        ) {
            let released: Vec<Money> = released.into_iter().map(Money::from_minor).collect();
            let mut passed_on = Vec::new();
            while let Some(amount) = next_amount(&rules(method), &ranking(income), &released, &passed_on).unwrap() {
                prop_assert!(amount.is_positive());
                passed_on.push(amount);
            }
            let sum = |amounts: &[Money]| Money::sum(amounts.iter().copied()).unwrap();
            prop_assert!(sum(&passed_on) <= sum(&released));
            if matches!(method, Method::CategoryOrder | Method::EqualSplit) {
                prop_assert_eq!(passed_on, released);
            }
        }
    }

    /// A 100 went to the first in line, B 80 and C 30 fell free, and A came back out of them: 10 of C are left.
    #[test]
    fn what_an_award_that_came_back_left_over_goes_with_the_next() {
        let dinars = |amounts: &[i64]| amounts.iter().map(|amount| Money::from_minor(amount * 100)).collect::<Vec<_>>();
        let next = |released: &[i64], taken: &[i64]| {
            let (released, taken) = (dinars(released), dinars(taken));
            let amount = next_amount(&rules(Method::CategoryOrder), &ranking(0), &released, &taken).unwrap();
            amount.map(|amount| amount.minor() / 100)
        };
        assert_eq!(next(&[100, 80, 30], &[100, 100]), None, "10 are no award");
        assert_eq!(next(&[100, 80, 30, 90], &[100, 100]), Some(100), "with D 90, all that is free");
        assert_eq!(next(&[100, 80, 30, 90], &[100, 100, 100]), None);
        // No award is above the full amount; what is left of it waits for the next.
        assert_eq!(next(&[100, 80, 40, 90], &[100, 100]), Some(100));
        assert_eq!(next(&[100, 80, 40, 90, 60], &[100, 100, 100]), Some(70));
        // What is worth an award is one.
        assert_eq!(next(&[100, 80, 80], &[100, 100]), Some(60));
        // Its own money: whoever waits gets what the others were.
        assert_eq!(next(&[100, 80], &[100]), Some(80));
    }

    #[test]
    fn a_fixed_amount_waits_until_enough_fell_free() {
        let para = Money::from_minor;
        let next = |released: &[Money], passed_on: &[Money]| {
            next_amount(&rules(Method::Draw), &ranking(0), released, passed_on).unwrap()
        };
        assert_eq!(next(&[para(6_000)], &[]), None);
        assert_eq!(next(&[para(6_000), para(6_000)], &[]), Some(para(10_000)));
        assert_eq!(next(&[para(6_000), para(6_000)], &[para(10_000)]), None);
    }
}
