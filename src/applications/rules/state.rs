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
        /// The award of one that failed a late check went back to the fund.
        Release => "release",
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
            // The bank may have paid what was authorised before a finding came or was confirmed; what happened is recorded.
            (Self::Awarded | Self::NeedsReview | Self::Ineligible, E::Pay) => Ok(Self::Paid),
            (Self::Paid, E::ReturnPayment) => Ok(Self::Awarded),
            (Self::Awarded, E::Decline) => Ok(Self::Declined),
            (Self::Ineligible, E::Release) => Ok(self),
            (state, E::Merge) if state.is_before_award() => Ok(Self::Merged),
            (state, E::Withdraw) if state.is_before_award() => Ok(Self::Withdrawn),
            (state, event) => {
                Err(Error::refused("application_state", format!("an application that is {state} cannot {event}")))
            }
        }
    }

    /// Whether nothing more happens with it, unless the bank gives the money back.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Paid | Self::Withdrawn | Self::Declined | Self::Merged)
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
    /// Eligible, approved, awarded or reserve, while a person looks at a finding that came later. Awarded also where the
    /// finding was confirmed, until the award is released: its money is set aside for as long. From then on reserve, as for
    /// whoever was in line when it was confirmed, and approved for whoever was that: there they are again, should the finding
    /// fall and a person agree.
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

    /// Whether what it had before a finding is set aside for it: a person looks, or its money is not released yet.
    pub fn is_held(self) -> bool {
        use ApplicationState as S;
        matches!((self.state, self.held_from), (S::NeedsReview, Some(_)) | (S::Ineligible, Some(S::Awarded)))
    }

    /// As what it is counted: a finding takes nobody out of the totals as long as what they had is set aside.
    pub fn counts_as(self) -> ApplicationState {
        self.held_from.filter(|_| self.is_held()).unwrap_or(self.state)
    }

    /// As [`ApplicationState::after`]; what was held goes back to where it was when the finding is dismissed.
    pub fn after(self, event: ApplicationEvent) -> Result<Self> {
        // Whoever was awarded declines, also while a finding waits: the money is set aside for them.
        let state = match (self.held_from, event) {
            (
                Some(ApplicationState::Awarded),
                ApplicationEvent::Decline | ApplicationEvent::Withdraw | ApplicationEvent::Merge,
            ) => ApplicationState::Awarded,
            _ => self.state,
        };
        let next = state.after(event)?;
        if self.state == ApplicationState::Merged {
            // It comes back as it went.
            return Ok(self);
        }
        let held_from = match (self.held_from, next) {
            (held_from @ Some(ApplicationState::Awarded), ApplicationState::Ineligible)
                if event != ApplicationEvent::Release =>
            {
                held_from
            }
            (Some(ApplicationState::Awarded | ApplicationState::Reserve), ApplicationState::Ineligible) => {
                Some(ApplicationState::Reserve)
            }
            // Until the money is allocated it comes back, should the finding fall and a person agree.
            (held_from @ Some(ApplicationState::Approved), ApplicationState::Ineligible) => held_from,
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
    fn an_award_stands_until_it_is_released() {
        use ApplicationEvent as E;
        use ApplicationState as S;
        let held = |state| Standing { state, held_from: Some(S::Awarded) };
        let confirmed = held(S::NeedsReview).after(E::CheckFailed).unwrap();
        assert_eq!(confirmed, held(S::Ineligible));
        for standing in [confirmed, held(S::NeedsReview)] {
            for refused in [E::Withdraw, E::Merge] {
                assert!(standing.after(refused).is_err(), "{standing:?} {refused}");
            }
            assert_eq!(standing.after(E::CheckPassed).unwrap(), Standing { state: S::Awarded, held_from: None });
            assert_eq!(standing.after(E::CheckOpen).unwrap(), held(S::NeedsReview));
            assert_eq!(standing.after(E::Pay).unwrap(), Standing { state: S::Paid, held_from: None });
            assert_eq!(standing.after(E::Decline).unwrap(), Standing { state: S::Declined, held_from: None });
        }
        let released = confirmed.after(E::Release).unwrap();
        let in_line = |state| Standing { state, held_from: Some(S::Reserve) };
        assert_eq!((released, released.counts_as()), (in_line(S::Ineligible), S::Ineligible));
        assert_eq!(released.after(E::CheckFailed).unwrap(), released);
        assert_eq!(released.after(E::CheckOpen).unwrap(), in_line(S::NeedsReview));
        assert_eq!(in_line(S::NeedsReview).after(E::CheckFailed).unwrap(), released);
        let again = in_line(S::NeedsReview).after(E::CheckPassed).unwrap();
        assert_eq!(again, Standing { state: S::Reserve, held_from: None });
        assert_eq!(again.after(E::Award).unwrap(), Standing { state: S::Awarded, held_from: None });
        for (event, state) in [(E::Withdraw, S::Withdrawn), (E::Merge, S::Merged)] {
            assert_eq!(released.after(event).unwrap(), Standing { state, held_from: None });
        }
        let approved = |state| Standing { state, held_from: Some(S::Approved) };
        let out = approved(S::NeedsReview).after(E::CheckFailed).unwrap();
        assert_eq!((out, out.counts_as(), out.is_held()), (approved(S::Ineligible), S::Ineligible, false));
        assert_eq!(out.after(E::CheckOpen).unwrap(), approved(S::NeedsReview));
        let again = approved(S::NeedsReview).after(E::CheckPassed).unwrap();
        assert_eq!(again, Standing { state: S::Approved, held_from: None });
        let merged = Standing { state: S::Merged, held_from: Some(S::Approved) };
        assert_eq!(merged.after(E::CheckFailed).unwrap(), merged);
    }

    #[test]
    fn state_table() {
        let row = |state: &ApplicationState| {
            let steps = ApplicationEvent::ALL.iter().filter_map(|event| {
                let next = state.after(*event).ok().filter(|next| next != state)?;
                Some(format!("{event} = {next}"))
            });
            format!("{state}: {}", steps.collect::<Vec<_>>().join(", ")).trim_end().to_owned()
        };
        let table = ApplicationState::ALL.iter().map(row).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(table, @r"
        submitted: check passed = eligible, check open = needs_review, check failed = ineligible, withdraw = withdrawn, merge = merged
        ineligible: check passed = eligible, check open = needs_review, pay = paid, withdraw = withdrawn, merge = merged
        needs_review: check passed = eligible, check failed = ineligible, pay = paid, withdraw = withdrawn, merge = merged
        eligible: check open = needs_review, check failed = ineligible, approve = approved, reject = rejected, miss quorum = no_quorum, withdraw = withdrawn, merge = merged
        approved: check open = needs_review, check failed = needs_review, award = awarded, put on reserve = reserve, leave unfunded = unfunded, withdraw = withdrawn, merge = merged
        rejected: uphold appeal = approved, withdraw = withdrawn, merge = merged
        no_quorum: withdraw = withdrawn, merge = merged
        awarded: check open = needs_review, check failed = needs_review, pay = paid, decline = declined
        reserve: check open = needs_review, check failed = needs_review, award = awarded, withdraw = withdrawn, merge = merged
        unfunded: withdraw = withdrawn, merge = merged
        paid: return payment = awarded
        withdrawn:
        declined:
        merged:
        ");
    }
}
