//! References of items (ISO/IEC 14496-12, section 8.11.12): which pictures are shown, and which are only previews.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::boxes::{MOST, parts};
use super::items::{Item, Role};
use crate::documents::rules::Fault;
use crate::documents::rules::reader::Reader;

/// How often pictures are put together from such that are put together; in practice twice.
const DEEPEST: usize = 8;

/// What an item is for another: kind, the item, the other.
type Reference = ([u8; 4], u32, u32);

/// Makes previews of all pictures that are not shown.
///
/// Shown are those that stand for themselves and are not hidden, what they are put together from (`dimg`), and what
/// belongs to one that is shown (`auxl`: how clear it is, how deep). What is a smaller one of another (`thmb`), or tells of
/// it (`cdsc`), is not.
///
/// # Errors
/// [`Fault::Damaged`] where the picture that stands for all would be missing, or a part of one that is shown, or where one
/// is a part of itself.
pub fn choose(bytes: &[u8], iref: Option<Range<usize>>, primary: u32, items: &mut [Item]) -> Result<(), Fault> {
    let references = iref.map(|iref| references(bytes, iref)).transpose()?.unwrap_or_default();
    let mut beside = BTreeSet::new();
    let mut inner = BTreeSet::new();
    let mut parts_of: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut belonging_to: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (kind, from, to) in references {
        match &kind {
            b"thmb" | b"cdsc" => {
                beside.insert(from);
            }
            b"dimg" => {
                inner.insert(to);
                parts_of.entry(from).or_default().push(to);
            }
            b"auxl" => {
                inner.insert(from);
                belonging_to.entry(to).or_default().push(from);
            }
            _ => {}
        }
    }
    let is_picture = |item: &&Item| item.role == Role::Picture && !beside.contains(&item.id);
    let pictures: BTreeSet<u32> = items.iter().filter(is_picture).map(|item| item.id).collect();
    let hidden: BTreeSet<u32> = items.iter().filter(|item| item.is_hidden).map(|item| item.id).collect();
    if !pictures.contains(&primary) || hidden.contains(&primary) {
        return Err(Fault::Damaged);
    }
    let mut shown = BTreeSet::new();
    inner.extend(hidden);
    let mut waiting: Vec<u32> = pictures.difference(&inner).copied().chain([primary]).collect();
    while let Some(id) = waiting.pop() {
        // Each once, also where they go around in circles.
        if !shown.insert(id) {
            continue;
        }
        let parts = parts_of.get(&id).map(Vec::as_slice).unwrap_or_default();
        if !parts.iter().all(|part| pictures.contains(part)) {
            return Err(Fault::Damaged);
        }
        let belonging = belonging_to.get(&id).map(Vec::as_slice).unwrap_or_default();
        waiting.extend(parts.iter().chain(belonging).copied().filter(|id| pictures.contains(id)));
    }
    // Parts of parts come to an end, but in a circle.
    let mut level = shown.clone();
    for _ in 0..DEEPEST {
        level = level.iter().filter_map(|id| parts_of.get(id)).flatten().copied().collect();
    }
    if !level.is_empty() {
        return Err(Fault::Damaged);
    }
    for item in items.iter_mut().filter(|item| item.role == Role::Picture && !shown.contains(&item.id)) {
        item.role = Role::Preview;
    }
    Ok(())
}

/// All of them, one by one.
fn references(bytes: &[u8], iref: Range<usize>) -> Result<Vec<Reference>, Fault> {
    let mut reader = Reader::new(bytes.get(iref.clone()).ok_or(Fault::Damaged)?);
    let [version, _, _, _] = reader.array()?;
    let number = |reader: &mut Reader<'_>| match version {
        0 => reader.u16().map(u32::from),
        1 => reader.u32(),
        _ => Err(Fault::Damaged),
    };
    let start = iref.end.saturating_sub(reader.rest().len());
    let mut found = Vec::new();
    for part in parts(bytes, start..iref.end)? {
        let mut reader = Reader::new(bytes.get(part.range.clone()).ok_or(Fault::Damaged)?);
        let from = number(&mut reader)?;
        for _ in 0..reader.u16()? {
            found.push((part.kind, from, number(&mut reader)?));
        }
        if !reader.is_empty() || found.len() > MOST {
            return Err(Fault::Damaged);
        }
    }
    Ok(found)
}
