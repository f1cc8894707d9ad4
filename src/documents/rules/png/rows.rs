//! The rows of a PNG as they come out of their packing (ISO/IEC 15948, sections 7.2 and 9.2).
//!
//! Each is kept in a way that exists, and asks for no colour that the palette does not have.

use crate::documents::rules::Fault;
use crate::documents::rules::rows::guessed;

/// Rows of one size; a picture that comes in passes has up to seven of them.
#[derive(Clone, Copy)]
pub(super) struct Pass {
    /// In dots.
    pub width: u32,
    pub rows: u32,
    pub bits_per_pixel: u32,
}

impl Pass {
    /// How many bytes a row has, with the one that says how it is kept.
    fn row(self) -> Option<u64> {
        u64::from(self.width).checked_mul(u64::from(self.bits_per_pixel))?.div_ceil(8).checked_add(1)
    }

    pub fn bytes(self) -> Option<u64> {
        self.row()?.checked_mul(u64::from(self.rows))
    }
}

/// What is known of the rows that came so far.
pub(super) struct Rows {
    /// Those that are not over, the next one last.
    passes: Vec<Pass>,
    /// How many colours there are, where that is to be looked at. Dots are of one byte at most then.
    pub colours: Option<u8>,
    /// What came of the row.
    row: Vec<u8>,
    /// The row before, put together; empty before the first of a pass.
    above: Vec<u8>,
}

impl Rows {
    pub fn of(mut passes: Vec<Pass>) -> Self {
        passes.reverse();
        Self { passes, colours: None, row: Vec::new(), above: Vec::new() }
    }

    /// Looks at the next bytes.
    ///
    /// # Errors
    /// [`Fault::Damaged`] where a row is wrong, or one too many.
    pub fn take(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        while !bytes.is_empty() {
            let pass = *self.passes.last().ok_or(Fault::Damaged)?;
            let size = pass.row().and_then(|size| usize::try_from(size).ok()).ok_or(Fault::Damaged)?;
            let count = size.saturating_sub(self.row.len()).min(bytes.len());
            let (next, rest) = bytes.split_at_checked(count).ok_or(Fault::Damaged)?;
            self.row.extend_from_slice(next);
            bytes = rest;
            if self.row.len() == size {
                self.end_row(pass)?;
            }
        }
        Ok(())
    }

    fn end_row(&mut self, pass: Pass) -> Result<(), Fault> {
        let (way, differences) = self.row.split_first().ok_or(Fault::Damaged)?;
        // Says whether there is such a way.
        guessed(*way, 0, 0, 0)?;
        if let Some(colours) = self.colours {
            self.above = whole(*way, differences, &self.above)?;
            require_colours(&self.above, pass, colours)?;
        }
        self.row.clear();
        if let Some(pass) = self.passes.last_mut() {
            pass.rows = pass.rows.saturating_sub(1);
        }
        if pass.rows <= 1 {
            self.passes.pop();
            self.above.clear();
        }
        Ok(())
    }
}

/// A row of dots of one byte at most, put together.
fn whole(way: u8, differences: &[u8], above: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut row = Vec::with_capacity(differences.len());
    let (mut left, mut corner) = (0, 0);
    let above = above.iter().copied().chain(std::iter::repeat(0));
    for (difference, up) in differences.iter().zip(above) {
        left = difference.wrapping_add(guessed(way, left, up, corner)?);
        corner = up;
        row.push(left);
    }
    Ok(row)
}

/// Whether every dot of a row is one of so many colours. The bits behind the last dot are none.
fn require_colours(row: &[u8], pass: Pass, colours: u8) -> Result<(), Fault> {
    let bits = pass.bits_per_pixel;
    let dots = row.iter().flat_map(|byte| (1..=8_u32.div_euclid(bits)).map(move |at| dot(*byte, at, bits)));
    let width = usize::try_from(pass.width).map_err(|_| Fault::Damaged)?;
    if dots.take(width).all(|dot| dot < colours) { Ok(()) } else { Err(Fault::Damaged) }
}

/// One of the dots of a byte, the highest bits first; `at` begins with 1, `bits` is 1, 2, 4 or 8.
fn dot(byte: u8, at: u32, bits: u32) -> u8 {
    let shift = 8_u32.saturating_sub(at.saturating_mul(bits));
    let mask = u8::MAX.checked_shr(8_u32.saturating_sub(bits)).unwrap_or_default();
    byte.checked_shr(shift).unwrap_or_default() & mask
}
