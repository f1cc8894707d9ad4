//! JPEG (ITU-T T.81): one picture from its first marker to its last; of its metadata only which way up it is stays.

mod tables;

use tables::{DHT, DQT, DRI, Tables};

use super::reader::Reader;
use super::{Fault, require_size};

pub(super) const BEGINNING: [u8; 3] = [0xFF, SOI, 0xFF];

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
/// Baseline, extended and progressive: what everything shows.
const FRAMES: std::ops::RangeInclusive<u8> = 0xC0..=0xC2;
const APP0: u8 = 0xE0;
const APP1: u8 = 0xE1;
const APP2: u8 = 0xE2;
const APP14: u8 = 0xEE;
const APP15: u8 = 0xEF;
const COM: u8 = 0xFE;
/// Each pass over a large picture takes a while to show; cameras and scanners write some ten.
const MOST_SCANS: u32 = 64;
/// The segment of Adobe before its last byte: version 100, no flags.
const ADOBE: &[u8; 11] = b"Adobe\0\x64\0\0\0\0";
const EXIF: &[u8] = b"Exif\0\0";
const ORIENTATION: u16 = 0x0112;

/// The picture without its metadata.
///
/// Cameras put previews behind the picture and announce them (CIPA DC-007, “MPF”); these are whole pictures and are left
/// out. Anything else behind the end is refused.
pub(super) fn clean(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let (picture, mut rest) = Picture::read(bytes)?;
    while !rest.is_empty() {
        let is_announced = picture.has_more && rest.starts_with(&BEGINNING);
        (_, rest) = if is_announced { Picture::read(rest)? } else { return Err(Fault::Polyglot) };
    }
    picture.write()
}

/// Whether the first frame says a size that can be shown: of a picture within something else. Gives where it stands.
pub(super) fn require_small(bytes: &[u8]) -> Result<usize, Fault> {
    let mut reader = Reader::new(bytes);
    if reader.array()? != [0xFF, SOI] {
        return Err(Fault::Damaged);
    }
    loop {
        let marker = marker(&mut reader)?;
        let size = reader.u16()?;
        let segment = reader.take(usize::from(size.checked_sub(2).ok_or(Fault::Damaged)?))?;
        match marker {
            SOS | EOI => return Err(Fault::Damaged),
            frame if FRAMES.contains(&frame) => {
                require_frame(segment)?;
                return Ok(bytes.len().saturating_sub(reader.rest().len()));
            }
            _ => {}
        }
    }
}

/// The parts that are needed to show a picture.
#[derive(Default)]
struct Picture {
    /// The head of JFIF: units and density, without a preview.
    jfif: Option<[u8; 7]>,
    /// How colours are meant, by Adobe: of its segment the last byte.
    adobe: Option<u8>,
    orientation: Option<u16>,
    /// Tables, frame and scans, as they stood.
    body: Vec<u8>,
    has_frame: bool,
    scans: u32,
    tables: Tables,
    has_more: bool,
}

impl Picture {
    /// A picture, and what stands behind it.
    fn read(bytes: &[u8]) -> Result<(Self, &[u8]), Fault> {
        let mut reader = Reader::new(bytes);
        let mut picture = Self::default();
        if reader.array()? != [0xFF, SOI] {
            return Err(Fault::Damaged);
        }
        loop {
            match marker(&mut reader)? {
                EOI if picture.scans > 0 => return Ok((picture, reader.rest())),
                marker => picture.take(marker, &mut reader)?,
            }
        }
    }

    fn take(&mut self, marker: u8, reader: &mut Reader<'_>) -> Result<(), Fault> {
        let size = reader.u16()?;
        let segment = reader.take(usize::from(size.checked_sub(2).ok_or(Fault::Damaged)?))?;
        match marker {
            SOS if self.has_frame => {
                self.scans = self.scans.saturating_add(1);
                if self.scans > MOST_SCANS {
                    return Err(Fault::Damaged);
                }
                tables::require_scan(segment)?;
                self.tables.begin_scan();
                self.keep(marker, size, segment);
                let scan = scan(reader.rest())?;
                self.body.extend_from_slice(reader.take(scan)?);
            }
            frame if FRAMES.contains(&frame) && !self.has_frame => {
                self.has_frame = true;
                require_frame(segment)?;
                self.keep(marker, size, segment);
            }
            DHT | DQT | DRI => {
                self.tables.take(marker, segment)?;
                self.keep(marker, size, segment);
            }
            APP0 => self.jfif = self.jfif.or(jfif(segment)),
            APP1 => self.orientation = self.orientation.or(segment.strip_prefix(EXIF).and_then(orientation)),
            APP14 => self.adobe = self.adobe.or(adobe(segment)),
            APP2..=APP15 | COM => self.has_more |= marker == APP2 && segment.starts_with(b"MPF\0"),
            _ => return Err(Fault::Damaged),
        }
        Ok(())
    }

