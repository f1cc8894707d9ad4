//! Findings, what people decide on them, and what follows for the application.

use std::collections::BTreeMap;

use crate::applications::ApplicationEvent;

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
    }
}

impl Finding {
    /// Whether a person always decides on it, because it may be a coincidence.
    pub fn asks_for_resolution(self) -> bool {
        match self {
            Self::OtherAidPossible | Self::SharedBankAccount => true,
            Self::Underage | Self::OtherAid | Self::AccountHolderDiffers | Self::RelatedToFund => false,
            Self::NoCategory | Self::HouseholdAlreadyApplied => false,
        }
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

/// Puts findings and resolutions together: any failure fails, else anything open waits, else it passes.
/// Once an application has passed (`is_settled`), every finding goes before a person.
pub fn conclude(raised: &[Raised], resolutions: &BTreeMap<Finding, Resolution>, is_settled: bool) -> Outcome {
    let status = |Raised { finding, status }: Raised| match resolutions.get(&finding) {
        _ if status == Status::Failed && !is_settled => Status::Failed,
        Some(Resolution::Confirmed) => Status::Failed,
        Some(Resolution::Dismissed) => Status::Dismissed,
        None => Status::Open,
    };
    let raised: Vec<Raised> =
        raised.iter().map(|raised| Raised { finding: raised.finding, status: status(*raised) }).collect();
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
