//! What can be wrong with rules that are well-formed: every contradiction, each named by its key.

use super::{Allocation, Conditions, Method, Plan, Rules, asked};
use crate::clock::Date;
use crate::language::is_hidden;
use crate::money::Money;

/// No fund of ours was there before, and no call is made so far ahead: another year is a slip of the pen.
pub const YEARS: std::ops::Range<i32> = 2000..2100;
/// In full years.
const OLDEST: u8 = 120;

/// A key and what is wrong with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Such as `allocation.bands[1].amount`.
    pub key: String,
    /// A stable word for programs.
    pub code: &'static str,
    /// The other key that this one does not agree with.
    pub other: Option<&'static str>,
    pub reason: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.key, self.reason)
    }
}

struct Problems(Vec<Problem>);

impl Problems {
    fn check(&mut self, is_right: bool, key: impl Into<String>, code: &'static str, reason: impl Into<String>) {
        if !is_right {
            self.0.push(Problem { key: key.into(), code, other: None, reason: reason.into() });
        }
    }

    /// The same for two keys that must agree.
    fn compare(&mut self, is_right: bool, key: &str, (code, other): (&'static str, &'static str), reason: &str) {
        if !is_right {
            self.0.push(Problem { key: key.into(), code, other: Some(other), reason: reason.into() });
        }
    }
}

impl Rules {
    /// Everything that is wrong with the rules; nothing where a call may be made with them.
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Problems(Vec::new());
        self.check_head(&mut found);
        self.check_categories(&mut found);
        check_allocation(&self.allocation, &mut found);
        for (key, code, reason) in asked::problems(&self.documents) {
            found.check(false, key, code, reason);
        }
        found.0
    }

    fn check_head(&self, found: &mut Problems) {
        let is_plain = |text: &str| !text.trim().is_empty() && !text.chars().any(char::is_control);
        let is_seen = !self.code.chars().any(is_hidden);
        found.check(
            is_plain(&self.code) && is_seen && self.code.chars().count() <= 100,
            "code",
            "call_code",
            "must be 1 to 100 characters, none of them a line break or tab",
        );
        found.check(is_plain(&self.title.sr), "title.sr", "missing", "is empty");
        self.check_years(found);
        let (opens, closes) = (("before", "opens_at"), ("before", "closes_at"));
        found.compare(self.opens_at <= self.closes_at, "closes_at", opens, "is before opens_at");
        found.compare(self.closes_at <= self.voting_closes_at, "voting_closes_at", closes, "is before closes_at");
        let (window, from) = (self.aid_window, ("before", "aid_window.from"));
        found.compare(window.from <= window.until, "aid_window.until", from, "is before aid_window.from");
        found.check(
            self.currency == "RSD",
            "currency",
            "currency_dinar",
            "only RSD is supported: the fund's books are in dinars",
        );
        let is_code = |code: &String| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
        found.check(self.payment_code.as_ref().is_none_or(is_code), "payment_code", "payment_code", "must be 3 digits");
    }

    fn check_years(&self, found: &mut Problems) {
        let days = [
            ("opens_at", self.opens_at.date()),
            ("closes_at", self.closes_at.date()),
            ("voting_closes_at", self.voting_closes_at.date()),
        ];
        let is_of_our_time = |day: Date| YEARS.contains(&day.parts().0);
        for (key, day) in days {
            found.check(is_of_our_time(day), key, "year", "must be in the years 2000 to 2099");
        }
    }

    fn check_categories(&self, found: &mut Problems) {
        found.check(!self.categories.is_empty(), "categories", "empty_list", "there must be at least one");
        for (at, category) in self.categories.iter().enumerate() {
            let number = category.number;
            let is_repeated = self.categories.iter().take(at).any(|earlier| earlier.number == number);
            let key = || format!("categories[{at}].number");
            found.check(number > 0, key(), "above_zero", "must be above zero");
            found.check(!is_repeated, key(), "twice", format!("there are two categories {number}"));
            check_ages(&category.conditions, at, found);
        }
    }
}

