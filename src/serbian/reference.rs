//! The poziv na broj of model 97: a payment reference that carries its own control in front.

use super::digits;

const MODEL: &str = "97";

/// The reference with its control, without the model.
const LONGEST: usize = 23;

/// A payment reference of model 97 with the right control, at most 23 characters of 0-9 and A-Z.
///
/// Hyphens and spaces are only for the eye: dropped wherever a reference is read, not counted, never written.
/// Two references are therefore equal exactly if a bank takes them for the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    control_and_number: String,
}

/// Why a text is not a payment reference of model 97.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    #[error("the payment reference is not of model 97")]
    OtherModel,
    #[error("the payment reference holds something else than 0-9, A-Z, hyphens and spaces")]
    ForbiddenCharacter,
    #[error("the payment reference has no number after its control")]
    TooShort,
    #[error("the payment reference is longer than 23 characters with its control")]
    TooLong,
    #[error("the control of the payment reference is wrong")]
    WrongControl,
}

impl Reference {
    /// The reference for a number of ours, 1 to 21 characters: computes the control and puts it in front.
    ///
    /// Control = 98 − (n × 100 mod 97), letters A=10 … Z=35 (fund.md, Serbian formats; ISO 7064 MOD 97-10).
    /// Small letters are refused, bank files are upper case.
    pub fn of(number: &str) -> Result<Reference, ReferenceError> {
        let number = without_separators(number);
        let control = digits::control_97(values(&number)?);
        sized(format!("{control}{number}"))
    }

    /// Reads a reference as printed on a slip, model first: `97 14123412` or `9714123412`.
    pub fn parse(text: &str) -> Result<Reference, ReferenceError> {
        let reference = text.strip_prefix(MODEL).ok_or(ReferenceError::OtherModel)?;
        Reference::parse_without_model(reference)
    }

    /// Reads a reference from a place that keeps the model apart, as bank statements do: `14123412`.
    ///
    /// The control must be the one that [`Reference::of`] computes; 00, 01 and 99 are never right.
    pub fn parse_without_model(text: &str) -> Result<Reference, ReferenceError> {
        let reference = without_separators(text);
        values(&reference)?;
        let Reference { control_and_number } = sized(reference)?;
        let number = control_and_number.get(2..).ok_or(ReferenceError::TooShort)?;
        let right = Reference::of(number)?;
        if right.control_and_number != control_and_number {
            return Err(ReferenceError::WrongControl);
        }
        Ok(right)
    }

    /// Control and number: `14123412`.
    pub fn without_model(&self) -> &str {
        &self.control_and_number
    }

    /// Model, control and number in one, at most 25 characters, for QR codes and files: `9714123412`.
    pub fn with_model(&self) -> String {
        format!("{MODEL}{}", self.control_and_number)
    }

    /// As people copy it from a screen: `97 14123412`.
    pub fn written(&self) -> String {
        format!("{MODEL} {}", self.control_and_number)
    }
}

fn without_separators(text: &str) -> String {
    text.replace(['-', ' '], "")
}

/// What each character counts, from 0 to 35.
fn values(text: &str) -> Result<Vec<u32>, ReferenceError> {
    let value = |character: char| match character {
        '0'..='9' | 'A'..='Z' => character.to_digit(36),
        _ => None,
    };
    let values: Option<Vec<u32>> = text.chars().map(value).collect();
    values.ok_or(ReferenceError::ForbiddenCharacter)
}

