//! The tables of a JPEG (ITU-T T.81, section B.2): each is one by its own format, and comes once where it is used once.

use crate::documents::rules::Fault;
use crate::documents::rules::reader::Reader;

pub(super) const DHT: u8 = 0xC4;
pub(super) const DQT: u8 = 0xDB;
pub(super) const DRI: u8 = 0xDD;

/// Which tables there were; no text hides in one that is written again and again.
#[derive(Default)]
pub(super) struct Tables {
    /// Of Huffman, since the scan before: four for each of two classes.
    huffman: u8,
    /// Of quantisation, in the whole picture.
    quantisation: u8,
    has_interval: bool,
}

impl Tables {
    /// A scan may be packed by other tables than the one before.
    pub fn begin_scan(&mut self) {
        (self.huffman, self.has_interval) = (0, false);
    }

    pub fn take(&mut self, marker: u8, segment: &[u8]) -> Result<(), Fault> {
        let mut reader = Reader::new(segment);
        match marker {
            DHT => {
                require(!reader.is_empty())?;
                while !reader.is_empty() {
                    let slot = huffman(&mut reader)?;
                    fill(&mut self.huffman, slot)?;
                }
            }
            DQT => {
                require(!reader.is_empty())?;
                while !reader.is_empty() {
                    let slot = quantisation(&mut reader)?;
                    fill(&mut self.quantisation, slot)?;
                }
            }
            DRI => {
                require(segment.len() == 2 && !self.has_interval)?;
                self.has_interval = true;
            }
            _ => return Err(Fault::Damaged),
        }
        Ok(())
    }
}

fn require(is_right: bool) -> Result<(), Fault> {
    is_right.then_some(()).ok_or(Fault::Damaged)
}

/// Marks one of eight slots, once.
fn fill(slots: &mut u8, slot: u8) -> Result<(), Fault> {
    let bit = 1_u8.checked_shl(u32::from(slot)).ok_or(Fault::Damaged)?;
    require(*slots & bit == 0)?;
    *slots |= bit;
    Ok(())
}

/// Class and place, how many codes of each length there are, and what each stands for: no code too many, nothing twice.
/// Gives its slot.
fn huffman(reader: &mut Reader<'_>) -> Result<u8, Fault> {
    let head = reader.byte()?;
    let (class, place) = (head >> 4, head & 15);
    require(class <= 1 && place <= 3)?;
    let counts = reader.array::<16>()?;
    let (mut free, mut values) = (1_i32, 0_usize);
    for count in counts {
        free = free.saturating_mul(2).saturating_sub(i32::from(count));
        require(free >= 0)?;
        values = values.saturating_add(usize::from(count));
    }
    let mut values = reader.take(values)?.to_vec();
    let count = values.len();
    values.sort_unstable();
    values.dedup();
    // Of the first class these are lengths in bits.
    require(values.len() == count && (class == 1 || values.iter().all(|value| *value <= 16)))?;
    Ok(class << 2 | place)
}

/// Precision and place, then 64 steps, none of them 0. Gives its slot.
fn quantisation(reader: &mut Reader<'_>) -> Result<u8, Fault> {
    let head = reader.byte()?;
    let (precision, place) = (head >> 4, head & 15);
    require(precision <= 1 && place <= 3)?;
    for _ in 0..64 {
        let step = if precision == 0 { u16::from(reader.byte()?) } else { reader.u16()? };
        require(step > 0)?;
    }
    Ok(place)
}

/// The head of a scan: its parts with their tables, and which of the 64 steps it holds.
pub(super) fn require_scan(segment: &[u8]) -> Result<(), Fault> {
    let mut reader = Reader::new(segment);
    let parts = reader.byte()?;
    require((1..=4).contains(&parts))?;
    for _ in 0..parts {
        let [_, tables] = reader.array()?;
        require(tables >> 4 <= 3 && tables & 15 <= 3)?;
    }
    let [first, last, bits] = reader.array()?;
    require(first <= 63 && last <= 63 && bits >> 4 <= 13 && bits & 15 <= 13 && reader.is_empty())
}
