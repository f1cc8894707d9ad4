//! Roles that are offered and given: what they need, what they exclude, how far an invitation has come.

use super::{Email, Role};
use crate::clock::Instant;
use crate::error::{Error, FieldError, Result};
use crate::ids::{CallId, GrantId, PersonId, SeatId};
use crate::language::Language;

/// A role that a person holds, on one call or (`call` is nothing) on all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub id: GrantId,
    pub person: PersonId,
    pub role: Role,
    pub call: Option<CallId>,
    /// For an auditor, the association they check for.
    pub association: Option<String>,
    pub granted_at: Instant,
    pub ends_at: Option<Instant>,
    pub version: i32,
}

/// What an administrator offers to somebody.
#[derive(Debug, Clone)]
pub struct Invitation {
    pub email: Email,
    pub language: Language,
    pub role: Role,
    pub call: Option<CallId>,
    pub association: Option<String>,
    pub substitutes_for: Option<SeatId>,
    pub ends_at: Instant,
}

crate::text_enum! {
    /// How far an invitation has come.
    pub enum InvitationState {
        /// The mail is on its way or unanswered.
        Invited => "invited",
        /// Accepted, and a second administrator has not confirmed it yet.
        Accepted => "accepted",
        /// Accepted and, where that is needed, confirmed: the role is given.
        Given => "given",
        Withdrawn => "withdrawn",
        Expired => "expired",
    }
}

/// What nobody combines within a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    Administration,
    Treasury,
    Authorisation,
    Committee,
    Audit,
}

impl Role {
    /// The duty of a role; none for applicants and for the fund itself.
    pub fn duty(self) -> Option<Duty> {
        match self {
            Self::Administrator => Some(Duty::Administration),
            Self::Treasurer => Some(Duty::Treasury),
            Self::Authoriser => Some(Duty::Authorisation),
            Self::Auditor => Some(Duty::Audit),
            Self::Chair | Self::Member | Self::Substitute => Some(Duty::Committee),
            Self::Applicant | Self::System => None,
        }
    }
}

/// Whether a role works only after a second administrator agreed: one alone must not be able to make an accomplice.
pub fn needs_confirmation(role: Role) -> bool {
    matches!(role, Role::Administrator | Role::Treasurer | Role::Authoriser)
}

/// The role among those held that excludes another one, on a call or on all.
pub fn conflict(held: &[(Role, Option<CallId>)], role: Role, call: Option<CallId>) -> Option<Role> {
    let meets = |other: Option<CallId>| other.is_none() || call.is_none() || other == call;
    let excludes = |other: Role| other.duty().is_some() && role.duty().is_some() && other.duty() != role.duty();
    held.iter().find(|(other, on)| excludes(*other) && meets(*on)).map(|(other, _)| *other)
}

/// The longest that a role is given for: three years.
const LONGEST_DAYS: u64 = 3 * 366;

impl Invitation {
    /// # Errors
    /// [`Error::Fields`] with everything that does not fit the role.
    pub fn check(&self, now: Instant) -> Result<()> {
        let mut wrong = Vec::new();
        let mut add = |field: &str, code| wrong.push(FieldError { field: field.into(), code, argument: None });
        let is_committee = self.role.duty() == Some(Duty::Committee);
        if self.role.duty().is_none() {
            add("role", "role_not_offered");
        }
        if self.ends_at <= now {
            add("ends_at", "past");
        }
        if self.ends_at > now.plus(std::time::Duration::from_secs(LONGEST_DAYS.saturating_mul(86_400))) {
            add("ends_at", "too_far");
        }
        if is_committee && self.call.is_none() {
            add("call_id", "missing");
        }
        if (is_committee || self.role == Role::Auditor) && self.association.is_none() {
            add("association", "missing");
        }
        if !is_committee && self.role != Role::Auditor && self.association.is_some() {
            add("association", "not_for_role");
        }
        match (self.role == Role::Substitute, self.substitutes_for.is_some()) {
            (true, false) => add("substitutes_for", "missing"),
            (false, true) => add("substitutes_for", "not_for_role"),
            _ => {}
        }
        if wrong.is_empty() { Ok(()) } else { Err(Error::Fields(wrong)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duties_exclude_each_other_within_a_call() {
        let (one, other) = (CallId::new(), CallId::new());
        assert_eq!(conflict(&[(Role::Treasurer, Some(one))], Role::Auditor, Some(one)), Some(Role::Treasurer));
        assert_eq!(conflict(&[(Role::Treasurer, Some(one))], Role::Auditor, Some(other)), None);
        assert_eq!(conflict(&[(Role::Treasurer, None)], Role::Member, Some(other)), Some(Role::Treasurer));
        assert_eq!(conflict(&[(Role::Treasurer, Some(one))], Role::Administrator, None), Some(Role::Treasurer));
        assert_eq!(conflict(&[(Role::Chair, Some(one))], Role::Member, Some(one)), None);
        assert_eq!(conflict(&[(Role::Applicant, None)], Role::Treasurer, None), None);
    }

    #[test]
    fn any_two_duties_exclude_each_other() {
        for held in Role::ALL.iter().filter(|role| role.duty().is_some()) {
            for role in Role::ALL.iter().filter(|role| role.duty().is_some()) {
                let is_refused = conflict(&[(*held, None)], *role, None).is_some();
                assert_eq!(is_refused, held.duty() != role.duty(), "{held} and {role}");
            }
        }
    }
}
