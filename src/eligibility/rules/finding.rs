//! Findings, what people decide on them, and what follows for the application.

use std::collections::BTreeMap;

use crate::applications::ApplicationEvent;
use crate::clock::Instant;

crate::text_enum! {
    /// A rule that an application may not pass.
    pub enum Finding {
        Underage => "underage",
        OtherAid => "other_aid",
        OtherAidPossible => "other_aid_possible",
        AccountHolderDiffers => "account_holder_differs",
        RelatedToFund => "related_to_fund",
        NoCategory => "no_category",
        HouseholdAlreadyApplied => "household_already_applied",
        SharedBankAccount => "shared_bank_account",
        /// It was excluded from the line for money by a finding that does not stand any more.
        ExcludedBefore => "excluded_before",
    }
}

impl Finding {
    /// Whether a person always decides on it, because it may be a coincidence.
    pub fn asks_for_resolution(self) -> bool {
        match self {
            Self::OtherAidPossible | Self::SharedBankAccount | Self::ExcludedBefore => true,
            Self::Underage | Self::OtherAid | Self::AccountHolderDiffers | Self::RelatedToFund => false,
            Self::NoCategory | Self::HouseholdAlreadyApplied => false,
        }
    }

    /// Whether the registers of other aid raise it.
    pub fn comes_of_registers(self) -> bool {
        matches!(self, Self::OtherAid | Self::OtherAidPossible)
    }

    /// Whether another application raises it, which names the same account.
    pub fn comes_of_sharing(self) -> bool {
        self == Self::SharedBankAccount
    }
}

crate::text_enum! {
    /// What a person decided on a finding.
    pub enum Resolution {
        /// It is so: the application fails by it.
        Confirmed => "confirmed",
        /// It is not so, or it does not matter.
        Dismissed => "dismissed",
    }
}

crate::text_enum! {
    pub enum Status {
        Failed => "failed",
        /// A person has to decide.
        Open => "open",
        Dismissed => "dismissed",
    }
}

/// A finding and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Raised {
    pub finding: Finding,
    pub status: Status,
}

/// What follows from all findings on an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub raised: Vec<Raised>,
    pub event: ApplicationEvent,
}

impl Outcome {
    /// The same for what had passed, or waits for a person: it is taken out by people alone, whatever was confirmed earlier.
    #[must_use]
    pub fn before_a_person(self) -> Self {
        if self.event != ApplicationEvent::CheckFailed {
            return self;
        }
        Self { raised: reopened(&self.raised), event: ApplicationEvent::CheckOpen }
    }
}

/// Findings of which a person decides again on those by which the application failed.
pub fn reopened(raised: &[Raised]) -> Vec<Raised> {
    let open = |raised: &Raised| match raised.status {
        Status::Failed => Raised { status: Status::Open, ..*raised },
        Status::Open | Status::Dismissed => *raised,
    };
    raised.iter().map(open).collect()
}

/// Since when what raises findings is there: of each, the newest of it.
pub type Newest = BTreeMap<Finding, Instant>;

/// What holds of the decisions on an application, given in the order in which they were made: the latest on each finding. What
/// came after a dismissal was not judged by it, and that an application is in line again was said of an earlier exclusion, and
/// not of one that was confirmed since.
pub fn in_force(
    decided: impl IntoIterator<Item = (Finding, Resolution, Instant)>,
    newest: &Newest,
) -> BTreeMap<Finding, Resolution> {
    let mut holds = BTreeMap::new();
    for (finding, resolution, at) in decided {
        if finding != Finding::ExcludedBefore && resolution == Resolution::Confirmed {
            holds.remove(&Finding::ExcludedBefore);
        }
        let is_overtaken =
            resolution == Resolution::Dismissed && newest.get(&finding).is_some_and(|newest| at < *newest);
        if is_overtaken {
            holds.remove(&finding);
        } else {
            holds.insert(finding, resolution);
        }
    }
    holds
}

/// What a check of an application found that left the line for money, or lost an award, by a finding that a person confirmed.
/// Where all that was confirmed has fallen, a person says whether it is in line again.
pub fn with_exclusion(mut raised: Vec<Raised>, resolutions: &BTreeMap<Finding, Resolution>) -> Vec<Raised> {
    let is_raised = |finding: Finding| raised.iter().any(|raised| raised.finding == finding);
    let mut confirmed = resolutions
        .iter()
        .filter(|(finding, resolution)| **finding != Finding::ExcludedBefore && **resolution == Resolution::Confirmed)
        .peekable();
    if confirmed.peek().is_some() && confirmed.all(|(finding, _)| !is_raised(*finding)) {
        raised.push(Raised { finding: Finding::ExcludedBefore, status: Status::Open });
        raised.sort_unstable_by_key(|raised| raised.finding.as_str());
    }
    raised
}

