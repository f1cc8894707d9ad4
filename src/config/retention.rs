//! How long each class of data is kept, and what happens then.

use std::time::Duration;

use serde::Deserialize;

/// The table of retention: one term for each class.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionSettings {
    pub drafts: Term,
    pub documents: Term,
    pub need: Term,
    pub identity: Term,
    pub books: Term,
    pub contact: Term,
    pub jmbg: Term,
    pub registers: Term,
    pub accounts: Term,
}

/// How long a class of data is kept, and what happens then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    pub days: u32,
    pub action: Action,
}

/// What happens at the end of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Erase,
    /// Nothing, for now.
    Keep,
}

impl Term {
    pub fn length(self) -> Duration {
        Duration::from_secs(u64::from(self.days).saturating_mul(86_400))
    }
}

impl RetentionSettings {
    /// Each term with its name.
    pub fn terms(&self) -> [(&'static str, Term); 9] {
        [
            ("retention.drafts", self.drafts),
            ("retention.documents", self.documents),
            ("retention.need", self.need),
            ("retention.identity", self.identity),
            ("retention.books", self.books),
            ("retention.contact", self.contact),
            ("retention.jmbg", self.jmbg),
            ("retention.registers", self.registers),
            ("retention.accounts", self.accounts),
        ]
    }

    /// Lets nothing be erased for its age.
    pub fn keep_all(&mut self) {
        let Self { drafts, documents, need, identity, books, contact, jmbg, registers, accounts } = self;
        for term in [drafts, documents, need, identity, books, contact, jmbg, registers, accounts] {
            term.action = Action::Keep;
        }
    }

    pub(super) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let wrong = self.terms().into_iter().find(|(_, term)| !(1..=36_500).contains(&term.days));
        wrong.map_or(Ok(()), |(name, _)| Err((name, "days must be 1 to 36500")))
    }
}
