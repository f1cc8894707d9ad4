//! What somebody sends in, and why no application may come of it.

use super::facts::{Household, Housing, Identity, Need, Ranking};
use crate::calls::{Call, CallState};
use crate::clock::{Date, Instant};
use crate::error::{Error, Result};
use crate::money::Money;
use crate::serbian::{BankAccount, Jmbg, fold};

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
    pub household: Household,
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
        /// Of one's own, sent already: a draft no more.
        AlreadySent => "already_sent",
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
        let is_open = (call.rules.opens_at..=call.closes_at).contains(&now);
        if call.state != CallState::Published || !is_open {
            let (from, until) = (call.rules.opens_at, call.closes_at);
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
