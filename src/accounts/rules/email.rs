//! The address that somebody signs in with.

use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

use crate::language::is_hidden;

/// An e-mail address that a mail can be sent to (RFC 5321, without quoted local parts), as it was written.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

/// RFC 5321, section 4.5.3.1: a path is at most 256 octets with its angle brackets.
const LONGEST: usize = 254;

impl Email {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that is compared: nobody has two accounts that differ in capitals.
    pub fn folded(&self) -> String {
        self.0.nfc().flat_map(char::to_lowercase).collect()
    }
}

impl FromStr for Email {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        // Signs without width, which nobody sees, and addresses of machines are slips or worse.
        let is_strange = |sign: char| sign.is_control() || is_hidden(sign) || "\"(<[".contains(sign);
        let is_plain = text.len() <= LONGEST && !text.chars().any(is_strange);
        let is_address = is_plain && text.parse::<lettre::Address>().is_ok();
        let has_domain = text.rsplit_once('@').is_some_and(|(_, domain)| domain.contains('.'));
        (is_address && has_domain).then(|| Self(text.to_owned())).ok_or("email")
    }
}

/// Addresses do not belong in logs.
impl fmt::Debug for Email {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Email(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_mail_reaches() {
        for right in ["ana@example.org", " a.b+c@sub.example.org ", "Ана@example.org"] {
            assert!(right.parse::<Email>().is_ok(), "{right}");
        }
        for wrong in [
            "",
            "ana",
            "ana@",
            "@example.org",
            "ana@localhost",
            "a na@example.org",
            "ana@example.org\r\nBcc: x@example.org",
            "\"a b\"@example.org",
            "Ana <ana@example.org>",
            "ana@[127.0.0.1]",
            "ana@example.org\u{200b}",
            "a\u{ad}na@example.org",
            "ana\u{61c}@example.org",
        ] {
            assert!(wrong.parse::<Email>().is_err(), "{wrong}");
        }
        assert!(format!("{}@example.org", "a".repeat(250)).parse::<Email>().is_err());
    }

    #[test]
    fn capitals_make_no_second_account() {
        let email: Email = "Ana@Example.ORG".parse().unwrap();
        assert_eq!((email.as_str(), email.folded().as_str()), ("Ana@Example.ORG", "ana@example.org"));
        assert_eq!(format!("{email:?}"), "Email(…)");
    }
}
