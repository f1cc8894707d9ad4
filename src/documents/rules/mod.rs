//! What a document may be: one PDF, JPEG, PNG or HEIC and nothing beside it, told by its bytes alone.
//!
//! A picture is read to its end and written anew without what is not needed to show it: place, time, device, previews. Of a
//! PDF the bytes are looked at, and it stays as it is. Nothing here shows a document, and nothing follows what is in it.

mod beside;
mod heic;
mod jpeg;
mod pdf;
mod png;
mod reader;
mod rows;
#[cfg(test)]
mod tests;

use sha2::{Digest, Sha256};

/// The most that one document may hold, in bytes: 10 MiB.
pub const LARGEST: usize = 10 * 1024 * 1024;
/// The most that all documents of an application may hold, in bytes: 50 MiB.
pub const LARGEST_TOGETHER: i64 = 50 * 1024 * 1024;
/// How many documents an application may have.
pub const MOST: usize = 50;
/// The most pixels of a side, and of a picture.
const LONGEST_SIDE: u32 = 20_000;
const MOST_PIXELS: u64 = 100_000_000;

crate::text_enum! {
    /// What a document is.
    pub enum MediaType {
        Pdf => "application/pdf",
        Jpeg => "image/jpeg",
        Png => "image/png",
        Heic => "image/heic",
    }
}

impl MediaType {
    /// The usual ending of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Heic => "heic",
        }
    }
}

crate::text_enum! {
    /// Why a document is not taken.
    pub enum Fault {
        /// None of the four kinds.
        TypeUnknown => "document_type_unknown",
        /// It does not keep to the rules of its kind, from its first byte to its last.
        Damaged => "document_damaged",
        TooManyPixels => "document_too_many_pixels",
        /// A film, a picture that moves, a PDF with films or sounds.
        Moving => "document_moving",
        /// It can be read as something else too.
        Polyglot => "document_polyglot",
        /// A PDF with other files in it, or an archive.
        HoldsFiles => "document_holds_files",
        /// A PDF that starts, sends or fetches something.
        HoldsProgram => "document_holds_program",
        Encrypted => "document_encrypted",
        /// What is packed in it comes to more than a document has.
        TooMuchInside => "document_too_much_inside",
    }
}

/// A document as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clean {
    pub media_type: MediaType,
    pub content: Vec<u8>,
    /// SHA-256 of the content.
    pub digest: [u8; 32],
}

/// Looks at a document as it was sent, and takes out of a picture what is not needed to show it.
///
/// # Errors
/// Why it is not taken.
pub fn clean(sent: &[u8]) -> Result<Clean, Fault> {
    let media_type = told(sent).ok_or(Fault::TypeUnknown)?;
    beside::require_none(sent, media_type)?;
    let content = match media_type {
        MediaType::Pdf => pdf::check(sent).map(|()| sent.to_vec()),
        MediaType::Jpeg => jpeg::clean(sent),
        MediaType::Png => png::clean(sent),
        MediaType::Heic => heic::clean(sent),
    }?;
    let digest = Sha256::digest(&content).into();
    Ok(Clean { media_type, content, digest })
}

/// Which kind the first bytes tell.
fn told(bytes: &[u8]) -> Option<MediaType> {
    match () {
        () if bytes.starts_with(&jpeg::BEGINNING) => Some(MediaType::Jpeg),
        () if bytes.starts_with(&png::SIGNATURE) => Some(MediaType::Png),
        () if bytes.starts_with(pdf::HEADER) => Some(MediaType::Pdf),
        () if heic::is_told(bytes) => Some(MediaType::Heic),
        () => None,
    }
}

/// Whether a picture of this size can be shown without harm.
fn require_size(width: u32, height: u32) -> Result<(), Fault> {
    let pixels = u64::from(width).saturating_mul(u64::from(height));
    if pixels == 0 {
        return Err(Fault::Damaged);
    }
    let is_small = width <= LONGEST_SIDE && height <= LONGEST_SIDE && pixels <= MOST_PIXELS;
    is_small.then_some(()).ok_or(Fault::TooManyPixels)
}