    fn keep(&mut self, marker: u8, size: u16, segment: &[u8]) {
        self.body.extend([0xFF, marker]);
        self.body.extend(size.to_be_bytes());
        self.body.extend_from_slice(segment);
    }

    fn write(self) -> Result<Vec<u8>, Fault> {
        let mut written = vec![0xFF, SOI];
        if let Some(jfif) = self.jfif {
            written.extend([0xFF, APP0, 0, 16]);
            written.extend(b"JFIF\0");
            written.extend(jfif);
            written.extend([0, 0]);
        }
        if let Some(orientation) = self.orientation.filter(|orientation| (2..=8).contains(orientation)) {
            written.extend(exif(orientation)?);
        }
        if let Some(adobe) = self.adobe {
            written.extend([0xFF, APP14, 0, 14]);
            written.extend(ADOBE);
            written.push(adobe);
        }
        written.extend(self.body);
        written.extend([0xFF, EOI]);
        Ok(written)
    }
}

/// The next marker; bytes FF before it fill up.
fn marker(reader: &mut Reader<'_>) -> Result<u8, Fault> {
    if reader.byte()? != 0xFF {
        return Err(Fault::Damaged);
    }
    loop {
        match reader.byte()? {
            0xFF => {}
            marker => return Ok(marker),
        }
    }
}

/// How many bytes of a scan stand before the next marker: 00 behind FF is a byte FF, and D0 to D7 are restarts.
fn scan(bytes: &[u8]) -> Result<usize, Fault> {
    let mut bytes = bytes.iter().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        if *byte == 0xFF {
            match bytes.peek() {
                Some((_, 0x00 | 0xD0..=0xD7)) => drop(bytes.next()),
                Some((_, 0xFF)) => {}
                Some(_) => return Ok(at),
                None => return Err(Fault::Damaged),
            }
        }
    }
    Err(Fault::Damaged)
}

/// The head of JFIF, where it is one: version 1, no unit or dots an inch or a centimetre (section 10.1 of ITU-T T.871).
fn jfif(segment: &[u8]) -> Option<[u8; 7]> {
    let head: &[u8; 7] = segment.strip_prefix(b"JFIF\0")?.first_chunk()?;
    matches!(head, [1, 0..=2, 0..=2, ..]).then_some(*head)
}

fn adobe(segment: &[u8]) -> Option<u8> {
    segment.starts_with(b"Adobe").then(|| segment.get(11).copied()).flatten().filter(|colours| *colours <= 2)
}

/// The head of a frame: precision, height, width, and the parts that the colours have.
fn require_frame(segment: &[u8]) -> Result<(), Fault> {
    let mut reader = Reader::new(segment);
    let (precision, height, width, parts) = (reader.byte()?, reader.u16()?, reader.u16()?, reader.byte()?);
    let (list, []) = reader.rest().as_chunks::<3>() else { return Err(Fault::Damaged) };
    let is_part = |[_, sampling, table]: &[u8; 3]| {
        (1..=4).contains(&(sampling >> 4)) && (1..=4).contains(&(sampling & 15)) && *table <= 3
    };
    let is_right = matches!(precision, 8 | 12)
        && (1..=4).contains(&parts)
        && list.len() == usize::from(parts)
        && list.iter().all(is_part);
    if !is_right {
        return Err(Fault::Damaged);
    }
    require_size(u32::from(width), u32::from(height))
}

/// Which way up a picture is, of the first directory of its Exif data (TIFF 6.0, section 2).
fn orientation(tiff: &[u8]) -> Option<u16> {
    let is_big = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let u16_of = |bytes: [u8; 2]| if is_big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) };
    let u32_of = |bytes: [u8; 4]| if is_big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
    let start = usize::try_from(u32_of(*tiff.get(4..)?.first_chunk()?)).ok()?;
    let (count, entries) = tiff.get(start..)?.split_first_chunk()?;
    let (entries, _) = entries.as_chunks::<12>();
    let entry = entries
        .iter()
        .take(usize::from(u16_of(*count)))
        .find(|[one, other, ..]| u16_of([*one, *other]) == ORIENTATION)?;
    let [_, _, _, _, _, _, _, _, one, other, ..] = entry;
    Some(u16_of([*one, *other]))
}

/// Exif data that say which way up a picture is, and nothing else.
fn exif(orientation: u16) -> Result<Vec<u8>, Fault> {
    let mut tiff = b"MM\0*\0\0\0\x08\0\x01".to_vec();
    tiff.extend(ORIENTATION.to_be_bytes());
    tiff.extend([0, 3, 0, 0, 0, 1]);
    tiff.extend(orientation.to_be_bytes());
    tiff.extend([0; 6]);
    let size = tiff.len().checked_add(EXIF.len()).and_then(|size| size.checked_add(2));
    let size = size.and_then(|size| u16::try_from(size).ok()).ok_or(Fault::Damaged)?;
    let mut segment = vec![0xFF, APP1];
    segment.extend(size.to_be_bytes());
    segment.extend_from_slice(EXIF);
    segment.extend(tiff);
    Ok(segment)
}
