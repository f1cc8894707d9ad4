//! Pouring bytes from one place into another, while somebody watches and may stop it.

use std::io::{ErrorKind, Read, Write};

use crate::error::{Error, Result};

/// What a backup or a restore is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Copying,
    Encrypting,
    /// Decrypting, to see that the file is whole.
    Reading,
    Restoring,
    Erasing,
    Checking,
}

impl Progress {
    /// Of a step that says no more until its end.
    pub fn begun(step: Step) -> Self {
        Self { step, done: 0, total: None }
    }
}

impl Step {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Copying => "copying",
            Self::Encrypting => "encrypting",
            Self::Reading => "reading",
            Self::Restoring => "restoring",
            Self::Erasing => "erasing again",
            Self::Checking => "checking",
        }
    }
}

/// How far a step is, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    pub step: Step,
    pub done: u64,
    /// Where it is known.
    pub total: Option<u64>,
}

/// Who is told how far it is; an error stops it.
pub type Watch<'a> = dyn FnMut(Progress) -> Result<()> + 'a;

const CHUNK: usize = 64 * 1024;

/// Where it comes from, with what is made of its errors.
pub(super) struct Source<'a>(pub &'a mut dyn Read, pub &'a dyn Fn(std::io::Error) -> Error);

/// Where it goes.
pub(super) struct Sink<'a>(pub &'a mut dyn Write, pub &'a dyn Fn(std::io::Error) -> Error);

/// Pours everything.
///
/// # Errors
/// What either end makes of its error, or what `watch` says.
pub(super) fn pour(from: Source<'_>, to: Sink<'_>, mut watch: impl FnMut(u64) -> Result<()>) -> Result<()> {
    let (Source(from, read_failed), Sink(to, write_failed)) = (from, to);
    let mut buffer = vec![0; CHUNK];
    let mut done: u64 = 0;
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(read_failed(error)),
        };
        to.write_all(buffer.get(..read).unwrap_or_default()).map_err(write_failed)?;
        done = done.saturating_add(u64::try_from(read).unwrap_or(0));
        watch(done)?;
    }
}
