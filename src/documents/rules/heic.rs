//! HEIC (ISO/IEC 23008-12 in the boxes of ISO/IEC 14496-12): pictures stay where they lie, everything else is overwritten.
//!
//! Where a picture lies is written in bytes from the beginning of the file, so nothing is cut out: what is no picture
//! becomes zeros (place, time and device are “items” of their own, as are texts). Exif data and XMP stay in the list of
//! items, and readers look at them: they become such that say nothing. Of what stands beside the data a list says what
//! may stay; previews are told from pictures by what refers to what.

mod boxes;
mod empty;
mod items;
mod names;
mod properties;
mod references;

use std::collections::BTreeMap;
use std::ops::Range;

use boxes::{Part, parts};
use items::{Item, Role, items, places, primary};

use super::reader::Reader;
use super::{Fault, require_size};

/// The kinds of files that hold HEVC pictures.
const BRANDS: [&[u8; 4]; 4] = [b"heic", b"heix", b"heim", b"heis"];
/// A picture in general; which one, the other brands say.
const ANY_PICTURE: &[u8; 4] = b"mif1";
/// Of films.
const MOVING: [&[u8; 4]; 5] = [b"moov", b"moof", b"mfra", b"sidx", b"styp"];
/// What is read of a list of items, each there once. Other files (`dinf`) no item may lie in, and groups of items
/// (`grpl`) show no picture.
const KNOWN: [&[u8; 4]; 7] = [b"hdlr", b"pitm", b"iinf", b"iref", b"iprp", b"iloc", b"idat"];

/// Whether the first box names a kind of file that is taken.
pub(super) fn is_told(bytes: &[u8]) -> bool {
    let brands = || {
        let mut reader = Reader::new(bytes);
        let size = usize::try_from(reader.u32().ok()?).ok()?;
        (reader.array::<4>().ok()? == *b"ftyp").then_some(())?;
        let major = reader.array::<4>().ok()?;
        reader.u32().ok()?;
        let (others, _) = reader.rest().get(..size.checked_sub(16)?)?.as_chunks::<4>();
        let is_heic = |brand: &[u8; 4]| BRANDS.contains(&brand);
        Some(is_heic(&major) || (major == *ANY_PICTURE && others.iter().any(is_heic)))
    };
    brands().unwrap_or_default()
}

