//! What answers say of findings, decisions on them, and facts without a name.

use serde::Serialize;
use utoipa::ToSchema;

use crate::applications::{Housing, Need};
use crate::calls::{Call, IncomeLost};
use crate::clock::Instant;
use crate::eligibility::actions::Resolved;
use crate::eligibility::rules::{Condition, Finding, Fit, Raised, Resolution, Status, full_years};
use crate::ids::PersonId;
use crate::language::{Language, text};
use crate::money::Money;

/// What a check found.
#[derive(Serialize, ToSchema)]
pub struct FindingBody {
    #[schema(example = "other_aid_possible")]
    pub finding: Finding,
    /// `failed`: the application cannot go on because of it. `open`: a person decides. `dismissed`: it does not count.
    #[schema(example = "open")]
    pub status: Status,
    /// What it means, in the language of the request.
    pub message: String,
}

impl FindingBody {
    pub fn of(raised: &Raised, language: Language) -> Self {
        let Raised { finding, status } = *raised;
        Self { finding, status, message: said(language, &format!("finding-{finding}"), &[]) }
    }
}

/// What a person decided on a finding.
#[derive(Serialize, ToSchema)]
pub struct ResolvedBody {
    pub finding: Finding,
    pub resolution: Resolution,
    /// Nothing, once it was erased.
    #[schema(example = "Proveno kod davaoca telefonom.")]
    pub reason: Option<String>,
    #[schema(value_type = String, format = Uuid)]
    pub resolved_by: PersonId,
    #[schema(value_type = String, format = DateTime)]
    pub resolved_at: Instant,
}

impl From<Resolved> for ResolvedBody {
    fn from(resolved: Resolved) -> Self {
        let Resolved { finding, resolution, by, at, reason } = resolved;
        Self { finding, resolution, reason, resolved_by: by, resolved_at: at }
    }
}

/// A category and why somebody belongs to it or does not.
#[derive(Serialize, ToSchema)]
pub struct FitBody {
    #[schema(example = 1)]
    pub category: i32,
    pub fits: bool,
    pub conditions: Vec<ConditionBody>,
}

/// A condition of a category, in the language of the request.
#[derive(Serialize, ToSchema)]
pub struct ConditionBody {
    #[schema(example = "Domaćinstvo je ostalo bez svih prihoda.")]
    pub condition: String,
    pub holds: bool,
}

impl FitBody {
    pub fn of(fit: &Fit, language: Language) -> Self {
        let body = |(condition, holds): &(Condition, bool)| ConditionBody {
            condition: condition_text(*condition, language),
            holds: *holds,
        };
        Self { category: fit.category, fits: fit.fits(), conditions: fit.conditions.iter().map(body).collect() }
    }
}

/// A condition in words.
fn condition_text(condition: Condition, language: Language) -> String {
    let years = |years: u8| years.to_string();
    let (key, argument) = match condition {
        Condition::IncomeLost(IncomeLost::All) => ("condition-income_lost_all", None),
        Condition::IncomeLost(IncomeLost::Most) => ("condition-income_lost_most", None),
        Condition::SingleParent(true) => ("condition-single_parent", None),
        Condition::SingleParent(false) => ("condition-not_single_parent", None),
        Condition::OtherSupport(true) => ("condition-other_support", None),
        Condition::OtherSupport(false) => ("condition-no_other_support", None),
        Condition::ChildYoungerThan(under) => ("condition-child_younger_than", Some(years(under))),
        Condition::MinAge(least) => ("condition-min_age", Some(years(least))),
        Condition::LivesAlone(true) => ("condition-lives_alone", None),
        Condition::LivesAlone(false) => ("condition-not_alone", None),
        Condition::BenefitsAtMost(most) => ("condition-benefits_at_most", Some(amount(most, language))),
    };
    let arguments = argument.as_ref().map(|argument| [("value", argument.as_str())]);
    said(language, key, arguments.as_ref().map_or(&[][..], |arguments| arguments.as_slice()))
}

/// An amount as texts of the language write it.
fn amount(money: Money, language: Language) -> String {
    match language {
        Language::English => money.to_string(),
        Language::SerbianCyrillic | Language::SerbianLatin => money.serbian(),
    }
}

fn said(language: Language, key: &str, arguments: &[(&str, &str)]) -> String {
    text(language, key, arguments).unwrap_or_default()
}

/// What an application says of need: no name, number, contact, address or account.
#[derive(Serialize, ToSchema)]
pub struct FactsBody {
    /// Full years at the reference date of the call.
    #[schema(example = 41)]
    pub age: u8,
    #[schema(example = 3)]
    pub household_size: u32,
    /// As declared.
    pub is_single_parent: bool,
    /// Full years of each child at the reference date; one born later has none.
    #[schema(example = json!([6, 11]))]
    pub children_ages: Vec<u8>,
    #[schema(value_type = String, example = "tenant")]
    pub housing: Housing,
    /// Of the household, a month, without pensions and benefits.
    #[schema(value_type = String, example = "105000.00")]
    pub income_before: Money,
    #[schema(value_type = String, example = "0.00")]
    pub income_during: Money,
    #[schema(value_type = String, example = "0.00")]
    pub benefits: Money,
    /// As declared.
    pub has_other_support: bool,
    /// Codes of aid programmes.
    pub declared_aid: Vec<String>,
    /// As declared: to the fund or its committee.
    pub is_related_to_fund: bool,
    /// Whether the account is in the name of the applicant.
    pub is_account_holder: bool,
    /// As the applicant wrote it: it may say more of them than the rest.
    pub statement: String,
}

impl FactsBody {
    pub fn of(need: &Need, call: &Call) -> Self {
        let on = call.rules.reference_date;
        Self {
            age: full_years(need.born, on),
            household_size: need.household_size,
            is_single_parent: need.is_single_parent,
            children_ages: need.children_born.iter().map(|born| full_years(*born, on)).collect(),
            housing: need.housing,
            income_before: need.income_before,
            income_during: need.income_during,
            benefits: need.benefits,
            has_other_support: need.has_other_support,
            declared_aid: need.declared_aid.clone(),
            is_related_to_fund: need.is_related_to_fund,
            is_account_holder: need.is_account_holder,
            statement: need.statement.clone(),
        }
    }
}
