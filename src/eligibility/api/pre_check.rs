//! Asking beforehand, without an account: would I be eligible, in which category, and why? Nothing is kept.

use actix_web::post;
use actix_web::web::Path;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::bodies::{FindingBody, FitBody};
use crate::applications::actions::drafts::require_open;
use crate::applications::api::{Birthday, Birthdays};
use crate::applications::{ApplicationState, Household, Housing, Need};
use crate::clock::{Date, Instant};
use crate::eligibility::actions;
use crate::eligibility::rules::{Status, fits};
use crate::language::{Language, text};
use crate::money::Money;
use crate::web::{Answer, App, Field, Fields, Input, Problem, Spoken, Told, Wrong, path_id};

/// The facts that a check asks about. Nobody is named, and nothing is kept.
#[derive(ToSchema)]
pub struct PreCheckBody {
    #[schema(value_type = String, format = Date, example = "1985-01-01")]
    born: Date,
    /// People who share income and housing with you, you included.
    #[schema(example = 3, minimum = 1, maximum = 50)]
    household_size: u32,
    /// Whether you bring up your children alone.
    is_single_parent: bool,
    /// The days on which your children were born; left out for none.
    #[schema(value_type = Option<Vec<String>>, example = json!(["2014-05-01"]), max_items = 100)]
    children_born: Option<Vec<Date>>,
    /// Of the whole household, a month, without pensions and benefits, before the emergency.
    #[schema(value_type = String, example = "105000.00")]
    income_before: Money,
    /// The same during the emergency.
    #[schema(value_type = String, example = "0.00")]
    income_during: Money,
    /// Pensions and social benefits of the household, a month; left out for none.
    #[schema(value_type = Option<String>, example = "0.00")]
    benefits: Option<Money>,
    /// Whether somebody else supports you regularly; no, if left out.
    has_other_support: Option<bool>,
    /// Codes of the call's aid programmes from which you received something.
    #[schema(value_type = Option<Vec<String>>, example = json!([]), max_items = 100)]
    declared_aid: Option<Vec<String>>,
    /// Whether you, or somebody close to you, work for the fund; no, if left out.
    is_related_to_fund: Option<bool>,
    /// Whether the bank account is in your own name; yes, if left out.
    is_account_holder: Option<bool>,
}

struct Size(u32);

impl Field for Size {
    fn read(value: &Value) -> Result<Self, Wrong> {
        let size = u32::read(value).ok().filter(|size| (1..=50).contains(size));
        size.map(Self).ok_or(("household_size", None))
    }
}

/// What could be read of it: what is declared is looked up in the catalogue, also where other fields are wrong.
pub struct Asked {
    declared_aid: Vec<String>,
    facts: Option<PreCheckBody>,
}

impl Input for Asked {
    fn read(fields: &mut Fields) -> Option<Self> {
        let declared_aid = fields.optional::<Vec<String>>("declared_aid");
        let facts = PreCheckBody::read(fields, declared_aid.clone());
        Some(Self { declared_aid: declared_aid.flatten().unwrap_or_default(), facts })
    }
}

impl PreCheckBody {
    fn read(fields: &mut Fields, declared_aid: Option<Option<Vec<String>>>) -> Option<Self> {
        let (born, household_size) = (fields.required::<Birthday>("born"), fields.required::<Size>("household_size"));
        let (is_single_parent, children_born) =
            (fields.required("is_single_parent"), fields.optional::<Birthdays>("children_born"));
        let (income_before, income_during) = (fields.required("income_before"), fields.required("income_during"));
        let (benefits, has_other_support) = (fields.optional("benefits"), fields.optional("has_other_support"));
        let (is_related_to_fund, is_account_holder) =
            (fields.optional("is_related_to_fund"), fields.optional("is_account_holder"));
        Some(Self {
            born: born?.0,
            household_size: household_size?.0,
            is_single_parent: is_single_parent?,
            children_born: children_born?.map(|days| days.0),
            income_before: income_before?,
            income_during: income_during?,
            benefits: benefits?,
            has_other_support: has_other_support?,
            declared_aid: declared_aid?,
            is_related_to_fund: is_related_to_fund?,
            is_account_holder: is_account_holder?,
        })
    }

    fn into_need(self) -> Need {
        Need {
            born: self.born,
            household: Household::Named(String::new()),
            household_size: self.household_size,
            is_single_parent: self.is_single_parent,
            children_born: self.children_born.unwrap_or_default(),
            housing: Housing::Family,
            income_before: self.income_before,
            income_during: self.income_during,
            benefits: self.benefits.unwrap_or_default(),
            has_other_support: self.has_other_support.unwrap_or(false),
            declared_aid: self.declared_aid.unwrap_or_default(),
            is_related_to_fund: self.is_related_to_fund.unwrap_or(false),
            is_account_holder: self.is_account_holder.unwrap_or(true),
            statement: String::new(),
        }
    }
}

/// What a check would find, as far as it can without knowing who asks.
#[derive(Serialize, ToSchema)]
pub struct PreCheckedBody {
    /// `eligible`, `needs_review` or `ineligible`.
    outcome: ApplicationState,
    /// The category that fits first; none where none fits.
    #[schema(example = 1)]
    category: Option<i32>,
    findings: Vec<FindingBody>,
    /// Every category, and which of its conditions hold.
    categories: Vec<FitBody>,
    /// What this answer cannot know, in the language of the request.
    note: String,
}

/// Ask whether you could apply, without an account. Nothing of it is stored or logged.
#[utoipa::path(
    tag = "Calls",
    security(()),
    params(("id" = String, Path, description = "The call.", format = Uuid)),
    request_body = PreCheckBody,
    responses(
        (status = 200, description = "What the rules of the call say to these facts.", body = PreCheckedBody),
        (status = 404, description = "There is no such call.")
    )
)]
#[post("/calls/{id}/pre-check")]
pub async fn pre_check(
    app: App,
    spoken: Spoken,
    id: Path<String>,
    Told(asked, mut wrongs): Told<Asked>,
) -> Result<Answer, Problem> {
    let checked = app.read(move |conn, _| {
        let round = actions::asked_about(conn, path_id(&id)?)?;
        wrongs.keep(round.require_known(&asked.declared_aid))?;
        let need = wrongs.settle(asked.facts)?.into_need();
        let fits: Vec<_> = fits(&round.call.rules, &need).collect();
        let is_open = require_open(&round.call, Instant::now()).is_ok();
        Ok((actions::pre_check(&round, &need), fits, is_open))
    });
    let (examination, fits, is_open) = checked.await?;
    let has = |status| examination.raised.iter().any(|raised| raised.status == status);
    let outcome = match () {
        () if has(Status::Failed) => ApplicationState::Ineligible,
        () if has(Status::Open) => ApplicationState::NeedsReview,
        () => ApplicationState::Eligible,
    };
    let body = PreCheckedBody {
        outcome,
        category: examination.category,
        findings: examination.raised.iter().map(|raised| FindingBody::of(raised, spoken.0)).collect(),
        categories: fits.iter().map(|fit| FitBody::of(fit, spoken.0)).collect(),
        note: note(spoken.0, is_open),
    };
    Ok(Answer::ok(&body)?)
}

/// What this answer cannot know; first of all, where nobody can apply now.
fn note(language: Language, is_open: bool) -> String {
    let closed = (!is_open).then_some("pre_check-closed");
    let sentences = closed.into_iter().chain(["pre_check-note"]);
    sentences.filter_map(|key| text(language, key, &[])).collect::<Vec<_>>().join(" ")
}
