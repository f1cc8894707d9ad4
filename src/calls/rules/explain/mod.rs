//! The rules of a call in plain words, made from the rules: what is not in them is not said, and nothing of them is left out.

mod money;
#[cfg(test)]
mod tests;
mod words;

use serde::Serialize;
use utoipa::ToSchema;

use super::{AskedDocument, AskedWhen, Category, Conditions, IncomeLost, Rules, Text};
use crate::clock::Instant;
use crate::language::Language;
use words::Words;

/// A programme of other aid, as far as people who want to apply must know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherAid {
    pub title: String,
    pub provider: String,
    pub disqualifies: bool,
}

/// Some sentences about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Section {
    #[schema(example = "Who can apply, and until when")]
    pub title: String,
    /// In the order to read them in.
    #[schema(example = json!(["One person sends in one application."]))]
    pub sentences: Vec<String>,
}

/// Explains rules. A key that the method of sharing does not use has no effect, and is not spoken of.
pub fn explain(rules: &Rules, other_aid: &[OtherAid], language: Language) -> Vec<Section> {
    let words = Words(language);
    let sections = [
        ("explain-who", who(rules, words)),
        ("explain-not", what_disqualifies(rules, other_aid, words)),
        ("explain-categories", categories(rules, words)),
        ("explain-money", money::shared(&rules.allocation, &rules.currency, words)),
        ("explain-equal", money::between_equals(&rules.allocation, words)),
        ("explain-documents", documents(rules, words)),
        ("explain-next", what_follows(rules, words)),
    ];
    let section = |(title, sentences)| Section { title: words.say(title, &[]), sentences };
    sections.map(section).into_iter().filter(|section| !section.sentences.is_empty()).collect()
}

/// A moment as the clocks of Belgrade show it, in words of a language: 6. avgust 2020. u 23.59.
pub fn said_moment(moment: Instant, language: Language) -> String {
    Words(language).moment(moment)
}

/// A title of the call in a language.
pub fn said_title(title: &Text, language: Language) -> String {
    Words(language).text(title)
}

fn who(rules: &Rules, words: Words) -> Vec<String> {
    let household = if rules.one_per_household { "explain-household-one" } else { "explain-household-many" };
    vec![
        words.say("explain-call", &[("title", &words.text(&rules.title)), ("code", &rules.code)]),
        words.say("explain-opens", &[("moment", &words.moment_of(rules.opens_at))]),
        words.say("explain-closes", &[("moment", &words.moment(rules.closes_at))]),
        words.say("explain-clock", &[]),
        words.say("explain-adult", &[("date", &words.day(rules.reference_date))]),
        words.say("explain-once", &[]),
        words.say(household, &[]),
        words.say("explain-merit", &[]),
    ]
}

fn what_disqualifies(rules: &Rules, other_aid: &[OtherAid], words: Words) -> Vec<String> {
    let window = rules.aid_window;
    let (from, until) = (words.day_of(window.from), words.day_of(window.until));
    let mut said = vec![words.say("explain-window", &[("from", &from), ("until", &until)])];
    if !other_aid.iter().any(|aid| aid.disqualifies) {
        said.push(words.say("explain-no-programme", &[]));
    }
    for aid in other_aid {
        let key = if aid.disqualifies { "explain-disqualifies" } else { "explain-ignored" };
        let (title, provider) = (words.serbian(&aid.title), words.serbian(&aid.provider));
        said.push(words.say(key, &[("title", &title), ("provider", &provider)]));
    }
    said.extend(["explain-declare", "explain-account", "explain-related"].map(|key| words.say(key, &[])));
    said
}

fn categories(rules: &Rules, words: Words) -> Vec<String> {
    let mut said = vec![words.say("explain-first-fits", &[])];
    said.extend(rules.categories.iter().map(|category| explain_category(category, words)));
    said.push(words.say("explain-most-means", &[("percent", &words.number(&rules.most_means_over.percent()))]));
    said
}

fn explain_category(category: &Category, words: Words) -> String {
    let number = category.number.to_string();
    let mut conditions = explain_conditions(&category.conditions, words);
    if conditions.is_empty() {
        conditions.push(words.say("explain-no-condition", &[]));
    }
    let conditions = conditions.join("; ");
    match &category.title {
        None => words.say("explain-category-untitled", &[("number", &number), ("conditions", &conditions)]),
        Some(title) => {
            let title = words.text(title);
            words.say("explain-category", &[("number", &number), ("title", &title), ("conditions", &conditions)])
        }
    }
}

fn explain_conditions(conditions: &Conditions, words: Words) -> Vec<String> {
    let Conditions {
        income_lost,
        single_parent,
        other_support,
        child_younger_than,
        min_age,
        lives_alone,
        benefits_at_most,
    } = conditions;
    let either = |flag: Option<bool>, yes: &str, no: &str| flag.map(|flag| words.say(if flag { yes } else { no }, &[]));
    let years = |age: Option<u8>, key: &str| age.map(|age| words.say(key, &[("years", &age.to_string())]));
    let lost = income_lost.map(|lost| match lost {
        IncomeLost::All => words.say("explain-lost-all", &[]),
        IncomeLost::Most => words.say("explain-lost-most", &[]),
    });
    let benefits = benefits_at_most.map(|most| words.say("explain-benefits", &[("amount", &words.amount(most))]));
    let all = [
        lost,
        either(*single_parent, "explain-single-parent", "explain-no-single-parent"),
        years(*child_younger_than, "explain-child"),
        years(*min_age, "explain-age"),
        either(*lives_alone, "explain-alone", "explain-not-alone"),
        benefits,
        either(*other_support, "explain-support", "explain-no-support"),
    ];
    all.into_iter().flatten().collect()
}

fn documents(rules: &Rules, words: Words) -> Vec<String> {
    if rules.documents.is_empty() {
        return Vec::new();
    }
    let said = |asked: &AskedDocument| {
        let key = match (asked.when, asked.is_required) {
            (AskedWhen::AtSubmission, true) => "explain-document-needed",
            (AskedWhen::AtSubmission, false) => "explain-document-may",
            (AskedWhen::WhenAwarded, true) => "explain-document-awarded",
            (AskedWhen::WhenAwarded, false) => "explain-document-awarded-may",
        };
        words.say(key, &[("title", &words.text(&asked.title))])
    };
    let mut all: Vec<String> = rules.documents.iter().map(said).collect();
    all.push(words.say("explain-document-form", &[("types", "PDF, JPEG, PNG, HEIC")]));
    all
}

fn what_follows(rules: &Rules, words: Words) -> Vec<String> {
    let mut said = vec![words.say("explain-voting", &[("moment", &words.moment_of(rules.voting_closes_at))])];
    if let Some(days) = rules.appeal_days {
        said.push(words.say("explain-appeal", &[("days", &days.to_string())]));
    }
    if let Some(basis) = &rules.tax_basis {
        said.push(words.say("explain-tax", &[("basis", &words.serbian(basis))]));
    }
    if let Some(code) = &rules.payment_code {
        said.push(words.say("explain-payment-code", &[("code", code)]));
    }
    said
}
