//! The states of an application and the steps between them.

use crate::error::{Error, Result};

crate::text_enum! {
    pub enum ApplicationState {
        Submitted => "submitted",
        Ineligible => "ineligible",
        NeedsReview => "needs_review",
        Eligible => "eligible",
        Approved => "approved",
        Rejected => "rejected",
        NoQuorum => "no_quorum",
        Awarded => "awarded",
        Reserve => "reserve",
        Unfunded => "unfunded",
        Paid => "paid",
        Withdrawn => "withdrawn",
        Declined => "declined",
        /// It was the same person's second application.
        Merged => "merged",
    }
}

crate::text_enum! {
    pub enum ApplicationEvent {
        /// A check found nothing against it.
        CheckPassed => "check passed",
        /// A check found something that a person must decide.
        CheckOpen => "check open",
        CheckFailed => "check failed",
        Approve => "approve",
        Reject => "reject",
        MissQuorum => "miss quorum",
        Award => "award",
        PutOnReserve => "put on reserve",
        LeaveUnfunded => "leave unfunded",
        Pay => "pay",
        ReturnPayment => "return payment",
        UpholdAppeal => "uphold appeal",
        Withdraw => "withdraw",
        Decline => "decline",
        Merge => "merge",
    }
}

impl ApplicationState {
    /// The state after an event. A check that changes nothing leaves the state as it is.
    ///
    /// # Errors
    /// Refused where the event does not follow from this state.
    pub fn after(self, event: ApplicationEvent) -> Result<Self> {
        use ApplicationEvent as E;
        match (self, event) {
            (Self::Submitted | Self::Ineligible | Self::NeedsReview | Self::Eligible, E::CheckPassed) => {
                Ok(Self::Eligible)
            }
            (Self::Submitted | Self::Ineligible | Self::NeedsReview | Self::Eligible, E::CheckOpen) => {
                Ok(Self::NeedsReview)
            }
            (Self::Submitted | Self::Ineligible | Self::NeedsReview | Self::Eligible, E::CheckFailed) => {
                Ok(Self::Ineligible)
            }
            // What was decided once is not undone by a late finding: it goes before a person, and the money waits.
            (Self::Approved | Self::Awarded | Self::Reserve, E::CheckOpen | E::CheckFailed) => Ok(Self::NeedsReview),
            (_, E::CheckPassed | E::CheckOpen | E::CheckFailed) => Ok(self),
            (Self::Eligible, E::Approve) => Ok(Self::Approved),
            (Self::Eligible, E::Reject) => Ok(Self::Rejected),
            (Self::Eligible, E::MissQuorum) => Ok(Self::NoQuorum),
            (Self::Rejected, E::UpholdAppeal) => Ok(Self::Approved),
            (Self::Approved | Self::Reserve, E::Award) => Ok(Self::Awarded),
            (Self::Approved, E::PutOnReserve) => Ok(Self::Reserve),
            (Self::Approved, E::LeaveUnfunded) => Ok(Self::Unfunded),
            // The bank may have paid what was authorised before a finding came; what happened is recorded.
            (Self::Awarded | Self::NeedsReview, E::Pay) => Ok(Self::Paid),
            (Self::Paid, E::ReturnPayment) => Ok(Self::Awarded),
            (Self::Awarded, E::Decline) => Ok(Self::Declined),
            (state, E::Merge) if state.is_before_award() => Ok(Self::Merged),
            (state, E::Withdraw) if state.is_before_award() => Ok(Self::Withdrawn),
            (state, event) => {
                Err(Error::refused("application_state", format!("an application that is {state} cannot {event}")))
            }
        }
    }

    fn is_before_award(self) -> bool {
        match self {
            Self::Submitted | Self::Ineligible | Self::NeedsReview | Self::Eligible | Self::Approved => true,
            Self::Rejected | Self::NoQuorum | Self::Reserve | Self::Unfunded => true,
            Self::Awarded | Self::Paid | Self::Withdrawn | Self::Declined | Self::Merged => false,
        }
    }
}

/// Where an application stands: its state, and the state that a late finding took it from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub state: ApplicationState,
    /// Eligible, approved, awarded or reserve, while a person looks at a finding that came later.
    pub held_from: Option<ApplicationState>,
}

