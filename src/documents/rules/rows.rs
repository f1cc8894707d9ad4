//! Rows of dots that are kept as differences to those around them: in PNG, and so in PDF.

use super::Fault;

/// What a byte is thought to be from those around it (PNG, section 9.2).
///
/// # Errors
/// [`Fault::Damaged`] where the way is none of the five.
pub(super) fn guessed(way: u8, left: u8, up: u8, corner: u8) -> Result<u8, Fault> {
    match way {
        0 => Ok(0),
        1 => Ok(left),
        2 => Ok(up),
        3 => Ok(left.midpoint(up)),
        4 => {
            let [a, b, c] = [left, up, corner].map(i16::from);
            let estimate = a.saturating_add(b).saturating_sub(c);
            let [to_left, to_up, to_corner] = [a, b, c].map(|known| estimate.abs_diff(known));
            Ok(match () {
                () if to_left <= to_up && to_left <= to_corner => left,
                () if to_up <= to_corner => up,
                () => corner,
            })
        }
        _ => Err(Fault::Damaged),
    }
}
