//! Who may do what: one exhaustive `match`, asked by every action. Beside it: what a password and a second factor must be.

mod caller;
mod device;
mod email;
mod invitation;
mod password;
mod request;
mod totp;

pub use caller::{Caller, Reach, STEP_UP_SECONDS};
pub use device::device;
pub use email::Email;
pub use invitation::{Duty, Grant, Invitation, InvitationState, conflict, needs_confirmation};
pub use password::{Factors, Password, PasswordProblem};
pub use request::RequestKind;
pub use totp::{RECOVERY_CODES, RecoveryCode, TotpSecret};

use crate::audit::Author;
use crate::error::{Error, Result};
use crate::ids::{CallId, PersonId, SeatId, SessionId};

crate::text_enum! {
    pub enum Role {
        Applicant => "applicant",
        Administrator => "administrator",
        Treasurer => "treasurer",
        /// Authorises payouts that the treasurer prepared.
        Authoriser => "authoriser",
        /// Checks for a partner association.
        Auditor => "auditor",
        Chair => "chair",
        Member => "member",
        Substitute => "substitute",
        /// The fund itself: the command line, the clock, the worker.
        System => "system",
    }
}

crate::text_enum! {
    /// What an action asks for, named by what it lets one do.
    pub enum Permission {
        /// By invitation, with the consent of a second administrator where it counts most.
        GiveRoles => "give roles",
        /// Without asking anybody: for the first administrators, and for rounds that are played from files.
        AppointDirectly => "appoint directly",
        /// On the day of a breach, from the command line.
        EndSessions => "end the sessions of others",
        ReadRoles => "read who holds which role",
        ReadJobs => "read and revive jobs that failed",
        RecordContribution => "record a contribution",
        MakeCall => "make and publish a call",
        ReadBooks => "read the books and what was given",
        Submit => "submit an application",
        EnterApplication => "enter an application for somebody",
        ReadApplications => "read applications without names",
        OpenPerson => "open who an applicant is",
        AskClarification => "ask an applicant a question",
        MergeApplications => "merge two applications of one person",
        ImportAid => "import other aid",
        ResolveFinding => "resolve a finding",
        Seat => "seat the committee",
        ReadMinutes => "read who is seated, and the minutes",
        DeclareRecusal => "declare a recusal",
        ReadBlind => "read applications for the vote",
        CastVote => "cast a vote",
        OpenVoting => "open the voting",
        CloseVoting => "close the voting",
        RecordSeed => "record the seed of a draw",
        SetBudget => "set the budget",
        CommitAllocation => "commit the allocation",
        ReadAllocation => "read the allocation by reference code",
        DeclineAward => "decline one's own award",
        ReadTally => "read what was decided",
        ReadPayouts => "read payouts with payee and account",
        PreparePayout => "prepare a payout",
        AuthorisePayout => "authorise a payout",
        RecordPayout => "record what the bank did with a payout",
        ReadTotals => "read totals and outcomes without names",
        ReadLog => "read the event log",
    }
}

/// Whether a role carries a permission.
pub fn allows(role: Role, permission: Permission) -> bool {
    use Role::{Administrator, Applicant, Auditor, Authoriser, Chair, Member, Substitute, System, Treasurer};
    match permission {
        Permission::GiveRoles => matches!(role, Administrator),
        Permission::AppointDirectly => matches!(role, System),
        Permission::EndSessions => matches!(role, System),
        Permission::ReadRoles => matches!(role, Administrator),
        Permission::ReadJobs => matches!(role, Administrator),
        Permission::RecordContribution => matches!(role, Treasurer),
        Permission::MakeCall => matches!(role, Administrator),
        Permission::ReadBooks => matches!(role, Treasurer | Authoriser | Auditor),
        Permission::Submit => matches!(role, Applicant),
        Permission::EnterApplication => matches!(role, Administrator),
        Permission::ReadApplications => matches!(role, Administrator),
        Permission::OpenPerson => matches!(role, Administrator),
        Permission::AskClarification => matches!(role, Administrator),
        Permission::MergeApplications => matches!(role, Administrator),
        Permission::ImportAid => matches!(role, Administrator),
        Permission::ResolveFinding => matches!(role, Administrator),
        Permission::Seat => matches!(role, Administrator | System),
        Permission::ReadMinutes => matches!(role, Administrator | Chair),
        Permission::DeclareRecusal => matches!(role, Chair | Member | Substitute),
        Permission::ReadBlind => matches!(role, Chair | Member | Substitute),
        Permission::CastVote => matches!(role, Chair | Member | Substitute),
        Permission::OpenVoting => matches!(role, Chair | System),
        Permission::CloseVoting => matches!(role, Chair | System),
        Permission::RecordSeed => matches!(role, Administrator),
        Permission::SetBudget => matches!(role, Treasurer),
        Permission::CommitAllocation => matches!(role, Treasurer),
        Permission::ReadAllocation => matches!(role, Administrator | Treasurer | Authoriser | Auditor),
        Permission::DeclineAward => matches!(role, Applicant),
        Permission::ReadTally => matches!(role, Administrator | Treasurer | Auditor | Chair | Member | Substitute),
        Permission::ReadPayouts => matches!(role, Treasurer | Authoriser),
        Permission::PreparePayout => matches!(role, Treasurer),
        Permission::AuthorisePayout => matches!(role, Authoriser),
        Permission::RecordPayout => matches!(role, Treasurer),
        Permission::ReadTotals => matches!(role, Administrator | Treasurer | Auditor | System),
        Permission::ReadLog => matches!(role, Administrator | Auditor | System),
    }
}

