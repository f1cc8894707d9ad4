//! Who may vote on what, and what the votes come to.

mod duty;

pub use duty::{GRACE, QueuePlace, Seated, age, counting, is_left_to_clock, presiding, voting_seats};

use serde::{Deserialize, Serialize};

use crate::accounts::Role;
use crate::applications::{ApplicationEvent, ApplicationState};
use crate::calls::CallState;
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, SeatId};

crate::text_enum! {
    pub enum SeatKind {
        Chair => "chair",
        Member => "member",
        /// Votes where the member it stands for is recused.
        Substitute => "substitute",
    }
}

impl SeatKind {
    pub fn role(self) -> Role {
        match self {
            Self::Chair => Role::Chair,
            Self::Member => Role::Member,
            Self::Substitute => Role::Substitute,
        }
    }

    /// The kind of seat that a role acts by.
    pub fn of(role: Role) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.role() == role)
    }
}

crate::text_enum! {
    /// Why a seat ends before its time. A list, because the log must hold nothing that somebody writes about a person.
    pub enum SeatEndReason {
        Resigned => "resigned",
        WithdrawnByAssociation => "withdrawn_by_association",
        ConflictOfInterest => "conflict_of_interest",
        Unavailable => "unavailable",
        Other => "other",
    }
}

/// A seat as it is given.
#[derive(Debug, Clone, Copy)]
pub struct NewSeat<'a> {
    pub kind: SeatKind,
    /// For a substitute, and only for one: the seat it stands for.
    pub substitutes_for: Option<SeatId>,
    /// The association that sends the person.
    pub association: &'a str,
}

crate::text_enum! {
    pub enum Vote {
        Approve => "approve",
        Reject => "reject",
        Abstain => "abstain",
    }
}

/// What a member says on an application. Sealed from everybody else until the voting closes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ballot {
    pub vote: Vote,
    /// 0 to 100.
    pub score: Option<u8>,
    pub reason: String,
}

crate::text_enum! {
    /// Why a vote does not count, in the order in which it is asked; once the votes are counted, none does.
    pub enum VoteRefused {
        NotEligible => "not_eligible",
        Recused => "recused",
        /// A substitute, while the member it stands for is not recused.
        NotStandingIn => "not_standing_in",
        VotingClosed => "voting_closed",
        NoReason => "no_reason",
    }
}

/// What is known when somebody votes.
#[derive(Debug, Clone, Copy)]
pub struct VoteFacts {
    pub state: ApplicationState,
    pub is_recused: bool,
    /// For a substitute: whether the member it stands for is recused.
    pub is_standing_in: Option<bool>,
    pub voting: CallState,
    pub voting_closes_at: Instant,
    pub now: Instant,
}

impl Ballot {
    /// Whether the ballot counts.
    pub fn admit(&self, facts: &VoteFacts) -> Result<()> {
        let refused = match () {
            () if matches!(facts.voting, CallState::VotingClosed | CallState::Allocated) => {
                (VoteRefused::VotingClosed, "the voting is closed")
            }
            () if facts.state != ApplicationState::Eligible => {
                (VoteRefused::NotEligible, "the application is not eligible")
            }
            () if facts.is_recused => (VoteRefused::Recused, "you are recused from this application"),
            () if facts.is_standing_in == Some(false) => {
                (VoteRefused::NotStandingIn, "a substitute votes only where the member is recused")
            }
            () if facts.voting != CallState::Voting || facts.now > facts.voting_closes_at => {
                (VoteRefused::VotingClosed, "the voting is closed")
            }
            () if self.reason.trim().is_empty() => (VoteRefused::NoReason, "a vote needs a reason"),
            () => return Ok(()),
        };
        Err(Error::refused(refused.0.as_str(), refused.1))
    }
}

/// A vote that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VoteCast {
    pub seat: SeatId,
    pub vote: Vote,
    pub score: Option<u8>,
}

crate::text_enum! {
    pub enum Outcome {
        Approved => "approved",
        Rejected => "rejected",
        NoQuorum => "no_quorum",
    }
}

impl Outcome {
    pub fn event(self) -> ApplicationEvent {
        match self {
            Self::Approved => ApplicationEvent::Approve,
            Self::Rejected => ApplicationEvent::Reject,
            Self::NoQuorum => ApplicationEvent::MissQuorum,
        }
    }
}

/// The votes on an application, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Tally {
    pub outcome: Outcome,
    pub approvals: i32,
    pub rejections: i32,
    pub abstentions: i32,
    /// Of the votes that carry a score.
    pub score_sum: i32,
    pub score_count: i32,
}

/// A tally as it was recorded when the voting closed.
pub type Decision = Tally;

/// What was decided on an application, by its reference code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub application: ApplicationId,
    pub reference: String,
    pub tally: Tally,
    pub decided_at: Instant,
}

