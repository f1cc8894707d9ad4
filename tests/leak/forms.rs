//! The forms that a secret may take: spaced, masked, in other scripts, escaped, encoded.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER};
use fond::serbian::{cyrillic, latin};

/// A form: what it is, and the text.
pub type Form = (String, String);

const SEPARATORS: [&str; 4] = [" ", "-", ".", "\u{a0}"];

/// Digits as they are, and in groups of three and four, counted from either end.
pub fn digits(digits: &str) -> Vec<Form> {
    let mut forms = vec![("plain".to_owned(), digits.to_owned())];
    for size in [3, 4] {
        for (end, groups) in [("left", from_left(digits, size)), ("right", from_right(digits, size))] {
            let spaced = |separator: &&str| {
                (format!("in groups of {size} from the {end} with “{separator}”"), groups.join(separator))
            };
            forms.extend(SEPARATORS.iter().map(spaced));
        }
    }
    forms
}

fn from_left(digits: &str, size: usize) -> Vec<&str> {
    (0..digits.len()).step_by(size).map(|at| &digits[at..digits.len().min(at + size)]).collect()
}

fn from_right(digits: &str, size: usize) -> Vec<&str> {
    let first = digits.len() % size;
    let mut groups = from_left(&digits[first..], size);
    if first > 0 {
        groups.insert(0, &digits[..first]);
    }
    groups
}

/// Stars and the last four digits, as the program masks; the stars are as many as are hidden.
pub fn masked(digits: &str) -> Form {
    ("masked".to_owned(), format!("{}{}", "*".repeat(digits.len() - 4), &digits[digits.len() - 4..]))
}

/// An account in eighteen digits and as people write it, short and full.
pub fn account(digits18: &str, written: &str) -> Vec<Form> {
    let (bank, rest) = digits18.split_at(3);
    let (number, control) = rest.split_at(13);
    let mut forms = digits(digits18);
    forms.push(("written".into(), written.to_owned()));
    forms.push(("written with spaces".into(), written.replace('-', " ")));
    forms.push(("written full".into(), format!("{bank}-{number}-{control}")));
    forms.push(("written without marks".into(), written.replace('-', "")));
    forms
}

/// An amount of para as amounts are written.
pub fn amount(para: i64) -> Vec<Form> {
    let (whole, rest) = ((para / 100).to_string(), format!("{:02}", para % 100));
    let grouped = |separator: &str| from_right(&whole, 3).join(separator);
    vec![
        ("plain".into(), format!("{whole}.{rest}")),
        ("with a comma".into(), format!("{whole},{rest}")),
        ("in para".into(), para.to_string()),
        ("Serbian".into(), format!("{},{rest}", grouped("."))),
        ("English".into(), format!("{}.{rest}", grouped(","))),
        ("spaced".into(), format!("{},{rest}", grouped(" "))),
    ]
}

/// A word in both scripts and without its marks, in either case.
pub fn word(word: &str) -> Vec<Form> {
    let scripts = [
        ("Latin", latin(word)),
        ("Cyrillic", cyrillic(word)),
        ("without marks", bare(word, "dj")),
        ("without marks, đ as d", bare(word, "d")),
    ];
    let cased = |(script, text): (&str, String)| {
        [
            (script.to_owned(), text.clone()),
            (format!("{script}, small"), text.to_lowercase()),
            (format!("{script}, capital"), text.to_uppercase()),
        ]
    };
    scripts.into_iter().flat_map(cased).collect()
}

fn bare(word: &str, dj: &str) -> String {
    let letter = |letter: char| match letter {
        'č' | 'ć' => "c".to_owned(),
        'Č' | 'Ć' => "C".to_owned(),
        'š' => "s".to_owned(),
        'Š' => "S".to_owned(),
        'ž' => "z".to_owned(),
        'Ž' => "Z".to_owned(),
        'đ' => dj.to_owned(),
        'Đ' => dj.to_uppercase(),
        other => other.to_string(),
    };
    word.chars().map(letter).collect()
}

/// The bytes of a form, in every encoding in which it may lie somewhere.
pub fn encodings(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = text.as_bytes();
    let little = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut found: Vec<(&'static str, Vec<u8>)> = vec![
        ("UTF-8", bytes.to_vec()),
        ("UTF-16LE", little),
        ("UTF-16BE", big),
        ("hex", HEXLOWER.encode(bytes).into_bytes()),
        ("percent", escaped(bytes, '%', |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))),
        ("percent all", escaped(bytes, '%', |_| false)),
        ("quoted-printable", escaped(bytes, '=', |byte| byte.is_ascii_graphic() || byte == b' ')),
        ("form", escaped(bytes, '%', |byte| byte.is_ascii_alphanumeric() || b"-._*".contains(&byte)).replace_spaces()),
        ("JSON", json(text).into_bytes()),
    ];
    for offset in 0..3 {
        found.push(("base64", inside_base64(bytes, offset, &BASE64_NOPAD)));
        found.push(("base64url", inside_base64(bytes, offset, &BASE64URL_NOPAD)));
    }
    found.sort_by(|one, other| one.1.cmp(&other.1));
    found.dedup_by(|one, other| one.1 == other.1);
    found
}

trait ReplaceSpaces {
    fn replace_spaces(self) -> Self;
}

impl ReplaceSpaces for Vec<u8> {
    fn replace_spaces(self) -> Self {
        String::from_utf8(self).unwrap().replace("%20", "+").into_bytes()
    }
}

fn escaped(bytes: &[u8], mark: char, stays: impl Fn(u8) -> bool) -> Vec<u8> {
    let one = |byte: &u8| if stays(*byte) { char::from(*byte).to_string() } else { format!("{mark}{byte:02X}") };
    bytes.iter().map(one).collect::<String>().into_bytes()
}

fn json(text: &str) -> String {
    let one = |unit: u16| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    };
    text.encode_utf16().map(one).collect()
}

/// What of the encoded bytes is the same whatever stands before (so many bytes, of three) and behind them.
fn inside_base64(bytes: &[u8], offset: usize, encoding: &data_encoding::Encoding) -> Vec<u8> {
    let encoded = encoding.encode(&[&vec![0; offset], bytes].concat());
    let (start, end) = ((offset * 8).div_ceil(6), (offset + bytes.len()) * 8 / 6);
    encoded.as_bytes()[start..end].to_vec()
}
