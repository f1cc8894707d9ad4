//! The second factor: codes by the clock (TOTP, RFC 6238), and recovery codes for when the telephone is lost.

use data_encoding::BASE32HEX_NOPAD;
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::clock::Instant;
use crate::crypto::hmac_sha256;
use crate::error::{Error, Result};
use crate::ids::PersonId;

/// What the person's device and the fund both know. 20 random bytes (RFC 4226, section 4), passed in; never shown.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct TotpSecret([u8; Self::BYTES]);

/// A code for one login without the device: 128 random bits. Its text is shown once, its hash is stored.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct RecoveryCode([u8; Self::BYTES]);

/// How many recovery codes somebody gets.
pub const RECOVERY_CODES: usize = 10;

const DIGITS: u8 = 6;
/// What is longer is no code; of it no more than this is looked at.
const LONGEST_CODE: usize = 7;
const STEP_SECONDS: i64 = 30;
/// The digits of Crockford's base 32 (<https://www.crockford.com/base32.html>): no I, L, O and U.
const CROCKFORD: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// The same digits as RFC 4648, section 7, writes them.
const BASE32HEX: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
const GROUP: usize = 4;

impl TotpSecret {
    pub const BYTES: usize = 20;

    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes, for sealing.
    pub fn bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    /// Checks a code of six digits (spaces do not matter) against the step of now, the one before and the one after.
    /// Gives the step, counted in 30 seconds since 1970, that it is the code of; the caller keeps it and passes it as
    /// `last_step` from then on, for no step and none before it is accepted again (RFC 6238, section 5.2).
    pub fn check(&self, code: &str, now: Instant, last_step: Option<i64>) -> Option<i64> {
        let code: String = code.chars().filter(|letter| !letter.is_whitespace()).take(LONGEST_CODE).collect();
        let totp = self.totp("", None).ok()?;
        let current = now.unix_seconds().div_euclid(STEP_SECONDS);
        let steps = current.saturating_sub(1)..=current.saturating_add(1);
        steps.filter(|step| last_step.is_none_or(|last| *step > last)).find(|step| {
            let seconds = u64::try_from(step.saturating_mul(STEP_SECONDS));
            seconds.is_ok_and(|seconds| totp.check(&code, seconds).is_some())
        })
    }

    /// What the QR code for the device says (<https://github.com/google/google-authenticator/wiki/Key-Uri-Format>).
    ///
    /// # Errors
    /// [`Error::Invalid`] where issuer or account is empty or holds a colon.
    pub fn otpauth_url(&self, issuer: &str, account: &str) -> Result<String> {
        let wrong = |error| Error::invalid("account", error);
        self.totp(account, Some(issuer)).and_then(|totp| totp.to_url()).map_err(wrong)
    }

    /// The secret as people type it into a device: base 32 of RFC 4648 without padding.
    pub fn base32(&self) -> String {
        data_encoding::BASE32_NOPAD.encode(&self.0)
    }

    fn totp(&self, account: &str, issuer: Option<&str>) -> Result<Totp, totp_rs::TotpError> {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(DIGITS)
            .with_skew(0)
            .with_step_duration(STEP_SECONDS.unsigned_abs())
            .with_secret(self.0)
            .with_account_name(account)
            .with_issuer(issuer)
            .build()
    }
}

impl RecoveryCode {
    pub const BYTES: usize = 16;

    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// Reads a code as somebody typed it: in any case of letters, with spaces and dashes anywhere, with O for 0 and I or
    /// L for 1.
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text.chars().filter(|letter| !letter.is_whitespace() && *letter != '-');
        let letters = letters.map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            letter => letter,
        });
        let digits: String = letters.map(|letter| exchange(letter, CROCKFORD, BASE32HEX)).collect::<Option<_>>()?;
        let bytes = BASE32HEX_NOPAD.decode(digits.as_bytes()).ok()?;
        <[u8; Self::BYTES]>::try_from(bytes).ok().map(Self)
    }

    /// The code as it is shown once: 26 letters or digits, in groups of four and a last one of two.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(32);
        for (at, digit) in BASE32HEX_NOPAD.encode(&self.0).chars().enumerate() {
            if at > 0 && at.is_multiple_of(GROUP) {
                text.push('-');
            }
            text.extend(exchange(digit, BASE32HEX, CROCKFORD));
        }
        text
    }

    /// What is stored: HMAC-SHA-256 over person and code. A code has 128 random bits, so that a slow hash would add nothing.
    pub fn hash(&self, person: PersonId) -> [u8; 32] {
        hmac_sha256(b"fond recovery code 1", &[person.uuid().as_bytes().as_slice(), &self.0].concat())
    }
}

