//! Boxes (ISO/IEC 14496-12, section 4.2): length, kind, content; they fill what they stand in to the last byte.

use std::ops::Range;

use crate::documents::rules::Fault;
use crate::documents::rules::reader::{Reader, length};

/// More are in no picture.
pub const MOST: usize = 4096;

/// A box, by where it stands in the file.
pub struct Part {
    pub kind: [u8; 4],
    /// The four letters of its kind.
    pub name: Range<usize>,
    /// What is in it.
    pub range: Range<usize>,
}

impl Part {
    /// What is in it behind so many bytes: four for the version of a “full box”.
    pub fn content(&self, behind: usize) -> Result<Range<usize>, Fault> {
        let start = self.range.start.checked_add(behind).filter(|start| *start <= self.range.end);
        Ok(start.ok_or(Fault::Damaged)?..self.range.end)
    }
}

/// The boxes that fill a range.
pub fn parts(bytes: &[u8], within: Range<usize>) -> Result<Vec<Part>, Fault> {
    let mut found = Vec::new();
    let mut start = within.start;
    while start < within.end {
        let rest = bytes.get(start..within.end).ok_or(Fault::Damaged)?;
        let mut reader = Reader::new(rest);
        let short = reader.u32()?;
        let kind = reader.array()?;
        let size = match short {
            // To the end of the file; so the data of a picture may be written.
            0 if kind == *b"mdat" && within.end == bytes.len() => rest.len(),
            1 => length(reader.u64()?)?,
            short => length(short)?,
        };
        let head = rest.len().saturating_sub(reader.rest().len());
        let end = start.checked_add(size).filter(|end| *end <= within.end && size >= head).ok_or(Fault::Damaged)?;
        let name = start.saturating_add(4)..start.saturating_add(8);
        found.push(Part { kind, name, range: start.saturating_add(head)..end });
        if found.len() > MOST {
            return Err(Fault::Damaged);
        }
        start = end;
    }
    Ok(found)
}
