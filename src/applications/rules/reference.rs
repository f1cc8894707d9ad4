//! Reference codes: random, so that nobody counts applications or guesses another's; easy to read out and to type.

/// Crockford's base 32: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code of eight signs out of 40 random bits: `K7QM-2X9D`.
pub fn reference_code(random: [u8; 5]) -> String {
    let bits = random.iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
    let sign = |place: u32| {
        let digit = usize::try_from((bits >> (place.saturating_mul(5))) & 31).unwrap_or(0);
        ALPHABET.get(digit).map_or('0', |sign| char::from(*sign))
    };
    let signs: String = (0..8).rev().map(sign).collect();
    let (first, second) = signs.split_at_checked(4).unwrap_or((signs.as_str(), ""));
    format!("{first}-{second}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn different_bits_are_different_codes(one: [u8; 5], other: [u8; 5]) {
            prop_assert_eq!(one == other, reference_code(one) == reference_code(other));
            prop_assert_eq!(reference_code(one).len(), 9);
        }
    }

    #[test]
    fn codes_use_all_bits() {
        assert_eq!(reference_code([0; 5]), "0000-0000");
        assert_eq!(reference_code([255; 5]), "ZZZZ-ZZZZ");
        assert_eq!(reference_code([0, 0, 0, 0, 33]), "0000-0011");
    }
}
