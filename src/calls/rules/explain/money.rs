//! How the money is shared, for each method, and who comes first between equals.

use super::words::Words;
use crate::calls::rules::{Allocation, Band, Method, Plan, Tickets, Tie};

pub(super) fn shared(allocation: &Allocation, currency: &str, words: Words) -> Vec<String> {
    let budget = words.amount(allocation.budget);
    let mut said = vec![
        words.say("explain-currency", &[("currency", currency)]),
        words.say("explain-budget", &[("amount", &budget)]),
    ];
    match allocation.plan() {
        Ok(plan) => said.extend(explain_plan(&plan, words)),
        // Rules are valid before there is a call; there is nothing to say of a method that lacks a key.
        Err(_) => return said,
    }
    if let Some(step) = allocation.round_down_to {
        said.push(words.say("explain-rounding", &[("amount", &words.amount(step))]));
    }
    if allocation.method != Method::EqualSplit {
        said.push(words.say("explain-reserve", &[]));
    }
    if allocation.needs_seed() {
        said.push(words.say("explain-seed", &[]));
    }
    said
}

fn explain_plan(plan: &Plan, words: Words) -> Vec<String> {
    match plan {
        Plan::CategoryOrder { full_amount, minimum_amount } => vec![
            words.say("explain-category-order", &[("amount", &words.amount(*full_amount))]),
            words.say("explain-minimum", &[("amount", &words.amount(*minimum_amount))]),
        ],
        Plan::EqualSplit { cap } => vec![words.say("explain-equal-split", &[("amount", &words.amount(*cap))])],
        Plan::ScoreOrder { full_amount, minimum_score } => {
            let score = words.number(&minimum_score.to_string());
            vec![
                words.say("explain-score-order", &[("amount", &words.amount(*full_amount))]),
                words.say("explain-score", &[("score", &score)]),
            ]
        }
        Plan::IncomeBands { bands } => explain_bands(bands, words),
        Plan::Draw { full_amount, tickets } => {
            let tickets = match tickets {
                Tickets::One => "explain-ticket",
                Tickets::OnePlusChildren => "explain-ticket-children",
            };
            vec![words.say("explain-draw", &[("amount", &words.amount(*full_amount))]), words.say(tickets, &[])]
        }
    }
}

fn explain_bands(bands: &[Band], words: Words) -> Vec<String> {
    let mut said = vec![words.say("explain-bands", &[])];
    for (at, band) in bands.iter().enumerate() {
        let amount = words.amount(band.amount);
        said.push(match band.income_per_member_at_most.map(|limit| words.amount(limit)) {
            Some(most) => words.say("explain-band", &[("most", &most), ("amount", &amount)]),
            None if at == 0 => words.say("explain-band-all", &[("amount", &amount)]),
            None => words.say("explain-band-last", &[("amount", &amount)]),
        });
    }
    if bands.last().is_some_and(|band| band.income_per_member_at_most.is_some()) {
        said.push(words.say("explain-bands-end", &[]));
    }
    said
}

/// Lots decide everything in a draw, and an equal split makes no difference; elsewhere the criteria, in their order.
pub(super) fn between_equals(allocation: &Allocation, words: Words) -> Vec<String> {
    if matches!(allocation.method, Method::Draw | Method::EqualSplit) {
        return Vec::new();
    }
    let criterion = |tie: &Tie| match tie {
        Tie::ChildrenDesc => words.say("explain-tie-children", &[]),
        Tie::IncomePerMemberAsc => words.say("explain-tie-income", &[]),
        Tie::TenantFirst => words.say("explain-tie-tenant", &[]),
        Tie::Draw => words.say("explain-tie-draw", &[]),
    };
    let criteria: Vec<String> = allocation.ties.iter().map(criterion).collect();
    let mut said = Vec::new();
    if !criteria.is_empty() {
        said.push(words.say("explain-ties", &[("criteria", &criteria.join("; "))]));
    }
    said.push(words.say("explain-tie-reference", &[]));
    said
}
