//! What an application is, when one may come to exist, and the steps between its states.

use serde::{Deserialize, Serialize};

use crate::calls::{Call, CallState};
use crate::clock::{Date, Instant};
use crate::crypto::BlindIndex;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId, PersonId};
use crate::money::Money;
use crate::serbian::{BankAccount, Jmbg, fold};

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
            // Once the committee has decided, a late finding goes before a person, and the money waits.
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
            Self::Awarded | Self::Paid | Self::Withdrawn | Self::Declined => false,
        }
    }
}

/// Where an application stands: its state, and the state that a late finding took it from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub state: ApplicationState,
    /// Approved, awarded or reserve, while a person looks at a finding that came after the decision.
    pub held_from: Option<ApplicationState>,
}

impl Standing {
    /// Whether the committee has decided and no money has moved: every finding then goes before a person.
    pub fn is_decided(self) -> bool {
        use ApplicationState as S;
        self.held_from.is_some() || matches!(self.state, S::Approved | S::Awarded | S::Reserve)
    }

    /// As [`ApplicationState::after`]; what was held goes back to where it was when the finding is dismissed.
    pub fn after(self, event: ApplicationEvent) -> Result<Self> {
        let next = self.state.after(event)?;
        let held_from = match (self.held_from, next) {
            (Some(before), ApplicationState::Eligible) => return Ok(Self { state: before, held_from: None }),
            (held_from @ Some(_), ApplicationState::NeedsReview) => held_from,
            (None, ApplicationState::NeedsReview) if self.is_decided() => Some(self.state),
            _ => None,
        };
        Ok(Self { state: next, held_from })
    }
}

/// An application as everybody may see it who may see it at all: nothing that is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    pub id: ApplicationId,
    pub call_id: CallId,
    pub person_id: PersonId,
    /// The name-free handle that is printed everywhere.
    pub reference: String,
    pub state: ApplicationState,
    pub held_from: Option<ApplicationState>,
    /// The priority group of need; none where no category fits.
    pub category: Option<i32>,
    pub submitted_at: Instant,
    pub jmbg_index: BlindIndex,
    pub account_index: BlindIndex,
    pub name_index: BlindIndex,
    pub household_index: BlindIndex,
    pub version: i32,
}

impl Application {
    pub fn standing(&self) -> Standing {
        Standing { state: self.state, held_from: self.held_from }
    }
}

/// Who the applicant is. Sealed under the identity key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub jmbg: String,
    pub given_name: String,
    pub family_name: String,
    pub email: String,
    pub phone: String,
}

/// Why the applicant needs help, as far as the rules ask. Sealed under the need key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    pub born: Date,
    /// People sharing income and housing with the applicant name the same household.
    pub household: String,
    pub household_size: u32,
    pub is_single_parent: bool,
    pub children_born: Vec<Date>,
    pub housing: Housing,
    /// Of the household, a month, without pension and benefits.
    pub income_before: Money,
    pub income_during: Money,
    /// Pension and social benefits a month.
    pub benefits: Money,
    pub has_other_support: bool,
    /// Codes of aid programmes.
    pub declared_aid: Vec<String>,
    pub is_related_to_fund: bool,
    pub is_account_holder: bool,
    pub statement: String,
}

crate::text_enum! {
    pub enum Housing {
        Tenant => "tenant",
        Owner => "owner",
        Family => "family",
    }
}

/// What an allocation ranks by. Sealed under the need key, apart from it, so that ranking opens nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranking {
    /// Income and benefits of the household, a month, during the emergency.
    pub income: Money,
    pub household_size: u32,
    pub children: u32,
    pub is_tenant: bool,
}

/// Where an award would go. Sealed under the payment key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// 18 digits.
    pub account: String,
    pub holder: String,
}

/// What somebody sends in. The JMBG and the account may still be wrong: that is answered with a refusal.
#[derive(Debug, Clone)]
pub struct Submission {
    pub reference: String,
    pub jmbg: String,
    pub bank_account: String,
    pub account_holder: String,
    pub given_name: String,
    pub family_name: String,
    pub email: String,
    pub phone: String,
    pub municipality: String,
    pub discipline: String,
    pub association: Option<String>,
    pub household: String,
    pub household_size: u32,
    pub is_single_parent: bool,
    pub children_born: Vec<Date>,
    pub housing: Housing,
    pub income_before: Money,
    pub income_during: Money,
    pub benefits: Money,
    pub has_other_support: bool,
    pub declared_aid: Vec<String>,
    pub is_related_to_fund: bool,
    pub statement: String,
}

