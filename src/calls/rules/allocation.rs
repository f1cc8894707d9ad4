//! How a call shares its budget: as written, and as the typed plan that the awards are computed from.

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::money::Money;

crate::text_enum! {
    /// The ways of sharing that are seen in practice.
    pub enum Method {
        CategoryOrder => "category_order",
        EqualSplit => "equal_split",
        ScoreOrder => "score_order",
        IncomeBands => "income_bands",
        Draw => "draw",
    }
}

crate::text_enum! {
    /// What decides between applications that are equal so far.
    pub enum Tie {
        ChildrenDesc => "children_desc",
        IncomePerMemberAsc => "income_per_member_asc",
        TenantFirst => "tenant_first",
        Draw => "draw",
    }
}

crate::text_enum! {
    /// How many tickets an application has in a draw.
    pub enum Tickets {
        One => "one",
        OnePlusChildren => "one_plus_children",
    }
}

/// The allocation as the rules write it. A key that the method does not use has no effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Allocation {
    pub method: Method,
    /// What is shared, until the treasurer sets another budget.
    #[schema(value_type = String, example = "5182800.00")]
    pub budget: Money,
    /// Every award is rounded down to a multiple of this; where a method pays fixed amounts it may be left out.
    #[schema(value_type = Option<String>, example = "100.00")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_down_to: Option<Money>,
    /// What a full award is.
    #[schema(value_type = Option<String>, example = "30000.00")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_amount: Option<Money>,
    /// No award is smaller.
    #[schema(value_type = Option<String>, example = "20000.00")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_amount: Option<Money>,
    /// No award is larger.
    #[schema(value_type = Option<String>, example = "50000.00")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Money>,
    /// Whose mean score is lower gets nothing.
    #[schema(value_type = Option<String>, example = "60")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_score: Option<Score>,
    /// In order of their limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bands: Option<Vec<Band>>,
    /// `one` if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tickets: Option<Tickets>,
    /// What decides between equals, in this order.
    #[serde(default)]
    #[schema(required = false)]
    pub ties: Vec<Tie>,
    /// The seed of a draw. A case file tells it here; in the fund it is recorded by its own action, after the voting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
}

/// An income per member and what is awarded up to it. No limit: for everybody above the other bands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Nothing: for everybody above the other bands.
    #[schema(value_type = Option<String>, example = "25000.00")]
    // The case format gives this key no name; these are the spellings that are read.
    #[serde(
        default,
        alias = "limit",
        alias = "up_to",
        alias = "at_most",
        alias = "income_at_most",
        alias = "max_income",
        alias = "income_per_member_up_to",
        alias = "max_income_per_member",
        skip_serializing_if = "Option::is_none"
    )]
    pub income_per_member_at_most: Option<Money>,
    #[schema(value_type = String, example = "30000.00")]
    pub amount: Money,
}

/// A score from 0 to 100 in ten-thousandths, so that means compare with it exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score(i64);

impl Score {
    pub const UNIT: i64 = 10_000;

    pub fn ten_thousandths(self) -> i64 {
        self.0
    }

    /// Reads `60`, `60.5` or `66.6667`.
    fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_number =
            [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        let digits = format!("{whole}{fraction:0<4}");
        let value = digits.parse().ok().filter(|_| is_number && fraction.len() <= 4 && whole.len() <= 3);
        value.filter(|value| *value <= Self::UNIT.saturating_mul(100)).map(Self)
    }
}

impl std::fmt::Display for Score {
    /// Without zeros at its end.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (whole, fraction) = (self.0.div_euclid(Self::UNIT), self.0.rem_euclid(Self::UNIT));
        let fraction = format!("{fraction:04}");
        match fraction.trim_end_matches('0') {
            "" => write!(out, "{whole}"),
            fraction => write!(out, "{whole}.{fraction}"),
        }
    }
}

