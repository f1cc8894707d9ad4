//! Folding of names: one plain form for whatever script, case and accents somebody typed, to compare by.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::script::latin;

/// The folded form: small Latin letters and digits without marks, words parted by one space; may be empty.
///
/// Rule: cases/README.md, Folding. Ђорђе, Đorđe and Djordje are one, and so are NFC and NFD.
/// Letters of other alphabets stay. Folding what is folded changes nothing.
pub fn fold(text: &str) -> String {
    let small = small(text);
    let bare = without_marks(&latin(&small));
    words(&bare.replace('đ', "dj"))
}

/// Decomposed before the case falls, or ℡ would come apart into capitals afterwards; and letter by letter,
/// because `str::to_lowercase` looks at the neighbours of a Σ.
fn small(text: &str) -> String {
    text.nfkd().flat_map(char::to_lowercase).collect()
}

fn without_marks(text: &str) -> String {
    text.nfkd().filter(|character| !is_combining_mark(*character)).collect()
}

fn words(text: &str) -> String {
    let words = text.split(|character: char| !character.is_alphanumeric());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Text as the fund meets it: both alphabets, their digraph code points, bare accents, punctuation.
    const SERBIAN: &str = "[a-zA-Zа-ик-шА-ИК-ШђјљњћџЂЈЉЊЋЏčćđšžČĆĐŠŽǄ-ǌ0-9 .,'’\u{300}-\u{30c}-]{0,40}";

    #[test]
    fn every_spelling_of_a_name_is_one() {
        let names = [
            ("djordje", vec!["Ђорђе", "Đorđe", "Djordje", "ЂОРЂЕ", "đorđe"]),
            ("dzadzic", vec!["Џаџић", "Džadžić", "DŽADŽIĆ", "ǅaǆić", "Dzadzic"]),
            ("ljubav njegos", vec!["Љубав Његош", "ǈubav ǋegoš", "ǇUBAV ǊEGOŠ", "ljubav-njegoš"]),
            ("zivkovic simic", vec!["Живковић-Шимић", "  Živković \t Šimić.", "ŽIVKOVIĆ (ŠIMIĆ)"]),
            ("cacak", vec!["Чачак", "Čačak", "C\u{30c}ac\u{30c}ak", "ćaćak"]),
        ];
        for (folded, spellings) in names {
            for spelling in spellings {
                assert_eq!(fold(spelling), folded, "{spelling}");
            }
        }
    }

    #[test]
    fn the_whole_alphabet_folds() {
        let folded = "abvgddjezzijklljmnnjoprstcufhccdzs";
        assert_eq!(fold("абвгдђежзијклљмнњопрстћуфхцчџш"), folded);
        assert_eq!(fold("АБВГДЂЕЖЗИЈКЛЉМНЊОПРСТЋУФХЦЧЏШ"), folded);
    }

    #[test]
    fn oddities_have_one_answer() {
        let oddities = [
            ("", ""),
            (" .-\u{301} ", ""),
            ("A1-b2", "a1 b2"),
            ("℡ № ½", "tel no 1 2"),
            ("ΑΣ Σ", "ασ σ"),
            ("İstanbul", "istanbul"),
            ("ﬁlm", "film"),
            ("К\u{301}уља", "kulja"),
            ("Петров й ѓ щ", "petrov i g щ"),
            ("Иван Żółć", "ivan zołc"),
        ];
        for (text, folded) in oddities {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    /// No character left out, so none can surprise; where characters meet is for the properties below.
    #[test]
    fn every_character_folds_for_good() {
        let characters: Vec<char> = ('\0'..=char::MAX).collect();
        for block in characters.chunks(256) {
            let text: String = block.iter().flat_map(|character| [*character, ' ']).collect();
            let folded = fold(&text);
            assert_eq!(fold(&folded), folded);
        }
    }

    proptest! {
        #[test]
        fn folding_is_idempotent(text in any::<String>(), serbian in SERBIAN) {
            let folded = fold(&format!("{text}{serbian}{text}"));
            prop_assert_eq!(fold(&folded), folded);
        }

        #[test]
        fn only_words_with_single_spaces_are_left(text in any::<String>(), serbian in SERBIAN) {
            let folded = fold(&format!("{text}{serbian}"));
            prop_assert!(folded.split(' ').all(|word| folded.is_empty() || !word.is_empty()));
            prop_assert!(folded.chars().all(|character| character == ' ' || character.is_alphanumeric()));
        }

        #[test]
        fn serbian_text_becomes_plain_ascii(serbian in SERBIAN) {
            let folded = fold(&serbian);
            prop_assert!(folded.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | ' ')), "{}", folded);
        }

        #[test]
        fn both_scripts_fold_alike(text in any::<String>(), serbian in SERBIAN) {
            let mixed = format!("{serbian}{text}{serbian}");
            prop_assert_eq!(fold(&latin(&mixed)), fold(&mixed));
        }

        #[test]
        fn composed_and_decomposed_fold_alike(text in any::<String>(), serbian in SERBIAN) {
            let mixed = format!("{serbian}{text}");
            let composed: [String; 2] = [mixed.nfc().collect(), mixed.nfkc().collect()];
            let decomposed: [String; 2] = [mixed.nfd().collect(), mixed.nfkd().collect()];
            let mut forms = composed.iter().chain(&decomposed);
            prop_assert!(forms.all(|form| fold(form) == fold(&mixed)), "{}", mixed);
        }

        #[test]
        fn case_does_not_matter(serbian in SERBIAN) {
            prop_assert_eq!(fold(&serbian.to_uppercase()), fold(&serbian));
            prop_assert_eq!(fold(&serbian.to_lowercase()), fold(&serbian));
        }
    }
}
