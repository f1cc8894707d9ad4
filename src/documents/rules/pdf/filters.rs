//! How the streams of a PDF are packed (ISO 32000-1, section 7.4): the ways that papers need, each within limits.

use flate2::{Decompress, FlushDecompress, Status};

use super::words::{Dictionary, is_space};
use crate::documents::rules::Fault;
use crate::documents::rules::reader::length;
use crate::documents::rules::rows::guessed;

const WINDOW: usize = 16 * 1024;
/// The widest row that is put together from differences, in samples, and the most samples of a dot.
const LONGEST_ROW: usize = 20_000;
const MOST_SAMPLES: usize = 32;

/// Unpacks zlib (RFC 1950) piece by piece, up to its end; what stands behind that, no reader looks at. Gives how many
/// bytes it read.
///
/// The checksum is passed over, as readers do.
pub(super) fn inflate(packed: &[u8], mut take: impl FnMut(&[u8]) -> Result<(), Fault>) -> Result<usize, Fault> {
    let (head, deflated) = packed.split_first_chunk::<2>().ok_or(Fault::Damaged)?;
    let is_zlib = u16::from_be_bytes(*head).is_multiple_of(31) && head.first().is_some_and(|method| method & 15 == 8);
    let has_dictionary = head.last().is_some_and(|flags| flags & 0x20 != 0);
    if !is_zlib || has_dictionary {
        return Err(Fault::Damaged);
    }
    let mut zlib = Decompress::new(false);
    let mut window = vec![0; WINDOW];
    loop {
        let (read, made) = (zlib.total_in(), zlib.total_out());
        let rest = deflated.get(length(read)?..).ok_or(Fault::Damaged)?;
        let status = zlib.decompress(rest, &mut window, FlushDecompress::None).map_err(|_| Fault::Damaged)?;
        take(window.get(..length(zlib.total_out().saturating_sub(made))?).ok_or(Fault::Damaged)?)?;
        if status == Status::StreamEnd {
            return length(zlib.total_in());
        }
        if zlib.total_in() == read && zlib.total_out() == made {
            return Err(Fault::Damaged);
        }
    }
}

/// Hexadecimal digits up to `>`. Gives how many bytes it read, too.
pub(super) fn hexadecimal(packed: &[u8]) -> Result<(Vec<u8>, usize), Fault> {
    let end = packed.iter().position(|byte| *byte == b'>').ok_or(Fault::Damaged)?;
    let digits = packed.iter().take(end).filter(|byte| !is_space(**byte));
    let digits = digits.map(|byte| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()));
    let digits: Vec<u8> = digits.collect::<Option<_>>().ok_or(Fault::Damaged)?;
    // A digit that is missing at the end is 0.
    let byte = |pair: &[u8]| pair.iter().chain(&[0]).take(2).fold(0, |byte: u8, digit| byte << 4 | digit);
    Ok((digits.chunks(2).map(byte).collect(), end))
}

/// Five signs for four bytes, up to `~>`. Gives how many bytes it read, too.
pub(super) fn ascii85(packed: &[u8]) -> Result<(Vec<u8>, usize), Fault> {
    let end = packed.iter().position(|byte| *byte == b'~').ok_or(Fault::Damaged)?;
    let (packed, behind) = packed.split_at_checked(end).ok_or(Fault::Damaged)?;
    if !behind.starts_with(b"~>") {
        return Err(Fault::Damaged);
    }
    let (mut unpacked, mut group) = (Vec::new(), Vec::with_capacity(5));
    for sign in packed.iter().filter(|byte| !is_space(**byte)) {
        match sign {
            b'z' if group.is_empty() => unpacked.extend([0; 4]),
            b'!'..=b'u' => group.push(sign.saturating_sub(b'!')),
            _ => return Err(Fault::Damaged),
        }
        if group.len() == 5 {
            unpacked.extend(group_of(&group)?);
            group.clear();
        }
    }
    if !group.is_empty() {
        let count = group.len().saturating_sub(1);
        group.resize(5, 84);
        unpacked.extend(group_of(&group)?.iter().take(count));
    }
    Ok((unpacked, end))
}

