//! The answers of an application in a request: any of them for a draft, all of them when it is sent.

use std::time::Duration;

use serde_json::Value;
use utoipa::ToSchema;

use super::own::LongText;
use crate::accounts::Email;
use crate::applications::actions::correcting::Correction;
use crate::applications::rules::{Answers, Household, Housing, Part, Submission};
use crate::clock::{Date, Instant};
use crate::error::FieldError;
use crate::money::Money;
use crate::serbian::{BankAccount, Jmbg};
use crate::web::{Field, Fields, Input, Line, Phone, Wrong, line, word};

/// The answers of an application. In a draft every one may be missing, and null takes one away.
#[derive(ToSchema)]
#[allow(dead_code, reason = "the schema of a body that is read field by field")]
pub struct AnswersBody {
    #[schema(example = "Ana", max_length = 100)]
    given_name: Option<String>,
    #[schema(example = "Anić", max_length = 100)]
    family_name: Option<String>,
    /// 13 digits. A foreigner's number (EBS) has the same form.
    #[schema(example = "0101965660012", max_length = 40)]
    jmbg: Option<String>,
    /// Where letters about the application go; the address of the account, if left out.
    #[schema(value_type = Option<String>, example = "ana@example.org", max_length = 254)]
    email: Option<String>,
    #[schema(example = "+381 60 000 0000", max_length = 40)]
    phone: Option<String>,
    /// Street, number and flat, in either script. It tells who may live together, and a person looks at it.
    #[schema(example = "Bulevar despota Stefana 5", max_length = 200)]
    address: Option<String>,
    #[schema(example = "Beograd", max_length = 100)]
    municipality: Option<String>,
    /// Your work in culture.
    #[schema(example = "dance", max_length = 100)]
    discipline: Option<String>,
    /// The code of your association; belonging to one is not required.
    #[schema(example = "ULUS", max_length = 100)]
    association: Option<String>,
    /// Account in a bank in Serbia.
    #[schema(example = "999-1-51", max_length = 40)]
    bank_account: Option<String>,
    /// In whose name the account is: it must be your own.
    #[schema(example = "Ana Anić", max_length = 200)]
    account_holder: Option<String>,
    /// People who share income and housing with you, you included.
    #[schema(example = 3, minimum = 1, maximum = 50)]
    household_size: Option<u32>,
    /// Whether you bring up your children alone.
    is_single_parent: Option<bool>,
    /// The days on which your children were born; an empty list for none.
    #[schema(value_type = Option<Vec<String>>, example = json!(["2014-05-01"]), max_items = 100)]
    children_born: Option<Vec<String>>,
    #[schema(value_type = Option<String>, example = "tenant")]
    housing: Option<Housing>,
    /// Of the whole household, a month, without pensions and benefits, before the emergency.
    #[schema(example = "105000.00")]
    income_before: Option<String>,
    /// The same during the emergency.
    #[schema(example = "0.00")]
    income_during: Option<String>,
    /// Pensions and social benefits of the household, a month.
    #[schema(example = "0.00")]
    benefits: Option<String>,
    /// Whether somebody else supports you regularly.
    has_other_support: Option<bool>,
    /// Codes of the call's aid programmes from which you received something.
    #[schema(example = json!(["UNIVERSAL-100-EUR"]), max_items = 100)]
    declared_aid: Option<Vec<String>>,
    /// Whether you, or somebody close to you, work for the fund or sit on its committee.
    is_related_to_fund: Option<bool>,
    /// In your own words.
    #[schema(max_length = 10000)]
    statement: Option<String>,
}

