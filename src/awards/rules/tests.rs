//! Properties of every method, on calls and candidates made at random.

use proptest::prelude::*;

use super::*;
use crate::calls::{Method, Tie};

const SEED: &str = "Loto 7/39";

fn candidate() -> impl Strategy<Value = Candidate> {
    // Few values, so that ties are many.
    let ranking =
        (0..4_i64, 1..4_u32, 0..3_u32, any::<bool>()).prop_map(|(income, household_size, children, is_tenant)| {
            Ranking { income: Money::from_minor(income * 10_000), household_size, children, is_tenant }
        });
    (1..4_i32, 0..4_i32, 0..300_i32, ranking).prop_map(|(category, count, sum, ranking)| Candidate {
        reference: String::new(),
        category,
        score: Mean { sum: sum.min(count * 100), count },
        ranking,
    })
}

fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
    prop::collection::vec(candidate(), 0..40).prop_map(|mut candidates| {
        for (number, candidate) in candidates.iter_mut().enumerate() {
            candidate.reference = format!("R{number:03}");
        }
        candidates
    })
}

/// Rules of every method, with amounts from awkward to generous.
fn rules() -> impl Strategy<Value = Allocation> {
    let amounts = (0..2_000_000_i64, 1..100_000_i64, 0..=100_i64, 1..30_000_i64, 1..200_000_i64);
    let ties = Just(Tie::ALL.to_vec())
        .prop_shuffle()
        .prop_flat_map(|ties| (0..=ties.len()).prop_map(move |count| ties[..count].to_vec()));
    let method = prop::sample::select(Method::ALL.to_vec());
    (method, amounts, ties, any::<bool>()).prop_map(|(method, (budget, full, percent, step, cap), ties, is_weighted)| {
        let para = |amount: i64| Money::from_minor(amount).to_string();
        let json = serde_json::json!({
            "method": method.as_str(), "budget": para(budget), "round_down_to": para(step), "full_amount": para(full),
            "minimum_amount": para(full * percent / 100), "cap": para(cap), "minimum_score": percent,
            "bands": [
                { "income_per_member_at_most": "50.00", "amount": para(full * 2) },
                { "income_per_member_at_most": "133.33", "amount": para(full) },
                { "income_per_member_at_most": "200.00", "amount": para(full / 3) },
            ],
            "tickets": if is_weighted { "one_plus_children" } else { "one" },
            "ties": ties,
        });
        serde_json::from_value(json).unwrap()
    })
}

/// The order of two candidates, written down once more as plainly as possible.
fn naive_order(rules: &Allocation, one: &Candidate, other: &Candidate) -> std::cmp::Ordering {
    let scaled = |of: &Candidate| i64::from(of.score.sum) * 12 / i64::from(of.score.count.max(1));
    let income = |of: &Candidate| of.ranking.income.minor() * 12 / i64::from(of.ranking.household_size);
    let band = |of: &Candidate| {
        let fits = |band: &&crate::calls::Band| income(of) <= band.income_per_member_at_most.unwrap().minor() * 12;
        rules.bands.iter().flatten().find(fits).map_or(0, |band| band.amount.rounded_down_to(rules.step()).minor())
    };
    let lot = |of: &Candidate, tickets| (1..=tickets).map(|ticket| draw_number(SEED, &of.reference, ticket)).min();
    let tickets = |of: &Candidate| match rules.tickets {
        Some(crate::calls::Tickets::OnePlusChildren) => 1 + of.ranking.children,
        _ => 1,
    };
    let first = match rules.method {
        Method::CategoryOrder => one.category.cmp(&other.category),
        Method::ScoreOrder => scaled(other).cmp(&scaled(one)),
        Method::IncomeBands => band(other).cmp(&band(one)),
        Method::Draw => return lot(one, tickets(one)).cmp(&lot(other, tickets(other))),
        Method::EqualSplit => std::cmp::Ordering::Equal,
    };
    let by_ties = rules.ties.iter().fold(first, |order, tie| {
        order.then(match tie {
            Tie::ChildrenDesc => other.ranking.children.cmp(&one.ranking.children),
            Tie::IncomePerMemberAsc => income(one).cmp(&income(other)),
            Tie::TenantFirst => other.ranking.is_tenant.cmp(&one.ranking.is_tenant),
            Tie::Draw => lot(one, 1).cmp(&lot(other, 1)),
        })
    });
    by_ties.then(one.reference.cmp(&other.reference))
}

