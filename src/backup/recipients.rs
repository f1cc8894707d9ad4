//! Recipients: the public keys that a file is encrypted to.

use age::x25519::Recipient;

use crate::error::{Error, Result, shown};

/// At least so many custodians, so that no single one is ever missed.
const FEWEST: usize = 2;

/// Two public keys or more, each another one.
pub struct Recipients(Vec<Recipient>);

impl Recipients {
    /// Reads public keys as age writes them (`age1…`). `place` is where they stand, for messages.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what is no public key, for one that stands there twice, and for fewer than two.
    pub fn parse(place: &str, texts: &[String]) -> Result<Self> {
        let mut recipients: Vec<Recipient> = Vec::new();
        for text in texts {
            let recipient = parse(text.trim()).map_err(|reason| Error::invalid(place, reason))?;
            if recipients.iter().any(|other| other.to_string() == recipient.to_string()) {
                return Err(Error::invalid(place, format!("{recipient} stands there twice; each custodian has a key")));
            }
            recipients.push(recipient);
        }
        if recipients.len() < FEWEST {
            let count = recipients.len();
            return Err(Error::invalid(
                place,
                format!("two public keys of custodians are needed, and {count} are named (age-keygen makes them)"),
            ));
        }
        Ok(Self(recipients))
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &dyn age::Recipient> {
        self.0.iter().map(|recipient| -> &dyn age::Recipient { recipient })
    }
}

fn parse(text: &str) -> Result<Recipient, String> {
    // Never shown again, wherever it was typed by mistake.
    if text.to_ascii_uppercase().starts_with("AGE-SECRET-KEY") {
        return Err("a secret key stands there: keep it from this machine and name its public key (age1…)".into());
    }
    text.parse().map_err(|_| format!("“{}” is no public key of age (age1…)", shown(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> String {
        age::x25519::Identity::generate().to_public().to_string()
    }

    fn refusal(keys: &[String]) -> String {
        Recipients::parse("--recipient", keys).err().unwrap().to_string()
    }

    #[test]
    fn two_different_public_keys_are_needed() {
        let (ana, mira) = (key(), key());
        assert_eq!(Recipients::parse("--recipient", &[ana.clone(), format!(" {mira} ")]).unwrap().0.len(), 2);
        assert!(refusal(&[]).contains("0 are named"));
        assert!(refusal(std::slice::from_ref(&ana)).contains("1 are named"));
        assert!(refusal(&[ana.clone(), ana.clone()]).contains(&format!("{ana} stands there twice")));
    }

    #[test]
    fn what_is_no_public_key_is_named_and_a_secret_one_is_not() {
        let mut wrong = key();
        let last = if wrong.pop() == Some('q') { 'p' } else { 'q' };
        wrong.push(last);
        let message = refusal(&[key(), wrong.clone()]);
        assert!(message.starts_with("--recipient: ") && message.contains(&wrong[..40]), "{message}");
        let secret = "AGE-SECRET-KEY-1SECRETSECRETSECRET";
        let message = refusal(&[secret.to_lowercase(), key()]);
        assert!(message.contains("a secret key") && !message.to_uppercase().contains("SECRETSECRET"), "{message}");
    }
}
