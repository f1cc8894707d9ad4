//! Check digits and masks, shared by the numbers of this module.

/// The values of the digits of a text of exactly `N` ASCII digits; none for any other text. Trims nothing.
pub(super) fn exactly<const N: usize>(text: &str) -> Option<[u32; N]> {
    let bytes: [u8; N] = text.as_bytes().try_into().ok()?;
    bytes.iter().all(u8::is_ascii_digit).then(|| bytes.map(|byte| u32::from(byte.saturating_sub(b'0'))))
}

/// The sum of the digits times their weights, modulo 11. Digits without a weight count nothing.
pub(super) fn weighted_remainder(digits: &[u32], weights: &[u32]) -> u32 {
    // Nothing saturates: a product is at most 9 × 7.
    let products = digits.iter().zip(weights).map(|(digit, weight)| digit.saturating_mul(*weight));
    products.sum::<u32>() % 11
}

/// The check digit 11 − remainder, where 10 and 11 give 0 (JMBG, matični broj).
pub(super) fn check_digit(remainder: u32) -> u32 {
    match remainder {
        0 | 1 => 0,
        other => 11_u32.saturating_sub(other),
    }
}

/// The two digits 98 − (n × 100 mod 97) of ISO 7064 MOD 97-10, always 02 to 98.
///
/// `values` are the characters of n from the left: a digit is itself, a letter the two digits 10 to 35.
pub(super) fn control_97(values: impl IntoIterator<Item = u32>) -> String {
    let remainder = values.into_iter().chain([0, 0]).fold(0, append_97);
    format!("{:02}", 98_u32.saturating_sub(remainder))
}

/// One more character at the right end of a number, kept as its remainder, so that no length overflows.
fn append_97(remainder: u32, value: u32) -> u32 {
    let shift = if value < 10 { 10 } else { 100 };
    // Nothing saturates: at most 96 × 100 + 35.
    remainder.saturating_mul(shift).saturating_add(value) % 97
}

/// Stars for all but the last four digits: enough to tell two numbers apart, not enough to use one.
pub(super) fn masked(digits: &str) -> String {
    let hidden = digits.len().saturating_sub(4);
    let shown: String = digits.chars().skip(hidden).collect();
    format!("{}{shown}", "*".repeat(hidden))
}

/// The slips of a typing hand, for the tests of every number.
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]
pub(super) mod slips {
    /// Every text that differs from `text` in one digit.
    pub fn one_digit_off(text: &str) -> Vec<String> {
        let changes = |(position, right): (usize, char)| {
            let others = ('0'..='9').filter(move |digit| *digit != right);
            others.map(move |digit| replaced(text, position, &digit.to_string()))
        };
        text.char_indices().flat_map(changes).collect()
    }

    /// Every text with two different neighbours exchanged, with the position of the left one.
    pub fn neighbours_swapped(text: &str) -> Vec<(usize, String)> {
        let pairs = (1..text.len()).map(|right| (right - 1, &text[right - 1..right], &text[right..=right]));
        let different = pairs.filter(|(_, left, right)| left != right);
        different.map(|(at, left, right)| (at, replaced(text, at, &format!("{right}{left}")))).collect()
    }

    /// Both kinds of slip.
    pub fn all(text: &str) -> Vec<String> {
        let swaps = neighbours_swapped(text).into_iter().map(|(_, slip)| slip);
        one_digit_off(text).into_iter().chain(swaps).collect()
    }

    /// The text with `new` in place of as many characters from `position` on.
    pub fn replaced(text: &str, position: usize, new: &str) -> String {
        format!("{}{new}{}", &text[..position], &text[position + new.len()..])
    }

    /// The digit at a position.
    pub fn digit(text: &str, position: usize) -> u32 {
        text[position..=position].parse().unwrap()
    }

    /// Whether the check digit of the JMBG and the matični broj lets a slip pass, told by the remainders alone.
    ///
    /// Weights (2 to 7), their steps between neighbours (1 and 5) and the difference of two digits are no multiples
    /// of 11: a slip left of the check digit always changes the remainder, and only 0 and 1 share a check digit.
    /// In an exchange with the check digit itself only "10" with remainder 1 and "01" with remainder 10 are twins.
    pub fn is_unseen_by_mod_11(right: &str, slip: &str, remainder: fn(&str) -> u32) -> bool {
        let ends = [right, slip].map(|text| &text[text.len() - 2..]);
        match (ends, remainder(right), remainder(slip)) {
            (["10", "01"], 1, _) | (["01", "10"], 10, _) => true,
            (_, before, after) => {
                right[..right.len() - 1] != slip[..slip.len() - 1]
                    && right.ends_with(&slip[slip.len() - 1..])
                    && before.max(after) == 1
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ascii_digits_of_the_right_number_are_read() {
        assert_eq!(exactly::<3>("907"), Some([9, 0, 7]));
        for wrong in ["", "90", "9075", " 907", "907 ", "+07", "9٣", "９07", "9o7"] {
            assert_eq!(exactly::<3>(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_remainder_of_zero_and_of_one_give_the_same_check_digit() {
        let check_digits: Vec<u32> = (0..11).map(check_digit).collect();
        assert_eq!(check_digits, [0, 0, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    }

    #[test]
    fn a_control_has_two_digits_whatever_the_length() {
        assert_eq!(control_97([1, 2, 3, 4, 1, 2]), "14");
        assert_eq!(control_97([0]), "98");
        assert_eq!(control_97([32]), control_97([3, 2]));
        assert_eq!(control_97(vec![9; 1000]).len(), 2);
    }

    #[test]
    fn a_mask_shows_the_last_four_digits() {
        assert_eq!(masked("123456"), "**3456");
        assert_eq!(masked("123"), "123");
    }

    #[test]
    fn the_slips_are_all_there() {
        assert_eq!(slips::all("112").len(), 28);
        assert_eq!(slips::neighbours_swapped("112"), [(1, "121".to_owned())]);
        assert_eq!(slips::digit("112", 2), 2);
    }
}
