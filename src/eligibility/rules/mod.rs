//! The checks: pure functions of recorded facts. The same facts give the same findings, today and in ten years.

mod age;
mod category;
mod finding;

pub use age::{full_years, has_turned};
pub use category::{Condition, Fit, fits};
pub use finding::{
    Finding, Newest, Outcome, Raised, Resolution, Status, conclude, decide, in_force, reopened, with_corrected,
    with_exclusion,
};

use crate::aid::Hits;
use crate::applications::Need;
use crate::calls::Rules;

/// Full years that an applicant must have.
const OF_AGE: u8 = 18;

/// What one check is made of.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub rules: &'a Rules,
    pub need: &'a Need,
    /// What the registers in force say.
    pub hits: Hits,
    /// Whether the applicant declares aid that disqualifies.
    pub declares_disqualifying_aid: bool,
    pub shares_account: bool,
    /// Whether an earlier application names the same household.
    pub follows_in_household: bool,
}

/// What a check found: the category, and the rules that raised something, sorted by name: failed, or open for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    pub category: Option<i32>,
    pub raised: Vec<Raised>,
}

/// Runs every rule over an application.
pub fn examine(facts: &Facts<'_>) -> Examination {
    let Facts { rules, need, hits, .. } = facts;
    let category = category::of(rules, need);
    let has_other_aid = hits.certain.is_some() || facts.declares_disqualifying_aid;
    let is_raised = |finding: Finding| match finding {
        Finding::Underage => !has_turned(need.born, OF_AGE, rules.reference_date),
        Finding::OtherAid => has_other_aid,
        Finding::OtherAidPossible => hits.possible.is_some() && !has_other_aid,
        Finding::AccountHolderDiffers => !need.is_account_holder,
        Finding::RelatedToFund => need.is_related_to_fund,
        Finding::NoCategory => category.is_none(),
        Finding::HouseholdAlreadyApplied => rules.one_per_household && facts.follows_in_household,
        Finding::SharedBankAccount => facts.shares_account,
        // Comes of what people decided, not of the facts.
        Finding::ExcludedBefore => false,
    };
    // An address alone does not tell a household from its neighbours.
    let may_be_chance = |finding: Finding| {
        finding.asks_for_resolution() || finding == Finding::HouseholdAlreadyApplied && !need.household.is_certain()
    };
    let status = |finding| if may_be_chance(finding) { Status::Open } else { Status::Failed };
    let findings = Finding::ALL.iter().copied().filter(|finding| is_raised(*finding));
    let mut raised: Vec<Raised> = findings.map(|finding| Raised { finding, status: status(finding) }).collect();
    raised.sort_unstable_by_key(|raised| raised.finding.as_str());
    Examination { category, raised }
}
