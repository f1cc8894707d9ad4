//! The rules of a call: what a round asks, promises and pays. Data, read with serde, valid before a call exists.

mod allocation;
mod asked;
mod category;
mod explain;
mod state;
mod validate;

use std::cell::RefCell;

pub use allocation::{Allocation, Band, Method, Plan, Score, Tickets, Tie};
pub use asked::{AskedDocument, AskedWhen};
pub use category::{Category, Conditions, IncomeLost};
pub use explain::{OtherAid, Section, explain, said_moment, said_title};
use serde::{Deserialize, Serialize};
pub use state::{CallEvent, CallState, CloseReason, Phase};
use utoipa::ToSchema;
pub use validate::{Problem, YEARS};

use crate::clock::{Date, Instant};
use crate::error::{Error, Result};
use crate::money::Share;

/// The rules of a call, as its `call.json` writes them. Unknown keys are refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Short, and only once in a fund.
    #[schema(example = "2020-1", max_length = 100, pattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    pub code: String,
    pub title: Text,
    #[schema(value_type = String, format = DateTime, example = "2020-07-16T00:00:00+02:00")]
    pub opens_at: Instant,
    /// Both ends belong to the call.
    #[schema(value_type = String, format = DateTime, example = "2020-08-06T23:59:59+02:00")]
    pub closes_at: Instant,
    /// Ages are counted on this day.
    #[schema(value_type = String, format = Date, example = "2020-05-06")]
    pub reference_date: Date,
    /// A vote at this very moment still counts.
    #[schema(value_type = String, format = DateTime, example = "2020-10-15T18:00:00+02:00")]
    pub voting_closes_at: Instant,
    /// RSD: the books of the fund are in dinars.
    #[schema(example = "RSD")]
    pub currency: String,
    /// Why the aid is not taxed, in Serbian.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_basis: Option<String>,
    /// The code of a transfer, three digits.
    #[schema(example = "249", pattern = "^[0-9]{3}$")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_code: Option<String>,
    pub one_per_household: bool,
    /// Losing more than this share of the income is losing most of it.
    #[schema(value_type = String, example = "0.50")]
    pub most_means_over: Share,
    /// Aid paid on these days counts.
    pub aid_window: Window,
    /// How long an objection can be made, from the publication of the preliminary list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal_days: Option<u16>,
    /// In order of priority.
    pub categories: Vec<Category>,
    pub allocation: Allocation,
    /// What is to be sent with an application, or once it is awarded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<AskedDocument>,
}

impl Rules {
    /// The document that is asked for under a code.
    pub fn document(&self, code: &str) -> Option<&AskedDocument> {
        self.documents.iter().find(|document| document.code == code)
    }
}

/// A text in Serbian (Latin) and, where there is one, in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Text {
    #[schema(example = "Javni poziv za jednokratnu solidarnu pomoć 2020")]
    pub sr: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Open call for one-off solidarity aid 2020")]
    pub en: Option<String>,
}

/// Days from … until, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    #[schema(value_type = String, format = Date, example = "2020-03-15")]
    pub from: Date,
    #[schema(value_type = String, format = Date, example = "2020-10-15")]
    pub until: Date,
}

/// The form in which rules are stored, so that a later form can be told from this one.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Versioned<R> {
    version: u32,
    rules: R,
}

const VERSION: u32 = 1;

impl Rules {
    /// The rules as the database keeps them: versioned JSON.
    pub fn to_stored(&self) -> Result<String> {
        serde_json::to_string(&Versioned { version: VERSION, rules: self }).map_err(Error::corrupt)
    }

    pub fn from_stored(json: &str) -> Result<Self> {
        LAST.with_borrow_mut(|last| {
            if let Some((_, rules)) = last.as_ref().filter(|(text, _)| text == json) {
                return Ok(rules.clone());
            }
            let stored: Versioned<Self> = serde_json::from_str(json).map_err(Error::corrupt)?;
            if stored.version != VERSION {
                return Err(Error::corrupt(format!("rules of version {}", stored.version)));
            }
            *last = Some((json.to_owned(), stored.rules.clone()));
            Ok(stored.rules)
        })
    }
}

thread_local! {
    /// The rules that this thread read last. While a call takes applications they are asked for all the time, and reading
    /// them takes longer than finding them.
    static LAST: RefCell<Option<(String, Rules)>> = const { RefCell::new(None) };
}
