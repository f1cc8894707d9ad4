//! Texts of one line: names, codes, what a bank calls a payment.

use serde_json::Value;

use super::{Field, Wrong, text};
use crate::language::is_hidden;

/// A text of one line with at most `MOST` characters, all of which can be seen: what is turned around, or holds what nobody
/// sees, is another name than it looks.
pub struct Line<const MOST: usize>(pub String);

impl<const MOST: usize> Field for Line<MOST> {
    fn read(value: &Value) -> Result<Self, Wrong> {
        line(value, MOST).map(Self)
    }
}

/// A text of one line, with a greatest number of characters; blank counts as missing.
///
/// # Errors
/// `control_character` for a line break within it and for every sign that is not seen, and what [`text`] refuses.
pub fn line(value: &Value, most: usize) -> Result<String, Wrong> {
    let text = text(value, most)?;
    if text.contains(|sign: char| sign == '\n' || is_hidden(sign)) {
        return Err(("control_character", None));
    }
    Ok(text)
}

/// A telephone number, as people write it.
pub struct Phone(pub String);

impl Phone {
    const LONGEST: usize = 40;
    const SIGNS: &str = "+-/(). ";
    /// The shortest local numbers have five digits; with what is dialled before it none has more than twenty.
    const DIGITS: std::ops::RangeInclusive<usize> = 5..=20;
}

impl Field for Phone {
    /// A no-break space and the dashes of word processors are taken as blanks and hyphens.
    fn read(value: &Value) -> Result<Self, Wrong> {
        let number =
            line(value, Self::LONGEST)?.replace(['\u{a0}', '\u{202f}'], " ").replace(['\u{2011}', '\u{2013}'], "-");
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        let is_number = number.chars().all(|sign| sign.is_ascii_digit() || Self::SIGNS.contains(sign));
        if is_number && Self::DIGITS.contains(&digits) { Ok(Self(number)) } else { Err(("phone", None)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_they_are_written_are_lines() {
        for right in
            ["Žan-Žak O'Nil", "Жан-Жак О’Нил", "Ана  Марија", "  Ana\t", "Ł. Đ. (mlađi) & co.", "नमस्ते", "O\u{301}"]
        {
            assert!(Line::<40>::read(&right.into()).is_ok(), "{right}");
        }
    }

    #[test]
    fn what_is_not_seen_is_refused_and_so_is_a_second_line() {
        for hidden in [
            "\u{202e}abc",
            "x\u{200b}x",
            "a\nb",
            "a\r\nb",
            "a\rb",
            "Q\u{202e}\u{200b}1",
            "a\0b",
            "\u{feff}a",
            "a\u{ad}b",
        ] {
            let wrong = Line::<40>::read(&hidden.into()).err();
            assert_eq!(wrong, Some(("control_character", None)), "{hidden:?}");
        }
        assert_eq!(Line::<2>::read(&"abc".into()).err().unwrap().0, "too_long");
        assert_eq!(Line::<2>::read(&" \n".into()).err().unwrap().0, "missing");
    }

    #[test]
    fn a_telephone_number_has_digits() {
        for right in [
            "+381600000000",
            "+381 60 000 0000",
            "060/123-45-67",
            "(011) 2.345.678",
            "12345",
            " 011\u{a0}123\u{2013}45 ",
        ] {
            assert!(Phone::read(&right.into()).is_ok(), "{right}");
        }
        let long = "1".repeat(21);
        for wrong in ["CANARY", "=cmd|x!A1", "1234", long.as_str(), "+381 60 abc 0000", "060,1234567", "٠١٢٣٤٥", "+-/"]
        {
            assert_eq!(Phone::read(&wrong.into()).err(), Some(("phone", None)), "{wrong}");
        }
    }
}
