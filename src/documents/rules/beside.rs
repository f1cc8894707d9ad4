//! What would make another program read a document as something else: archives and pages inside of it.

use super::reader::find;
use super::{Fault, MediaType};

/// ZIP readers look for the end of the directory this far from the end of a file: its 22 bytes, a comment of 65,535, and a bit.
const ZIP_END_WITHIN: usize = 66_000;
const ZIP_END: &[u8] = b"PK\x05\x06";
const ZIP_ENTRY: &[u8] = b"PK\x03\x04";
/// The marks of RAR and 7z; a program that unpacks itself has them anywhere.
const ARCHIVES: [&[u8]; 2] = [b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c"];
/// How gzip, bzip2, xz, zstd, cabinets, old documents of offices, programs and another PDF begin.
const FILES: [&[u8]; 8] = [
    b"\x1f\x8b\x08",
    b"BZh",
    b"\xfd7zXZ\0",
    b"\x28\xb5\x2f\xfd",
    b"MSCF\0",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"\x7fELF",
    b"%PDF-",
];
/// PDF readers look this far for the header, browsers about as far for a page.
const HEAD: usize = 1024;
const PAGES: [&[u8]; 5] = [b"<html", b"<script", b"<!doctype", b"<svg", b"<?php"];

pub(super) fn require_none(bytes: &[u8], media_type: MediaType) -> Result<(), Fault> {
    require_no_archive(bytes)?;
    let head = bytes.get(..HEAD.min(bytes.len())).unwrap_or_default().to_ascii_lowercase();
    let is_page = PAGES.iter().any(|page| find(&head, page).is_some());
    let is_pdf_too = media_type != MediaType::Pdf && find(&head, b"%pdf-").is_some();
    if is_page || is_pdf_too { Err(Fault::Polyglot) } else { Ok(()) }
}

pub(super) fn require_no_archive(bytes: &[u8]) -> Result<(), Fault> {
    let tail = bytes.get(bytes.len().saturating_sub(ZIP_END_WITHIN)..).unwrap_or_default();
    let is_archive = find(tail, ZIP_END).is_some()
        || holds_zip_entry(bytes)
        || ARCHIVES.iter().any(|mark| find(bytes, mark).is_some());
    if is_archive { Err(Fault::HoldsFiles) } else { Ok(()) }
}

/// Whether bytes inside of a document begin as a file of their own does.
pub(super) fn require_no_file(bytes: &[u8]) -> Result<(), Fault> {
    if FILES.iter().any(|mark| bytes.starts_with(mark)) { Err(Fault::HoldsFiles) } else { Ok(()) }
}

/// The head of a file in a ZIP: the mark alone also comes by chance, with a version and a method that exist hardly ever
/// (APPNOTE.TXT, section 4.3.7).
fn holds_zip_entry(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = find(rest, ZIP_ENTRY) {
        let Some((_, behind)) = rest.split_at_checked(at.saturating_add(ZIP_ENTRY.len())) else { return false };
        if let Some([version, system, _, _, method, 0, ..]) = behind.first_chunk::<6>() {
            let is_entry = *version <= 63 && *system <= 20 && matches!(method, 0 | 8 | 9 | 12 | 14 | 93 | 95 | 98 | 99);
            if is_entry {
                return true;
            }
        }
        rest = behind;
    }
    false
}