/// The same file, with zeros where something else than its pictures was.
pub(super) fn clean(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let all = parts(bytes, 0..bytes.len())?;
    if all.iter().any(|part| MOVING.contains(&&part.kind)) {
        return Err(Fault::Moving);
    }
    let is_known = |part: &Part| [b"ftyp", b"meta", b"mdat", b"free", b"skip"].contains(&&part.kind);
    let Some(first) = all.first() else { return Err(Fault::Damaged) };
    if first.kind != *b"ftyp" || !all.iter().skip(1).all(|part| is_known(part) && part.kind != *b"ftyp") {
        return Err(Fault::Polyglot);
    }
    let mut metas = all.iter().filter(|part| part.kind == *b"meta");
    let (Some(meta), None) = (metas.next(), metas.next()) else { return Err(Fault::Damaged) };
    let inside = parts(bytes, meta.content(4)?)?;
    let content_of = |kind: &[u8; 4]| inside.iter().find(|part| part.kind == *kind).map(|part| part.range.clone());
    let slice = |range: Option<Range<usize>>| range.and_then(|range| bytes.get(range)).ok_or(Fault::Damaged);

    if KNOWN.iter().any(|kind| inside.iter().filter(|part| part.kind == **kind).count() > 1) {
        return Err(Fault::Damaged);
    }
    let iprp = content_of(b"iprp").ok_or(Fault::Damaged)?;
    properties::require_sizes(bytes, iprp.clone())?;
    let mut items = items(bytes, content_of(b"iinf").ok_or(Fault::Damaged)?)?;
    references::choose(bytes, content_of(b"iref"), primary(slice(content_of(b"pitm"))?)?, &mut items)?;
    let (pictures, others): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|item| item.role == Role::Picture);
    let idat = content_of(b"idat");
    let data: Vec<Range<usize>> =
        all.iter().filter(|part| part.kind == *b"mdat").map(|part| part.range.clone()).chain(idat.clone()).collect();
    let places = places(slice(content_of(b"iloc"))?, &data, idat.as_ref())?;

    let mut written = bytes.to_vec();
    for range in &data {
        written.get_mut(range.clone()).ok_or(Fault::Damaged)?.fill(0);
    }
    for (id, ranges) in &places {
        if let Some(other) = others.iter().find(|other| other.id == *id) {
            empty::write(&mut written, other.role, ranges)?;
        }
    }
    for (id, ranges) in &places {
        let Some(picture) = pictures.iter().find(|picture| picture.id == *id) else { continue };
        match &picture.kind {
            b"grid" => require_grid(bytes, ranges)?,
            // It is another one as it is, and says nothing itself.
            b"iden" if !ranges.is_empty() => return Err(Fault::Damaged),
            _ => {}
        }
        for range in ranges {
            let (to, from) = (written.get_mut(range.clone()), bytes.get(range.clone()));
            to.zip(from).map(|(to, from)| to.copy_from_slice(from)).ok_or(Fault::Damaged)?;
        }
    }
    let is_there = |picture: &Item| places.iter().any(|(id, ranges)| *id == picture.id && !ranges.is_empty());
    if !pictures.iter().any(is_there) {
        return Err(Fault::Damaged);
    }
    blank(&mut written, all.iter().filter(|part| matches!(&part.kind, b"free" | b"skip")))?;
    blank(&mut written, inside.iter().filter(|part| !KNOWN.contains(&&part.kind)))?;
    let shown: BTreeMap<u32, [u8; 4]> = pictures.iter().map(|picture| (picture.id, picture.kind)).collect();
    properties::clean(bytes, iprp, &shown, &mut written)?;
    names::clean_brands(&mut written, first.range.clone())?;
    if let Some(hdlr) = content_of(b"hdlr") {
        names::clean_handler(&mut written, hdlr)?;
    }
    for item in pictures.iter().chain(&others) {
        names::clean_item(&mut written, item)?;
    }
    Ok(written)
}

/// Makes boxes free space.
fn blank<'a>(bytes: &mut [u8], parts: impl Iterator<Item = &'a Part>) -> Result<(), Fault> {
    for part in parts {
        bytes.get_mut(part.name.clone()).ok_or(Fault::Damaged)?.copy_from_slice(b"free");
        bytes.get_mut(part.range.clone()).ok_or(Fault::Damaged)?.fill(0);
    }
    Ok(())
}

/// The size that a picture of tiles has when they are put together; all pieces of its data say that and nothing else.
fn require_grid(bytes: &[u8], ranges: &[Range<usize>]) -> Result<(), Fault> {
    let pieces: Option<Vec<&[u8]>> = ranges.iter().map(|range| bytes.get(range.clone())).collect();
    let whole = pieces.ok_or(Fault::Damaged)?.concat();
    let mut reader = Reader::new(&whole);
    let [_, flags, _, _] = reader.array()?;
    match flags & 1 {
        0 => require_size(u32::from(reader.u16()?), u32::from(reader.u16()?))?,
        _ => require_size(reader.u32()?, reader.u32()?)?,
    }
    if reader.is_empty() { Ok(()) } else { Err(Fault::Damaged) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_is_all_of_its_pieces_and_nothing_else() {
        let bytes = [64, 0, 64, 7, 0, 0, 0, 0, 0];
        assert_eq!(require_grid(&bytes, &[4..9, 0..3]), Ok(()));
        assert_eq!(require_grid(&bytes, &[4..9, 0..4]), Err(Fault::Damaged));
        assert_eq!(require_grid(&bytes, &[4..9, 0..2]), Err(Fault::Damaged));
        assert_eq!(require_grid(&bytes, &[]), Err(Fault::Damaged));
    }
}
