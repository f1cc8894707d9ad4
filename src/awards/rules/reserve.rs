//! What the next on the reserve list gets, out of awards that fell free.

use super::Ranking;
use super::income_bands::amount_of;
use crate::calls::{Allocation, Plan};
use crate::error::{Error, Result};
use crate::money::Money;

/// The amount for the first on the list; nothing where too little fell free. Methods with fixed amounts give that amount.
/// The others, whose last awards were shares, pass on what fell free: each release to one, in their order.
///
/// `released` are the awards that fell free, oldest first; `passed_on` are those that were given out of them already.
pub fn next_amount(
    rules: &Allocation,
    ranking: &Ranking,
    released: &[Money],
    passed_on: &[Money],
) -> Result<Option<Money>> {
    let left = left(released, passed_on)?;
    let plan = rules.plan().map_err(|key| Error::invalid(format!("allocation.{key}"), "is missing"))?;
    let amount = match plan {
        Plan::CategoryOrder { .. } | Plan::EqualSplit { .. } => {
            released.get(passed_on.len()).copied().unwrap_or(Money::ZERO)
        }
        Plan::ScoreOrder { full_amount, .. } | Plan::Draw { full_amount, .. } => {
            full_amount.rounded_down_to(rules.step())
        }
        Plan::IncomeBands { bands } => amount_of(&bands, ranking).rounded_down_to(rules.step()),
    };
    Ok(Some(amount).filter(|amount| amount.is_positive() && *amount <= left))
}

/// What fell free and was not given on.
fn left(released: &[Money], passed_on: &[Money]) -> Result<Money> {
    Money::sum(released.iter().copied())?.minus(Money::sum(passed_on.iter().copied())?)
}

/// Whether an award that was released can be given again: whether so much is left of what fell free, its own money or another's.
pub fn is_free(gross: Money, released: &[Money], passed_on: &[Money]) -> Result<bool> {
    Ok(gross <= left(released, passed_on)?)
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
