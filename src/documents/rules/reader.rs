//! Reading bytes from the front, never past the end.

use super::Fault;

/// What is left to read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn rest(self) -> &'a [u8] {
        self.0
    }

    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The next bytes.
    ///
    /// # Errors
    /// [`Fault::Damaged`] where there are fewer; so for all of these.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Fault::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(Fault::Damaged)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub fn byte(&mut self) -> Result<u8, Fault> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// Numbers are written with the highest byte first in all formats here.
    pub fn u16(&mut self) -> Result<u16, Fault> {
        self.array().map(u16::from_be_bytes)
    }

    pub fn u32(&mut self) -> Result<u32, Fault> {
        self.array().map(u32::from_be_bytes)
    }

    pub fn u64(&mut self) -> Result<u64, Fault> {
        self.array().map(u64::from_be_bytes)
    }

    /// A number of so many bytes: none (then it is 0), 4 or 8.
    pub fn number(&mut self, bytes: u8) -> Result<u64, Fault> {
        match bytes {
            0 => Ok(0),
            4 => self.u32().map(u64::from),
            8 => self.u64(),
            _ => Err(Fault::Damaged),
        }
    }
}

/// A length as it counts bytes here.
pub(super) fn length(number: impl TryInto<usize>) -> Result<usize, Fault> {
    number.try_into().map_err(|_| Fault::Damaged)
}

/// Where some bytes begin among others.
pub(super) fn find(within: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from: usize = 0;
    loop {
        let rest = within.get(from..)?;
        let at = rest.iter().position(|byte| *byte == first)?;
        if rest.get(at..)?.starts_with(wanted) {
            return from.checked_add(at);
        }
        from = from.checked_add(at)?.checked_add(1)?;
    }
}
