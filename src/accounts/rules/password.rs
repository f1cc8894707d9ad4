//! What a new password must be: long enough, and none of those that are tried first. Nothing else is asked of it.
//!
//! NIST SP 800-63B-4, section 3.1.1.2: 15 characters where it is the only factor, 8 with another; no rules on the kinds
//! of characters; compared with what is commonly used, expected from the context, or repetitive and sequential.

use std::sync::LazyLock;

use crate::crypto::PasswordText;

/// A password that may be set. The typed text goes on unchanged.
pub struct Password(PasswordText);

/// What else is asked of the same person when they log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factors {
    Alone,
    WithTotp,
}

/// Why a password may not be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordProblem {
    #[error("at least {0} characters are needed")]
    TooShort(usize),
    #[error("at most {0} characters are possible")]
    TooLong(usize),
    #[error("this is one of the passwords that are tried first: choose something less expected")]
    Common,
}

/// The commonest passwords of 8 characters and more, in lower case, sorted by bytes: those of the 20,000 commonest of
/// leaks collected by Royce Williams (<https://gist.github.com/roycewilliams/226886fd01572964e1431ac8afc999ce>), as
/// Django 5.2 ships them (django/contrib/auth/common-passwords.txt.gz); entries beyond ASCII are damaged and left out.
static COMMON: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// What hands run along: digits, alphabets, rows and columns of keyboards. A run may go on from the end to the beginning.
const SEQUENCES: [&str; 9] = [
    "1234567890",
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "qwertzuiopšđasdfghjklčćžyxcvbnm",
    "љњертзуиопшђасдфгхјклчћжѕџцвбнм",
    "абвгдђежзијклљмнњопрстћуфхцчџш",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
];

/// Words that anybody expects here, longest first.
const CONTEXT: [&str; 9] =
    ["solidarnosti", "солидарности", "solidarnost", "солидарност", "solidarity", "kultura", "култура", "фонд", "fond"];

const MOST_CHARACTERS: usize = 1000;
/// A unit as short as this is no password however often it is repeated.
const LONGEST_UNIT: usize = 4;
const SHORTEST_RUN: usize = 4;
/// The shortest entry of the list.
const SHORTEST_LISTED: usize = 8;

impl Factors {
    /// The fewest characters (Unicode scalar values) of a password.
    pub fn least_characters(self) -> usize {
        match self {
            Self::Alone => 15,
            Self::WithTotp => 8,
        }
    }
}

impl Password {
    /// Checks a password that somebody chose. `email` is their own address, if known, which is no secret.
    ///
    /// # Errors
    /// The first problem there is. Upper and lower case are alike for the question whether it is common, and only there.
    pub fn new(text: PasswordText, factors: Factors, email: Option<&str>) -> Result<Self, PasswordProblem> {
        let length = text.as_str().chars().take(MOST_CHARACTERS.saturating_add(1)).count();
        let least = factors.least_characters();
        if length < least {
            return Err(PasswordProblem::TooShort(least));
        }
        if length > MOST_CHARACTERS {
            return Err(PasswordProblem::TooLong(MOST_CHARACTERS));
        }
        if is_common(text.as_str(), email) {
            return Err(PasswordProblem::Common);
        }
        Ok(Self(text))
    }

    /// The text, for hashing.
    pub fn into_text(self) -> PasswordText {
        self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Password(…)")
    }
}

fn is_common(text: &str, email: Option<&str>) -> bool {
    let letters = lower_case(text);
    is_repetition(&letters) || is_runs(&letters) || is_expected(&letters, email)
}