fn group_of(digits: &[u8]) -> Result<[u8; 4], Fault> {
    let number = digits.iter().try_fold(0_u32, |number, digit| number.checked_mul(85)?.checked_add(u32::from(*digit)));
    number.map(u32::to_be_bytes).ok_or(Fault::Damaged)
}

/// Puts rows together that are kept as differences (“predictors”, section 7.4.4.4): those of PNG, which packed objects have.
pub(super) fn from_differences(data: Vec<u8>, parameters: Option<&Dictionary>) -> Result<Vec<u8>, Fault> {
    let Some(parameters) = parameters else { return Ok(data) };
    match parameters.number(&[b"Predictor"])?.unwrap_or(1) {
        1 => return Ok(data),
        10..=15 => {}
        _ => return Err(Fault::Damaged),
    }
    let number = |key: &[u8], usual: i64, most: usize| {
        let number = length(parameters.number(&[key])?.unwrap_or(usual))?;
        (1..=most).contains(&number).then_some(number).ok_or(Fault::Damaged)
    };
    let samples = number(b"Colors", 1, MOST_SAMPLES)?;
    let bits = samples.saturating_mul(number(b"BitsPerComponent", 8, 16)?);
    let row = number(b"Columns", 1, LONGEST_ROW)?.saturating_mul(bits).div_ceil(8);
    let dot = bits.div_ceil(8);
    let mut whole: Vec<u8> = Vec::with_capacity(data.len());
    for packed in data.chunks(row.saturating_add(1)) {
        let (way, differences) = packed.split_first().ok_or(Fault::Damaged)?;
        for (at, difference) in differences.iter().enumerate() {
            let back = |bytes| whole.len().checked_sub(bytes).and_then(|at| whole.get(at)).copied().unwrap_or_default();
            let (left, corner) = if at < dot { (0, 0) } else { (back(dot), back(row.saturating_add(dot))) };
            let guess = guessed(*way, left, back(row), corner)?;
            whole.push(difference.wrapping_add(guess));
        }
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::super::words::Words;
    use super::*;

    #[test]
    fn rows_are_put_together_in_every_way() {
        // Two rows of three dots of one byte, the second kept in each of the ways of PNG.
        for (way, second) in
            [(0, [20, 30, 47]), (1, [20, 10, 17]), (2, [10, 19, 34]), (3, [15, 15, 26]), (4, [10, 10, 17])]
        {
            let rows = [&[0, 10, 11, 13, way], second.as_slice()].concat();
            let parameters = Words(b"<< /Predictor 15 /Columns 3 >>").dictionary().unwrap();
            let whole = from_differences(rows, parameters.as_ref()).unwrap();
            assert_eq!(whole, [10, 11, 13, 20, 30, 47], "{way}");
        }
    }

    #[test]
    fn texts_of_signs_are_bytes() {
        assert_eq!(ascii85(b"87cUR D]j7B\nEbo7~>"), Ok((b"Hello world".to_vec(), 16)));
        assert_eq!(ascii85(b"z!!~>"), Ok((vec![0; 5], 3)));
        assert_eq!(hexadecimal(b"4A 4b\n7>"), Ok((b"JKp".to_vec(), 7)));
        for wrong in [b"87cUR".as_slice(), b"87cUR~", b"uuuuu~>", b"8z~>", b"<~87cUR~>", b"\x80~>"] {
            assert_eq!(ascii85(wrong), Err(Fault::Damaged));
        }
        assert_eq!(hexadecimal(b"4G>"), Err(Fault::Damaged));
        assert_eq!(hexadecimal(b"4A"), Err(Fault::Damaged));
    }
}
