//! Items (ISO/IEC 14496-12, section 8.11): what there is in a file, and where each of it lies.

use std::collections::BTreeSet;
use std::ops::Range;

use super::boxes::{MOST, parts};
use crate::documents::rules::Fault;
use crate::documents::rules::reader::{Reader, length};

/// Pictures, and how they are put together. Everything else is about them. A JPEG is none of them, for it has metadata of
/// its own.
const PICTURES: [&[u8; 4]; 3] = [b"hvc1", b"grid", b"iden"];

/// Of a text with a media type, and that of XMP.
const MIME: &[u8; 4] = b"mime";
pub const XMP: &[u8] = b"application/rdf+xml";

pub struct Item {
    pub id: u32,
    pub kind: [u8; 4],
    pub role: Role,
    /// Whether it is not to be shown by itself.
    pub is_hidden: bool,
    /// Where the four letters of its kind stand.
    pub letters: Range<usize>,
    /// Where its name stands, and what a text has behind it.
    pub texts: Range<usize>,
}

/// What an item is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Picture,
    /// A picture that is there for another one only.
    Preview,
    Exif,
    Xmp,
    Other,
}

/// All items, in their order.
pub fn items(bytes: &[u8], iinf: Range<usize>) -> Result<Vec<Item>, Fault> {
    let mut reader = Reader::new(bytes.get(iinf.clone()).ok_or(Fault::Damaged)?);
    let [version, _, _, _] = reader.array()?;
    let count = if version == 0 { u32::from(reader.u16()?) } else { reader.u32()? };
    let start = iinf.end.checked_sub(reader.rest().len()).ok_or(Fault::Damaged)?;
    let mut found = Vec::new();
    let mut ids = BTreeSet::new();
    for entry in parts(bytes, start..iinf.end)? {
        if entry.kind != *b"infe" {
            return Err(Fault::Damaged);
        }
        let mut reader = Reader::new(bytes.get(entry.range.clone()).ok_or(Fault::Damaged)?);
        let [version, _, _, flags] = reader.array()?;
        let id = match version {
            2 => u32::from(reader.u16()?),
            3 => reader.u32()?,
            _ => return Err(Fault::Damaged),
        };
        // Protected items cannot be shown.
        if reader.u16()? != 0 {
            return Err(Fault::Encrypted);
        }
        let kind: [u8; 4] = reader.array()?;
        let texts = entry.range.end.saturating_sub(reader.rest().len())..entry.range.end;
        let letters = texts.start.saturating_sub(kind.len())..texts.start;
        let is_hidden = flags & 1 == 1;
        found.push(Item { id, kind, role: role(&kind, reader.rest()), is_hidden, letters, texts });
        if !ids.insert(id) {
            return Err(Fault::Damaged);
        }
    }
    if length(count)? == found.len() { Ok(found) } else { Err(Fault::Damaged) }
}

/// Of its kind, and of what stands behind that: a name, and a media type with how it is packed, each up to a zero.
fn role(kind: &[u8; 4], behind: &[u8]) -> Role {
    let mut texts = behind.split(|byte| *byte == 0).skip(1);
    match kind {
        _ if PICTURES.contains(&kind) => Role::Picture,
        b"Exif" => Role::Exif,
        MIME if texts.next() == Some(XMP) && texts.next().unwrap_or_default().is_empty() => Role::Xmp,
        _ => Role::Other,
    }
}

/// The item that stands for all of them.
pub fn primary(pitm: &[u8]) -> Result<u32, Fault> {
    let mut reader = Reader::new(pitm);
    let [version, _, _, _] = reader.array()?;
    let id = if version == 0 { u32::from(reader.u16()?) } else { reader.u32()? };
    if reader.is_empty() { Ok(id) } else { Err(Fault::Damaged) }
}

/// Where an item lies, in pieces.
pub type Lying = (u32, Vec<Range<usize>>);

/// Where each item lies; every range is inside one of the boxes that hold data.
pub fn places(iloc: &[u8], data: &[Range<usize>], idat: Option<&Range<usize>>) -> Result<Vec<Lying>, Fault> {
    let mut reader = Reader::new(iloc);
    let [version, _, _, _] = reader.array()?;
    let [sizes, more_sizes] = reader.array()?;
    let (offset_bytes, length_bytes, base_bytes, index_bytes) =
        (sizes >> 4, sizes & 15, more_sizes >> 4, if version == 0 { 0 } else { more_sizes & 15 });
    let number = |reader: &mut Reader<'_>| match version {
        0 | 1 => reader.u16().map(u32::from),
        2 => reader.u32(),
        _ => Err(Fault::Damaged),
    };
    let count = number(&mut reader)?;
    let mut found = Vec::new();
    let mut ids = BTreeSet::new();
    // Each byte is of one item at most, so that nobody makes this copy the same ones again and again.
    let mut left = data.iter().fold(0_usize, |sum, data| sum.saturating_add(data.len()));
    let mut pieces: usize = 0;
    for _ in 0..count {
        let id = number(&mut reader)?;
        let way = if version == 0 { 0 } else { reader.u16()? & 15 };
        let (file, base) = (reader.u16()?, reader.number(base_bytes)?);
        let origin = match (way, file, idat) {
            (0, 0, _) => 0,
            (1, 0, Some(idat)) => idat.start,
            // In another file, or in another item.
            _ => return Err(Fault::Damaged),
        };
        let mut ranges = Vec::new();
        for _ in 0..reader.u16()? {
            reader.number(index_bytes)?;
            let (offset, size) = (reader.number(offset_bytes)?, length(reader.number(length_bytes)?)?);
            let start = length(base.checked_add(offset).ok_or(Fault::Damaged)?)?.checked_add(origin);
            let range = start.and_then(|start| Some(start..start.checked_add(size)?)).ok_or(Fault::Damaged)?;
            let is_inside = |data: &Range<usize>| data.start <= range.start && range.end <= data.end;
            if size == 0 || !data.iter().any(is_inside) {
                return Err(Fault::Damaged);
            }
            left = left.checked_sub(size).ok_or(Fault::Damaged)?;
            pieces = pieces.saturating_add(1);
            ranges.push(range);
        }
        found.push((id, ranges));
        // All pieces of an item are named together.
        if !ids.insert(id) || found.len().max(pieces) > MOST {
            return Err(Fault::Damaged);
        }
    }
    if reader.is_empty() { Ok(found) } else { Err(Fault::Damaged) }
}
