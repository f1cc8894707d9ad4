//! Serbian Cyrillic written as Serbian Latin, letter by letter, with the casing people use.

use unicode_normalization::char::is_combining_mark;

/// The text in Serbian Latin with its diacritics; all but the thirty letters of Serbian Cyrillic stays as it is.
///
/// Љ, Њ and Џ become two capitals among capitals (ЉУБАВ, КОЊ), else one (Љубав, the initial Њ.).
/// Source: the correspondence of the two alphabets in the Pravopis.
pub fn latin(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if let Some(letters) = small_letters(character) {
            written.push_str(letters);
        } else if let Some(letters) = character.to_lowercase().next().and_then(small_letters) {
            let after = rest.clone().find(is_base);
            written.push_str(&capital(letters, is_among_capitals(before, after)));
        } else {
            written.push(character);
        }
        // An accent over a letter does not separate it from its neighbours.
        before = Some(character).filter(is_base).or(before);
    }
    written
}

fn is_base(character: &char) -> bool {
    !is_combining_mark(*character)
}

/// The letter that follows decides; at the end of a word, the one before.
fn is_among_capitals(before: Option<char>, after: Option<char>) -> bool {
    let neighbour = after.filter(|character| character.is_alphabetic()).or(before);
    neighbour.is_some_and(char::is_uppercase)
}

fn capital(letters: &str, is_among_capitals: bool) -> String {
    if is_among_capitals {
        return letters.to_uppercase();
    }
    let mut letters = letters.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

fn small_letters(cyrillic: char) -> Option<&'static str> {
    Some(match cyrillic {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' => "g",
        'д' => "d",
        'ђ' => "đ",
        'е' => "e",
        'ж' => "ž",
        'з' => "z",
        'и' => "i",
        'ј' => "j",
        'к' => "k",
        'л' => "l",
        'љ' => "lj",
        'м' => "m",
        'н' => "n",
        'њ' => "nj",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'ћ' => "ć",
        'у' => "u",
        'ф' => "f",
        'х' => "h",
        'ц' => "c",
        'ч' => "č",
        'џ' => "dž",
        'ш' => "š",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_alphabets_in_full() {
        let cyrillic = "абвгдђежзијклљмнњопрстћуфхцчџш";
        let written = "abvgdđežzijklljmnnjoprstćufhcčdžš";
        assert_eq!(latin(cyrillic), written);
        assert_eq!(latin(&cyrillic.to_uppercase()), written.to_uppercase());
    }

    #[test]
    fn digraphs_take_the_case_of_their_word() {
        let words = [
            ("Љубав", "Ljubav"),
            ("ЉУБАВ", "LJUBAV"),
            ("љубав", "ljubav"),
            ("КОЊ", "KONJ"),
            ("КОЊ!", "KONJ!"),
            ("Љ", "Lj"),
            ("Џ. Њ. Ђорђевић", "Dž. Nj. Đorđević"),
            ("ЊЕГОШ и Његош", "NJEGOŠ i Njegoš"),
            ("БИЉАНА ЏАЏИЋ-ЉУТИЋ", "BILJANA DŽADŽIĆ-LJUTIĆ"),
            ("ЉЉ", "LJLJ"),
            ("Љ\u{301}УБАВ КО\u{301}Њ\u{301}", "LJ\u{301}UBAV KO\u{301}NJ\u{301}"),
            ("Љ\u{301}убав", "Lj\u{301}ubav"),
        ];
        for (cyrillic, written) in words {
            assert_eq!(latin(cyrillic), written);
        }
    }

    #[test]
    fn of_all_characters_sixty_change() {
        let changed = ('\0'..=char::MAX).filter(|character| {
            let text = character.to_string();
            latin(&text) != text
        });
        assert_eq!(changed.count(), 60);
    }

    proptest! {
        #[test]
        fn what_has_no_serbian_cyrillic_stays(text in "[^а-ик-шА-ИК-ШђјљњћџЂЈЉЊЋЏ]*") {
            prop_assert_eq!(latin(&text), text);
        }

        /// So does a text of capitals: two letters at least, for a lone Љ is an initial.
        #[test]
        fn case_and_script_can_change_in_either_order(words in "([а-ик-шђјљњћџ]{2,9}[ .,-]){1,5}") {
            prop_assert_eq!(latin(&words.to_uppercase()), latin(&words).to_uppercase());
            prop_assert_eq!(latin(&words.to_uppercase()).to_lowercase(), latin(&words));
        }

        #[test]
        fn no_serbian_cyrillic_is_left(text in any::<String>(), serbian in "[а-ик-шђјљњћџА-ИК-ШЂЈЉЊЋЏ]*") {
            let written = latin(&format!("{serbian}{text}"));
            prop_assert_eq!(latin(&written), written);
        }
    }
}