impl Standing {
    /// Whether it passed its checks and no money has moved: every later finding then goes before a person.
    pub fn is_settled(self) -> bool {
        use ApplicationState as S;
        self.held_from.is_some() || matches!(self.state, S::Eligible | S::Approved | S::Awarded | S::Reserve)
    }

    /// Whether the committee has decided on it, and it waits for money or for a person to look at a finding.
    pub fn is_decided(self) -> bool {
        use ApplicationState as S;
        matches!(self.held_from.unwrap_or(self.state), S::Approved | S::Awarded | S::Reserve)
    }

    /// As [`ApplicationState::after`]; what was held goes back to where it was when the finding is dismissed.
    pub fn after(self, event: ApplicationEvent) -> Result<Self> {
        // Whoever was awarded declines, also while a finding waits: the money is set aside for them.
        let state = match (self.held_from, event) {
            (Some(ApplicationState::Awarded), ApplicationEvent::Decline | ApplicationEvent::Withdraw) => {
                ApplicationState::Awarded
            }
            _ => self.state,
        };
        let next = state.after(event)?;
        let held_from = match (self.held_from, next) {
            (Some(before), ApplicationState::Eligible) => return Ok(Self { state: before, held_from: None }),
            (held_from @ Some(_), ApplicationState::NeedsReview) => held_from,
            (None, ApplicationState::NeedsReview) if self.is_settled() => Some(self.state),
            _ => None,
        };
        Ok(Self { state: next, held_from })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_table() {
        let mut table = String::new();
        for state in ApplicationState::ALL {
            for event in ApplicationEvent::ALL {
                if let Ok(next) = state.after(*event) {
                    table.push_str(&format!("{state} + {event} = {next}\n"));
                }
            }
        }
        insta::assert_snapshot!(table, @r"
        submitted + check passed = eligible
        submitted + check open = needs_review
        submitted + check failed = ineligible
        submitted + withdraw = withdrawn
        submitted + merge = merged
        ineligible + check passed = eligible
        ineligible + check open = needs_review
        ineligible + check failed = ineligible
        ineligible + withdraw = withdrawn
        ineligible + merge = merged
        needs_review + check passed = eligible
        needs_review + check open = needs_review
        needs_review + check failed = ineligible
        needs_review + pay = paid
        needs_review + withdraw = withdrawn
        needs_review + merge = merged
        eligible + check passed = eligible
        eligible + check open = needs_review
        eligible + check failed = ineligible
        eligible + approve = approved
        eligible + reject = rejected
        eligible + miss quorum = no_quorum
        eligible + withdraw = withdrawn
        eligible + merge = merged
        approved + check passed = approved
        approved + check open = needs_review
        approved + check failed = needs_review
        approved + award = awarded
        approved + put on reserve = reserve
        approved + leave unfunded = unfunded
        approved + withdraw = withdrawn
        approved + merge = merged
        rejected + check passed = rejected
        rejected + check open = rejected
        rejected + check failed = rejected
        rejected + uphold appeal = approved
        rejected + withdraw = withdrawn
        rejected + merge = merged
        no_quorum + check passed = no_quorum
        no_quorum + check open = no_quorum
        no_quorum + check failed = no_quorum
        no_quorum + withdraw = withdrawn
        no_quorum + merge = merged
        awarded + check passed = awarded
        awarded + check open = needs_review
        awarded + check failed = needs_review
        awarded + pay = paid
        awarded + decline = declined
        reserve + check passed = reserve
        reserve + check open = needs_review
        reserve + check failed = needs_review
        reserve + award = awarded
        reserve + withdraw = withdrawn
        reserve + merge = merged
        unfunded + check passed = unfunded
        unfunded + check open = unfunded
        unfunded + check failed = unfunded
        unfunded + withdraw = withdrawn
        unfunded + merge = merged
        paid + check passed = paid
        paid + check open = paid
        paid + check failed = paid
        paid + return payment = awarded
        withdrawn + check passed = withdrawn
        withdrawn + check open = withdrawn
        withdrawn + check failed = withdrawn
        declined + check passed = declined
        declined + check open = declined
        declined + check failed = declined
        merged + check passed = merged
        merged + check open = merged
        merged + check failed = merged
        ");
    }
}
