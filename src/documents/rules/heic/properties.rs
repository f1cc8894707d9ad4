//! Properties of items (ISO/IEC 23008-12, section 6.5): size, coder, turns and plain colours stay.
//!
//! Names, times, colour profiles and whatever else is written there become free space: properties are counted, and free
//! space counts as they did.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::blank;
use super::boxes::parts;
use crate::documents::rules::reader::Reader;
use crate::documents::rules::{Fault, require_size};

/// The most colours of a dot, and how clear it is.
const CHANNELS: u8 = 4;
/// How a coder is set up, without its parameters (ISO/IEC 14496-15, section 8.3.3.1).
const SHORTEST_CODER: usize = 23;
/// How names begin that say what a picture beside another is for.
const PURPOSES: [&[u8]; 3] = [b"urn:mpeg:", b"urn:com:apple:", b"urn:com:photo:"];
const LONGEST_PURPOSE: usize = 80;
/// The most bytes behind such a name and its zero.
const MOST_BEHIND: usize = 256;

/// Every size that the properties speak of; there is one at least.
pub fn require_sizes(bytes: &[u8], iprp: Range<usize>) -> Result<(), Fault> {
    let mut has_size = false;
    for container in parts(bytes, iprp)?.iter().filter(|part| part.kind == *b"ipco") {
        for property in parts(bytes, container.range.clone())?.iter().filter(|part| part.kind == *b"ispe") {
            let mut reader = Reader::new(bytes.get(property.content(4)?).ok_or(Fault::Damaged)?);
            require_size(reader.u32()?, reader.u32()?)?;
            if !reader.is_empty() {
                return Err(Fault::Damaged);
            }
            has_size = true;
        }
    }
    has_size.then_some(()).ok_or(Fault::Damaged)
}

/// Blanks what is not needed to show a picture.
///
/// # Errors
/// [`Fault::Damaged`] also where a picture that is shown must not be shown without it, or has not what shows it.
pub fn clean(
    bytes: &[u8],
    iprp: Range<usize>,
    shown: &BTreeMap<u32, [u8; 4]>,
    written: &mut [u8],
) -> Result<(), Fault> {
    let inside = parts(bytes, iprp)?;
    let mut containers = inside.iter().filter(|part| part.kind == *b"ipco");
    let (Some(container), None) = (containers.next(), containers.next()) else { return Err(Fault::Damaged) };
    let properties = parts(bytes, container.range.clone())?;
    if properties.iter().any(|property| property.kind == *b"hvcC" && property.range.len() < SHORTEST_CODER) {
        return Err(Fault::Damaged);
    }
    let stay: Vec<Option<[u8; 4]>> = properties
        .iter()
        .map(|property| {
            let content = bytes.get(property.range.clone())?;
            stays(&property.kind, content).then_some(property.kind)
        })
        .collect();
    let mut complete = BTreeSet::new();
    for ipma in inside.iter().filter(|part| part.kind == *b"ipma") {
        require_optional(bytes.get(ipma.range.clone()).ok_or(Fault::Damaged)?, &stay, shown, &mut complete)?;
    }
    if !shown.keys().all(|id| complete.contains(id)) {
        return Err(Fault::Damaged);
    }
    blank(written, inside.iter().filter(|part| !matches!(&part.kind, b"ipco" | b"ipma")))?;
    let lost = properties.iter().zip(&stay).filter_map(|(property, stays)| stays.is_none().then_some(property));
    blank(written, lost)?;
    for property in properties.iter().filter(|property| property.kind == *b"auxC") {
        if let Some(kept) = bytes.get(property.range.clone()).and_then(purpose) {
            written.get_mut(property.content(kept)?).ok_or(Fault::Damaged)?.fill(0);
        }
    }
    Ok(())
}

