//! The states of a call and the steps between them.

use crate::clock::Instant;
use crate::error::{Error, Result};

crate::text_enum! {
    /// Why the time for applications ends early. A list, because the log must hold nothing in free words.
    pub enum CloseReason {
        FundsExhausted => "funds_exhausted",
        DecisionOfFounders => "decision_of_founders",
        MistakeInCall => "mistake_in_call",
        Other => "other",
    }
}

crate::text_enum! {
    pub enum CallState {
        /// Being written; nobody sees it.
        Draft => "draft",
        /// Its times rule: applications from opens_at to closes_at.
        Published => "published",
        /// The committee votes.
        Voting => "voting",
        VotingClosed => "voting_closed",
        Allocated => "allocated",
    }
}

crate::text_enum! {
    pub enum CallEvent {
        Publish => "publish",
        OpenVoting => "open the voting",
        CloseVoting => "close the voting",
        CommitAllocation => "commit the allocation",
    }
}

crate::text_enum! {
    /// Where the time for applications stands, for people who look for a call.
    pub enum Phase {
        Upcoming => "upcoming",
        Open => "open",
        Closed => "closed",
    }
}

impl Phase {
    /// The phase at a moment; both ends belong to the open time.
    pub fn at(now: Instant, opens_at: Instant, closes_at: Instant) -> Self {
        match now {
            _ if now < opens_at => Self::Upcoming,
            _ if now <= closes_at => Self::Open,
            _ => Self::Closed,
        }
    }
}

impl CallState {
    /// Whether other aid can still be added to what the call asks about.
    pub fn can_gain_programmes(self) -> bool {
        self == Self::Draft || self.has_voting_ahead()
    }

    /// Whether an application that becomes eligible now can still be voted on.
    pub fn has_voting_ahead(self) -> bool {
        matches!(self, Self::Published | Self::Voting)
    }

    /// The state after an event.
    ///
    /// # Errors
    /// Refused where the event does not follow from this state.
    pub fn after(self, event: CallEvent) -> Result<Self> {
        match (self, event) {
            (Self::Draft, CallEvent::Publish) => Ok(Self::Published),
            (Self::Published, CallEvent::OpenVoting) => Ok(Self::Voting),
            (Self::Voting, CallEvent::CloseVoting) => Ok(Self::VotingClosed),
            (Self::VotingClosed, CallEvent::CommitAllocation) => Ok(Self::Allocated),
            (Self::Draft | Self::Published | Self::Voting | Self::VotingClosed | Self::Allocated, _) => {
                Err(Error::refused("call_state", format!("a call that is {self} cannot {event}")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_table() {
        let mut table = String::new();
        for state in CallState::ALL {
            for event in CallEvent::ALL {
                if let Ok(next) = state.after(*event) {
                    table.push_str(&format!("{state} + {event} = {next}\n"));
                }
            }
        }
        insta::assert_snapshot!(table, @r"
        draft + publish = published
        published + open the voting = voting
        voting + close the voting = voting_closed
        voting_closed + commit the allocation = allocated
        ");
    }
}
