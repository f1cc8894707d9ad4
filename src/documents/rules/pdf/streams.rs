//! The streams of a PDF (ISO 32000-1, section 7.3.8): each is unpacked as its dictionary says, or is a picture, or refused.
//!
//! Every place where a reader could find an object is one, in a comment or another stream too; where a stream ends is its
//! packing's word, not that of `/Length`, so what a reader sees is never more than what is looked at here.

use super::filters::{ascii85, from_differences, hexadecimal, inflate};
use super::names;
use super::trees::{number_before, require_below, require_below_packed};
use super::words::{Dictionary, Thing, Words, is_space};
use crate::documents::rules::reader::{find, length};
use crate::documents::rules::{Fault, beside, jpeg, require_size};

/// What all streams but pictures may come to at every step of unpacking, in bytes: no paper has so much text, so many objects.
const LARGEST_UNPACKED: usize = 32 * 1024 * 1024;
/// What all pictures may come to, in bytes.
const LARGEST_PICTURES: usize = 256 * 1024 * 1024;
/// The most bytes of a dot: four colours of 16 bits; and what a picture may have besides.
const LARGEST_DOT: u64 = 8;
const MORE_THAN_DOTS: usize = 64 * 1024;
/// How many streams a document may have: more than a hundred for each page of a book.
const MOST_STREAMS: usize = 20_000;
/// How much is read for all of that, in bytes: objects that lie in each other would be read again and again.
const MOST_READ: usize = 64 * 1024 * 1024;
/// One way of packing within another: text for old mail, and Flate in it.
const DEEPEST: usize = 2;
/// What dots are packed in that are not counted, for readers make as many of them as the size says.
const ONLY_DOTS: [&[u8]; 11] = [
    b"CCITTFaxDecode",
    b"CCF",
    b"JBIG2Decode",
    b"LZWDecode",
    b"LZW",
    b"RunLengthDecode",
    b"RL",
    b"ASCIIHexDecode",
    b"AHx",
    b"ASCII85Decode",
    b"A85",
];
/// How far from its beginning a picture says its size.
const JPX_HEAD: usize = 64 * 1024;
/// The beginning of a codestream of JPEG 2000, and the segment of its size.
const JPX_SIZE: &[u8] = b"\xFF\x4F\xFF\x51";

/// What may still be done.
struct Left {
    streams: usize,
    unpacked: usize,
    pictures: usize,
    read: usize,
}

fn spend(left: &mut usize, count: usize) -> Result<(), Fault> {
    *left = left.checked_sub(count).ok_or(Fault::TooMuchInside)?;
    Ok(())
}

/// Looks into every stream.
pub(super) fn check(bytes: &[u8]) -> Result<(), Fault> {
    let mut left =
        Left { streams: MOST_STREAMS, unpacked: LARGEST_UNPACKED, pictures: LARGEST_PICTURES, read: MOST_READ };
    let mut before = b' ';
    let mut rest = bytes;
    while let Some(at) = find(rest, b"obj") {
        let (passed, behind) = rest.split_at_checked(at).unwrap_or_default();
        before = passed.last().copied().unwrap_or(before);
        rest = behind.get(3..).unwrap_or_default();
        // `5 0 obj`, and not `endobj`.
        if is_space(before) || before.is_ascii_digit() {
            object(rest, number_before(passed), &mut left)?;
        }
        before = b'j';
    }
    Ok(())
}

fn object(bytes: &[u8], number: Option<u64>, left: &mut Left) -> Result<(), Fault> {
    let mut words = Words(bytes);
    words.skip_space();
    let dictionary = words.dictionary()?;
    words.skip_space();
    spend(&mut left.read, bytes.len().saturating_sub(words.0.len()))?;
    let Some(dictionary) = dictionary else { return Ok(()) };
    require_below(&dictionary, number)?;
    if let Some(behind) = words.0.strip_prefix(b"stream") {
        spend(&mut left.streams, 1)?;
        return stream(&dictionary, body(behind)?, left);
    }
    let is_over = matches!(words.0, [] | [b'0'..=b'9', ..])
        || [b"endobj".as_slice(), b"xref", b"startxref", b"trailer"].iter().any(|word| words.0.starts_with(word));
    is_over.then_some(()).ok_or(Fault::Damaged)
}

/// What stands behind the line of the word `stream`.
pub(super) fn body(behind: &[u8]) -> Result<&[u8], Fault> {
    let line = behind.iter().position(|byte| *byte != b' ').and_then(|at| behind.get(at..));
    match line.unwrap_or_default() {
        [b'\r', b'\n', body @ ..] | [b'\n' | b'\r', body @ ..] => Ok(body),
        _ => Err(Fault::Damaged),
    }
}

fn stream(dictionary: &Dictionary, body: &[u8], left: &mut Left) -> Result<(), Fault> {
    // Its bytes would be in another file.
    if dictionary.has(b"F") {
        return Err(Fault::HoldsFiles);
    }
    let filters = filters(dictionary)?;
    let is_picture = dictionary.is(b"Subtype", b"Image")? && !dictionary.has(b"N") && !dictionary.has(b"First");
    if is_picture {
        return picture(dictionary, &filters, body, left);
    }
    if is_empty(body) {
        return Ok(());
    }
    if filters.is_empty() {
        // Its names were seen where they stand.
        return beside::require_no_file(body);
    }
    let parameters = parameters(dictionary, filters.len())?;
    let mut data = None;
    for (filter, parameters) in filters.iter().zip(parameters) {
        let unpacked = unpack(filter, data.as_deref().unwrap_or(body), left)?;
        data = Some(from_differences(unpacked, parameters.filter(|_| is_flate(filter)))?);
    }
    let data = data.unwrap_or_default();
    beside::require_no_archive(&data)?;
    beside::require_no_file(&data)?;
    if dictionary.is(b"Type", b"ObjStm")? {
        require_below_packed(dictionary, &data, |count| spend(&mut left.read, count))?;
    }
    names(&data)
}