/// Whether a property is one of those that show a picture, and as long as it is.
fn stays(kind: &[u8; 4], content: &[u8]) -> bool {
    match kind {
        b"hvcC" => true,
        b"ispe" => content.len() == 12,
        b"irot" | b"imir" => content.len() == 1,
        b"lsel" => content.len() == 2,
        b"pasp" => content.len() == 8,
        b"clap" => content.len() == 32,
        b"colr" => content.len() == 11 && content.starts_with(b"nclx"),
        b"pixi" => content.get(4).is_some_and(|channels| {
            let size = usize::from(*channels).saturating_add(5);
            *channels <= CHANNELS && content.len() == size
        }),
        // What a picture beside another is for.
        b"auxC" => purpose(content).is_some(),
        _ => false,
    }
}

/// How much stays of what a picture beside another is for: a version and a name; what stands behind its zero does not.
fn purpose(content: &[u8]) -> Option<usize> {
    let text = content.get(4..)?;
    let size = text.iter().position(|byte| *byte == 0)?;
    let (name, behind) = text.split_at_checked(size)?;
    let is_name = size <= LONGEST_PURPOSE && name.iter().all(u8::is_ascii_graphic);
    let is_told = is_name && PURPOSES.iter().any(|start| name.starts_with(start));
    (is_told && behind.len().saturating_sub(1) <= MOST_BEHIND).then_some(size.saturating_add(4))
}

/// That nothing which is lost has to be understood for a picture that is shown (ISO/IEC 14496-12, section 8.11.14); and
/// which of them have what shows them: its coder, or the size of what is put together.
fn require_optional(
    ipma: &[u8],
    stay: &[Option<[u8; 4]>],
    shown: &BTreeMap<u32, [u8; 4]>,
    complete: &mut BTreeSet<u32>,
) -> Result<(), Fault> {
    let mut reader = Reader::new(ipma);
    let [version, _, _, flags] = reader.array()?;
    for _ in 0..reader.u32()? {
        let id = match version {
            0 => u32::from(reader.u16()?),
            1 => reader.u32()?,
            _ => return Err(Fault::Damaged),
        };
        let needed = shown.get(&id).map(|kind| if kind == b"hvc1" { *b"hvcC" } else { *b"ispe" });
        for _ in 0..reader.byte()? {
            let (is_essential, index) = if flags & 1 == 0 {
                let number = reader.byte()?;
                (number >> 7 == 1, u16::from(number & 0x7F))
            } else {
                let number = reader.u16()?;
                (number >> 15 == 1, number & 0x7FFF)
            };
            // They are counted from 1; 0 is none.
            let Some(at) = usize::from(index).checked_sub(1) else { continue };
            let stays = *stay.get(at).ok_or(Fault::Damaged)?;
            if needed.is_some() && is_essential && stays.is_none() {
                return Err(Fault::Damaged);
            }
            if needed.is_some() && stays == needed {
                complete.insert(id);
            }
        }
    }
    if reader.is_empty() { Ok(()) } else { Err(Fault::Damaged) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_picture_is_for_is_a_short_name() {
        let of =
            |name: &str, behind: usize| purpose(&[&[0; 4][..], name.as_bytes(), &[0], &vec![b'x'; behind]].concat());
        let long = |size: usize| format!("{:x<size$}", "urn:mpeg:");
        for name in ["urn:mpeg:hevc:2015:auxid:1", "urn:com:apple:photo:2020:aux:hdrgainmap", "urn:com:photo:a"] {
            assert_eq!((of(name, 0), of(name, 256)), (Some(name.len() + 4), Some(name.len() + 4)), "{name}");
            assert_eq!(of(name, 257), None, "{name}");
        }
        assert_eq!((of(&long(80), 0), of(&long(81), 0)), (Some(84), None));
        for name in ["", "urn:", "urn:org:mpeg:", "URN:mpeg:a", "urn:mpeg:Ana Anic", "urn:mpeg:\u{10d}"] {
            assert_eq!(of(name, 0), None, "{name:?}");
        }
        assert_eq!((purpose(b"\0\0\0\0urn:mpeg:a"), purpose(b"\0\0\0")), (None, None));
    }
}