/// A seat on a call's committee, as far as acting by it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    pub id: SeatId,
    pub call: CallId,
    /// For a substitute, the seat it stands for.
    pub substitutes_for: Option<SeatId>,
}

/// Somebody acting in a role. It exists only for those who hold the role at the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    person: Option<PersonId>,
    session: Option<SessionId>,
    role: Role,
    seat: Option<Seat>,
}

impl Actor {
    /// The fund itself, for what happens by the clock and from the command line.
    pub const SYSTEM: Self = Self { person: None, session: None, role: Role::System, seat: None };

    pub(super) fn new(person: PersonId, role: Role) -> Self {
        Self { person: Some(person), session: None, role, seat: None }
    }

    /// Somebody acting for themselves: who they are was asked already.
    pub fn applicant(person: PersonId) -> Self {
        Self::new(person, Role::Applicant)
    }

    /// One who acts by a seat on a call's committee. Made by the committee, which has asked its seats.
    pub(crate) fn seated(person: PersonId, role: Role, seat: Seat) -> Self {
        Self { person: Some(person), session: None, role, seat: Some(seat) }
    }

    /// The same, over the API: the session is on the access journal beside the person.
    pub(crate) fn in_session(self, session: SessionId) -> Self {
        Self { session: Some(session), ..self }
    }

    pub fn role(&self) -> Role {
        self.role
    }

    /// # Errors
    /// [`Error::Forbidden`] where the role does not carry the permission.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if allows(self.role, permission) {
            return Ok(());
        }
        Err(Error::Forbidden { role: self.role.as_str(), permission: permission.as_str() })
    }

    /// The person who acts.
    ///
    /// # Errors
    /// [`Error::Forbidden`] where the fund itself acts but a person must answer for it.
    pub fn person(&self) -> Result<PersonId> {
        self.person.ok_or(Error::Forbidden { role: self.role.as_str(), permission: "act as a person" })
    }

    /// The seat held on a call's committee; another call's does not exist for this actor.
    pub fn seat_on(&self, call: CallId) -> Result<Seat> {
        self.seat.filter(|seat| seat.call == call).ok_or(Error::NotFound)
    }

    pub fn author(&self) -> Author {
        Author { person: self.person, session: self.session, role: self.role.as_str() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The policy as a table, for people to read. A change of it is a change of this snapshot.
    #[test]
    fn policy_table() {
        let row = |permission: &Permission| {
            let roles = Role::ALL.iter().filter(|role| allows(**role, *permission)).map(|role| role.as_str());
            format!("{:<40} {}", permission.as_str(), roles.collect::<Vec<_>>().join(", "))
        };
        let table = Permission::ALL.iter().map(row).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(table, @r"
        give roles                               administrator
        appoint directly                         system
        end the sessions of others               system
        read who holds which role                administrator
        read and revive jobs that failed         administrator
        record a contribution                    treasurer
        make and publish a call                  administrator
        read the books and what was given        treasurer, authoriser, auditor
        submit an application                    applicant
        enter an application for somebody        administrator
        read applications without names          administrator
        open who an applicant is                 administrator
        ask an applicant a question              administrator
        merge two applications of one person     administrator
        import other aid                         administrator
        resolve a finding                        administrator
        seat the committee                       administrator, system
        read who is seated, and the minutes      administrator, chair
        declare a recusal                        chair, member, substitute
        read applications for the vote           chair, member, substitute
        cast a vote                              chair, member, substitute
        open the voting                          chair, system
        close the voting                         chair, system
        record the seed of a draw                administrator
        set the budget                           treasurer
        commit the allocation                    treasurer
        read the allocation by reference code    administrator, treasurer, authoriser, auditor
        decline one's own award                  applicant
        read what was decided                    administrator, treasurer, auditor, chair, member, substitute
        read payouts with payee and account      treasurer, authoriser
        prepare a payout                         treasurer
        authorise a payout                       authoriser
        record what the bank did with a payout   treasurer
        read totals and outcomes without names   administrator, treasurer, auditor, system
        read the event log                       administrator, auditor, system
        ");
    }

    #[test]
    fn a_refusal_names_role_and_permission() {
        let refusal = Actor::SYSTEM.require(Permission::CastVote).unwrap_err();
        assert_eq!(refusal.to_string(), "the role “system” may not do this: cast a vote");
    }
}