fn lower_case(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn is_listed(text: &[char]) -> bool {
    let text: String = text.iter().collect();
    COMMON.binary_search(&text.as_str()).is_ok()
}

/// Whether a text is a listed password, or begins again and again with one, or with a short unit. The last may be cut.
fn is_repetition(text: &[char]) -> bool {
    let repeats = |length: usize| text.iter().zip(text.iter().skip(length)).all(|(one, other)| one == other);
    (1..=LONGEST_UNIT).any(repeats)
        || (SHORTEST_LISTED..=text.len()).any(|length| repeats(length) && text.get(..length).is_some_and(is_listed))
}

/// Whether a text consists of runs along sequences, forwards or backwards.
fn is_runs(text: &[char]) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let run = longest_run(rest);
        let (true, Some(behind)) = (run >= SHORTEST_RUN, rest.get(run..)) else { return false };
        rest = behind;
    }
    true
}

/// The length of the longest run along one sequence with which a text begins.
fn longest_run(text: &[char]) -> usize {
    let along = |sequence: &str| {
        let forwards: Vec<char> = sequence.chars().collect();
        let backwards: Vec<char> = sequence.chars().rev().collect();
        run_along(text, &forwards).max(run_along(text, &backwards))
    };
    SEQUENCES.into_iter().map(along).max().unwrap_or(0)
}

fn run_along(text: &[char], sequence: &[char]) -> usize {
    let start = text.first().and_then(|first| sequence.iter().position(|letter| letter == first));
    let Some(start) = start else { return 0 };
    sequence.iter().cycle().skip(start).zip(text).take_while(|(expected, letter)| expected == letter).count()
}

/// Whether a text is made of nothing but context words and the person's own address, with digits around and signs between.
fn is_expected(text: &[char], email: Option<&str>) -> bool {
    let bare = |text: &[char]| -> String { text.iter().filter(|letter| letter.is_alphanumeric()).collect() };
    let email = email.map(lower_case).unwrap_or_default();
    let local = email.split(|letter| *letter == '@').next().map(bare).unwrap_or_default();
    let (email, text) = (bare(&email), bare(text));
    let own = [email.as_str(), &local, without_digits_around(&local)];
    let words: Vec<&str> = own.into_iter().filter(|word| !word.is_empty()).chain(CONTEXT).collect();
    is_made_of(&text, &words) || is_made_of(without_digits_around(&text), &words)
}

fn without_digits_around(text: &str) -> &str {
    text.trim_matches(|letter: char| letter.is_ascii_digit())
}

