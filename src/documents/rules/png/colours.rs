//! What a PNG says of its colours and dots (ISO/IEC 15948, section 11.3): kept once, and only where it is what it should be.

use crate::documents::rules::Fault;
use crate::documents::rules::reader::Reader;

/// Colours with a fraction of five digits: 1.0, and a little for those that no screen shows.
const LARGEST_PART: u32 = 110_000;
/// A gamma of ten.
const LARGEST_GAMMA: u32 = 1_000_000;
/// Dots to a metre: some 25,000 an inch.
const MOST_DOTS: u32 = 1_000_000;

/// The kind of colours that the head tells, and what there was of what belongs to it.
pub(super) struct Colours {
    depth: u8,
    colour: u8,
    /// How many colours the palette has.
    palette: usize,
    seen: Vec<[u8; 4]>,
}

impl Colours {
    pub fn of(head: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(head);
        reader.take(8)?;
        let [depth, colour] = reader.array()?;
        Ok(Self { depth, colour, palette: 0, seen: Vec::new() })
    }

    /// Whether there is a palette where the picture cannot be shown without one.
    pub fn are_whole(&self) -> bool {
        self.colour != 3 || self.palette > 0
    }

    /// How many colours the palette has, where dots could ask for more.
    pub fn too_few(&self) -> Option<u8> {
        let most = 1_usize << self.depth.min(8);
        (self.colour == 3 && self.palette < most).then(|| u8::try_from(self.palette).ok()).flatten()
    }

    /// Whether a palette is kept: to pictures that have their own colours it is but a proposal.
    pub fn take_palette(&mut self, data: &[u8]) -> Result<bool, Fault> {
        let count = data.len().div_euclid(3);
        let most = if self.colour == 3 { 1_usize << self.depth.min(8) } else { 256 };
        let is_right = data.len().is_multiple_of(3) && (1..=most).contains(&count);
        if !is_right || matches!(self.colour, 0 | 4) || self.seen.contains(b"PLTE") {
            return Err(Fault::Damaged);
        }
        self.seen.push(*b"PLTE");
        if self.colour == 3 {
            self.palette = count;
        }
        Ok(self.colour == 3)
    }

    /// Whether a chunk is kept: the first of its kind, where it is right.
    pub fn take(&mut self, kind: &[u8; 4], data: &[u8]) -> bool {
        let is_kept = !self.seen.contains(kind) && self.is_right(kind, data).unwrap_or_default();
        if is_kept {
            self.seen.push(*kind);
        }
        is_kept
    }

    fn is_right(&self, kind: &[u8; 4], data: &[u8]) -> Result<bool, Fault> {
        let mut reader = Reader::new(data);
        let is_right = match kind {
            b"tRNS" if self.colour == 3 => return Ok((1..=self.palette).contains(&data.len())),
            b"tRNS" if matches!(self.colour, 0 | 2) => self.are_samples(&mut reader)?,
            b"bKGD" if self.colour == 3 => usize::from(reader.byte()?) < self.palette,
            b"bKGD" => self.are_samples(&mut reader)?,
            b"sBIT" => {
                let depth = if self.colour == 3 { 8 } else { self.depth };
                let count = [1, 0, 3, 3, 2, 0, 4].get(usize::from(self.colour)).copied().unwrap_or_default();
                reader.take(count)?.iter().all(|bits| (1..=depth).contains(bits))
            }
            b"gAMA" => (1..=LARGEST_GAMMA).contains(&reader.u32()?),
            b"cHRM" => parts(&mut reader)?.iter().all(|part| *part <= LARGEST_PART),
            b"sRGB" => reader.byte()? <= 3,
            b"pHYs" => {
                let dots = [reader.u32()?, reader.u32()?];
                dots.iter().all(|dots| (1..=MOST_DOTS).contains(dots)) && reader.byte()? <= 1
            }
            _ => false,
        };
        Ok(is_right && reader.is_empty())
    }

    /// One colour, two bytes a sample: grey, or red, green and blue.
    fn are_samples(&self, reader: &mut Reader<'_>) -> Result<bool, Fault> {
        let count = if matches!(self.colour, 2 | 6) { 3 } else { 1 };
        let most = u16::MAX >> 16_u32.saturating_sub(u32::from(self.depth)).min(15);
        let mut are_right = true;
        for _ in 0..count {
            are_right &= reader.u16()? <= most;
        }
        Ok(are_right)
    }
}

/// White, red, green, blue, two numbers each.
fn parts(reader: &mut Reader<'_>) -> Result<[u32; 8], Fault> {
    let mut parts = [0; 8];
    for part in &mut parts {
        *part = reader.u32()?;
    }
    Ok(parts)
}
