//! Documents that a call asks for.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Text;

crate::text_enum! {
    /// When a document is asked for.
    pub enum AskedWhen {
        /// With the application, before it is sent.
        AtSubmission => "at_submission",
        /// Only from those whose application was awarded.
        WhenAwarded => "when_awarded",
    }
}

/// A document that the call asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskedDocument {
    /// Small Latin letters, digits and `_`, beginning with a letter; once in a call.
    #[schema(example = "income_proof", max_length = 40, pattern = "^[a-z][a-z0-9_]*$")]
    pub code: String,
    pub title: Text,
    pub when: AskedWhen,
    /// Without it, where it is asked for at submission, no application is sent; where of the awarded, nothing is paid.
    pub is_required: bool,
}

/// More are asked of nobody.
const MOST: usize = 20;
const LONGEST_CODE: usize = 40;

impl AskedDocument {
    /// Whether nothing goes on without it at this time.
    pub fn is_needed(&self, when: AskedWhen) -> bool {
        self.is_required && self.when == when
    }
}

fn is_code(code: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let is_begun = code.bytes().next().is_some_and(|first| first.is_ascii_lowercase());
    is_begun && code.len() <= LONGEST_CODE && code.bytes().all(is_sign)
}

/// What is wrong with a list of documents: its key, a code, and why.
pub(super) fn problems(asked: &[AskedDocument]) -> Vec<(String, &'static str, &'static str)> {
    let mut found = Vec::new();
    if asked.len() > MOST {
        found.push(("documents".to_owned(), "documents_many", "are more than 20"));
    }
    let mut codes = BTreeSet::new();
    for (at, document) in asked.iter().enumerate() {
        let key = |name: &str| format!("documents[{at}].{name}");
        if !is_code(&document.code) {
            found.push((key("code"), "document_code", "must be small Latin letters, digits and _, at most 40"));
        }
        if !codes.insert(&document.code) {
            found.push((key("code"), "twice", "stands there twice"));
        }
        if document.title.sr.trim().is_empty() {
            found.push((key("title.sr"), "missing", "is empty"));
        }
    }
    found
}