/// Some programs write a stream of nothing and say how it is packed.
fn is_empty(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"endstream")
}

fn is_flate(filter: &[u8]) -> bool {
    matches!(filter, b"FlateDecode" | b"Fl")
}

/// The names of how it is packed, the outermost first; they have to stand there.
fn filters(dictionary: &Dictionary) -> Result<Vec<&[u8]>, Fault> {
    let filters: Vec<&[u8]> = match dictionary.get(&[b"Filter"])? {
        None | Some(Thing::Null) => Vec::new(),
        Some(Thing::Name(name)) => vec![name],
        Some(Thing::List(list)) => list.iter().map(Thing::name).collect::<Option<_>>().ok_or(Fault::Damaged)?,
        Some(_) => return Err(Fault::Damaged),
    };
    (filters.len() <= DEEPEST).then_some(filters).ok_or(Fault::Damaged)
}

/// The parameters of each way of packing.
fn parameters(dictionary: &Dictionary, count: usize) -> Result<Vec<Option<&Dictionary>>, Fault> {
    let mut parameters = match dictionary.get(&[b"DecodeParms", b"DP"])? {
        None | Some(Thing::Null) => Vec::new(),
        Some(Thing::Dictionary(one)) if count == 1 => vec![Some(one)],
        Some(Thing::List(list)) if list.len() <= count => list.iter().map(parameters_of).collect::<Result<_, _>>()?,
        Some(_) => return Err(Fault::Damaged),
    };
    parameters.resize(count, None);
    Ok(parameters)
}

fn parameters_of(thing: &Thing) -> Result<Option<&Dictionary>, Fault> {
    match thing {
        Thing::Null => Ok(None),
        Thing::Dictionary(one) => Ok(Some(one)),
        _ => Err(Fault::Damaged),
    }
}

/// One step of unpacking.
fn unpack(filter: &[u8], packed: &[u8], left: &mut Left) -> Result<Vec<u8>, Fault> {
    let (unpacked, read) = match filter {
        _ if is_flate(filter) => {
            let mut unpacked = Vec::new();
            let most = &mut left.unpacked;
            let read = inflate(packed, |piece| {
                unpacked.extend_from_slice(piece);
                spend(most, piece.len())
            });
            spend(&mut left.read, read?)?;
            return Ok(unpacked);
        }
        b"ASCII85Decode" | b"A85" => ascii85(packed)?,
        b"ASCIIHexDecode" | b"AHx" => hexadecimal(packed)?,
        b"Crypt" => return Err(Fault::Encrypted),
        _ => return Err(Fault::Damaged),
    };
    spend(&mut left.read, read)?;
    spend(&mut left.unpacked, unpacked.len())?;
    Ok(unpacked)
}

/// Dots of a picture are not looked at, but how many it has.
fn picture(dictionary: &Dictionary, filters: &[&[u8]], body: &[u8], left: &mut Left) -> Result<(), Fault> {
    let size = |keys: &[&[u8]]| {
        let number = dictionary.number(keys)?;
        Ok(number.map(|number| u32::try_from(number.max(0)).unwrap_or(u32::MAX)))
    };
    let is_jpx = filters.contains(&b"JPXDecode".as_slice());
    let (width, height) = match (size(&[b"Width", b"W"])?, size(&[b"Height", b"H"])?) {
        (Some(width), Some(height)) => (width, height),
        (None, None) if is_jpx => (1, 1),
        _ => return Err(Fault::Damaged),
    };
    require_size(width, height)?;
    let most =
        length(u64::from(width).saturating_add(1).saturating_mul(u64::from(height)).saturating_mul(LARGEST_DOT))?;
    let mut most = most.saturating_add(MORE_THAN_DOTS);
    let mut data = None;
    for (at, filter) in filters.iter().enumerate() {
        let packed = data.as_deref().unwrap_or(body);
        let is_last = at.saturating_add(1) == filters.len();
        match *filter {
            _ if is_last && is_empty(packed) => {}
            flate if is_last && is_flate(flate) => {
                let pictures = &mut left.pictures;
                let read = inflate(packed, |piece| {
                    spend(&mut most, piece.len())?;
                    spend(pictures, piece.len())
                });
                spend(&mut left.read, read?)?;
            }
            b"DCTDecode" | b"DCT" if is_last => spend(&mut left.read, jpeg::require_small(packed)?)?,
            b"JPXDecode" if is_last => require_small_jpx(packed)?,
            dots if is_last && ONLY_DOTS.contains(&dots) => {}
            filter => data = Some(unpack(filter, packed, left)?),
        }
    }
    Ok(())
}

/// The size of a picture of JPEG 2000 (ITU-T T.800, section A.5.1).
fn require_small_jpx(bytes: &[u8]) -> Result<(), Fault> {
    let head = bytes.get(..JPX_HEAD.min(bytes.len())).unwrap_or_default();
    let size = find(head, JPX_SIZE).and_then(|at| head.get(at.checked_add(8)?..)?.first_chunk::<8>());
    let (words, _) = size.ok_or(Fault::Damaged)?.as_chunks::<4>();
    let [width, height] = words else { return Err(Fault::Damaged) };
    require_size(u32::from_be_bytes(*width), u32::from_be_bytes(*height))
}
