//! The languages of people: which one a request asks for, and the texts in it.

mod signs;
mod texts;

use std::cmp::Reverse;

pub use signs::is_hidden;
pub use texts::{Texts, text};

crate::text_enum! {
    /// Serbian in either script, and English. Texts in the Latin script are derived from the Cyrillic ones.
    pub enum Language {
        SerbianCyrillic => "sr-Cyrl",
        SerbianLatin => "sr-Latn",
        English => "en",
    }
}

/// What is given to those who do not say: most phones in Serbia are set to the Latin script.
impl Default for Language {
    fn default() -> Self {
        Self::SerbianLatin
    }
}

/// The order in which `*` is answered.
const PREFERENCE: [Language; 3] = [Language::SerbianLatin, Language::SerbianCyrillic, Language::English];

impl Language {
    /// The language for an Accept-Language header (RFC 9110, 12.5.4): the highest weight, then the first named.
    ///
    /// Without the header the default; where it names only languages that are not here, English. Ranges that cannot be
    /// read are passed over, so that no header makes a request fail.
    pub fn negotiate(accept_language: Option<&str>) -> Self {
        let header = accept_language.map(str::trim).filter(|header| !header.is_empty());
        let Some(header) = header else { return Self::default() };
        let asked: Vec<(&str, u16)> = header.split(',').filter_map(weighted).collect();
        let is_excluded =
            |language: &Self| asked.iter().any(|(tag, q)| *q == 0 && Self::of_tag(tag) == Some(*language));

        let mut wanted: Vec<(&str, u16)> = asked.iter().copied().filter(|(_, q)| *q > 0).collect();
        wanted.sort_by_key(|(_, q)| Reverse(*q));
        let named = |tag: &str| match tag {
            "*" => PREFERENCE.into_iter().find(|language| !is_excluded(language)),
            tag => Self::of_tag(tag),
        };
        let refuge = if is_excluded(&Self::English) { Self::default() } else { Self::English };
        wanted.into_iter().find_map(|(tag, _)| named(tag)).unwrap_or(refuge)
    }

    /// The language of a tag such as `sr-Latn-RS`; whoever reads Croatian, Bosnian or Montenegrin reads Serbian in Latin.
    fn of_tag(tag: &str) -> Option<Self> {
        let tag = tag.to_ascii_lowercase();
        let mut parts = tag.split('-');
        let primary = parts.next()?;
        let parts: Vec<&str> = parts.collect();
        match primary {
            "en" => Some(Self::English),
            "sr" | "sh" | "hr" | "bs" | "cnr" if parts.contains(&"latn") => Some(Self::SerbianLatin),
            "sr" | "sh" | "hr" | "bs" | "cnr" if parts.contains(&"cyrl") => Some(Self::SerbianCyrillic),
            "sr" if !parts.contains(&"me") => Some(Self::SerbianCyrillic),
            "sr" | "sh" | "hr" | "bs" | "cnr" => Some(Self::SerbianLatin),
            _ => None,
        }
    }
}

/// A range and its weight in thousandths: `sr-Latn;q=0.8`. A weight that cannot be read gives none.
fn weighted(range: &str) -> Option<(&str, u16)> {
    match range.split_once(';') {
        None => Some((range.trim(), 1000)),
        Some((tag, parameter)) => {
            let (name, value) = parameter.split_once('=')?;
            let is_weight = name.trim().eq_ignore_ascii_case("q");
            is_weight.then(|| thousandths(value.trim())).flatten().map(|q| (tag.trim(), q))
        }
    }
}

/// `qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )`.
fn thousandths(value: &str) -> Option<u16> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let is_shaped = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let fraction: u16 = format!("{fraction:0<3}").parse().ok().filter(|_| is_shaped)?;
    match whole {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn who_asks_for_what_gets_what() {
        use Language::{English, SerbianCyrillic, SerbianLatin};
        let cases = [
            ("", SerbianLatin),
            ("*", SerbianLatin),
            ("sr", SerbianCyrillic),
            ("sr-RS", SerbianCyrillic),
            ("sr-Cyrl", SerbianCyrillic),
            ("sr-Cyrl-ME", SerbianCyrillic),
            ("SR-LATN", SerbianLatin),
            ("sr-Latn-RS,sr;q=0.9", SerbianLatin),
            ("sr-ME", SerbianLatin),
            ("hr", SerbianLatin),
            ("bs-BA", SerbianLatin),
            ("cnr", SerbianLatin),
            ("en", English),
            ("en-GB,sr;q=0.5", English),
            ("en;q=0.5, sr;q=0.501", SerbianCyrillic),
            ("en;q=0.5,sr-Latn;q=0.5", English),
            ("de", English),
            ("de, fr;q=0.9", English),
            ("de, *;q=0.1", SerbianLatin),
            ("sr-Latn;q=0, *", SerbianCyrillic),
            ("sr-Latn;q=0, sr;q=0, *", English),
            ("sr;q=0", English),
            ("en;q=0", SerbianLatin),
            ("en;q=0.000, sr ; q=0.1", SerbianCyrillic),
            ("en;q=2, sr", SerbianCyrillic),
            ("en;q=1.001, sr;q=0.1", SerbianCyrillic),
            ("en;level=1, sr;q=0.1", SerbianCyrillic),
            (";;;,,q=1", English),
            ("english", English),
        ];
        for (header, language) in cases {
            assert_eq!(Language::negotiate(Some(header)), language, "{header}");
        }
        assert_eq!(Language::negotiate(None), SerbianLatin);
    }

    #[test]
    fn weights_are_those_of_the_rfc() {
        for (text, weight) in [("0", 0), ("1", 1000), ("0.5", 500), ("0.050", 50), ("1.000", 1000), ("0.", 0)] {
            assert_eq!(thousandths(text), Some(weight), "{text}");
        }
        for text in ["", "2", "1.5", "0.1234", "-0", "0.-1", "0.+1", ".5", "0,5", "1.0000"] {
            assert_eq!(thousandths(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_it_fail(header in any::<String>(), likely in "[a-zA-Z*;q=0-9., -]{0,60}") {
            Language::negotiate(Some(&header));
            Language::negotiate(Some(&likely));
        }
    }
}
