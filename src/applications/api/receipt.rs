//! A receipt: everything that was sent in, in a form to print.

use serde::Serialize;
use utoipa::ToSchema;

use crate::applications::actions::own::Receipt;
use crate::applications::rules::{Household, Housing};
use crate::calls;
use crate::clock::{Date, Instant};
use crate::ids::ApplicationId;
use crate::language::{Language, text};
use crate::money::Money;

/// What somebody sent in, whole.
#[derive(Serialize, ToSchema)]
pub struct ReceiptBody {
    #[schema(value_type = String, format = Uuid)]
    id: ApplicationId,
    #[schema(example = "K7QM-2X9D")]
    reference: String,
    #[schema(example = "2020-1")]
    call_code: String,
    #[schema(value_type = String, format = DateTime)]
    submitted_at: Instant,
    /// Whether the fund entered it for the applicant.
    is_entered: bool,
    #[schema(example = "Ana")]
    given_name: String,
    #[schema(example = "Anić")]
    family_name: String,
    #[schema(example = "0101965660012")]
    jmbg: String,
    #[schema(example = "ana@example.org")]
    email: String,
    #[schema(example = "+381 60 000 0000")]
    phone: String,
    #[schema(example = "Bulevar despota Stefana 5, Beograd")]
    address: String,
    #[schema(example = 3)]
    household_size: u32,
    #[schema(example = true)]
    is_single_parent: bool,
    #[schema(value_type = Vec<String>)]
    children_born: Vec<Date>,
    #[schema(value_type = String, example = "tenant")]
    housing: Housing,
    #[schema(value_type = String, example = "105000.00")]
    income_before: Money,
    #[schema(value_type = String, example = "0.00")]
    income_during: Money,
    #[schema(value_type = String, example = "0.00")]
    benefits: Money,
    #[schema(example = false)]
    has_other_support: bool,
    #[schema(example = json!([]))]
    declared_aid: Vec<String>,
    #[schema(example = false)]
    is_related_to_fund: bool,
    #[schema(example = "Otkazani su svi angažmani.")]
    statement: String,
    /// 18 digits.
    #[schema(example = "999000000000000151")]
    bank_account: String,
    #[schema(example = "Ana Anić")]
    account_holder: String,
    /// The receipt in sentences, to print, in the language of the request.
    text: String,
}

impl ReceiptBody {
    pub fn of(receipt: &Receipt, language: Language) -> Self {
        let Receipt { application, call, identity, need, payment } = receipt;
        let address = match &need.household {
            Household::Address { street, municipality } => format!("{street}, {municipality}"),
            Household::Named(name) => name.clone(),
        };
        let name = format!("{} {}", identity.given_name, identity.family_name);
        let moment = calls::said_moment(application.submitted_at, language);
        let arguments = [
            ("reference", application.reference.as_str()),
            ("name", name.as_str()),
            ("call", call.code.as_str()),
            ("moment", moment.as_str()),
        ];
        Self {
            id: application.id,
            reference: application.reference.clone(),
            call_code: call.code.clone(),
            submitted_at: application.submitted_at,
            is_entered: application.entered_by.is_some(),
            given_name: identity.given_name.clone(),
            family_name: identity.family_name.clone(),
            jmbg: identity.jmbg.clone(),
            email: identity.email.clone(),
            phone: identity.phone.clone(),
            address,
            household_size: need.household_size,
            is_single_parent: need.is_single_parent,
            children_born: need.children_born.clone(),
            housing: need.housing,
            income_before: need.income_before,
            income_during: need.income_during,
            benefits: need.benefits,
            has_other_support: need.has_other_support,
            declared_aid: need.declared_aid.clone(),
            is_related_to_fund: need.is_related_to_fund,
            statement: need.statement.clone(),
            bank_account: payment.account.clone(),
            account_holder: payment.holder.clone(),
            text: text(language, "receipt", &arguments).unwrap_or_default(),
        }
    }
}