/// What a correction made fall goes before a person still, where one was to decide on it or had confirmed it: it may be what
/// the correction was for. `was` is what was found and decided until now; what was confirmed before the correction is not
/// said of what it is now.
pub fn with_corrected(
    mut raised: Vec<Raised>,
    was: (&[Raised], &[(Finding, Resolution, Instant)]),
    corrected_at: Instant,
    resolutions: &mut BTreeMap<Finding, Resolution>,
) -> Vec<Raised> {
    let (found, decided) = was;
    for Raised { finding, status } in found {
        let last = decided.iter().rev().find(|(of, ..)| of == finding);
        let is_confirmed = last.is_some_and(|(_, resolution, _)| *resolution == Resolution::Confirmed);
        let is_for_people = *finding != Finding::ExcludedBefore && (finding.asks_for_resolution() || is_confirmed);
        let is_found = raised.iter().any(|raised| raised.finding == *finding);
        if *status == Status::Dismissed || is_found || !is_for_people {
            continue;
        }
        if last.is_some_and(|(.., at)| *at < corrected_at) {
            resolutions.remove(finding);
        }
        raised.push(Raised { finding: *finding, status: Status::Open });
    }
    raised.sort_unstable_by_key(|raised| raised.finding.as_str());
    raised
}

/// Puts findings and resolutions together: any failure fails, else anything open waits, else it passes.
/// Once an application has passed (`is_settled`), every finding goes before a person.
pub fn conclude(raised: &[Raised], resolutions: &BTreeMap<Finding, Resolution>, is_settled: bool) -> Outcome {
    let status = |Raised { finding, status }: Raised| match resolutions.get(&finding) {
        _ if status == Status::Failed && !is_settled => Status::Failed,
        Some(Resolution::Confirmed) => Status::Failed,
        Some(Resolution::Dismissed) => Status::Dismissed,
        None => Status::Open,
    };
    settled(raised.iter().map(|raised| Raised { finding: raised.finding, status: status(*raised) }).collect())
}

/// What a person decided on one finding changes that one alone.
pub fn decide(raised: &[Raised], (finding, resolution): (Finding, Resolution)) -> Outcome {
    let status = match resolution {
        Resolution::Confirmed => Status::Failed,
        Resolution::Dismissed => Status::Dismissed,
    };
    let decided = |raised: &Raised| if raised.finding == finding { Raised { finding, status } } else { *raised };
    settled(raised.iter().map(decided).collect())
}

