//! The texts for people: the same messages in both sources, each script pure, and a text for every code of the program.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fond::accounts::Role;
use fond::applications::Refused;
use fond::committee::VoteRefused;
use fond::documents::Fault;
use fond::language::{Language, text};

use crate::support::project;
use crate::tidy::sources;

/// What a Cyrillic text may say in Latin letters: names that a program reads.
const LATIN_WORDS: [&str; 20] = [
    "JSON",
    "PDF",
    "If-Match",
    "Content-Type: application/json",
    "Idempotency-Key",
    "Content-Encoding",
    "CSV",
    "UTF-8",
    "Content-Type",
    "text",
    "csv",
    "disqualify",
    "UUID",
    "sr-Cyrl",
    "sr-Latn",
    "en",
    "T",
    "true",
    "false",
    "ignore",
];

/// A message's key (`key.attribute` for an attribute) with its source.
fn messages(path: &Path) -> BTreeMap<String, String> {
    let source = std::fs::read_to_string(path).unwrap();
    let (mut messages, mut id, mut key) = (BTreeMap::new(), String::new(), String::new());
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        let definition = line.split_once(" =").filter(|(name, _)| !name.contains(['{', '[', '}']));
        let (text, begins) = match definition {
            Some((name, text)) if name.starts_with("    .") => {
                key = format!("{id}{}", name.trim());
                (text, true)
            }
            Some((name, text)) if !name.starts_with(' ') => {
                id = name.to_owned();
                key.clone_from(&id);
                (text, true)
            }
            _ => (line, false),
        };
        assert!(!begins || !messages.contains_key(&key), "{key} stands twice in {}", path.display());
        let message: &mut String = messages.entry(key.clone()).or_default();
        message.push_str(text);
        message.push('\n');
    }
    messages.remove("");
    messages
}

fn arguments(source: &str) -> BTreeSet<String> {
    let behind = source.split('$').skip(1);
    behind
        .map(|rest| rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap().to_owned())
        .collect()
}

/// The text of a message without what is syntax: placeables, selectors and their variants.
fn words(source: &str) -> String {
    let lines = source.lines().map(|line| {
        let line = line.trim_start().trim_start_matches('*');
        let line = line.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(line, |(_, text)| text);
        let outside = line.split('{').map(|part| part.split_once('}').map_or(part, |(_, text)| text));
        if line.contains("->") { String::new() } else { outside.collect() }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Every folder with texts.
fn folders() -> Vec<std::path::PathBuf> {
    let letters = std::fs::read_dir(project("src/mail/letters")).unwrap();
    letters.map(|entry| entry.unwrap().path()).chain([project("src/language/texts")]).collect()
}

#[test]
fn both_sources_say_the_same_with_the_same_arguments() {
    let mut compared = 0;
    for folder in folders() {
        let read = |file: &str| -> BTreeMap<String, BTreeSet<String>> {
            messages(&folder.join(file)).into_iter().map(|(key, text)| (key, arguments(&text))).collect()
        };
        let (cyrillic, english) = (read("sr-Cyrl.ftl"), read("en.ftl"));
        assert_eq!(cyrillic, english, "{}", folder.display());
        compared += cyrillic.len();
    }
    assert!(compared > 120, "only {compared} messages were found");
}

#[test]
fn each_source_keeps_to_its_script() {
    let is_cyrillic = |letter: char| ('\u{400}'..='\u{4ff}').contains(&letter);
    for folder in folders() {
        for (key, text) in messages(&folder.join("sr-Cyrl.ftl")) {
            let text = words(&text);
            let foreign = |word: &&str| word.chars().any(|letter| letter.is_alphabetic() && !is_cyrillic(letter));
            let plain = LATIN_WORDS[..5].iter().fold(text.clone(), |text, word| text.replace(word, ""));
            let left: Vec<&str> =
                plain.split(|letter: char| !letter.is_alphanumeric() && letter != '-').filter(foreign).collect();
            let is_known =
                |word: &&str| LATIN_WORDS.contains(word) || word.starts_with("2020-") || word.starts_with("2027-");
            assert!(left.iter().all(is_known), "{} {key}: {left:?}", folder.display());
            // The thirty letters of Serbian, so that nothing Russian or Macedonian slips in.
            let serbian = "абвгдђежзијклљмнњопрстћуфхцчџш";
            let stranger =
                text.to_lowercase().chars().find(|letter| is_cyrillic(*letter) && !serbian.contains(*letter));
            assert_eq!(stranger, None, "{} {key}", folder.display());
        }
        for (key, text) in messages(&folder.join("en.ftl")) {
            assert!(!text.chars().any(is_cyrillic), "{} {key}", folder.display());
        }
    }
}

#[test]
fn every_text_of_the_application_can_be_shown_in_every_language() {
    let is_cyrillic = |letter: char| ('\u{400}'..='\u{4ff}').contains(&letter);
    let mut shown = 0;
    for (key, source) in messages(&project("src/language/texts/sr-Cyrl.ftl")) {
        let names = arguments(&source);
        let given: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "21")).collect();
        for language in Language::ALL {
            let text = text(*language, &key, &given).unwrap_or_else(|| panic!("{language} {key}"));
            assert!(!text.contains(['{', '}', '$']) && !text.trim().is_empty(), "{language} {key}: {text}");
            assert_eq!(text.chars().any(is_cyrillic), *language == Language::SerbianCyrillic, "{language} {key}");
            shown += 1;
        }
    }
    assert!(shown > 280, "only {shown} texts were shown");
}

/// What stands in quotes behind one of these beginnings, line breaks aside, anywhere in the sources.
fn quoted_behind(beginnings: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for source in sources(&["src"]) {
        for beginning in beginnings {
            let behind = source.text.split(beginning).skip(1).map(str::trim_start);
            let words = behind.filter_map(|rest| rest.strip_prefix('"')?.split('"').next());
            let is_code = |word: &&str| word.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase());
            found.extend(words.filter(is_code).map(str::to_owned));
        }
    }
    found
}

