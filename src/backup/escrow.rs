//! The master key, saved for custodians.

use std::io::Write;
use std::path::Path;

use super::age_file::{AgeFile, Written};
use super::failed;
use super::recipients::Recipients;
use crate::crypto::MasterKey;
use crate::error::Result;

/// Writes the master key to a new file of mode 0600 that each of the recipients opens alone. What they find in it is a file of
/// a master key, byte for byte.
///
/// # Errors
/// [`crate::error::Error::File`] where the file exists already (it is never overwritten) or cannot be written.
pub fn escrow(key: &MasterKey, recipients: &Recipients, out: &Path) -> Result<Written> {
    let mut file = AgeFile::begin(out, recipients)?;
    file.write_all(key.text().as_bytes()).map_err(failed(out))?;
    file.finish()
}
