//! Properties of items (ISO/IEC 23008-12, section 6.5): size, coder, turns and plain colours stay.
//!
//! Names, times, colour profiles and whatever else is written there become free space: properties are counted, and free
//! space counts as they did.

use std::collections::BTreeSet;
use std::ops::Range;

use super::blank;
use super::boxes::parts;
use crate::documents::rules::reader::Reader;
use crate::documents::rules::{Fault, require_size};

/// The most colours of a dot, and how clear it is.
const CHANNELS: u8 = 4;

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
/// [`Fault::Damaged`] also where a picture that is shown must not be shown without it.
pub fn clean(bytes: &[u8], iprp: Range<usize>, shown: &BTreeSet<u32>, written: &mut [u8]) -> Result<(), Fault> {
    let inside = parts(bytes, iprp)?;
    let mut containers = inside.iter().filter(|part| part.kind == *b"ipco");
    let (Some(container), None) = (containers.next(), containers.next()) else { return Err(Fault::Damaged) };
    let properties = parts(bytes, container.range.clone())?;
    let stay: Vec<bool> = properties
        .iter()
        .map(|property| bytes.get(property.range.clone()).is_some_and(|content| stays(&property.kind, content)))
        .collect();
    for ipma in inside.iter().filter(|part| part.kind == *b"ipma") {
        require_optional(bytes.get(ipma.range.clone()).ok_or(Fault::Damaged)?, &stay, shown)?;
    }
    blank(written, inside.iter().filter(|part| !matches!(&part.kind, b"ipco" | b"ipma")))?;
    let lost = properties.iter().zip(&stay).filter_map(|(property, stays)| (!stays).then_some(property));
    blank(written, lost)
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
        b"auxC" => content.get(4..).is_some_and(|kind| kind.starts_with(b"urn:")),
        _ => false,
    }
}

/// That nothing which is lost has to be understood for a picture that is shown (ISO/IEC 14496-12, section 8.11.14).
fn require_optional(ipma: &[u8], stay: &[bool], shown: &BTreeSet<u32>) -> Result<(), Fault> {
    let mut reader = Reader::new(ipma);
    let [version, _, _, flags] = reader.array()?;
    for _ in 0..reader.u32()? {
        let id = match version {
            0 => u32::from(reader.u16()?),
            1 => reader.u32()?,
            _ => return Err(Fault::Damaged),
        };
        let is_shown = shown.contains(&id);
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
            if is_shown && is_essential && !stays {
                return Err(Fault::Damaged);
            }
        }
    }
    if reader.is_empty() { Ok(()) } else { Err(Fault::Damaged) }
}