/// Ages that nobody has: such a condition nobody meets.
fn check_ages(conditions: &Conditions, at: usize, found: &mut Problems) {
    let is_age = |age: Option<u8>| age.is_none_or(|age| age <= OLDEST);
    let key = |name: &str| format!("categories[{at}].conditions.{name}");
    let (child, least) = (conditions.child_younger_than, conditions.min_age);
    found.check(is_age(least), key("min_age"), "age", "must be 120 years at most");
    found.check(is_age(child), key("child_younger_than"), "age", "must be 120 years at most");
    found.check(child != Some(0), key("child_younger_than"), "above_zero", "must be above zero: no child is younger");
}

fn check_allocation(allocation: &Allocation, found: &mut Problems) {
    found.check(allocation.step().is_positive(), "allocation.round_down_to", "above_zero", "must be above zero");
    let is_seed = |seed: &String| !seed.trim().is_empty() && !seed.chars().any(char::is_control);
    found.check(
        allocation.seed.as_ref().is_none_or(is_seed),
        "allocation.seed",
        "unfit",
        "is blank or holds a control character",
    );
    for (at, tie) in allocation.ties.iter().enumerate() {
        let is_repeated = allocation.ties.iter().take(at).any(|earlier| earlier == tie);
        found.check(!is_repeated, format!("allocation.ties[{at}]"), "twice", format!("“{tie}” stands there twice"));
    }
    match allocation.plan() {
        Ok(plan) => check_plan(allocation, &plan, found),
        Err(_) => {
            for missing in allocation.missing() {
                let reason = format!("the key `{missing}` is missing; the method {} needs it", allocation.method);
                found.compare(false, "allocation", ("missing", missing), &reason);
            }
        }
    }
}

fn check_plan(allocation: &Allocation, plan: &Plan, found: &mut Problems) {
    let uses_full_amount = !matches!(allocation.method, Method::EqualSplit | Method::IncomeBands);
    if let Some(full_amount) = allocation.full_amount.filter(|_| uses_full_amount) {
        found.check(full_amount.is_positive(), "allocation.full_amount", "above_zero", "must be above zero");
    }
    let full = ("above", "allocation.full_amount");
    match plan {
        Plan::CategoryOrder { full_amount, minimum_amount } => {
            found.compare(minimum_amount <= full_amount, "allocation.minimum_amount", full, "is above full_amount");
            check_step(allocation, (*full_amount, full), found);
        }
        Plan::IncomeBands { bands } => check_bands(bands, found),
        Plan::EqualSplit { cap } => check_step(allocation, (*cap, ("above", "allocation.cap")), found),
        Plan::ScoreOrder { full_amount, .. } | Plan::Draw { full_amount, .. } => {
            check_step(allocation, (*full_amount, full), found);
        }
    }
}

/// Rounded down to a multiple of more than the whole award, nothing would be left of it.
fn check_step(allocation: &Allocation, (most, above): (Money, (&'static str, &'static str)), found: &mut Problems) {
    let is_right = !most.is_positive() || allocation.step() <= most;
    found.compare(
        is_right,
        "allocation.round_down_to",
        above,
        "is above the whole award, of which nothing would be left",
    );
}

/// Bands stand in order of their limits; only the last may have none.
fn check_bands(bands: &[super::Band], found: &mut Problems) {
    found.check(!bands.is_empty(), "allocation.bands", "empty_list", "there must be at least one band");
    for (at, (lower, upper)) in bands.iter().zip(bands.iter().skip(1)).enumerate() {
        let key = format!("allocation.bands[{}].income_per_member_at_most", at.saturating_add(1));
        match (lower.income_per_member_at_most, upper.income_per_member_at_most) {
            (None, _) => found.check(
                false,
                format!("allocation.bands[{at}].income_per_member_at_most"),
                "missing",
                "is missing; only the last band may be without a limit",
            ),
            (Some(lower), Some(upper)) => found.check(
                lower < upper,
                key,
                "bands_overlap",
                format!("{upper} is not above the band before it ({lower}): the bands overlap"),
            ),
            (Some(_), None) => {}
        }
    }
}
