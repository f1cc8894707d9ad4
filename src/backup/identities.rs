//! Identities: the secret keys of a custodian, and what they open.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use age::x25519::Identity;
use age::{DecryptError, Decryptor};
use zeroize::Zeroizing;

use super::failed;
use crate::error::{Error, Result};

const LONGEST_FILE: u64 = 1 << 20;

/// The keys of an identity file, as age-keygen makes it.
pub struct Identities {
    keys: Vec<Identity>,
    path: PathBuf,
}

impl Identities {
    /// Reads an identity file: a key a line (`AGE-SECRET-KEY-1…`), comments behind `#`.
    ///
    /// # Errors
    /// [`Error::File`] where it cannot be read, [`Error::Crypto`] where it holds anything else, or no key.
    pub fn read(path: &Path) -> Result<Self> {
        let mut text = Zeroizing::new(String::new());
        let file = File::open(path).map_err(failed(path))?;
        file.take(LONGEST_FILE).read_to_string(&mut text).map_err(failed(path))?;
        let mut keys = Vec::new();
        let lines = (1_usize..).zip(text.lines().map(str::trim));
        for (number, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let wrong = |_| Error::Crypto(format!("{}, line {number}: no secret key of age", path.display()));
            keys.push(line.parse().map_err(wrong)?);
        }
        if keys.is_empty() {
            return Err(Error::Crypto(format!("{} holds no secret key of age (AGE-SECRET-KEY-1…)", path.display())));
        }
        Ok(Self { keys, path: path.to_owned() })
    }

    /// What an encrypted file holds. Each part is verified before it is given; only the end tells that nothing is missing.
    pub(super) fn open(&self, file: &Path) -> Result<impl Read + use<>> {
        let source = BufReader::new(File::open(file).map_err(failed(file))?);
        let refused = |error| self.refusal(file, &error);
        let keys = self.keys.iter().map(|key| -> &dyn age::Identity { key });
        Decryptor::new_buffered(source).map_err(refused)?.decrypt(keys).map_err(refused)
    }

    fn refusal(&self, file: &Path, error: &DecryptError) -> Error {
        let (file, own) = (file.display(), self.path.display());
        Error::Crypto(match error {
            DecryptError::NoMatchingKeys => format!("{file} was encrypted to other keys than that of {own}"),
            DecryptError::Io(reason) => format!("{file} is no whole age file: {reason}"),
            DecryptError::UnknownFormat | DecryptError::InvalidHeader => format!("{file} is no age file"),
            _ => format!("{file} is damaged"),
        })
    }
}
