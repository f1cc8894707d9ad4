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
    /// Whether a person decides on it, because it may be a coincidence.
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
/// Once the committee has decided, every finding goes before a person.
pub fn conclude(raised: &[Finding], resolutions: &BTreeMap<Finding, Resolution>, is_decided: bool) -> Outcome {
    let asks = |finding: Finding| is_decided || finding.asks_for_resolution();
    let status = |finding: Finding| match resolutions.get(&finding).filter(|_| asks(finding)) {
        Some(Resolution::Confirmed) => Status::Failed,
        Some(Resolution::Dismissed) => Status::Dismissed,
        None if asks(finding) => Status::Open,
        None => Status::Failed,
    };
    let raised: Vec<Raised> =
        raised.iter().map(|finding| Raised { finding: *finding, status: status(*finding) }).collect();
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

    proptest! {
        #[test]
        fn a_resolution_matters_only_where_one_is_asked_for(raised in findings(), resolved in findings(), dismissed: bool, decided: bool) {
            let resolution = if dismissed { Resolution::Dismissed } else { Resolution::Confirmed };
            let resolutions = resolved.iter().map(|finding| (*finding, resolution)).collect();
            let outcome = conclude(&raised, &resolutions, decided);
            for Raised { finding, status } in &outcome.raised {
                let expected = match (decided || finding.asks_for_resolution(), resolved.contains(finding)) {
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
