//! The matični broj, the number of a legal entity or entrepreneur in the business register.

use super::digits;

/// Weights of the first seven digits.
const WEIGHTS: [u32; 7] = [2, 7, 6, 5, 4, 3, 2];

/// A matični broj of 8 digits with the right check digit. Public in the register, so it prints whole.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MaticniBroj {
    digits: String,
}

/// Why a text is not a matični broj.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MaticniBrojError {
    #[error("a matični broj has exactly 8 digits")]
    NotEightDigits,
    #[error("the check digit of the matični broj is wrong")]
    WrongCheckDigit,
}

impl MaticniBroj {
    /// Reads 8 ASCII digits, nothing trimmed; the last one is 11 − (weighted sum mod 11), 10 and 11 give 0.
    ///
    /// Weights: fund.md, Serbian formats.
    pub fn parse(text: &str) -> Result<MaticniBroj, MaticniBrojError> {
        let [body @ .., check] = digits::exactly::<8>(text).ok_or(MaticniBrojError::NotEightDigits)?;
        if check != digits::check_digit(digits::weighted_remainder(&body, &WEIGHTS)) {
            return Err(MaticniBrojError::WrongCheckDigit);
        }
        Ok(MaticniBroj { digits: text.to_owned() })
    }

    /// The 8 digits.
    pub fn as_str(&self) -> &str {
        &self.digits
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::super::digits::slips;
    use super::*;

    /// The sum written out, away from the table of weights.
    fn remainder(text: &str) -> u32 {
        let at = |position| slips::digit(text, position);
        (2 * (at(0) + at(6)) + 7 * at(1) + 6 * at(2) + 5 * at(3) + 4 * at(4) + 3 * at(5)) % 11
    }

    fn valid() -> impl Strategy<Value = String> {
        (0..10_000_000_u32).prop_map(|body| {
            let body = format!("{body:07}");
            let check = (11 - remainder(&body)) % 11 % 10;
            format!("{body}{check}")
        })
    }

    #[test]
    fn the_published_number_is_read() {
        assert_eq!(MaticniBroj::parse("66841251").unwrap().as_str(), "66841251");
        assert_eq!(MaticniBroj::parse("66841252"), Err(MaticniBrojError::WrongCheckDigit));
    }

    #[test]
    fn other_shapes_are_refused() {
        for shape in ["", "6684125", "668412510", " 66841251", "6684125１"] {
            assert_eq!(MaticniBroj::parse(shape), Err(MaticniBrojError::NotEightDigits), "{shape}");
        }
    }

    #[test]
    fn one_slip_between_the_remainders_zero_and_one_goes_unseen() {
        let numbers = ["00000000", "00000060"];
        assert_eq!(numbers.map(remainder), [0, 1]);
        assert_eq!(numbers.map(|text| MaticniBroj::parse(text).is_ok()), [true, true]);
    }

    proptest! {
        #[test]
        fn slips_are_seen_but_for_those_that_the_arithmetic_hides(text in valid()) {
            prop_assert!(MaticniBroj::parse(&text).is_ok());
            for slip in slips::all(&text) {
                let is_unseen = slips::is_unseen_by_mod_11(&text, &slip, remainder);
                prop_assert_eq!(MaticniBroj::parse(&slip).is_ok(), is_unseen, "{} for {}", slip, text);
            }
        }
    }
}