/// Counts votes, one a seat. `seats` are members and chair, whoever is recused; a quorum is more than half of them.
///
/// As many approvals as rejections are decided by the chair's own vote, and rejected where the chair did not approve.
pub fn tally(votes: &[VoteCast], seats: usize, chair: Option<SeatId>) -> Tally {
    let count =
        |wanted: Vote| i32::try_from(votes.iter().filter(|cast| cast.vote == wanted).count()).unwrap_or(i32::MAX);
    let (approvals, rejections, abstentions) = (count(Vote::Approve), count(Vote::Reject), count(Vote::Abstain));
    let quorum = seats.div_euclid(2).saturating_add(1);
    let chair_approves = votes.iter().any(|cast| Some(cast.seat) == chair && cast.vote == Vote::Approve);
    let outcome = match approvals.cmp(&rejections) {
        _ if votes.len() < quorum => Outcome::NoQuorum,
        std::cmp::Ordering::Greater => Outcome::Approved,
        std::cmp::Ordering::Equal if chair_approves => Outcome::Approved,
        std::cmp::Ordering::Equal | std::cmp::Ordering::Less => Outcome::Rejected,
    };
    let scores = || votes.iter().filter_map(|cast| cast.score);
    Tally {
        outcome,
        approvals,
        rejections,
        abstentions,
        score_sum: scores().map(i32::from).fold(0, i32::saturating_add),
        score_count: i32::try_from(scores().count()).unwrap_or(i32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn votes() -> impl Strategy<Value = Vec<VoteCast>> {
        let vote = (prop::sample::select(Vote::ALL.to_vec()), prop::option::of(0..=100_u8));
        prop::collection::vec(vote, 0..12).prop_map(|votes| {
            votes.into_iter().map(|(vote, score)| VoteCast { seat: SeatId::new(), vote, score }).collect()
        })
    }

    proptest! {
        #[test]
        fn the_order_of_votes_does_not_matter(votes in votes(), seats in 0..12_usize, chaired: bool, turn in 0..12_usize) {
            let chair = votes.first().filter(|_| chaired).map(|cast| cast.seat);
            let mut turned = votes.clone();
            turned.reverse();
            if !turned.is_empty() {
                let turn = turn % turned.len();
                turned.rotate_left(turn);
            }
            prop_assert_eq!(tally(&votes, seats, chair), tally(&turned, seats, chair));
        }

        #[test]
        fn one_more_approval_never_harms(votes in votes(), seats in 0..12_usize) {
            let mut more = votes.clone();
            more.push(VoteCast { seat: SeatId::new(), vote: Vote::Approve, score: None });
            if tally(&votes, seats, None).outcome == Outcome::Approved {
                prop_assert_eq!(tally(&more, seats, None).outcome, Outcome::Approved);
            }
        }

        #[test]
        fn below_a_majority_of_seats_nothing_is_decided(votes in votes()) {
            prop_assert_eq!(tally(&votes, votes.len() * 2, None).outcome, Outcome::NoQuorum);
        }
    }

    #[test]
    fn a_tie_follows_the_chair() {
        let cast = |vote| VoteCast { seat: SeatId::new(), vote, score: None };
        let votes = [cast(Vote::Approve), cast(Vote::Reject), cast(Vote::Abstain)];
        let chaired = |at: usize| tally(&votes, 4, Some(votes[at].seat)).outcome;
        assert_eq!([chaired(0), chaired(1), chaired(2)], [Outcome::Approved, Outcome::Rejected, Outcome::Rejected]);
        assert_eq!(tally(&votes, 4, None).outcome, Outcome::Rejected);
    }

    #[test]
    fn refusals_are_asked_in_order() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let facts = VoteFacts {
            state: ApplicationState::Eligible,
            is_recused: false,
            is_standing_in: None,
            voting: CallState::Voting,
            voting_closes_at: at("2020-10-15T18:00:00Z"),
            now: at("2020-10-15T18:00:00Z"),
        };
        let ballot = Ballot { vote: Vote::Approve, score: None, reason: "need is proven".into() };
        assert!(ballot.admit(&facts).is_ok());
        let code = |ballot: &Ballot, facts: VoteFacts| ballot.admit(&facts).unwrap_err().refusal_code().unwrap();
        assert_eq!(
            code(&ballot, VoteFacts { state: ApplicationState::NeedsReview, is_recused: true, ..facts }),
            "not_eligible"
        );
        let counted = VoteFacts { state: ApplicationState::Approved, voting: CallState::VotingClosed, ..facts };
        assert_eq!(code(&ballot, counted), "voting_closed");
        assert_eq!(code(&ballot, VoteFacts { is_recused: true, ..facts }), "recused");
        assert_eq!(code(&ballot, VoteFacts { is_standing_in: Some(false), ..facts }), "not_standing_in");
        assert_eq!(code(&ballot, VoteFacts { now: at("2020-10-15T18:00:01Z"), ..facts }), "voting_closed");
        assert_eq!(code(&Ballot { reason: " \u{a0}\n".into(), ..ballot }, facts), "no_reason");
    }
}
