//! The rules of a call: what a round asks, promises and pays. Data, read with serde, valid before a call exists.

mod allocation;
mod category;
mod state;
mod validate;

pub use allocation::{Allocation, Band, Method, Plan, Score, Tickets, Tie};
pub use category::{Category, Conditions, IncomeLost};
use serde::{Deserialize, Serialize};
pub use state::{CallEvent, CallState, Phase};
pub use validate::Problem;

use crate::clock::{Date, Instant};
use crate::error::{Error, Result};
use crate::money::Share;

/// The rules of a call, as its `call.json` writes them. Unknown keys are refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    pub code: String,
    pub title: Text,
    pub opens_at: Instant,
    /// Both ends belong to the call.
    pub closes_at: Instant,
    /// Ages are counted on this day.
    pub reference_date: Date,
    /// A vote at this very moment still counts.
    pub voting_closes_at: Instant,
    pub currency: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_basis: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_code: Option<String>,
    pub one_per_household: bool,
    /// Losing more than this share of the income is losing most of it.
    pub most_means_over: Share,
    /// Aid paid on these days counts.
    pub aid_window: Window,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal_days: Option<u16>,
    /// In order of priority.
    pub categories: Vec<Category>,
    pub allocation: Allocation,
}

/// A text in Serbian (Latin) and, where there is one, in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    pub sr: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

/// Days from … until, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub from: Date,
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
        let stored: Versioned<Self> = serde_json::from_str(json).map_err(Error::corrupt)?;
        let is_known = stored.version == VERSION;
        is_known.then_some(stored.rules).ok_or_else(|| Error::corrupt(format!("rules of version {}", stored.version)))
    }
}
