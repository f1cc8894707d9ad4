//! Texts for people, in Fluent: written in Cyrillic and English, the Latin ones derived.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use super::Language;
use crate::serbian::latin;

/// Arguments that are counted, so that the words beside them agree (1 секунда, 2 секунде, 5 секунди). Every other
/// argument stays as it is given: a code keeps its leading zeros.
const COUNTED: [&str; 6] = ["seconds", "minutes", "hours", "days", "years", "limit"];

/// Messages in three languages from sources in two.
pub struct Texts {
    cyrillic: FluentBundle<FluentResource>,
    latin: FluentBundle<FluentResource>,
    english: FluentBundle<FluentResource>,
}

impl Texts {
    /// Reads Fluent sources; the messages of each list together. What cannot be read is left out; the tests ask for every
    /// message of every source.
    pub fn new(cyrillic: &[&str], english: &[&str]) -> Self {
        // The alphabet maps Cyrillic letters only, and what is syntax to Fluent is ASCII: a source stays a source.
        let derived: Vec<String> = cyrillic.iter().map(|source| latin(source)).collect();
        let derived: Vec<&str> = derived.iter().map(String::as_str).collect();
        Self { cyrillic: bundle("sr", cyrillic), latin: bundle("sr", &derived), english: bundle("en", english) }
    }

    /// A message, or with `key.attribute` an attribute of one. None where it does not exist or asks for an argument that
    /// is not given: half a text is never shown.
    pub fn text(&self, language: Language, key: &str, args: &[(&str, &str)]) -> Option<String> {
        let bundle = match language {
            Language::SerbianCyrillic => &self.cyrillic,
            Language::SerbianLatin => &self.latin,
            Language::English => &self.english,
        };
        let (id, attribute) = key.split_once('.').map_or((key, None), |(id, attribute)| (id, Some(attribute)));
        let message = bundle.get_message(id)?;
        let pattern = match attribute {
            Some(attribute) => message.get_attribute(attribute)?.value(),
            None => message.value()?,
        };
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&arguments(args)), &mut errors).into_owned();
        errors.is_empty().then_some(text)
    }
}

fn arguments<'a>(args: &[(&'a str, &'a str)]) -> FluentArgs<'a> {
    let value = |name: &str, value: &'a str| match COUNTED.contains(&name) {
        true => FluentValue::try_number(value),
        false => FluentValue::from(value),
    };
    args.iter().map(|(name, text)| (*name, value(name, text))).collect()
}

/// `locale` decides how is counted, which is the same in both scripts.
fn bundle(locale: &str, sources: &[&str]) -> FluentBundle<FluentResource> {
    let locale: LanguageIdentifier = locale.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    // The invisible marks around arguments would end up in links.
    bundle.set_use_isolating(false);
    for source in sources {
        let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(readable, _)| readable);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

const CYRILLIC: &str = include_str!("texts/sr-Cyrl.ftl");
const ENGLISH: &str = include_str!("texts/en.ftl");

static TEXTS: LazyLock<Texts> = LazyLock::new(|| Texts::new(&[CYRILLIC], &[ENGLISH]));

/// A text of the application's own: `problem-<code>` and its `.detail`, `field-<code>`, `refused-<code>`, `role-<word>`.
pub fn text(language: Language, key: &str, args: &[(&str, &str)]) -> Option<String> {
    TEXTS.text(language, key, args)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTING: &str = "wait = Сачекајте { $seconds ->\n    [one] { $seconds } секунду\n    [few] { $seconds } секунде\n   *[other] { $seconds } секунди\n}.\n    .link = Линк Ђорђа: { $link }";

    fn counting(language: Language, key: &str, args: &[(&str, &str)]) -> Option<String> {
        Texts::new(&[COUNTING], &["wait = Wait { $seconds }."]).text(language, key, args)
    }

    #[test]
    fn words_agree_with_their_number_in_both_scripts() {
        let wait = |language, seconds| counting(language, "wait", &[("seconds", seconds)]).unwrap();
        let (cyrillic, latin) = (Language::SerbianCyrillic, Language::SerbianLatin);
        assert_eq!(wait(cyrillic, "1"), "Сачекајте 1 секунду.");
        assert_eq!(wait(latin, "3"), "Sačekajte 3 sekunde.");
        assert_eq!(wait(latin, "12"), "Sačekajte 12 sekundi.");
        assert_eq!(wait(cyrillic, "21"), "Сачекајте 21 секунду.");
        assert_eq!(wait(Language::English, "3600"), "Wait 3600.");
    }

    #[test]
    fn arguments_are_never_transliterated_nor_counted_by_accident() {
        let link = "https://example.org/т?Њ={ $seconds }&code=007";
        let text = counting(Language::SerbianLatin, "wait.link", &[("link", link)]).unwrap();
        assert_eq!(text, format!("Link Đorđa: {link}"));
        let code = counting(Language::SerbianCyrillic, "wait.link", &[("link", "007")]).unwrap();
        assert_eq!(code, "Линк Ђорђа: 007");
    }

    #[test]
    fn half_a_text_is_never_shown() {
        assert_eq!(counting(Language::English, "wait", &[]), None);
        assert_eq!(counting(Language::SerbianLatin, "wait.link", &[("lnk", "x")]), None);
        for absent in ["absent", "wait.absent", "", ".", "wait."] {
            assert_eq!(counting(Language::English, absent, &[]), None, "{absent}");
        }
    }

    #[test]
    fn a_text_is_found_in_every_language() {
        let title = |language| text(language, "problem-not_found", &[]).unwrap();
        assert_eq!(title(Language::SerbianCyrillic), "Није пронађено");
        assert_eq!(title(Language::SerbianLatin), "Nije pronađeno");
        assert_eq!(title(Language::English), "Not found");
    }
}
