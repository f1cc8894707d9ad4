//! Categories of need and the conditions that make somebody belong to one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Text;
use crate::money::Money;

/// A priority group of need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Category {
    #[schema(minimum = 1, example = 1)]
    pub number: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    pub conditions: Conditions,
}

/// All that are given must hold; what is not given does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub income_lost: Option<IncomeLost>,
    /// Whether the applicant raises children alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub single_parent: Option<bool>,
    /// Whether somebody else supports the applicant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_support: Option<bool>,
    /// Some child is younger than this many full years at the reference date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child_younger_than: Option<u8>,
    /// At least this many full years old at the reference date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_age: Option<u8>,
    /// Whether the household has one member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lives_alone: Option<bool>,
    /// Pension and social benefits a month.
    #[schema(value_type = Option<String>, example = "25000.00")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefits_at_most: Option<Money>,
}

crate::text_enum! {
    /// How much of the household's income is gone.
    pub enum IncomeLost {
        All => "all",
        /// More than the call's `most_means_over` of it.
        Most => "most",
    }
}