fn sized(control_and_number: String) -> Result<Reference, ReferenceError> {
    match control_and_number.len() {
        ..=2 => Err(ReferenceError::TooShort),
        3..=LONGEST => Ok(Reference { control_and_number }),
        _ => Err(ReferenceError::TooLong),
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::super::digits::slips;
    use super::*;

    /// Letters written out as two digits, control at the end: whole and right if it leaves 1.
    fn remainder(control_and_number: &str) -> u32 {
        let (control, number) = control_and_number.split_at(2);
        let value = |character: char| character.to_digit(36).unwrap().to_string();
        let spelled: String = number.chars().map(value).collect();
        let append = |remainder, digit: char| (remainder * 10 + digit.to_digit(10).unwrap()) % 97;
        format!("{spelled}{control}").chars().fold(0, append)
    }

    #[test]
    fn the_published_reference_is_built_and_read() {
        let reference = Reference::of("123412").unwrap();
        assert_eq!(reference.written(), "97 14123412");
        assert_eq!(reference.with_model(), "9714123412");
        assert_eq!(reference.without_model(), "14123412");
        for text in ["97 14123412", "9714123412", "97 14-1234-12", "97-14 123412"] {
            assert_eq!(Reference::parse(text).as_ref(), Ok(&reference), "{text}");
        }
        assert_eq!(Reference::parse_without_model("14-123412"), Ok(reference));
    }

    #[test]
    fn each_reason_is_told() {
        use ReferenceError::{ForbiddenCharacter, OtherModel, TooLong, TooShort, WrongControl};
        let built = |text: &str| Reference::of(text).unwrap_err();
        let parsed = |text: &str| Reference::parse(text).unwrap_err();
        for text in ["", "14123412", "00 14123412", " 97 14123412"] {
            assert_eq!(parsed(text), OtherModel, "{text}");
        }
        for text in ["97 14a", "97 14/3", "97 14ŠIFRA", "97 1２", "97 1\t2"] {
            let errors = [built(text), parsed(text)];
            assert_eq!(errors, [ForbiddenCharacter; 2], "{text}");
        }
        assert_eq!(built(" - "), TooShort);
        assert_eq!(["97", "97 98"].map(parsed), [TooShort; 2]);
        assert_eq!(built("1234567890123456789012"), TooLong);
        assert_eq!(parsed("97 999999999999999999999999"), TooLong);
        assert_eq!(parsed("97 15123412"), WrongControl);
    }

    proptest! {
        /// Of the hundred controls one fits, so 00, 01 and 99 never.
        #[test]
        fn what_is_built_is_read_and_nothing_else(number in "[0-9A-Z]{1,21}") {
            let right = Reference::of(&number).unwrap();
            prop_assert_eq!(remainder(right.without_model()), 1);
            prop_assert!(right.with_model().len() <= 25);
            let texts = (0..100).map(|control| format!("97 {control:02}{number}"));
            let read: Vec<String> = texts.filter(|text| Reference::parse(text).is_ok()).collect();
            prop_assert_eq!(read, [right.written()]);
        }

        /// A digit for a digit or a letter for a letter is always seen; one for the other moves what stands
        /// before it by a place, and is seen unless 97 happens to divide the difference.
        #[test]
        fn a_wrong_character_is_seen_unless_97_divides_the_difference(number in "[0-9A-Z]{1,21}") {
            let right = Reference::of(&number).unwrap().control_and_number;
            for (position, before) in right.char_indices() {
                let letters = ('A'..='Z').filter(|_| position > 1);
                for after in ('0'..='9').chain(letters).filter(|after| *after != before) {
                    let slip = slips::replaced(&right, position, &after.to_string());
                    let is_same_kind = before.is_ascii_digit() == after.is_ascii_digit();
                    let is_unseen = !is_same_kind && remainder(&slip) == 1;
                    let is_read = Reference::parse_without_model(&slip).is_ok();
                    prop_assert_eq!(is_read, is_unseen, "{} for {}", slip, right);
                }
            }
        }

        /// Digit d and letter L swap unseen exactly if 11 d = L, for both orders spell the same digits.
        #[test]
        fn swapped_characters_are_seen_but_for_three_pairs(number in "[0-9A-Z]{1,19}[1-3][BMX]") {
            let right = Reference::of(&number).unwrap().control_and_number;
            for (position, slip) in slips::neighbours_swapped(&right) {
                let pair = slip.get(position..position + 2).unwrap();
                let is_twin = ["1B", "B1", "2M", "M2", "3X", "X3"].contains(&pair);
                let is_read = Reference::parse_without_model(&slip).is_ok();
                prop_assert_eq!(is_read, is_twin && position > 1, "{} for {}", slip, right);
            }
        }
    }
}
