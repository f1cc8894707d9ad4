//! An event: its kinds, its author, its canonical bytes.

use diesel::prelude::*;
use serde::Serialize;

use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::ids::{EventId, PersonId, SessionId};

crate::text_enum! {
    /// What can happen. One for each verb of the slices.
    pub enum Kind {
        PersonRegistered => "person_registered",
        PasswordChanged => "password_changed",
        EmailChanged => "email_changed",
        SecondFactorEnrolled => "second_factor_enrolled",
        SecondFactorRemoved => "second_factor_removed",
        RecoveryCodesMade => "recovery_codes_made",
        /// A refresh token came back that had been used: somebody has a copy.
        SessionReused => "session_reused",
        /// Of one person or of everybody, by the fund itself.
        SessionsEnded => "sessions_ended",
        RoleInvited => "role_invited",
        InvitationAccepted => "invitation_accepted",
        InvitationConfirmed => "invitation_confirmed",
        InvitationWithdrawn => "invitation_withdrawn",
        RoleGranted => "role_granted",
        RoleEnded => "role_ended",
        PersonSuspended => "person_suspended",
        PersonRestored => "person_restored",
        ContributionReceived => "contribution_received",
        ContributionReversed => "contribution_reversed",
        CallMade => "call_made",
        CallChanged => "call_changed",
        CallPublished => "call_published",
        CallClosed => "call_closed",
        BudgetSet => "budget_set",
        ProgrammeAdded => "programme_added",
        ProgrammeRemoved => "programme_removed",
        ApplicationSubmitted => "application_submitted",
        EligibilityChecked => "eligibility_checked",
        RegisterImported => "register_imported",
        RegisterWithdrawn => "register_withdrawn",
        ClarificationAsked => "clarification_asked",
        ClarificationAnswered => "clarification_answered",
        ApplicationCorrected => "application_corrected",
        ApplicationWithdrawn => "application_withdrawn",
        ApplicationsMerged => "applications_merged",
        ApplicationsUnmerged => "applications_unmerged",
        PersonOpened => "person_opened",
        /// To or from an application that is sent; of a draft nothing is told.
        DocumentAdded => "document_added",
        DocumentRemoved => "document_removed",
        DocumentOpened => "document_opened",
        /// One reader opened data of more people within an hour than the settings allow.
        ManyOpened => "many_opened",
        /// What the fund held of somebody was erased, on request or because its time was over.
        DataErased => "data_erased",
        FindingResolved => "finding_resolved",
        MemberSeated => "member_seated",
        SeatEnded => "seat_ended",
        RecusalDeclared => "recusal_declared",
        NoConflictDeclared => "no_conflict_declared",
        VotingOpened => "voting_opened",
        VoteCast => "vote_cast",
        VotingClosed => "voting_closed",
        ApplicationDecided => "application_decided",
        SeedRecorded => "seed_recorded",
        AllocationCommitted => "allocation_committed",
        ApplicationAwarded => "application_awarded",
        ApplicationReserved => "application_reserved",
        ApplicationUnfunded => "application_unfunded",
        AwardDeclined => "award_declined",
        AwardReleased => "award_released",
        AwardReinstated => "award_reinstated",
        PayoutPrepared => "payout_prepared",
        PayoutAuthorised => "payout_authorised",
        PayoutExecuted => "payout_executed",
        PayoutReturned => "payout_returned",
        PayoutCancelled => "payout_cancelled",
    }
}

/// Who did it, in which role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Author {
    /// Nobody, where the fund itself acts.
    pub person: Option<PersonId>,
    /// In which session, where it was over the API; it is on the access journal, not in events.
    pub session: Option<SessionId>,
    pub role: &'static str,
}

/// A numbered event.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Event {
    pub id: EventId,
    pub kind: Kind,
    pub recorded_at: Instant,
    /// RFC 8785 JSON.
    pub canonical: Vec<u8>,
    /// From 0, without gaps.
    pub sequence: i64,
}

#[derive(Serialize)]
struct Body<'a, F> {
    id: EventId,
    kind: Kind,
    at: Instant,
    actor: Option<PersonId>,
    role: &'a str,
    facts: &'a F,
}

/// The bytes of an event: RFC 8785 (JSON Canonicalization Scheme).
pub(super) fn canonical(id: EventId, by: Author, at: Instant, kind: Kind, facts: &impl Serialize) -> Result<Vec<u8>> {
    let body = Body { id, kind, at, actor: by.person, role: by.role, facts };
    serde_json_canonicalizer::to_vec(&body).map_err(Error::corrupt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_sorted_and_compact() {
        let by = Author { person: None, session: None, role: "system" };
        let at = "2020-07-16T00:00:00Z".parse().unwrap();
        let id = EventId::new();
        let bytes = canonical(id, by, at, Kind::VotingClosed, &serde_json::json!({"b": "2", "a": 1})).unwrap();
        let expected = format!(
            r#"{{"actor":null,"at":"2020-07-16T00:00:00Z","facts":{{"a":1,"b":"2"}},"id":"{id}","kind":"voting_closed","role":"system"}}"#
        );
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }
}