/// Any failure fails, else anything open waits, else it passes.
fn settled(raised: Vec<Raised>) -> Outcome {
    let has = |status| raised.iter().any(|raised| raised.status == status);
    let event = match () {
        () if has(Status::Failed) => ApplicationEvent::CheckFailed,
        () if has(Status::Open) => ApplicationEvent::CheckOpen,
        () => ApplicationEvent::CheckPassed,
    };
    Outcome { raised, event }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn findings() -> impl Strategy<Value = Vec<Finding>> {
        prop::sample::subsequence(Finding::ALL.to_vec(), 0..=Finding::ALL.len())
    }

    fn raised() -> impl Strategy<Value = Vec<Raised>> {
        let status = prop::sample::select(vec![Status::Failed, Status::Open]);
        let statuses = prop::collection::vec(status, Finding::ALL.len());
        (findings(), statuses).prop_map(|(findings, statuses)| {
            findings.into_iter().zip(statuses).map(|(finding, status)| Raised { finding, status }).collect()
        })
    }

    #[test]
    fn an_exclusion_is_in_question_once_all_that_was_confirmed_has_fallen() {
        use Finding::{ExcludedBefore, OtherAid, SharedBankAccount, Underage};
        let open = |finding| Raised { finding, status: Status::Open };
        let confirmed =
            [OtherAid, SharedBankAccount].into_iter().map(|finding| (finding, Resolution::Confirmed)).collect();
        let cases: [(&[Finding], bool); 4] =
            [(&[], true), (&[OtherAid], false), (&[SharedBankAccount], false), (&[Underage], true)];
        for (raised, is_in_question) in cases {
            let with = with_exclusion(raised.iter().copied().map(open).collect(), &confirmed);
            assert_eq!(with.contains(&open(ExcludedBefore)), is_in_question, "{raised:?}");
            assert!(with.is_sorted_by_key(|raised| raised.finding.as_str()));
        }
        // Nothing was confirmed but that it stays out.
        for decided in [(OtherAid, Resolution::Dismissed), (ExcludedBefore, Resolution::Confirmed)] {
            assert_eq!(with_exclusion(Vec::new(), &BTreeMap::from([decided])), []);
        }
    }

    fn at(moment: i64) -> Instant {
        Instant::from_micros(moment)
    }

    #[test]
    fn who_was_let_in_again_is_asked_about_again_once_they_are_excluded_anew() {
        use Finding::{ExcludedBefore, OtherAid, SharedBankAccount};
        use Resolution::{Confirmed, Dismissed};
        let holds = |decided: &[(Finding, Resolution)]| {
            let in_turn =
                decided.iter().zip(1..).map(|((finding, resolution), turn)| (*finding, *resolution, at(turn)));
            in_force(in_turn, &Newest::new()).get(&ExcludedBefore).copied()
        };
        let first = [(OtherAid, Confirmed), (ExcludedBefore, Dismissed)];
        assert_eq!(holds(&first), Some(Dismissed));
        assert_eq!(holds(&[first[0], first[1], (OtherAid, Dismissed)]), Some(Dismissed));
        for anew in [OtherAid, SharedBankAccount] {
            assert_eq!(holds(&[first[0], first[1], (anew, Confirmed)]), None, "{anew}");
        }
    }

    #[test]
    fn a_dismissal_says_nothing_of_what_came_after_it() {
        use Finding::{OtherAid, SharedBankAccount};
        use Resolution::{Confirmed, Dismissed};
        let newest = Newest::from([(OtherAid, at(10))]);
        let of = |decided: &[(Finding, Resolution, Instant)]| in_force(decided.iter().copied(), &newest);
        assert_eq!(of(&[(OtherAid, Dismissed, at(9))]), BTreeMap::new());
        assert_eq!(of(&[(OtherAid, Confirmed, at(8)), (OtherAid, Dismissed, at(9))]), BTreeMap::new());
        for holds in
            [(OtherAid, Dismissed, at(10)), (OtherAid, Confirmed, at(9)), (SharedBankAccount, Dismissed, at(1))]
        {
            assert_eq!(of(&[holds]), BTreeMap::from([(holds.0, holds.1)]));
        }
    }

    #[test]
    fn what_a_correction_made_fall_goes_before_a_person() {
        use Finding::{AccountHolderDiffers, ExcludedBefore, OtherAid, OtherAidPossible, SharedBankAccount};
        use Resolution::{Confirmed, Dismissed};
        let stood = |finding, status| Raised { finding, status };
        let carried = |found: &[Raised], decided: &[(Finding, Resolution, Instant)]| {
            let mut resolutions = in_force(decided.iter().copied(), &Newest::new());
            let raised = with_corrected(Vec::new(), (found, decided), at(10), &mut resolutions);
            conclude(&raised, &resolutions, false).raised
        };
        for finding in [OtherAidPossible, SharedBankAccount] {
            assert_eq!(carried(&[stood(finding, Status::Open)], &[]), [stood(finding, Status::Open)]);
            assert_eq!(carried(&[stood(finding, Status::Dismissed)], &[(finding, Dismissed, at(9))]), []);
        }
        for (finding, moment, status) in
            [(OtherAidPossible, 9, Status::Open), (OtherAid, 9, Status::Open), (SharedBankAccount, 11, Status::Failed)]
        {
            let decided = [(finding, Confirmed, at(moment))];
            assert_eq!(carried(&[stood(finding, Status::Failed)], &decided), [stood(finding, status)], "{finding}");
        }
        // A wrong holder is what a correction is for, and that somebody was excluded follows from something else.
        for finding in [AccountHolderDiffers, ExcludedBefore] {
            assert_eq!(carried(&[stood(finding, Status::Failed)], &[]), []);
        }
        let found = vec![stood(OtherAidPossible, Status::Failed)];
        let again = with_corrected(found.clone(), (&found, &[]), at(10), &mut BTreeMap::new());
        assert_eq!(again, found, "what is found again is what it was");
    }

    #[test]
    fn what_had_passed_is_taken_out_by_people_alone() {
        use Finding::{OtherAid, SharedBankAccount};
        let found = [OtherAid, SharedBankAccount].map(|finding| Raised { finding, status: Status::Open });
        let resolutions = BTreeMap::from([(OtherAid, Resolution::Confirmed)]);
        let outcome = conclude(&found, &resolutions, true);
        assert_eq!(outcome.event, ApplicationEvent::CheckFailed);
        let outcome = outcome.before_a_person();
        assert_eq!((outcome.raised.as_slice(), outcome.event), (&found[..], ApplicationEvent::CheckOpen));
        let passed = conclude(&[], &resolutions, true);
        assert_eq!(passed.clone().before_a_person(), passed);
    }

    proptest! {
        #[test]
        fn a_resolution_matters_only_where_one_is_asked_for(raised in raised(), resolved in findings(), dismissed: bool, settled: bool) {
            let resolution = if dismissed { Resolution::Dismissed } else { Resolution::Confirmed };
            let resolutions = resolved.iter().map(|finding| (*finding, resolution)).collect();
            let outcome = conclude(&raised, &resolutions, settled);
            for (before, Raised { finding, status }) in raised.iter().zip(&outcome.raised) {
                let expected = match (settled || before.status == Status::Open, resolved.contains(finding)) {
                    (false, _) => Status::Failed,
                    (true, false) => Status::Open,
                    (true, true) if dismissed => Status::Dismissed,
                    (true, true) => Status::Failed,
                };
                prop_assert_eq!(*status, expected);
            }
            let passes = outcome.raised.iter().all(|raised| raised.status == Status::Dismissed);
            prop_assert_eq!(outcome.event == ApplicationEvent::CheckPassed, passes);
        }
    }
}