impl<'de> Deserialize<'de> for Score {
    /// A number or a decimal string.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = match serde_json::Value::deserialize(from)? {
            serde_json::Value::Number(number) => number.to_string(),
            serde_json::Value::String(text) => crate::error::shown(&text),
            _ => return Err(D::Error::custom("must be a number, or a decimal in quotation marks")),
        };
        Self::parse(&text)
            .ok_or_else(|| D::Error::custom(format!("“{text}” is not a score from 0 to 100, with at most 4 decimals")))
    }
}

impl Serialize for Score {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (whole, fraction) = (self.0.div_euclid(Self::UNIT), self.0.rem_euclid(Self::UNIT));
        to.collect_str(&format_args!("{whole}.{fraction:04}"))
    }
}

/// What a method needs, complete: made from the written form once it is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    CategoryOrder { full_amount: Money, minimum_amount: Money },
    EqualSplit { cap: Money },
    ScoreOrder { full_amount: Money, minimum_score: Score },
    IncomeBands { bands: Vec<Band> },
    Draw { full_amount: Money, tickets: Tickets },
}

impl Allocation {
    /// The plan of the method, or the key that it lacks.
    pub fn plan(&self) -> Result<Plan, &'static str> {
        let full_amount = self.full_amount.ok_or("full_amount");
        if matches!(self.method, Method::CategoryOrder | Method::EqualSplit) {
            self.round_down_to.ok_or("round_down_to")?;
        }
        Ok(match self.method {
            Method::CategoryOrder => Plan::CategoryOrder {
                full_amount: full_amount?,
                minimum_amount: self.minimum_amount.ok_or("minimum_amount")?,
            },
            Method::EqualSplit => Plan::EqualSplit { cap: self.cap.ok_or("cap")? },
            Method::ScoreOrder => Plan::ScoreOrder {
                full_amount: full_amount?,
                minimum_score: self.minimum_score.ok_or("minimum_score")?,
            },
            Method::IncomeBands => Plan::IncomeBands { bands: self.bands.clone().ok_or("bands")? },
            Method::Draw => Plan::Draw { full_amount: full_amount?, tickets: self.tickets.unwrap_or(Tickets::One) },
        })
    }

    /// Every key that the method needs and that is not there.
    pub fn missing(&self) -> Vec<&'static str> {
        let (step, full) =
            (("round_down_to", self.round_down_to.is_some()), ("full_amount", self.full_amount.is_some()));
        let needed = match self.method {
            Method::CategoryOrder => vec![step, full, ("minimum_amount", self.minimum_amount.is_some())],
            Method::EqualSplit => vec![step, ("cap", self.cap.is_some())],
            Method::ScoreOrder => vec![full, ("minimum_score", self.minimum_score.is_some())],
            Method::IncomeBands => vec![("bands", self.bands.is_some())],
            Method::Draw => vec![full],
        };
        needed.into_iter().filter(|(_, is_there)| !is_there).map(|(key, _)| key).collect()
    }

    /// What awards are rounded down to a multiple of: where nothing is said, a para.
    pub fn step(&self) -> Money {
        self.round_down_to.unwrap_or(Money::from_minor(1))
    }

    /// Whether lots may be drawn, so that a seed is needed.
    pub fn needs_seed(&self) -> bool {
        let has_ties = !matches!(self.method, Method::EqualSplit | Method::Draw);
        self.method == Method::Draw || (has_ties && self.ties.contains(&Tie::Draw))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_read_exactly() {
        for (text, value) in [("60", 600_000), ("66.6667", 666_667), ("0", 0), ("100", 1_000_000), ("0.5", 5_000)] {
            assert_eq!(Score::parse(text), Some(Score(value)), "{text}");
        }
        for wrong in ["100.0001", "-1", "1e1", "", ".5", "5.", "66.66667", "1000"] {
            assert_eq!(Score::parse(wrong), None, "{wrong}");
        }
    }
}
