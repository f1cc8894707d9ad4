//! What stands in a HEIC where its Exif data and XMP were: the same that says nothing, of the same length.

use std::ops::Range;

use super::items::Role;
use crate::documents::rules::Fault;

/// Where the head of TIFF begins behind these four bytes (ISO/IEC 23008-12, section A.2.1), the head, and a directory of one
/// entry, for it must have one (TIFF 6.0, section 2): that the picture stands upright. How it is turned, HEIC says elsewhere.
const EXIF: &[u8] = b"\0\0\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x01\0\0\0\0\0\0";
/// A description of nothing (ISO 16684-1, section 7.4).
const XMP: &[u8] = b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>";

/// Fills the pieces of an item; where they are too short for what says nothing, with zeros or blanks alone.
///
/// # Errors
/// [`Fault::Damaged`] where they are outside of the file.
pub fn write(bytes: &mut [u8], role: Role, ranges: &[Range<usize>]) -> Result<(), Fault> {
    let (body, filler) = match role {
        Role::Exif => (EXIF, 0),
        Role::Xmp => (XMP, b' '),
        Role::Picture | Role::Preview | Role::Other => return Ok(()),
    };
    let size = ranges.iter().fold(0_usize, |sum, range| sum.saturating_add(range.len()));
    let body = if body.len() <= size { body } else { &[] };
    let mut body = body.iter().copied().chain(std::iter::repeat(filler));
    for range in ranges {
        let piece = bytes.get_mut(range.clone()).ok_or(Fault::Damaged)?;
        piece.iter_mut().zip(&mut body).for_each(|(byte, empty)| *byte = empty);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_goes_over_several_pieces() {
        for (role, body, filler) in [(Role::Exif, EXIF, 0), (Role::Xmp, XMP, b' ')] {
            let mut bytes = [7; 100];
            write(&mut bytes, role, &[50..90, 5..6, 7..50]).unwrap();
            let [first, second, third] = [50..90, 5..6, 7..50].map(|range| bytes[range].to_vec());
            let written = [first, second, third].concat();
            assert!(written.starts_with(body), "{role:?}");
            assert!(written[body.len()..].iter().all(|byte| *byte == filler), "{role:?}");
            assert_eq!((bytes[4], bytes[6], bytes[90]), (7, 7, 7));
            write(&mut bytes, role, std::slice::from_ref(&(0..20))).unwrap();
            assert_eq!(bytes[..21], [[filler; 20].as_slice(), &bytes[20..21]].concat(), "too short: {role:?}");
            assert_eq!(write(&mut bytes, role, std::slice::from_ref(&(90..101))), Err(Fault::Damaged));
        }
        let mut bytes = [7; 100];
        write(&mut bytes, Role::Other, std::slice::from_ref(&(0..100))).unwrap();
        assert_eq!(bytes, [7; 100]);
    }
}