/// The digit of the same value in another alphabet.
fn exchange(digit: char, from: &str, to: &str) -> Option<char> {
    from.chars().zip(to.chars()).find(|(one, _)| *one == digit).map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Instant {
        jiff::Timestamp::from_second(seconds).unwrap().to_string().parse().unwrap()
    }

    fn secret() -> TotpSecret {
        TotpSecret::from_bytes(*b"12345678901234567890")
    }

    #[test]
    fn codes_follow_rfc_6238() {
        // Appendix B, SHA-1; of eight digits the last six.
        let vectors = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (seconds, code) in vectors {
            assert_eq!(secret().check(code, at(seconds), None), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_code_is_good_one_step_before_and_after_and_once() {
        let (step, code) = (1_111_111_109 / 30, "081804");
        for (seconds, is_good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let now = at((step + seconds) * 30);
            assert_eq!(secret().check(code, now, None), is_good.then_some(step), "{seconds}");
        }
        let now = at(step * 30);
        assert_eq!(secret().check(code, now, Some(step - 1)), Some(step));
        for last in [step, step + 1, i64::MAX] {
            assert_eq!(secret().check(code, now, Some(last)), None);
        }
    }

    #[test]
    fn what_is_no_code_is_no_code() {
        let now = at(1_111_111_109);
        assert!(secret().check(" 081 804 ", now, None).is_some());
        for code in ["", "81804", "0818040", "+81804", "08180４", "081805", "081-804", "7081804"] {
            assert_eq!(secret().check(code, now, None), None, "{code}");
        }
        assert_eq!(secret().check("081804", at(-60), None), None);
        let other = TotpSecret::from_bytes([7; 20]);
        assert_eq!(other.check("081804", now, None), None);
    }

    #[test]
    fn the_address_for_the_device_names_everything() {
        let url = secret().otpauth_url("Fond solidarnosti", "ana@primer.rs").unwrap();
        insta::assert_snapshot!(
            url,
            @"otpauth://totp/Fond%20solidarnosti:ana%40primer.rs?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Fond%20solidarnosti"
        );
        assert_eq!(secret().base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for (issuer, account) in [("Fond", ""), ("Fond", "a:b"), ("a:b", "ana")] {
            assert!(matches!(secret().otpauth_url(issuer, account), Err(Error::Invalid(..))), "{issuer} {account}");
        }
    }

    #[test]
    fn a_recovery_code_is_groups_of_four() {
        assert_eq!(RecoveryCode::from_bytes([0; 16]).text(), "0000-0000-0000-0000-0000-0000-00");
        assert_eq!(RecoveryCode::from_bytes([255; 16]).text(), "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZW");
        let code = RecoveryCode::from_bytes(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef_u128.to_be_bytes());
        assert_eq!(code.text(), "04HM-ASW9-NF6Y-Y093-8NKR-KAYD-XW");
        let read = |text: &str| RecoveryCode::parse(text).map(|code| code.0);
        assert_eq!(read("o4hm asw9 nf6y-yo93 8nkrkayd xw "), Some(code.0));
        assert_eq!(read("ILil ilil ilil ilil ilil ilil i0"), read("11111111111111111111111110"));
        assert!(read("11111111111111111111111110").is_some());
        for wrong in [
            "",
            "04HM-ASW9-NF6Y-Y093",
            "04HM-ASW9-NF6Y-Y093-8NKR-KAYD-X",
            "04HM-ASW9-NF6Y-Y093-8NKR-KAYD-XWW",
            // Of the last letter three bits count; one code is not written in two ways.
            "04HM-ASW9-NF6Y-Y093-8NKR-KAYD-XX",
            "U4HM-ASW9-NF6Y-Y093-8NKR-KAYD-XW",
            "04HM_ASW9_NF6Y_Y093_8NKR_KAYD_XW",
        ] {
            assert!(read(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn the_hash_of_a_recovery_code_is_one_persons() {
        let (one, other) = (PersonId::from(uuid::Uuid::from_u128(1)), PersonId::from(uuid::Uuid::from_u128(2)));
        let code = RecoveryCode::from_bytes([1; 16]);
        assert_eq!(code.hash(one), RecoveryCode::parse(&code.text()).unwrap().hash(one));
        assert_ne!(code.hash(one), code.hash(other));
        assert_ne!(code.hash(one), RecoveryCode::from_bytes([2; 16]).hash(one));
    }

    proptest! {
        #[test]
        fn a_recovery_code_reads_as_it_is_written(bytes: [u8; 16], is_lower: bool, between in "[ -]{0,2}") {
            let text = RecoveryCode::from_bytes(bytes).text();
            prop_assert!(text.len() == 32 && !text.contains(['I', 'L', 'O', 'U']));
            let text = if is_lower { text.to_lowercase() } else { text };
            let read = RecoveryCode::parse(&text.replace('-', &between)).unwrap();
            prop_assert_eq!(read.0, bytes);
        }

        #[test]
        fn a_secret_accepts_its_own_code_once(bytes: [u8; 20], seconds in 60..4_000_000_000_i64) {
            let secret = TotpSecret::from_bytes(bytes);
            let totp = secret.totp("", None).unwrap();
            let code = totp.generate(seconds.unsigned_abs()).to_string();
            let step = secret.check(&code, at(seconds), None).unwrap();
            prop_assert!((seconds / 30 - 1..=seconds / 30).contains(&step));
            prop_assert!(secret.check(&code, at(seconds), Some(step)).is_none_or(|later| later > step));
        }
    }
}
