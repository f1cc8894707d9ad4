//! Words beside the pictures of a HEIC: of the kinds of files it belongs to, of what reads it, of its items.

use std::ops::Range;

use super::ANY_PICTURE;
use super::items::{Item, Role, XMP};
use crate::documents::rules::Fault;

/// The most kinds of files that one file belongs to; telephones write two to ten.
const MOST: usize = 32;
/// Kinds of files that say how to read a picture.
const BRANDS: [[u8; 4]; 12] = [
    *b"heic", *b"heix", *b"heim", *b"heis", *b"mif1", *b"mif2", *b"miaf", *b"MiHB", *b"MiHE", *b"MiHA", *b"MiPr",
    *b"1pic",
];
const HANDLER: &[u8; 4] = b"pict";
/// What an item is that nobody needs to read.
const NOTHING: &[u8; 4] = b"free";

/// Makes a picture in general of every kind of file that is not on the list, and the number of its version zero.
pub fn clean_brands(written: &mut [u8], ftyp: Range<usize>) -> Result<(), Fault> {
    let content = written.get_mut(ftyp).ok_or(Fault::Damaged)?;
    let ([_, version, brands @ ..], []) = content.as_chunks_mut::<4>() else { return Err(Fault::Damaged) };
    if brands.len() > MOST {
        return Err(Fault::Damaged);
    }
    *version = [0; 4];
    for brand in brands {
        if !BRANDS.contains(brand) {
            *brand = *ANY_PICTURE;
        }
    }
    Ok(())
}

/// That it is for pictures is all that stays of what reads the items.
pub fn clean_handler(written: &mut [u8], hdlr: Range<usize>) -> Result<(), Fault> {
    let content = written.get_mut(hdlr).ok_or(Fault::Damaged)?;
    if content.get(8..12) != Some(HANDLER.as_slice()) {
        return Err(Fault::Damaged);
    }
    content.fill(0);
    content.get_mut(8..12).ok_or(Fault::Damaged)?.copy_from_slice(HANDLER);
    Ok(())
}

/// Takes the name, the media type and the address of an item. XMP stays XMP, for it is made such that says nothing; a
/// preview is none any more, or readers would show what became of it.
pub fn clean_item(written: &mut [u8], item: &Item) -> Result<(), Fault> {
    let texts = written.get_mut(item.texts.clone()).ok_or(Fault::Damaged)?;
    texts.fill(0);
    if item.role == Role::Xmp {
        texts.iter_mut().skip(1).zip(XMP).for_each(|(byte, sign)| *byte = *sign);
    }
    if item.role == Role::Preview {
        written.get_mut(item.letters.clone()).ok_or(Fault::Damaged)?.copy_from_slice(NOTHING);
    }
    Ok(())
}
