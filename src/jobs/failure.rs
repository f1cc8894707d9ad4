//! Why a job failed, as a word of ours, and how long it waits then.

use std::time::Duration;

/// Why a job failed. The word stands in this source and a code is a number, so that nothing another machine answered
/// (an address, say) can get into the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    word: &'static str,
    code: Option<u16>,
    /// Whether trying again would help nobody.
    pub is_permanent: bool,
}

impl Failure {
    /// It may go well another time.
    pub const fn temporary(word: &'static str) -> Self {
        Self { word, code: None, is_permanent: false }
    }

    /// It will never go well.
    pub const fn permanent(word: &'static str) -> Self {
        Self { word, code: None, is_permanent: true }
    }

    /// With the number the other side answered.
    #[must_use]
    pub const fn with_code(mut self, code: u16) -> Self {
        self.code = Some(code);
        self
    }

    /// As it is stored: `unreachable`, `refused_550`.
    pub fn word(&self) -> String {
        match self.code {
            Some(code) => format!("{}_{code}", self.word),
            None => self.word.to_owned(),
        }
    }
}

const SHORTEST: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_secs(3600);

/// How long to wait after so many attempts: 10 s, doubled each time up to 1 h, of which `random` takes away up to a half,
/// so that jobs that failed together do not come back together.
pub(super) fn wait(attempts: i32, random: u64) -> Duration {
    let doubled = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0);
    let longest = SHORTEST.saturating_mul(2_u32.saturating_pow(doubled)).min(LONGEST);
    let millis = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
    let taken = random.checked_rem(millis.div_euclid(2).saturating_add(1)).unwrap_or(0);
    Duration::from_millis(millis.saturating_sub(taken))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        let seconds: Vec<u64> = (1..=12).map(|attempts| wait(attempts, 0).as_secs()).collect();
        assert_eq!(seconds, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]);
    }

    #[test]
    fn a_word_is_ours_and_a_number() {
        assert_eq!(Failure::permanent("refused").with_code(550).word(), "refused_550");
        assert_eq!(Failure::temporary("unreachable").word(), "unreachable");
    }

    proptest! {
        #[test]
        fn chance_takes_away_a_half_at_most(attempts in any::<i32>(), random in any::<u64>()) {
            let (longest, taken) = (wait(attempts, 0), wait(attempts, random));
            prop_assert!(taken <= longest && taken >= longest / 2);
            prop_assert!(longest >= SHORTEST && longest <= LONGEST);
        }
    }
}
