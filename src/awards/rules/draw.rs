//! A draw that anybody can repeat: numbers from a seed that was public before they were drawn.

use super::{Candidate, Place, fund_first};
use crate::calls::Tickets;
use crate::crypto::hmac_sha256;
use crate::money::Money;

/// HMAC-SHA-256 with the seed as key and `reference|ticket` as message, both UTF-8; the lowest number wins.
/// Compared as bytes, which is the order of the numbers written in lower-case hex.
pub fn draw_number(seed: &str, reference: &str, ticket: u32) -> [u8; 32] {
    hmac_sha256(seed.as_bytes(), format!("{reference}|{ticket}").as_bytes())
}

/// The full amount in the order of the draw, while the money lasts. Of several tickets the lowest counts.
pub(super) fn allocate<'a>(
    budget: Money,
    full_amount: Money,
    tickets: Tickets,
    seed: &str,
    candidates: &'a [Candidate],
) -> Vec<Place<'a>> {
    let last_ticket = |candidate: &Candidate| match tickets {
        Tickets::One => 1,
        Tickets::OnePlusChildren => candidate.ranking.children.saturating_add(1),
    };
    let lot = |candidate: &Candidate| {
        (1..=last_ticket(candidate)).map(|ticket| draw_number(seed, &candidate.reference, ticket)).min()
    };
    let mut drawn: Vec<_> = candidates.iter().map(|candidate| (lot(candidate), candidate)).collect();
    drawn.sort_by(|(one, first), (other, second)| one.cmp(other).then_with(|| first.reference.cmp(&second.reference)));
    let ranked = drawn.into_iter().map(|(_, candidate)| candidate).collect();
    fund_first(ranked, budget.holds(full_amount), full_amount)
}