/// Whether a text is one of some words or several of them, one behind the other. An empty text is not.
fn is_made_of(text: &str, words: &[&str]) -> bool {
    let mut rest = text;
    while let Some(behind) = words.iter().find_map(|word| rest.strip_prefix(word)) {
        rest = behind;
    }
    rest.is_empty() && !text.is_empty()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EMAIL: Option<&str> = Some("Jovana.Petrovic84@primer.rs");

    fn check(text: &str, factors: Factors) -> Result<(), PasswordProblem> {
        Password::new(PasswordText::new(text.into()), factors, EMAIL).map(|_| ())
    }

    #[test]
    fn the_list_is_sorted_and_in_lower_case() {
        assert!(COMMON.is_sorted() && COMMON.len() > 8000);
        assert!(COMMON.iter().all(|entry| entry.len() >= SHORTEST_LISTED && *entry == entry.to_lowercase()));
    }

    #[test]
    fn length_is_counted_in_characters() {
        use Factors::{Alone, WithTotp};
        assert_eq!(check("šargarepa moja", Alone), Err(PasswordProblem::TooShort(15)));
        assert_eq!(check("šargarepa moja!", Alone), Ok(()));
        assert_eq!(check("šljiva7", WithTotp), Err(PasswordProblem::TooShort(8)));
        assert_eq!(check("šljiva 7", WithTotp), Ok(()));
        let long: String = "dugačka lozinka ".chars().cycle().take(1000).collect();
        assert_eq!(check(&long, Alone), Ok(()));
        assert_eq!(check(&format!("{long}x"), Alone), Err(PasswordProblem::TooLong(1000)));
    }

    #[test]
    fn what_is_tried_first_is_refused() {
        let common = [
            "passwordpassword",
            "PasswordPASSWORD",
            "1234567890qwertyuiop",
            "aaaaaaaaaaaaaaa",
            "abcabcabcabcabcabc",
            "123456789012345",
            "543210987654321",
            "qwertyuiopasdfgh",
            "poiuytrewqlkjhgf",
            "QWERTZuiopASDFGH",
            "abcdefghijklmnop",
            "1qaz2wsx3edc4rfv",
            "абвгдђежзијклљмн",
            "abcdefg87654321",
            "jovana.petrovic84",
            "jovana.petrovic84@primer.rs",
            "JovanaPetrovic84-2020",
            "fondfondfondfond",
            "Fond-Solidarnosti-2020",
            "solidarnostsolidarnost",
            "Фонд солидарности",
        ];
        for text in common {
            assert_eq!(check(text, Factors::Alone), Err(PasswordProblem::Common), "{text}");
        }
        for text in ["password", "Passw0rd", "12345678", "fond2020", "iloveyou", "abcdabcd"] {
            assert_eq!(check(text, Factors::WithTotp), Err(PasswordProblem::Common), "{text}");
        }
    }

    #[test]
    fn what_only_holds_such_a_part_is_right() {
        let right = [
            "correct horse battery staple",
            "mačka spava na krovu",
            "fond kupuje violinu",
            "jovana.petrovic84 voli more",
            "12345 pet crvenih lopti",
            "1234567 ptica na žici",
            "\0\0\0\0\u{1}\u{2}\u{3} zvezde sijaju",
        ];
        for text in right {
            assert_eq!(check(text, Factors::Alone), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let password = Password::new(PasswordText::new("mačka spava na krovu".into()), Factors::Alone, None).unwrap();
        assert_eq!(format!("{password:?}"), "Password(…)");
        assert_eq!(password.into_text().as_str(), "mačka spava na krovu");
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer_by_its_length(text in "\\PC{0,60}", email in proptest::option::of("\\PC{0,20}")) {
            let outcome = Password::new(PasswordText::new(text.clone()), Factors::Alone, email.as_deref());
            prop_assert_eq!(matches!(outcome, Err(PasswordProblem::TooShort(15))), text.chars().count() < 15);
            if let Ok(password) = outcome {
                let kept = password.into_text();
                prop_assert_eq!(kept.as_str(), text);
            }
        }

        #[test]
        fn a_short_unit_is_refused_however_often(unit in "\\PC{1,4}", length in 15..1000_usize) {
            // A letter may become two in lower case, and the unit longer.
            prop_assume!(unit.to_lowercase().chars().count() <= LONGEST_UNIT);
            let text: String = unit.chars().cycle().take(length).collect();
            prop_assert_eq!(check(&text, Factors::Alone), Err(PasswordProblem::Common));
        }

        #[test]
        fn a_listed_password_is_refused_however_often(at in 0..8000_usize, times in 1..5_usize, is_upper: bool) {
            let text = COMMON[at].repeat(times);
            let text = if is_upper { text.to_uppercase() } else { text };
            prop_assert_eq!(check(&text, Factors::WithTotp), Err(PasswordProblem::Common));
        }

        #[test]
        fn a_run_is_refused_wherever_it_begins(
            sequence in 0..SEQUENCES.len(), start in 0..40_usize, length in 15..60_usize, is_backwards: bool,
        ) {
            let mut letters: Vec<char> = SEQUENCES[sequence].chars().collect();
            if is_backwards {
                letters.reverse();
            }
            let text: String = letters.iter().cycle().skip(start).take(length).collect();
            prop_assert_eq!(check(&text, Factors::Alone), Err(PasswordProblem::Common));
        }

        #[test]
        fn five_random_words_are_right(words in proptest::collection::vec("[bdgkmnprst][aeiou][a-z]{4}", 5)) {
            prop_assume!(words.windows(2).any(|pair| pair[0] != pair[1]));
            prop_assert_eq!(check(&words.join(" "), Factors::Alone), Ok(()));
        }
    }
}
