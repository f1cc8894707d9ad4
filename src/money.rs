//! Money: whole para (1/100 RSD) in 64 bits. Decimals appear only while parsing, printing and applying a rate or share.
//!
//! The fund's books are in dinars; a foreign contribution is turned into dinars at its rate when it is recorded.

use std::fmt;
use std::str::FromStr;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::BigInt;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Result, shown};

/// An amount of dinars in para. Parsed amounts are never negative; balances may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub struct Money(i64);

/// Dinars for one unit of a foreign currency. Above zero, at most eight decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(Decimal);

/// A part of a whole, from 0 to 1, at most eight decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share(Decimal);

/// Why a text is not an amount, a rate or a share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("the amount is missing")]
    Missing,
    #[error("“{0}” is not an amount such as 1234567.89")]
    NotAnAmount(String),
    #[error("“{0}” is negative")]
    Negative(String),
    #[error("“{0}” has more than {1} decimals")]
    TooManyDecimals(String, u32),
    #[error("“{0}” is too large")]
    TooLarge(String),
    #[error("“{0}” is not a rate above zero")]
    NotARate(String),
    #[error("“{0}” is not a share from 0 to 1")]
    NotAShare(String),
}

/// A dinar has 100 para, and so have the units of the currencies that gifts come in.
const DECIMALS: u32 = 2;
const RATE_DECIMALS: u32 = 8;

impl Money {
    pub const ZERO: Self = Self(0);
    pub const MOST: Self = Self(i64::MAX);

    pub const fn from_minor(para: i64) -> Self {
        Self(para)
    }

    /// The amount in para.
    pub const fn minor(self) -> i64 {
        self.0
    }

    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    pub fn plus(self, other: Self) -> Result<Self> {
        self.0.checked_add(other.0).map(Self).ok_or(Error::Overflow)
    }

    pub fn minus(self, other: Self) -> Result<Self> {
        self.0.checked_sub(other.0).map(Self).ok_or(Error::Overflow)
    }

    pub fn negated(self) -> Result<Self> {
        self.0.checked_neg().map(Self).ok_or(Error::Overflow)
    }

    pub fn times(self, count: usize) -> Result<Self> {
        let count = i64::try_from(count).map_err(|_| Error::Overflow)?;
        self.0.checked_mul(count).map(Self).ok_or(Error::Overflow)
    }

    /// How often `part` (above zero) goes into this amount (zero or more), as a whole number.
    pub fn holds(self, part: Self) -> usize {
        if part.0 <= 0 || self.0 < 0 {
            return 0;
        }
        self.0.checked_div(part.0).and_then(|count| usize::try_from(count).ok()).unwrap_or(0)
    }

    /// An equal share for each of `count`, cut to the para. Nobody to share with gives zero.
    pub fn shared_among(self, count: usize) -> Self {
        let share = i64::try_from(count).ok().and_then(|count| self.0.checked_div(count));
        Self(share.unwrap_or(0))
    }

    /// The largest multiple of `step` (above zero) that is not above this amount.
    pub fn rounded_down_to(self, step: Self) -> Self {
        let rest = self.0.checked_rem_euclid(step.0).unwrap_or(0);
        Self(self.0.saturating_sub(rest))
    }

    /// # Errors
    /// [`Error::Overflow`] where the sum leaves the range.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// As Serbian text writes it: 1.234.567,89.
    pub fn serbian(self) -> String {
        self.grouped('.', ',')
    }

    /// As English text writes it: 1,234,567.89.
    pub fn english(self) -> String {
        self.grouped(',', '.')
    }

    fn grouped(self, between: char, before_para: char) -> String {
        let plain = self.to_string();
        let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
        let (whole, para) = digits.split_once('.').unwrap_or((digits, "00"));
        let mut grouped = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && whole.len().saturating_sub(at).checked_rem(3) == Some(0) {
                grouped.push(between);
            }
            grouped.push(digit);
        }
        format!("{sign}{grouped}{before_para}{para}")
    }
}