crate::text_enum! {
    /// Why no application comes to exist, in the order in which it is asked.
    pub enum Refused {
        CallClosed => "call_closed",
        JmbgInvalid => "jmbg_invalid",
        AccountInvalid => "account_invalid",
        AlreadyApplied => "already_applied",
    }
}

impl Refused {
    pub fn because(self, reason: impl std::fmt::Display) -> Error {
        Error::refused(self.as_str(), reason.to_string())
    }
}

impl Submission {
    /// Asks what can be asked without looking anybody else up.
    pub fn admit(&self, call: &Call, now: Instant) -> Result<(Jmbg, BankAccount)> {
        let is_open = (call.rules.opens_at..=call.rules.closes_at).contains(&now);
        if call.state != CallState::Published || !is_open {
            let (from, until) = (call.rules.opens_at, call.rules.closes_at);
            return Err(Refused::CallClosed.because(format!("the call takes applications from {from} until {until}")));
        }
        let jmbg = Jmbg::parse(&self.jmbg).map_err(|error| Refused::JmbgInvalid.because(error))?;
        let account = BankAccount::parse(&self.bank_account).map_err(|error| Refused::AccountInvalid.because(error))?;
        Ok((jmbg, account))
    }

    pub fn identity(&self, jmbg: &Jmbg) -> Identity {
        Identity {
            jmbg: jmbg.as_str().to_owned(),
            given_name: self.given_name.clone(),
            family_name: self.family_name.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
        }
    }

    pub fn need(&self, jmbg: &Jmbg) -> Need {
        Need {
            born: jmbg.birth_date().into(),
            household: self.household.clone(),
            household_size: self.household_size,
            is_single_parent: self.is_single_parent,
            children_born: self.children_born.clone(),
            housing: self.housing,
            income_before: self.income_before,
            income_during: self.income_during,
            benefits: self.benefits,
            has_other_support: self.has_other_support,
            declared_aid: self.declared_aid.clone(),
            is_related_to_fund: self.is_related_to_fund,
            is_account_holder: fold(&self.account_holder) == fold(&self.full_name()),
            statement: self.statement.clone(),
        }
    }

    /// # Errors
    /// [`Error::Invalid`] where income and benefits together leave the range of money.
    pub fn ranking(&self) -> Result<Ranking> {
        let income = self.income_during.plus(self.benefits);
        Ok(Ranking {
            income: income.map_err(|_| Error::invalid("benefits", "income and benefits together are too large"))?,
            household_size: self.household_size,
            children: u32::try_from(self.children_born.len())
                .map_err(|_| Error::invalid("children_born", "too many"))?,
            is_tenant: self.housing == Housing::Tenant,
        })
    }

    pub fn full_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
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
        ineligible + check passed = eligible
        ineligible + check open = needs_review
        ineligible + check failed = ineligible
        ineligible + withdraw = withdrawn
        needs_review + check passed = eligible
        needs_review + check open = needs_review
        needs_review + check failed = ineligible
        needs_review + pay = paid
        needs_review + withdraw = withdrawn
        eligible + check passed = eligible
        eligible + check open = needs_review
        eligible + check failed = ineligible
        eligible + approve = approved
        eligible + reject = rejected
        eligible + miss quorum = no_quorum
        eligible + withdraw = withdrawn
        approved + check passed = approved
        approved + check open = needs_review
        approved + check failed = needs_review
        approved + award = awarded
        approved + put on reserve = reserve
        approved + leave unfunded = unfunded
        approved + withdraw = withdrawn
        rejected + check passed = rejected
        rejected + check open = rejected
        rejected + check failed = rejected
        rejected + uphold appeal = approved
        rejected + withdraw = withdrawn
        no_quorum + check passed = no_quorum
        no_quorum + check open = no_quorum
        no_quorum + check failed = no_quorum
        no_quorum + withdraw = withdrawn
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
        unfunded + check passed = unfunded
        unfunded + check open = unfunded
        unfunded + check failed = unfunded
        unfunded + withdraw = withdrawn
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
        ");
    }
}
