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

/// What says that a street or a number follows, and is written or left out.
const FILLERS: [&str; 7] = ["ul", "ulica", "br", "broj", "st", "stan", "no"];
/// What is shortened, and the whole word.
const SHORTENED: [(&str, &str); 3] = [("bul", "bulevar"), ("bulv", "bulevar"), ("blvd", "bulevar")];
/// Of a postal code of Serbia.
const POSTAL_DIGITS: usize = 5;

/// The folded form of a street with its numbers, for the ways in which one address is written: with and without “ul.”, “br.”
/// and “stan”, “11a” and “11 A”, “Bul.” and “Bulevar”, with the postal code and the place behind it or without.
pub fn fold_address(text: &str) -> String {
    let parted = part_digits(&fold(text));
    let words = parted.split(' ').filter(|word| !word.is_empty());
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let mut has_number = false;
    // A postal code stands behind the number of the house, and what follows it is the place.
    let street = words.take_while(|word| {
        let is_postal = has_number && word.len() == POSTAL_DIGITS && is_number(word);
        has_number |= is_number(word);
        !is_postal
    });
    let kept: Vec<&str> = street.filter(|word| !FILLERS.contains(word)).map(unshortened).collect();
    // An address of nothing but such words is compared as it is.
    if kept.is_empty() { parted } else { kept.join(" ") }
}

fn unshortened(word: &str) -> &str {
    SHORTENED.iter().find(|(short, _)| *short == word).map_or(word, |(_, whole)| whole)
}

/// Parts digits from the letters that they touch.
fn part_digits(folded: &str) -> String {
    let mut parted = String::with_capacity(folded.len());
    let mut before = ' ';
    for character in folded.chars() {
        let is_digit = |character: char| character.is_ascii_digit();
        if character != ' ' && before != ' ' && is_digit(character) != is_digit(before) {
            parted.push(' ');
        }
        parted.push(character);
        before = character;
    }
    parted
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
    fn every_way_to_write_an_address_is_one() {
        let addresses = [
            ("kneza milosa 41 7", vec!["Kneza Miloša 41, stan 7", "Kneza Miloša 41/7", "ul. Kneza Miloša br. 41/7"]),
            ("kneza mihaila 8", vec!["Kneza Mihaila br.8", "Улица кнеза Михаила бр. 8", "KNEZA MIHAILA 8"]),
            ("cara dusana 11 a", vec!["Cara Dušana 11a", "Cara Dušana 11 A", "Цара Душана 11А"]),
            ("cara lazara 12", vec!["Cara Lazara 12, 11000 Pirot", "Cara Lazara 12", "Cara Lazara br 12, 18300"]),
            ("bulevar oslobodjenja 13", vec!["Bul. Oslobođenja 13", "Bulevar oslobođenja 13"]),
            ("mala bb", vec!["Mala bb", "ul. Mala, BB"]),
            ("ulica", vec!["Ulica"]),
            ("21000 novi sad", vec!["21000 Novi Sad"]),
            ("mala 00012", vec!["Mala 00012"]),
            ("", vec!["", " , "]),
        ];
        for (folded, spellings) in addresses {
            for spelling in spellings {
                assert_eq!(fold_address(spelling), folded, "{spelling}");
            }
        }
        assert_ne!(fold_address("Kneza Miloša 41"), fold_address("Kneza Miloša 417"));
        assert_ne!(fold_address("Kneza Miloša 41"), fold_address("Kneza Miloša 41/7"));
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
        fn folding_an_address_is_idempotent(serbian in SERBIAN) {
            let folded = fold_address(&serbian);
            prop_assert_eq!(fold_address(&folded), folded);
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
