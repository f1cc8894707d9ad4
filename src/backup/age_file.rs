//! An age file while it is written: whole under its name, or not there at all.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use age::Encryptor;
use age::stream::StreamWriter;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::recipients::Recipients;
use super::{failed, folder_of};
use crate::crypto::sync_folder_of;
use crate::error::{Error, Result};

/// A file that stands, written to disk.
#[derive(Debug)]
pub struct Written {
    pub path: PathBuf,
    pub bytes: u64,
    /// In hex.
    pub sha256: String,
}

/// Encrypts what is written to it. Dropped before [`AgeFile::finish`], it leaves nothing.
pub(super) struct AgeFile {
    stream: StreamWriter<Counted>,
    path: PathBuf,
}

/// Counts and hashes what goes into a file.
struct Counted {
    file: NamedTempFile,
    hash: Sha256,
    bytes: u64,
}

impl AgeFile {
    /// Begins a file, of mode 0600 and under another name in the same folder.
    ///
    /// # Errors
    /// [`Error::File`] where the folder cannot be written to, or the name is taken.
    pub fn begin(path: &Path, recipients: &Recipients) -> Result<Self> {
        if path.symlink_metadata().is_ok() {
            return Err(failed(path)(io::Error::new(io::ErrorKind::AlreadyExists, "is there already")));
        }
        let unusable = |_| Error::Crypto("age cannot encrypt to these keys".into());
        let encryptor = Encryptor::with_recipients(recipients.iter()).map_err(unusable)?;
        // Whatever the umask, the owner alone may read it.
        let unnamed = tempfile::Builder::new().prefix(".fond-").suffix(".unfinished").tempfile_in(folder_of(path));
        let file = Counted { file: unnamed.map_err(failed(path))?, hash: Sha256::new(), bytes: 0 };
        let stream = encryptor.wrap_output(file).map_err(failed(path))?;
        Ok(Self { stream, path: path.to_owned() })
    }

    /// Writes the end, waits for the disk and gives the file its name, unless that is taken meanwhile.
    pub fn finish(self) -> Result<Written> {
        let Self { stream, path } = self;
        let Counted { file, hash, bytes } = stream.finish().map_err(failed(&path))?;
        file.as_file().sync_all().map_err(failed(&path))?;
        file.persist_noclobber(&path).map_err(|error| failed(&path)(error.error))?;
        sync_folder_of(&path).map_err(failed(&path))?;
        Ok(Written { path, bytes, sha256: HEXLOWER.encode(&hash.finalize()) })
    }
}

impl Write for AgeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        self.bytes = self.bytes.saturating_add(u64::try_from(written).unwrap_or(0));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
