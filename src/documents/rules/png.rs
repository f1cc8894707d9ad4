//! PNG (ISO/IEC 15948): one picture whose every chunk is right; texts, times and what nobody knows are left out.

mod colours;
mod rows;

use flate2::{Crc, Decompress, FlushDecompress, Status};

use colours::Colours;
use rows::{Pass, Rows};

use super::reader::{Reader, length};
use super::{Fault, require_size};

pub(super) const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A];

/// What a picture may come to when it is unpacked, in bytes.
const LARGEST_UNPACKED: u64 = 512 * 1024 * 1024;
const WINDOW: usize = 64 * 1024;
/// Of pictures that move (APNG).
const MOVING: [&[u8; 4]; 3] = [b"acTL", b"fcTL", b"fdAT"];
/// The seven passes of Adam7: first column and row, steps.
const ADAM7: [(u32, u32, u32, u32); 7] =
    [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

/// The picture without its metadata.
pub(super) fn clean(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut reader = Reader::new(bytes);
    let mut written = reader.array::<8>()?.to_vec();
    let head = Chunk::read(&mut reader)?;
    if head.kind != *b"IHDR" {
        return Err(Fault::Damaged);
    }
    let mut colours = Colours::of(head.data)?;
    let mut data = Data::of(Head::read(head.data)?)?;
    written.extend_from_slice(head.whole);
    let mut is_behind_data = false;
    loop {
        let chunk = Chunk::read(&mut reader)?;
        match &chunk.kind {
            b"IEND" if chunk.data.is_empty() && data.is_whole() => {
                written.extend_from_slice(chunk.whole);
                // What stands behind the end is for other programs.
                return if reader.is_empty() { Ok(written) } else { Err(Fault::Polyglot) };
            }
            b"IDAT" if !is_behind_data && colours.are_whole() => data.take(chunk.data, colours.too_few())?,
            b"PLTE" if !data.has_begun => {
                if !colours.take_palette(chunk.data)? {
                    continue;
                }
            }
            kind if MOVING.contains(&kind) => return Err(Fault::Moving),
            kind if !data.has_begun && colours.take(kind, chunk.data) => {}
            // The picture is shown without it.
            [first, ..] if first.is_ascii_lowercase() => {
                is_behind_data |= data.has_begun;
                continue;
            }
            _ => return Err(Fault::Damaged),
        }
        written.extend_from_slice(chunk.whole);
    }
}

struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
    /// With its length, kind and checksum.
    whole: &'a [u8],
}

impl<'a> Chunk<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Fault> {
        let mut whole = *reader;
        let size = length(reader.u32()?)?;
        let kind = reader.array::<4>()?;
        let data = reader.take(size)?;
        let mut sum = Crc::new();
        sum.update(&kind);
        sum.update(data);
        if !kind.iter().all(u8::is_ascii_alphabetic) || reader.u32()? != sum.sum() {
            return Err(Fault::Damaged);
        }
        let whole = whole.take(size.checked_add(12).ok_or(Fault::Damaged)?)?;
        Ok(Self { kind, data, whole })
    }
}

#[derive(Clone, Copy)]
struct Head {
    width: u32,
    height: u32,
    bits_per_pixel: u32,
    is_interlaced: bool,
}

impl Head {
    fn read(data: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(data);
        let (width, height) = (reader.u32()?, reader.u32()?);
        let [depth, colour, compression, filter, interlace] = reader.array()?;
        let bits_per_pixel = match (colour, depth) {
            (0, 1 | 2 | 4 | 8 | 16) | (3, 1 | 2 | 4 | 8) => Some(u32::from(depth)),
            (2, 8 | 16) => u32::from(depth).checked_mul(3),
            (4, 8 | 16) => u32::from(depth).checked_mul(2),
            (6, 8 | 16) => u32::from(depth).checked_mul(4),
            _ => None,
        };
        let is_right = reader.is_empty() && (compression, filter) == (0, 0) && interlace <= 1;
        let bits_per_pixel = bits_per_pixel.filter(|_| is_right).ok_or(Fault::Damaged)?;
        require_size(width, height)?;
        Ok(Self { width, height, bits_per_pixel, is_interlaced: interlace == 1 })
    }

    /// The rows that are packed, pass by pass.
    fn passes(self) -> Vec<Pass> {
        if !self.is_interlaced {
            return vec![self.pass(self.width, self.height)];
        }
        let passes = ADAM7.iter().map(|(column, row, columns, lines)| {
            let width = self.width.saturating_sub(*column).div_ceil(*columns);
            self.pass(width, self.height.saturating_sub(*row).div_ceil(*lines))
        });
        passes.filter(|pass| pass.width > 0 && pass.rows > 0).collect()
    }

    fn pass(self, width: u32, rows: u32) -> Pass {
        Pass { width, rows, bits_per_pixel: self.bits_per_pixel }
    }
}

/// The picture itself, unpacked to be looked at row by row and thrown away.
struct Data {
    zlib: Decompress,
    window: Vec<u8>,
    expected: u64,
    rows: Rows,
    has_begun: bool,
    has_ended: bool,
}

impl Data {
    fn of(head: Head) -> Result<Self, Fault> {
        let passes = head.passes();
        let expected = passes.iter().try_fold(0_u64, |sum, pass| sum.checked_add(pass.bytes()?));
        let expected = expected.filter(|bytes| *bytes <= LARGEST_UNPACKED).ok_or(Fault::TooManyPixels)?;
        let (zlib, window, rows) = (Decompress::new(true), vec![0; WINDOW], Rows::of(passes));
        Ok(Self { zlib, window, expected, rows, has_begun: false, has_ended: false })
    }

    /// Unpacks what is packed in a chunk. `colours` is how many a palette has, where dots could say more.
    fn take(&mut self, mut packed: &[u8], colours: Option<u8>) -> Result<(), Fault> {
        if !self.has_begun {
            (self.has_begun, self.rows.colours) = (true, colours);
        }
        while !packed.is_empty() {
            if self.has_ended {
                return Err(Fault::Polyglot);
            }
            let read = self.zlib.total_in();
            let made = self.unpack(packed, FlushDecompress::None)?;
            let consumed = length(self.zlib.total_in().saturating_sub(read))?;
            packed = packed.get(consumed..).ok_or(Fault::Damaged)?;
            let is_stuck = consumed == 0 && made == 0 && !self.has_ended;
            if is_stuck {
                return Err(Fault::Damaged);
            }
        }
        Ok(())
    }

    /// One step. Gives how many bytes it made.
    fn unpack(&mut self, packed: &[u8], flush: FlushDecompress) -> Result<usize, Fault> {
        let before = self.zlib.total_out();
        let status = self.zlib.decompress(packed, &mut self.window, flush).map_err(|_| Fault::Damaged)?;
        self.has_ended = status == Status::StreamEnd;
        if self.zlib.total_out() > self.expected {
            return Err(Fault::Damaged);
        }
        let made = length(self.zlib.total_out().saturating_sub(before))?;
        self.rows.take(self.window.get(..made).ok_or(Fault::Damaged)?)?;
        Ok(made)
    }

    /// Whether the rows that the head speaks of were there, all of them and no more.
    fn is_whole(&mut self) -> bool {
        while !self.has_ended {
            if matches!(self.unpack(&[], FlushDecompress::Finish), Err(_) | Ok(0)) {
                break;
            }
        }
        self.has_ended && self.zlib.total_out() == self.expected
    }
}
