//! The trees of a PDF (ISO 32000-1, section 7.7.3.2: pages, and so fields and names): nothing is below itself.

use super::words::{Dictionary, Thing, Words, is_space, object_number};
use crate::documents::rules::Fault;

/// Whether a node has neither itself below it nor what it is below. Longer ways around are not looked for: who changes a
/// PDF may leave old nodes in it, and which ones count, only the table of objects says.
///
/// # Errors
/// [`Fault::Damaged`] where it has, and where it has two lists of what is below.
pub(super) fn require_below(node: &Dictionary, number: Option<u64>) -> Result<(), Fault> {
    let Some(Thing::List(below)) = node.get(&[b"Kids"])? else { return Ok(()) };
    let above = node.get(&[b"Parent"])?.and_then(Thing::reference);
    let is_round = |kid: u64| Some(kid) == number || Some(kid) == above;
    if below.iter().filter_map(Thing::reference).any(is_round) { Err(Fault::Damaged) } else { Ok(()) }
}

/// The same for objects that are packed together (section 7.5.7): numbers and places first, then the objects. What is not
/// written so has no numbers. `spend` is told how many bytes were read.
pub(super) fn require_below_packed(
    stream: &Dictionary,
    data: &[u8],
    mut spend: impl FnMut(usize) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let first = stream.number(&[b"First"])?.and_then(|first| usize::try_from(first).ok()).unwrap_or(data.len());
    let mut head = Words(data.get(..first).unwrap_or_default());
    while let Some((number, place)) = entry(&mut head) {
        let at = usize::try_from(place).ok().and_then(|place| first.checked_add(place));
        let object = at.and_then(|at| data.get(at..)).unwrap_or_default();
        let mut words = Words(object);
        words.skip_space();
        let dictionary = words.dictionary();
        spend(object.len().saturating_sub(words.0.len()))?;
        if let Ok(Some(dictionary)) = dictionary {
            require_below(&dictionary, Some(number))?;
        }
    }
    Ok(())
}

/// A number and a place.
fn entry(head: &mut Words<'_>) -> Option<(u64, u64)> {
    head.skip_space();
    let number = object_number(head.next_word())?;
    head.skip_space();
    Some((number, object_number(head.next_word())?))
}

/// The number of an object, of what stands before its word `obj`: it and its generation.
pub(super) fn number_before(bytes: &[u8]) -> Option<u64> {
    let mut words = bytes.rsplit(|byte| is_space(*byte)).filter(|word| !word.is_empty());
    object_number(words.next()?)?;
    let word = words.next()?;
    let other = word.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |at| at.saturating_add(1));
    object_number(word.get(other..)?)
}
