//! Where the links of a PDF lead (ISO 32000-1, section 12.6.4.7): to pages, letters and telephones, and nowhere else.

use super::words::{Words, is_space};

/// How a target may begin, in capitals or not.
const SCHEMES: [&[u8]; 4] = [b"http:", b"https:", b"mailto:", b"tel:"];
/// So many bytes of a target are looked at: the longest of these and some space before it.
const MOST: usize = 16;

/// Whether what follows a name `URI` leads nowhere else. A target that lies elsewhere is not known, and so is one that is
/// not to be seen in `after`.
pub(super) fn is_harmless(after: &[u8]) -> bool {
    let mut words = Words(after);
    words.skip_space();
    let target = match words.0 {
        // Of the catalogue: before what targets without a scheme begin, and these are refused.
        [b'<', b'<', ..] => return true,
        [b'(', text @ ..] => text_of(text),
        [b'<', digits @ ..] => hexadecimal(digits),
        // The kind of an action, `/S /URI`, or a word by chance.
        _ => return !words.has_things(),
    };
    let target = target.trim_ascii_start();
    let is_begun_by =
        |scheme: &&[u8]| target.get(..scheme.len()).is_some_and(|begun| begun.eq_ignore_ascii_case(scheme));
    SCHEMES.iter().any(is_begun_by)
}

/// The beginning of a text in brackets as it is meant (section 7.3.4.2). Brackets within are of no concern: no scheme has any.
fn text_of(bytes: &[u8]) -> Vec<u8> {
    let mut meant = Vec::new();
    let mut rest = bytes;
    while let Some((first, behind)) = rest.split_first().filter(|(first, _)| meant.len() < MOST && **first != b')') {
        rest = match behind {
            _ if *first != b'\\' => {
                meant.push(*first);
                behind
            }
            // A line that goes on.
            [b'\r', b'\n', after @ ..] | [b'\r' | b'\n', after @ ..] => after,
            [b'0'..=b'7', ..] => {
                let digits = behind.iter().take(3).take_while(|digit| matches!(digit, b'0'..=b'7'));
                let count = digits.clone().count();
                meant.push(digits.fold(0, |byte: u8, digit| byte << 3 | (digit & 7)));
                behind.get(count..).unwrap_or_default()
            }
            [sign, after @ ..] => {
                meant.push(escaped(*sign));
                after
            }
            [] => behind,
        };
    }
    meant
}

fn escaped(sign: u8) -> u8 {
    match sign {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'f' => 12,
        other => other,
    }
}

/// The beginning of a text of hexadecimal digits.
fn hexadecimal(bytes: &[u8]) -> Vec<u8> {
    let digits = bytes.iter().filter(|byte| !is_space(**byte));
    let digits = digits.map_while(|byte| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()));
    let digits: Vec<u8> = digits.take(MOST.saturating_mul(2)).collect();
    digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte: u8, digit| byte << 4 | digit)).collect()
}