impl Field for Housing {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

/// A JMBG that can be one.
struct Personal(String);

impl Field for Personal {
    fn read(value: &Value) -> Result<Self, Wrong> {
        let number = line(value, 40)?;
        Jmbg::parse(&number).map(|_| Self(number)).map_err(|_| ("jmbg", None))
    }
}

/// An account that can be one.
struct Account(String);

impl Field for Account {
    fn read(value: &Value) -> Result<Self, Wrong> {
        let number = line(value, 40)?;
        BankAccount::parse(&number).map(|_| Self(number)).map_err(|_| ("account", None))
    }
}

/// The people of a household: a number and never a text, for a draft keeps it as it came.
struct Members(u32);

impl Field for Members {
    fn read(value: &Value) -> Result<Self, Wrong> {
        let members = value.as_u64().and_then(|members| u32::try_from(members).ok());
        members.filter(|members| (1..=50).contains(members)).map(Self).ok_or(("household_size", None))
    }
}

/// Yes or no, and never as a text.
struct Flag(bool);

impl Field for Flag {
    fn read(value: &Value) -> Result<Self, Wrong> {
        value.as_bool().map(Self).ok_or(("flag", None))
    }
}

type Check = fn(&mut Fields, &str, &Value) -> Option<()>;

/// What a draft keeps of each field: a text that may still be wrong, anything else only in its form.
fn check_of(field: &str) -> Option<Check> {
    Some(match field {
        "given_name" | "family_name" | "municipality" | "discipline" | "association" => Fields::check::<Line<100>>,
        "jmbg" | "phone" | "bank_account" => Fields::check::<Line<40>>,
        "email" => Fields::check::<Line<254>>,
        "address" | "account_holder" => Fields::check::<Line<200>>,
        "statement" => Fields::check::<LongText>,
        "household_size" => Fields::check::<Members>,
        "is_single_parent" | "has_other_support" | "is_related_to_fund" => Fields::check::<Flag>,
        "children_born" => Fields::check::<Birthdays>,
        "housing" => Fields::check::<Housing>,
        "income_before" | "income_during" | "benefits" => Fields::check::<Money>,
        "declared_aid" => Fields::check::<Vec<Line<100>>>,
        _ => return None,
    })
}

/// A day on which somebody was born, which is not still to come anywhere.
pub struct Birthday(pub Date);

impl Field for Birthday {
    fn read(value: &Value) -> Result<Self, Wrong> {
        let today = Instant::now().plus(Duration::from_secs(14 * 3600)).date();
        let day = Date::read(value)?;
        if day > today { Err(("future", None)) } else { Ok(Self(day)) }
    }
}

/// Days on which children were born.
pub struct Birthdays(pub Vec<Date>);

impl Field for Birthdays {
    fn read(value: &Value) -> Result<Self, Wrong> {
        let days = Vec::<Birthday>::read(value)?;
        Ok(Self(days.into_iter().map(|day| day.0).collect()))
    }
}

/// Changes of a draft.
pub struct Changes(pub Answers);

impl Input for Changes {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (mut changes, mut is_right) = (Answers::new(), true);
        for name in fields.names() {
            let Some(check) = check_of(&name).filter(|_| Part::of(&name).is_some()) else { continue };
            let value = fields.take(&name).unwrap_or(Value::Null);
            // What was emptied is gone.
            let value = if value.as_str().is_some_and(|text| text.trim().is_empty()) { Value::Null } else { value };
            is_right &= check(fields, &name, &value).is_some();
            changes.insert(name, value);
        }
        is_right.then_some(Self(changes))
    }
}

/// Everything that an application needs, read from the answers of a draft or from one body.
pub struct Complete {
    /// Left out: the address of the account.
    pub email: Option<Email>,
    sent: Submission,
}

impl Complete {
    /// What is sent in under a reference code. Without an address of their own letters go to `email`.
    pub fn into_submission(self, reference: String, email: Option<&Email>) -> Submission {
        let address = self.email.as_ref().or(email).map(|email| email.as_str().to_owned());
        Submission { reference, email: address.unwrap_or_default(), ..self.sent }
    }
}

impl Input for Complete {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (given_name, family_name) = (fields.required::<Line<100>>("given_name"), fields.required("family_name"));
        let (jmbg, email) = (fields.required::<Personal>("jmbg"), fields.filled::<Email>("email"));
        let (phone, statement) = (fields.filled::<Phone>("phone"), fields.filled::<LongText>("statement"));
        let (address, municipality) = (fields.required::<Line<200>>("address"), fields.required("municipality"));
        let (discipline, association) = (fields.required("discipline"), fields.filled("association"));
        let (account, holder) = (fields.required::<Account>("bank_account"), fields.required("account_holder"));
        let household_size = fields.required::<Members>("household_size");
        let (is_single_parent, children_born) =
            (fields.required::<Flag>("is_single_parent"), fields.required::<Birthdays>("children_born"));
        let (housing, income_before) = (fields.required("housing"), fields.required::<Money>("income_before"));
        let (income_during, benefits) = (fields.required("income_during"), fields.required("benefits"));
        let (has_other_support, declared_aid) =
            (fields.required::<Flag>("has_other_support"), fields.required::<Vec<Line<100>>>("declared_aid"));
        let is_related_to_fund = fields.required::<Flag>("is_related_to_fund");
        let own = |text: Option<Line<100>>| text.map(|text| text.0);
        let municipality = own(municipality)?;
        let holder: Line<200> = holder?;
        let household = Household::Address { street: address?.0, municipality: municipality.clone() };
        let sent = Submission {
            reference: String::new(),
            jmbg: jmbg?.0,
            bank_account: account?.0,
            account_holder: holder.0,
            given_name: own(given_name)?,
            family_name: own(family_name)?,
            email: String::new(),
            phone: phone?.map(|phone| phone.0).unwrap_or_default(),
            household,
            municipality,
            discipline: own(discipline)?,
            association: association?.map(|association: Line<100>| association.0),
            household_size: household_size?.0,
            is_single_parent: is_single_parent?.0,
            children_born: children_born?.0,
            housing: housing?,
            income_before: income_before?,
            income_during: income_during?,
            benefits: benefits?,
            has_other_support: has_other_support?.0,
            declared_aid: declared_aid?.into_iter().map(|code| code.0).collect(),
            is_related_to_fund: is_related_to_fund?.0,
            statement: statement?.map(|statement| statement.0).unwrap_or_default(),
        };
        Some(Self { email: email?, sent })
    }
}