fn funded(places: &[Place<'_>]) -> Vec<(String, Option<Money>)> {
    let amount = |fate| if let Fate::Awarded(amount) = fate { Some(amount) } else { None };
    places.iter().map(|place| (place.candidate.reference.clone(), amount(place.fate))).collect()
}

proptest! {
    #[test]
    fn awards_never_exceed_the_budget(rules in rules(), candidates in candidates()) {
        let places = allocate(&rules, rules.budget, &[1, 2, 3], Some(SEED), &candidates).unwrap();
        let total = Money::sum(funded(&places).into_iter().filter_map(|(_, amount)| amount)).unwrap();
        prop_assert!(total <= rules.budget, "{total} of {}", rules.budget);
    }

    #[test]
    fn every_award_is_a_multiple_of_the_step_above_zero(rules in rules(), candidates in candidates()) {
        let places = allocate(&rules, rules.budget, &[1, 2, 3], Some(SEED), &candidates).unwrap();
        for (_, amount) in funded(&places) {
            prop_assert!(amount.is_none_or(|amount| amount.is_positive() && amount.minor() % rules.step().minor() == 0));
        }
    }

    #[test]
    fn everybody_has_one_place(rules in rules(), candidates in candidates()) {
        let places = allocate(&rules, rules.budget, &[1, 2, 3], Some(SEED), &candidates).unwrap();
        let mut placed: Vec<_> = places.iter().map(|place| place.candidate.reference.clone()).collect();
        placed.sort();
        prop_assert_eq!(placed, candidates.iter().map(|candidate| candidate.reference.clone()).collect::<Vec<_>>());
    }

    #[test]
    fn the_order_of_the_candidates_does_not_matter(rules in rules(), candidates in candidates(), turn in 0..40_usize) {
        let mut turned = candidates.clone();
        turned.reverse();
        if !turned.is_empty() {
            let turn = turn % turned.len();
            turned.rotate_left(turn);
        }
        let one = funded(&allocate(&rules, rules.budget, &[1, 2, 3], Some(SEED), &candidates).unwrap());
        let other = funded(&allocate(&rules, rules.budget, &[1, 2, 3], Some(SEED), &turned).unwrap());
        prop_assert_eq!(one, other);
    }

    #[test]
    fn nobody_funded_ranks_below_an_unfunded_one(rules in rules(), candidates in candidates()) {
        let places = allocate(&rules, rules.budget, &[1, 2, 3], Some(SEED), &candidates).unwrap();
        let unfunded_first = funded(&places).iter().skip_while(|(_, amount)| amount.is_some()).any(|(_, amount)| amount.is_some());
        prop_assert!(!unfunded_first);
        // The places follow the method's criterion, then the ties, then the reference code.
        for pair in places.windows(2) {
            let (one, other) = (pair[0].candidate, pair[1].candidate);
            prop_assert!(naive_order(&rules, one, other).is_le(), "{one:?} before {other:?}");
        }
    }
}

#[test]
fn the_share_of_2020_comes_out() {
    // 71 people of categories 1 and 2 at 30,000.00; what is left for 106 of category 3 is 28,800.00 each.
    let rules: Allocation = serde_json::from_value(serde_json::json!({
        "method": "category_order", "budget": "5182800.00", "full_amount": "30000.00",
        "minimum_amount": "20000.00", "round_down_to": "100.00",
    }))
    .unwrap();
    let ranking = Ranking { income: Money::ZERO, household_size: 1, children: 0, is_tenant: false };
    let candidate = |number: i32| Candidate {
        reference: format!("{number:03}"),
        category: if number < 71 { 1 } else { 3 },
        score: Mean { sum: 0, count: 0 },
        ranking,
    };
    let candidates: Vec<_> = (0..177).map(candidate).collect();
    let awarded = funded(&allocate(&rules, rules.budget, &[1, 3], None, &candidates).unwrap());
    let amounts: std::collections::BTreeSet<_> =
        awarded.iter().map(|(_, amount)| amount.unwrap().to_string()).collect();
    assert_eq!(amounts.into_iter().collect::<Vec<_>>(), ["28800.00", "30000.00"]);
}

#[test]
fn lots_without_a_seed_are_refused() {
    let rules: Allocation = serde_json::from_value(serde_json::json!({
        "method": "draw", "budget": "100.00", "full_amount": "10.00",
    }))
    .unwrap();
    assert_eq!(allocate(&rules, rules.budget, &[], None, &[]).unwrap_err().refusal_code(), Some("seed_missing"));
}

#[test]
fn a_draw_number_can_be_repeated_by_anybody() {
    // printf 'A00001|1' | openssl dgst -sha256 -hmac 'Loto 7/39'
    let number = data_encoding::HEXLOWER.encode(&draw_number(SEED, "A00001", 1));
    assert_eq!(number, "01b172a9aa1c4f7571bf0403ae8c8c33f4a22191dc9a6a76213884d6d8b7eed1");
}
