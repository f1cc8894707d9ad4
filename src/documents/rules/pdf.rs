//! PDF (ISO 32000), looked at by its bytes: what it names, also in what is packed; nothing of it is shown or followed.

mod filters;
mod headers;
mod links;
mod streams;
mod trees;
mod words;

use super::reader::find;
use super::{Fault, LONGEST_SIDE};
use words::{Words, is_space, name};

pub(super) const HEADER: &[u8] = b"%PDF-";
const END: &[u8] = b"%%EOF";
/// Readers look for the table of objects this far from the end.
const TABLE_WITHIN: usize = 1024;
/// Names that mean other files, inside or elsewhere.
const FILES: [&[u8]; 6] = [b"EmbeddedFile", b"EmbeddedFiles", b"FileAttachment", b"Filespec", b"RichMedia", b"GoToE"];
/// The same, so short that they also come by chance: they mean it where a dictionary or a reference follows.
const FILE_KEYS: [&[u8]; 4] = [b"EF", b"AF", b"Ref", b"OPI"];
/// Names that mean something is started, sent or fetched.
const PROGRAMS: [&[u8]; 7] = [b"JavaScript", b"Launch", b"SubmitForm", b"ImportData", b"GoToR", b"Rendition", b"XFA"];
/// A link waits for a click, and every bank writes some; where it leads is looked at.
const LINK: &[u8] = b"URI";
/// What is done without a click, when a page or a field is come to or left: whatever it is.
const BY_ITSELF: &[u8] = b"AA";
/// Films, sounds, models.
const MOVING: [&[u8]; 2] = [b"Movie", b"Sound"];
const MOVING_KEY: &[u8] = b"3DD";
/// The kind of an annotation, of which these play something; elsewhere the names mean other things, or come by chance.
const KIND: &[u8] = b"Subtype";
const PLAYING: [&[u8]; 2] = [b"3D", b"Screen"];
const ENCRYPTED: &[u8] = b"Encrypt";
/// What is done when it is opened. A place to show first is harmless, and many programs write one.
const OPENING: &[u8] = b"OpenAction";
/// How many dots, also of pictures within a page.
const SIDES: [&[u8]; 6] = [b"Width", b"W", b"Height", b"H", b"Columns", b"Rows"];
/// How far behind a name is looked for what it has; only comments are longer.
const NEAR: usize = 256;
/// The same for a number, of which there are very many.
const NEAR_NUMBER: usize = 32;

/// Whether a document begins and ends as a PDF does and names nothing that is more than paper.
pub(super) fn check(bytes: &[u8]) -> Result<(), Fault> {
    let version = bytes.strip_prefix(HEADER).and_then(|rest| rest.first_chunk::<3>());
    let is_known = version
        .is_some_and(|[major, point, minor]| matches!(major, b'1' | b'2') && *point == b'.' && minor.is_ascii_digit());
    let end = bytes.iter().rposition(|byte| !is_space(*byte)).map(|last| bytes.get(..=last).unwrap_or_default());
    let table = bytes.get(bytes.len().saturating_sub(TABLE_WITHIN)..).unwrap_or_default();
    if !is_known || find(table, b"startxref").is_none() {
        return Err(Fault::Damaged);
    }
    if !end.is_some_and(|bytes| bytes.ends_with(END)) {
        return Err(Fault::Polyglot);
    }
    names(bytes)?;
    streams::check(bytes)?;
    headers::require_one(bytes)
}

/// Looks at every name, wherever it stands: in a picture or a comment too, for a reader may see there what this does not.
/// By chance such long names come up nowhere.
fn names(bytes: &[u8]) -> Result<(), Fault> {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == b'/') {
        let (_, behind) = rest.split_at_checked(at.saturating_add(1)).unwrap_or_default();
        let (name, after) = name(behind);
        if let Some(fault) = meant(&name, after) {
            return Err(fault);
        }
        rest = behind;
    }
    Ok(())
}

/// What is wrong with a name and what follows it.
fn meant(name: &[u8], after: &[u8]) -> Option<Fault> {
    let has_things = || Words(near(after)).has_things();
    match name {
        _ if FILES.contains(&name) => Some(Fault::HoldsFiles),
        _ if FILE_KEYS.contains(&name) => has_things().then_some(Fault::HoldsFiles),
        _ if PROGRAMS.contains(&name) => Some(Fault::HoldsProgram),
        LINK => (!links::is_harmless(near(after))).then_some(Fault::HoldsProgram),
        BY_ITSELF => has_things().then_some(Fault::HoldsProgram),
        OPENING => (after.iter().find(|byte| !is_space(**byte)) != Some(&b'[')).then_some(Fault::HoldsProgram),
        _ if MOVING.contains(&name) => Some(Fault::Moving),
        KIND => kind(after),
        MOVING_KEY => has_things().then_some(Fault::Moving),
        ENCRYPTED => Some(Fault::Encrypted),
        _ if SIDES.contains(&name) => {
            let mut next = Words(after.get(..NEAR_NUMBER.min(after.len())).unwrap_or_default());
            next.skip_space();
            let is_large = next.number().is_some_and(|number| number > i64::from(LONGEST_SIDE));
            is_large.then_some(Fault::TooManyPixels)
        }
        _ => None,
    }
}

fn near(after: &[u8]) -> &[u8] {
    after.get(..NEAR.min(after.len())).unwrap_or_default()
}

/// What is wrong with what follows the word for a kind. One that lies elsewhere or too far is not known.
fn kind(after: &[u8]) -> Option<Fault> {
    let mut next = Words(near(after));
    next.skip_space();
    let rest = after.get(near(after).len().saturating_sub(next.0.len())..).unwrap_or_default();
    match next.0 {
        [] | [b'0'..=b'9', ..] => Some(Fault::Damaged),
        [b'/', ..] => PLAYING.contains(&name(rest.get(1..)?).0.as_slice()).then_some(Fault::Moving),
        _ => None,
    }
}
