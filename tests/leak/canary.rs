//! The secrets, and the one search that every place goes through.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;

use crate::forms::{self, Form, encodings};
use crate::support::people;

/// What a secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Jmbg,
    Account,
    Income,
    /// What somebody wrote: statement, address, reason, question, answer.
    Text,
    Name,
}

/// The secrets of one applicant. Synthetic: region 66, bank 999.
#[derive(Debug, Clone)]
pub struct Secrets {
    pub jmbg: String,
    pub account: String,
    pub account_written: String,
    /// In para. No number of this length occurs by chance.
    pub income: i64,
    pub text: String,
    pub name: String,
}

pub const PEOPLE: usize = 6;
const ENDS: [&str; PEOPLE] = ["ulja", "anja", "inja", "elja", "osija", "umija"];

impl Secrets {
    pub fn of(whose: usize) -> Self {
        let written = people::account(73_190_264 + 1_913 * whose);
        let parts: Vec<&str> = written.split('-').collect();
        Self {
            jmbg: people::jmbg(201_347 + 7_361 * whose),
            account: format!("{}{:0>13}{}", parts[0], parts[1], parts[2]),
            account_written: written.clone(),
            income: 7_321_964_857 + 104_729_113 * i64::try_from(whose).unwrap(),
            text: format!("Đurđevčvork{}", ENDS[whose]),
            name: format!("Žućkanar{}", ENDS[whose]),
        }
    }

    pub fn income_written(&self) -> String {
        format!("{}.{:02}", self.income / 100, self.income % 100)
    }

    fn forms(&self) -> Vec<(Kind, Form)> {
        let mut forms: Vec<(Kind, Form)> = Vec::new();
        let mut add = |kind, of: Vec<Form>| forms.extend(of.into_iter().map(|form| (kind, form)));
        add(Kind::Jmbg, forms::digits(&self.jmbg));
        add(Kind::Jmbg, vec![forms::masked(&self.jmbg)]);
        add(Kind::Account, forms::account(&self.account, &self.account_written));
        add(Kind::Account, vec![forms::masked(&self.account)]);
        add(Kind::Income, forms::amount(self.income));
        add(Kind::Text, forms::word(&self.text));
        add(Kind::Name, forms::word(&self.name));
        forms
    }
}

/// A secret in a form, as bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern {
    pub whose: usize,
    pub kind: Kind,
    pub form: String,
    pub encoding: &'static str,
    pub bytes: Vec<u8>,
}

impl Pattern {
    pub fn is_masked(&self) -> bool {
        self.form == "masked"
    }

    pub fn said(&self) -> String {
        format!("{:?} of {} ({}, {})", self.kind, self.whose, self.form, self.encoding)
    }
}

/// Looks for every secret in every form at once.
pub struct Search {
    pub patterns: Vec<Pattern>,
    automaton: AhoCorasick,
}

impl Search {
    pub fn new() -> Self {
        let mut patterns = Vec::new();
        for whose in 0..PEOPLE {
            for (kind, (form, text)) in Secrets::of(whose).forms() {
                let pattern = |(encoding, bytes)| Pattern { whose, kind, form: form.clone(), encoding, bytes };
                patterns.extend(encodings(&text).into_iter().map(pattern));
            }
        }
        // A search that finds three bytes finds them everywhere.
        assert!(patterns.iter().all(|pattern| pattern.bytes.len() >= 10), "{patterns:?}");
        let mut builder = AhoCorasick::builder();
        let bytes = patterns.iter().map(|pattern| &pattern.bytes);
        let automaton = builder.ascii_case_insensitive(true).build(bytes).unwrap();
        Self { patterns, automaton }
    }

    /// Every pattern that stands in these bytes.
    pub fn find(&self, bytes: &[u8]) -> BTreeSet<&Pattern> {
        if !self.automaton.is_match(bytes) {
            return BTreeSet::new();
        }
        let matches = self.automaton.find_overlapping_iter(bytes);
        matches.map(|found| &self.patterns[found.pattern().as_usize()]).collect()
    }
}