/// Digits, then perhaps a dot and more digits; nothing else is a number here.
fn decimal(text: &str, decimals: u32) -> Result<Decimal, MoneyError> {
    let shown = || shown(text);
    if text.is_empty() {
        return Err(MoneyError::Missing);
    }
    let (is_negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number =
        [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    match () {
        () if !is_number => Err(MoneyError::NotAnAmount(shown())),
        () if is_negative => Err(MoneyError::Negative(shown())),
        () if fraction.len() > usize::try_from(decimals).unwrap_or(0) => {
            Err(MoneyError::TooManyDecimals(shown(), decimals))
        }
        () if whole.trim_start_matches('0').len() > 19 => Err(MoneyError::TooLarge(shown())),
        () => Decimal::from_str_exact(digits).map_err(|_| MoneyError::TooLarge(shown())),
    }
}

/// A decimal as a fraction: its digits, and the power of ten below them. Rates and shares have at most 17 digits, so
/// that a product with 64-bit para is exact in 128 bits.
fn parts(value: Decimal) -> (i128, i128) {
    (value.mantissa(), 10_i128.saturating_pow(value.scale()))
}

impl FromStr for Money {
    type Err = MoneyError;

    /// Digits with at most two decimals, zero or more: `30000`, `30000.5`, `30000.00`.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let mut value = decimal(text, DECIMALS)?;
        value.rescale(DECIMALS);
        i64::try_from(value.mantissa()).map(Self).map_err(|_| MoneyError::TooLarge(shown(text)))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        Decimal::new(self.0, DECIMALS).fmt(out)
    }
}

impl Rate {
    pub const ONE: Self = Self(Decimal::ONE);

    /// The largest: less than a thousand million.
    pub fn most() -> Self {
        Self(Decimal::new(99_999_999_999_999_999, RATE_DECIMALS))
    }

    pub fn is_one(self) -> bool {
        self.0 == Decimal::ONE
    }

    /// An amount of the foreign currency in dinars, cut to the para.
    pub fn apply(self, foreign: Money) -> Result<Money> {
        let (mantissa, unit) = parts(self.0);
        let para = i128::from(foreign.0).checked_mul(mantissa).and_then(|product| product.checked_div(unit));
        para.and_then(|para| i64::try_from(para).ok()).map(Money).ok_or(Error::Overflow)
    }
}

impl FromStr for Rate {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let value = decimal(text, RATE_DECIMALS)?;
        match () {
            () if value > Self::most().0 => Err(MoneyError::TooLarge(shown(text))),
            () if value.is_zero() => Err(MoneyError::NotARate(shown(text))),
            () => Ok(Self(value.normalize())),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl Share {
    /// In hundredths, without zeros at its end: 0.50 is 50.
    pub fn percent(self) -> String {
        self.0.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(self.0).normalize().to_string()
    }

    /// Whether `part` is more than this share of `whole`, compared exactly.
    pub fn is_exceeded_by(self, part: Money, whole: Money) -> bool {
        let (mantissa, unit) = parts(self.0);
        i128::from(part.0).checked_mul(unit) > i128::from(whole.0).checked_mul(mantissa)
    }
}

impl FromStr for Share {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let value = decimal(text, RATE_DECIMALS)?;
        (value <= Decimal::ONE).then_some(Self(value)).ok_or_else(|| MoneyError::NotAShare(shown(text)))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl<DB: Backend> ToSql<BigInt, DB> for Money
where
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

impl<DB: Backend> FromSql<BigInt, DB> for Money
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        i64::from_sql(raw).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    #[test]
    fn reads_what_people_write_and_nothing_else() {
        assert_eq!(money("105000").to_string(), "105000.00");
        assert_eq!(money("0.5").minor(), 50);
        assert_eq!(money("92233720368547758.07").minor(), i64::MAX);
        for wrong in [
            "",
            "-1",
            "-0",
            "1.234",
            "1e5",
            "NaN",
            "1,000",
            " 1",
            "1 ",
            "+1",
            ".5",
            "5.",
            "1.2.3",
            "٣",
            "92233720368547758.08",
        ] {
            assert!(wrong.parse::<Money>().is_err(), "{wrong}");
        }
        assert_eq!("-1".parse::<Money>(), Err(MoneyError::Negative("-1".into())));
    }

    #[test]
    fn a_foreign_amount_is_cut_to_the_para() {
        let rate: Rate = "117.5955".parse().unwrap();
        assert_eq!(rate.apply(money("1000.01")).unwrap(), money("117596.67"));
        assert_eq!("117.0".parse::<Rate>().unwrap().apply(money("1000.00")).unwrap(), money("117000.00"));
        assert_eq!("0.00000000".parse::<Rate>(), Err(MoneyError::NotARate("0.00000000".into())));
        assert_eq!(Rate::most().to_string(), "999999999.99999999");
        assert_eq!("999999999.99999999".parse::<Rate>(), Ok(Rate::most()));
        assert_eq!("1000000000".parse::<Rate>(), Err(MoneyError::TooLarge("1000000000".into())));
        assert!(rate.apply(Money::from_minor(i64::MAX)).is_err());
    }

    #[test]
    fn a_share_is_compared_exactly() {
        let half: Share = "0.50".parse().unwrap();
        assert!(!half.is_exceeded_by(money("0.50"), money("1.00")));
        assert!(half.is_exceeded_by(money("0.51"), money("1.01")));
        assert!("1.00000001".parse::<Share>().is_err());
    }

    #[test]
    fn serbian_text_groups_by_points() {
        assert_eq!(money("1234567.89").serbian(), "1.234.567,89");
        assert_eq!(Money::from_minor(-100_000).serbian(), "-1.000,00");
        assert_eq!(money("0.05").serbian(), "0,05");
        assert_eq!(money("1234567.89").english(), "1,234,567.89");
        let percent = |text: &str| text.parse::<Share>().unwrap().percent();
        assert_eq!([percent("0.50"), percent("0.333"), percent("1")], ["50", "33.3", "100"]);
    }

    proptest! {
        #[test]
        fn text_and_back(para in 0..=i64::MAX) {
            let amount = Money::from_minor(para);
            prop_assert_eq!(amount.to_string().parse::<Money>().unwrap(), amount);
        }

        #[test]
        fn rounding_down_gives_the_nearest_multiple(para in 0..=i64::MAX, step in 1..1_000_000_i64) {
            let rounded = Money::from_minor(para).rounded_down_to(Money::from_minor(step)).minor();
            prop_assert!(rounded % step == 0 && rounded <= para && para - rounded < step);
        }
    }
}
