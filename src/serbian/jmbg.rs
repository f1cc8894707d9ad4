//! The JMBG, the number of a person: it tells the birth date and the sex, so it is treated as a secret.

use std::fmt;
use std::hint::black_box;

use jiff::civil::Date;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::digits;

/// Weights of the first twelve digits: 7(a+g) + 6(b+h) + 5(c+i) + 4(d+j) + 3(e+k) + 2(f+l).
const WEIGHTS: [u32; 12] = [7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

/// A JMBG, or the EBS of a foreigner, with a date that exists and the right check digit. Wiped when dropped.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Jmbg {
    // On the heap, so that moving the value leaves no copy of the whole number behind.
    digits: String,
    birth_date: Date,
    has_remainder_one: bool,
}

/// Why a text is not a JMBG. The first reason that applies, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JmbgError {
    #[error("a JMBG has exactly 13 digits")]
    NotThirteenDigits,
    #[error("the JMBG starts with a date that does not exist")]
    NoSuchDate,
    #[error("the check digit of the JMBG is wrong")]
    WrongCheckDigit,
}

impl Jmbg {
    /// Reads the 13 digits DDMMYYYRRBBBK; nothing is trimmed, other scripts' digits are refused.
    ///
    /// K = 11 − (weighted sum mod 11), 10 and 11 give 0; YYY from 900 up is 1YYY, below it 2YYY
    /// (fund.md, Serbian formats). A date in the future is a date: who may apply is decided by the rule about age.
    pub fn parse(text: &str) -> Result<Jmbg, JmbgError> {
        let [body @ .., check] = digits::exactly::<13>(text).ok_or(JmbgError::NotThirteenDigits)?;
        let birth_date = birth_date(text).ok_or(JmbgError::NoSuchDate)?;
        let remainder = digits::weighted_remainder(&body, &WEIGHTS);
        if check != digits::check_digit(remainder) {
            return Err(JmbgError::WrongCheckDigit);
        }
        Ok(Jmbg { digits: text.to_owned(), birth_date, has_remainder_one: remainder == 1 })
    }

    /// All 13 digits, for sealing, the blind index and nothing else.
    pub fn as_str(&self) -> &str {
        &self.digits
    }

    /// The day of birth that the first seven digits tell.
    pub fn birth_date(&self) -> Date {
        self.birth_date
    }

    /// Nine stars and the last four digits: `*********0006`.
    pub fn masked(&self) -> String {
        digits::masked(&self.digits)
    }

    /// Whether the weighted sum leaves 1. Some versions of the rule call such a number wrong;
    /// fund.md accepts it with K = 0 and flags it, so that a person can look.
    pub fn has_remainder_one(&self) -> bool {
        self.has_remainder_one
    }

    fn wipe(&mut self) {
        self.digits.zeroize();
        self.birth_date = Date::ZERO;
        self.has_remainder_one = false;
        // The date is half of the number and has no `Zeroize`; this keeps the compiler from dropping the write.
        black_box(self);
    }
}

impl Drop for Jmbg {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl ZeroizeOnDrop for Jmbg {}

impl fmt::Debug for Jmbg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Jmbg({})", self.masked())
    }
}

fn birth_date(text: &str) -> Option<Date> {
    let day = text.get(0..2)?.parse().ok()?;
    let month = text.get(2..4)?.parse().ok()?;
    let year: i16 = text.get(4..7)?.parse().ok()?;
    let century = if year >= 900 { 1000 } else { 2000 };
    Date::new(year.checked_add(century)?, month, day).ok()
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::unwrap_used, reason = "tests")]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::super::digits::slips;
    use super::*;

    /// The formula as the rule writes it, pair by pair.
    fn remainder(text: &str) -> u32 {
        let pair = |left| slips::digit(text, left) + slips::digit(text, left + 6);
        (7 * pair(0) + 6 * pair(1) + 5 * pair(2) + 4 * pair(3) + 3 * pair(4) + 2 * pair(5)) % 11
    }

    /// A date from 1900 to 2899, region and serial, and the check digit to them.
    fn valid() -> impl Strategy<Value = (Date, String)> {
        let dates = (1900_i16..=2899, 1_i8..=12, 1_i8..=31);
        (dates, 0..100_000).prop_filter_map("no such date", |((year, month, day), serial)| {
            let text = format!("{day:02}{month:02}{:03}{serial:05}", year % 1000);
            let check = (11 - remainder(&text)) % 11 % 10;
            let date = Date::new(year, month, day).ok()?;
            Some((date, format!("{text}{check}")))
        })
    }

    #[test]
    fn the_published_number_is_read() {
        let jmbg = Jmbg::parse("0101100710006").unwrap();
        assert_eq!(jmbg.as_str(), "0101100710006");
        assert_eq!(jmbg.birth_date(), date(2100, 1, 1));
        assert_eq!(jmbg.masked(), "*********0006");
        assert_eq!(format!("{jmbg:?}"), "Jmbg(*********0006)");
    }

    #[test]
    fn each_reason_is_told() {
        let error = |text: &str| Jmbg::parse(text).unwrap_err();
        for shape in ["010110071000", " 0101100710006", "010110071000６"] {
            assert_eq!(error(shape), JmbgError::NotThirteenDigits, "{shape}");
        }
        for day in ["0001990", "3104990", "0113990", "0100990", "2902900"] {
            let text = format!("{day}710000");
            assert_eq!(error(&text), JmbgError::NoSuchDate, "{day}");
        }
        assert_eq!(error("0101100710007"), JmbgError::WrongCheckDigit);
    }

    #[test]
    fn one_slip_between_the_remainders_zero_and_one_goes_unseen() {
        for (text, expected) in [("0101990710210", 0), ("0101990710270", 1)] {
            let jmbg = Jmbg::parse(text).unwrap();
            assert_eq!(remainder(text), expected);
            assert_eq!(jmbg.has_remainder_one(), expected == 1);
        }
    }

    #[test]
    fn wiping_leaves_nothing() {
        fn assert_wiped_on_drop(_: &impl ZeroizeOnDrop) {}
        let mut jmbg = Jmbg::parse("0101100710006").unwrap();
        assert_wiped_on_drop(&jmbg);
        jmbg.wipe();
        assert_eq!((jmbg.as_str(), jmbg.birth_date()), ("", Date::ZERO));
    }

    proptest! {
        #[test]
        fn what_is_valid_is_read((date, text) in valid()) {
            let jmbg = Jmbg::parse(&text).unwrap();
            prop_assert_eq!(jmbg.birth_date(), date);
            prop_assert_eq!(jmbg.has_remainder_one(), remainder(&text) == 1);
        }

        /// What the check digit lets pass, the date may still stop.
        #[test]
        fn slips_are_seen_but_for_those_that_the_arithmetic_hides((_, text) in valid()) {
            for slip in slips::all(&text) {
                let is_unseen = slips::is_unseen_by_mod_11(&text, &slip, remainder);
                let expected = is_unseen && birth_date(&slip).is_some();
                prop_assert_eq!(Jmbg::parse(&slip).is_ok(), expected, "{} for {}", slip, text);
            }
        }
    }
}