/// What you put right. Leave out what is right already.
#[derive(ToSchema)]
#[allow(dead_code, reason = "the schema of a body that is read field by field")]
pub struct CorrectionBody {
    #[schema(example = "Ana", max_length = 100)]
    given_name: Option<String>,
    #[schema(example = "Anić", max_length = 100)]
    family_name: Option<String>,
    #[schema(value_type = Option<String>, example = "ana@example.org", max_length = 254)]
    email: Option<String>,
    #[schema(example = "+381 60 000 0000", max_length = 40)]
    phone: Option<String>,
    #[schema(example = "999-1-51", max_length = 40)]
    bank_account: Option<String>,
    #[schema(example = "Ana Anić", max_length = 200)]
    account_holder: Option<String>,
}

/// What is put right, read from a body that names at least one thing.
pub struct Corrections(pub Correction);

impl Input for Corrections {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (given_name, family_name) = (fields.optional::<Line<100>>("given_name"), fields.optional("family_name"));
        let (email, phone) = (fields.optional::<Email>("email"), fields.optional::<Phone>("phone"));
        let (account, holder) = (fields.optional::<Account>("bank_account"), fields.optional("account_holder"));
        let short = |text: Option<Line<100>>| text.map(|text| text.0);
        let correction = Correction {
            given_name: short(given_name?),
            family_name: short(family_name?),
            email: email?.map(|email| email.as_str().to_owned()),
            phone: phone?.map(|phone| phone.0),
            bank_account: account?.map(|account| account.0),
            account_holder: holder?.map(|holder: Line<200>| holder.0),
        };
        if correction == Correction::default() {
            // A field that nobody knows is told by its own name, and nothing is missing beside it.
            if fields.names().is_empty() {
                fields.wrong(FieldError { field: "body".into(), code: "missing", argument: None });
            }
            return None;
        }
        Some(Self(correction))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::parse;
    use serde_json::json;

    fn fields_of(schema: &Value) -> Vec<String> {
        schema["properties"].as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn every_field_of_the_schema_is_kept_in_a_draft_and_belongs_to_a_class() {
        let schema = serde_json::to_value(<AnswersBody as utoipa::PartialSchema>::schema()).unwrap();
        let fields = fields_of(&schema);
        assert_eq!(fields.len(), 22);
        for field in fields {
            assert!(check_of(&field).is_some() && Part::of(&field).is_some(), "{field}");
        }
    }

    #[test]
    fn a_draft_keeps_what_may_still_be_wrong_and_an_application_does_not() {
        let answers: Answers =
            json!({"jmbg": "0101", "bank_account": "999", "given_name": "Ana"}).as_object().unwrap().clone();
        assert_eq!(parse::<Changes>(answers.clone()).unwrap().0, answers);
        let wrong = match parse::<Complete>(answers) {
            Err(crate::error::Error::Fields(wrong)) => wrong,
            _ => panic!("an application of three answers"),
        };
        let code = |field: &str| wrong.iter().find(|wrong| wrong.field == field).map(|wrong| wrong.code);
        assert_eq!((code("jmbg"), code("bank_account"), code("given_name")), (Some("jmbg"), Some("account"), None));
        assert_eq!((code("address"), code("housing"), wrong.len()), (Some("missing"), Some("missing"), 17));
    }

    #[test]
    fn a_number_and_a_flag_are_no_texts() {
        fn told<T: Input>(answers: &Value) -> Vec<String> {
            let Err(crate::error::Error::Fields(wrong)) = parse::<T>(answers.as_object().unwrap().clone()) else {
                panic!("texts were taken: {answers}");
            };
            let known = wrong.iter().filter(|wrong| wrong.code != "missing");
            let mut told: Vec<String> = known.map(|wrong| format!("{}: {}", wrong.field, wrong.code)).collect();
            told.sort();
            told
        }
        let texts = json!({
            "household_size": "3", "is_single_parent": "true", "has_other_support": "false",
            "is_related_to_fund": "true"
        });
        let expected = [
            "has_other_support: flag",
            "household_size: household_size",
            "is_related_to_fund: flag",
            "is_single_parent: flag",
        ];
        assert_eq!(told::<Changes>(&texts), expected);
        // A draft that holds them from before is shown, with what is to be written anew.
        assert_eq!(told::<Complete>(&texts), expected);
        let typed = json!({"household_size": 3, "is_single_parent": true, "has_other_support": "", "statement": " "});
        let changes = parse::<Changes>(typed.as_object().unwrap().clone()).unwrap().0;
        let kept = json!({"household_size": 3, "is_single_parent": true, "has_other_support": null, "statement": null});
        assert_eq!(Value::Object(changes), kept);
    }
}
