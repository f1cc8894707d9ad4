//! What an applicant tells, by class of data: each is sealed under a key of its own.

use serde::{Deserialize, Serialize};

use crate::clock::Date;
use crate::money::Money;
use crate::serbian::{fold, fold_address};

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
    /// Who shares income and housing with the applicant.
    pub household: Household,
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

/// By what it is told who lives together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Household {
    /// A name that its members share, as case files have it: who gives the same is of the same household.
    Named(String),
    /// Where they live: who shares an address may live together, or next door.
    Address { street: String, municipality: String },
}

impl Household {
    /// Whether who gives the same is of the same household for certain.
    pub fn is_certain(&self) -> bool {
        matches!(self, Self::Named(_))
    }

    /// The form that is compared.
    pub fn compared(&self) -> String {
        match self {
            Self::Named(name) => name.clone(),
            Self::Address { street, municipality } => {
                format!("address|{}|{}", fold_address(street), fold(municipality))
            }
        }
    }
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
