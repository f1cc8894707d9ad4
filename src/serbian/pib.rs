//! The PIB, the tax number of a legal entity or entrepreneur.

use super::digits;

/// A PIB of 9 digits with the right check digit. Public in the business register, so it prints whole.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pib {
    digits: String,
}

/// Why a text is not a PIB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PibError {
    #[error("a PIB has exactly 9 digits")]
    NotNineDigits,
    #[error("the check digit of the PIB is wrong")]
    WrongCheckDigit,
}

impl Pib {
    /// Reads 9 ASCII digits, nothing trimmed; the last one is the check digit of ISO 7064 MOD 11,10.
    pub fn parse(text: &str) -> Result<Pib, PibError> {
        let [body @ .., check] = digits::exactly::<9>(text).ok_or(PibError::NotNineDigits)?;
        if check != check_digit(&body) {
            return Err(PibError::WrongCheckDigit);
        }
        Ok(Pib { digits: text.to_owned() })
    }

    /// The 9 digits.
    pub fn as_str(&self) -> &str {
        &self.digits
    }
}

fn check_digit(body: &[u32]) -> u32 {
    let product = body.iter().fold(10, |product, digit| next_product(product, *digit));
    11_u32.saturating_sub(product) % 10
}

/// A step of MOD 11,10: the sum modulo 10, where 0 counts as 10, doubled modulo 11. Always 1 to 10.
fn next_product(product: u32, digit: u32) -> u32 {
    let sum = match product.saturating_add(digit) % 10 {
        0 => 10,
        sum => sum,
    };
    sum.saturating_mul(2) % 11
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::super::digits::slips::{digit, neighbours_swapped, one_digit_off};
    use super::*;

    /// The product before the digit at a position, by a table of 2 × sum mod 11 for the sums 0 (as 10), 1, … 9.
    fn product(text: &str, position: usize) -> u32 {
        let doubled = [9, 2, 4, 6, 8, 10, 1, 3, 5, 7];
        (0..position).fold(10, |product, at| {
            let sum = usize::try_from((product + digit(text, at)) % 10).unwrap();
            *doubled.get(sum).unwrap()
        })
    }

    /// Eight digits, and the one that brings the last sum to 1, as the standard says it.
    fn valid() -> impl Strategy<Value = String> {
        (0..100_000_000_u32).prop_map(|body| {
            let body = format!("{body:08}");
            let check = (0..10).find(|check| (product(&body, 8) + check) % 10 == 1).unwrap();
            format!("{body}{check}")
        })
    }

    #[test]
    fn the_published_number_is_read() {
        assert_eq!(Pib::parse("101134702").unwrap().as_str(), "101134702");
        assert_eq!(Pib::parse("101134703"), Err(PibError::WrongCheckDigit));
    }

    #[test]
    fn other_shapes_are_refused() {
        for shape in ["", "10113470", "1011347020", " 101134702", "RS101134702", "10113470２"] {
            assert_eq!(Pib::parse(shape), Err(PibError::NotNineDigits), "{shape}");
        }
    }

    /// The first product is 10, so "56" and "65" at the start bring the sums 5 and 6.
    #[test]
    fn a_swap_of_the_sums_five_and_six_goes_unseen() {
        let numbers = ["560000002", "650000002"];
        assert_eq!(numbers.map(|text| Pib::parse(text).is_ok()), [true, true]);
    }

    proptest! {
        #[test]
        fn every_wrong_digit_is_seen(text in valid()) {
            prop_assert!(Pib::parse(&text).is_ok());
            for slip in one_digit_off(&text) {
                prop_assert_eq!(Pib::parse(&slip), Err(PibError::WrongCheckDigit), "{}", slip);
            }
        }

        /// Unseen exactly where both digits' sums with the product before them are 5 and 6, check digit included.
        #[test]
        fn swapped_digits_are_seen_but_for_the_sums_five_and_six(text in valid()) {
            for (position, slip) in neighbours_swapped(&text) {
                let sum = |at| (product(&text, position) + digit(&text, at)) % 10;
                let sums = [sum(position), sum(position + 1)];
                let is_unseen = sums == [5, 6] || sums == [6, 5];
                prop_assert_eq!(Pib::parse(&slip).is_ok(), is_unseen, "{} for {}", slip, text);
            }
        }
    }
}