#[test]
fn every_problem_and_every_wrong_field_has_its_text() {
    let known = messages(&project("src/language/texts/sr-Cyrl.ftl"));
    let statuses = ["BAD_REQUEST", "FORBIDDEN", "NOT_FOUND", "METHOD_NOT_ALLOWED", "REQUEST_TIMEOUT", "UNAUTHORIZED"];
    let more = ["PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", "PRECONDITION_REQUIRED", "PRECONDITION_FAILED"];
    let last = ["SERVICE_UNAVAILABLE", "TOO_MANY_REQUESTS", "UNPROCESSABLE_ENTITY", "INTERNAL_SERVER_ERROR"];
    let beginnings: Vec<String> =
        statuses.iter().chain(&more).chain(&last).map(|status| format!("{status},")).collect();
    let problems = quoted_behind(&beginnings.iter().map(String::as_str).chain(["busy: "]).collect::<Vec<_>>());
    assert!(problems.len() >= 15, "{problems:?}");
    for code in problems {
        assert!(known.contains_key(&format!("problem-{code}")), "the problem {code} has no text");
    }
    let fields = quoted_behind(&[
        "ok_or((",
        "Err((",
        "map_err(|_| (",
        "code: ",
        "add(\"ends_at\",",
        "add(\"role\",",
        "Error::field(field,",
        "Error::field(\"into\",",
        "Error::field(\"declared_aid\",",
        "Error::field(\"token\",",
        "Error::field(\"email\",",
        "Error::field(\"password\",",
        "Error::field(\"code\",",
        "Error::field(\"totp_code\",",
    ]);
    assert!(fields.len() >= 10, "{fields:?}");
    for code in fields {
        assert!(known.contains_key(&format!("field-{code}")), "the wrong field {code} has no text");
    }
}

#[test]
fn every_refusal_and_every_role_has_its_text() {
    let mut codes = quoted_behind(&["refused(", "refused_for("]);
    assert!(codes.len() > 20, "only {codes:?} were found");
    codes.extend(Refused::ALL.iter().map(ToString::to_string));
    codes.extend(VoteRefused::ALL.iter().map(ToString::to_string));

    let known = messages(&project("src/language/texts/sr-Cyrl.ftl"));
    let told: BTreeSet<String> =
        known.keys().filter_map(|key| key.strip_prefix("refused-")).map(str::to_owned).collect();
    assert_eq!(told, codes);
    for fault in Fault::ALL {
        assert!(known.contains_key(&format!("problem-{fault}")), "{fault}");
    }
    for role in Role::ALL {
        assert!(known.contains_key(&format!("role-{role}")), "{role}");
    }
}

#[test]
fn the_checks_above_can_fail() {
    assert_eq!(words("a { $x ->\n   *[other] б { $y } в\n}"), "\n б  в\n");
    assert_eq!(arguments("{ $x -> [one] { $y_z }"), BTreeSet::from(["x".into(), "y_z".into()]));
}
