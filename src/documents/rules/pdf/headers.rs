//! A PDF has one header (ISO 32000-1, section 7.5.2).
//!
//! Where there is another one outside of streams there are two documents, and each reader shows its own. What is written behind
//! a PDF to change it has no header.

use super::HEADER;
use super::streams::body;
use super::words::{Dictionary, Thing, Words, is_space};
use crate::documents::rules::Fault;
use crate::documents::rules::reader::find;

/// Looks for a header behind the first one, everywhere but in the bytes of streams.
///
/// # Errors
/// [`Fault::Polyglot`] where there is one.
pub(super) fn require_one(bytes: &[u8]) -> Result<(), Fault> {
    let mut rest = bytes.get(HEADER.len()..).unwrap_or_default();
    if !has_header(rest) {
        return Ok(());
    }
    while let Some((outside, behind)) = next_stream(rest) {
        if has_header(outside) {
            return Err(Fault::Polyglot);
        }
        rest = behind;
    }
    if has_header(rest) { Err(Fault::Polyglot) } else { Ok(()) }
}

/// With a digit behind it: no text about PDF is one.
fn has_header(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = find(rest, HEADER) {
        rest = rest.get(at.saturating_add(HEADER.len())..).unwrap_or_default();
        if rest.first().is_some_and(u8::is_ascii_digit) {
            return true;
        }
    }
    false
}

/// What stands before the bytes of the next stream, and what stands behind them. An object in a comment has none.
fn next_stream(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut words = Words(bytes);
    loop {
        let at = words.0.iter().position(|byte| matches!(byte, b'%' | b'o'))?;
        let (passed, here) = words.0.split_at_checked(at)?;
        words.0 = here;
        if here.starts_with(b"%") {
            words.skip_space();
            continue;
        }
        // As in `5 0 obj`.
        let is_word = passed.last().is_some_and(|byte| is_space(*byte) || byte.is_ascii_digit());
        let Some(object) = here.strip_prefix(b"obj").filter(|_| is_word) else {
            words.0 = here.get(1..)?;
            continue;
        };
        words.0 = object;
        words.skip_space();
        let Some(dictionary) = words.dictionary().ok()? else { continue };
        words.skip_space();
        let Some(body) = words.0.strip_prefix(b"stream").and_then(|behind| body(behind).ok()) else { continue };
        let outside = bytes.get(..bytes.len().checked_sub(body.len())?)?;
        return Some((outside, body.get(end(&dictionary, body)?..)?));
    }
}

/// Where the bytes of a stream end: where its length says so and that is true, else before the next word for it.
fn end(dictionary: &Dictionary, body: &[u8]) -> Option<usize> {
    let said = match dictionary.get(&[b"Length"]) {
        Ok(Some(Thing::Number(length))) => usize::try_from(*length).ok(),
        _ => None,
    };
    let is_true = |at: &usize| body.get(*at..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b"endstream"));
    said.filter(is_true).or_else(|| find(body, b"endstream"))
}
