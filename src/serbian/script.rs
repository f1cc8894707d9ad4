//! Serbian Cyrillic written as Serbian Latin, letter by letter, with the casing people use; and the way back, by word.

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

/// Serbian Latin in Cyrillic, word by word. What is no Serbian word stays as it is: names with q, w, x or y, addresses,
/// Roman numbers. A foreign word made of Serbian letters alone cannot be told from a Serbian one.
///
/// lj, nj and dž are one letter, but where two parts of a word meet: those beginnings are listed. Source: the Pravopis.
pub fn cyrillic(text: &str) -> String {
    let mut written = String::with_capacity(text.len().saturating_mul(2));
    for token in text.split_inclusive(char::is_whitespace) {
        if ["@", "://", "www."].iter().any(|mark| token.contains(mark)) {
            written.push_str(token);
            continue;
        }
        let mut rest = token;
        while let Some(start) = rest.find(char::is_alphabetic) {
            let (before, from_word) = rest.split_at(start);
            let end = from_word.find(|letter: char| !letter.is_alphabetic() && !is_combining_mark(letter));
            let (word, behind) = from_word.split_at(end.unwrap_or(from_word.len()));
            written.push_str(before);
            written.push_str(&cyrillic_word(word));
            rest = behind;
        }
        written.push_str(rest);
    }
    written
}

/// Where d and ž, n and j are two letters: as the word begins.
const PARTED: [&str; 13] = [
    "nadživ",
    "nadžnj",
    "nadžup",
    "odživ",
    "odžal",
    "odžvak",
    "podžanr",
    "podžup",
    "predživot",
    "injekc",
    "konjug",
    "konjunk",
    "vanjezič",
];

fn cyrillic_word(word: &str) -> String {
    let small: String = word.to_lowercase();
    let is_roman = word.chars().count() > 1 && word.chars().all(|letter| "IVX".contains(letter));
    let is_serbian = |letter: char| "abcčćdđefghijklmnoprsštuvzž".contains(letter) || is_combining_mark(letter);
    if is_roman || !small.chars().all(|letter| is_serbian(letter) || small_letters(letter).is_some()) {
        return word.to_owned();
    }
    let is_parted = PARTED.iter().any(|beginning| small.starts_with(beginning));
    let mut parted_left = is_parted;
    let mut written = String::with_capacity(word.len().saturating_mul(2));
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        let first = letter.to_lowercase().next().unwrap_or(letter);
        let second = letters.peek().and_then(|letter| letter.to_lowercase().next());
        let pair = match (first, second) {
            ('l', Some('j')) => Some('љ'),
            ('n', Some('j')) => Some('њ'),
            ('d', Some('ž')) => Some('џ'),
            _ => None,
        };
        let taken = match pair {
            Some(_) if parted_left && first != 'l' => {
                parted_left = false;
                small_cyrillic(first)
            }
            Some(pair) => {
                letters.next();
                Some(pair)
            }
            None => small_cyrillic(first),
        };
        match taken {
            Some(small) if letter.is_uppercase() => written.extend(small.to_uppercase()),
            Some(small) => written.push(small),
            None => written.push(letter),
        }
    }
    written
}

fn small_cyrillic(letter: char) -> Option<char> {
    let (from, to) = ("abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш");
    from.chars().zip(to.chars()).find(|(latin, _)| *latin == letter).map(|(_, cyrillic)| cyrillic)
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
    fn latin_becomes_cyrillic_by_word() {
        let words = [
            ("Javni poziv za jednokratnu solidarnu pomoć 2020", "Јавни позив за једнократну солидарну помоћ 2020"),
            ("Ljubav, NJEGOŠ i Džep", "Љубав, ЊЕГОШ и Џеп"),
            ("Udruženje Dah teatar (Đorđe)", "Удружење Дах театар (Ђорђе)"),
            ("nadživeti Injekcija konjunktura", "надживети Инјекција конјунктура"),
            ("nadživeti nj", "надживети њ"),
            ("po članu 9. stav II, XX vek", "по члану 9. став II, XX век"),
            ("Foundation Wayne i BAZAART", "Фоундатион Wayne и БАЗААРТ"),
            ("pišite na Fond@example.org ili https://a.rs/b", "пишите на Fond@example.org или https://a.rs/b"),
            ("već ћирилица i Ǆ", "већ ћирилица и Ǆ"),
        ];
        for (latin, written) in words {
            assert_eq!(cyrillic(latin), written);
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

        /// Where no letter is two of the other alphabet the way back gives the same.
        #[test]
        fn there_and_back_is_the_same(text in "([абвгдђежзијклмопрстћуфхцчш]{2,9}[ .,-]){1,5}") {
            prop_assume!(!latin(&text).contains("lj") && !latin(&text).contains("dž"));
            prop_assert_eq!(cyrillic(&latin(&text)), text);
        }

        #[test]
        fn no_text_makes_it_fail(text in any::<String>()) {
            cyrillic(&text);
        }

        #[test]
        fn no_serbian_cyrillic_is_left(text in any::<String>(), serbian in "[а-ик-шђјљњћџА-ИК-ШЂЈЉЊЋЏ]*") {
            let written = latin(&format!("{serbian}{text}"));
            prop_assert_eq!(latin(&written), written);
        }
    }
}
