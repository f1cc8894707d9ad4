//! What can go wrong, as meanings: one enum for the whole crate, mapped to exit codes (and later to HTTP) in one place.

use std::fmt;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything an action can end in other than its result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not exist, or it is not yours to know that it does.
    #[error("not found")]
    NotFound,
    /// Nobody is known to have sent this. Why is not told, for it would help whoever forges.
    #[error("sign in first")]
    Unauthenticated,
    /// The role does not carry the permission.
    #[error("the role “{role}” may not do this: {permission}")]
    Forbidden { role: &'static str, permission: &'static str },
    /// Their roles are suspended. Whether that ended the very session they came with makes it another status.
    #[error("the roles of this person are suspended")]
    Suspended { is_signed_out: bool },
    /// Address and password do not belong together. Whether the address is known is not said.
    #[error("the address or the password is wrong")]
    WrongCredentials,
    /// The password is right, and the account has a second factor.
    #[error("a code of the second factor is needed too")]
    TotpRequired,
    /// What is asked needs a second factor given in the last minutes.
    #[error("confirm with a code of the second factor first")]
    StepUpRequired,
    /// More is asked than can be done at the moment.
    #[error("too much to do at the moment; try again in {retry_after_seconds} s")]
    Busy { retry_after_seconds: u64 },
    /// Values of a request that cannot be what they should be, all of them at once.
    #[error("{}", .0.iter().map(|wrong| format!("{}: {}", wrong.field, wrong.code)).collect::<Vec<_>>().join(", "))]
    Fields(Vec<FieldError>),
    /// An idempotency key came again with something else.
    #[error("this idempotency key was used for another request")]
    KeyReused,
    /// A rule of the fund says no. The facts are right; the answer is no.
    #[error("{0}")]
    Refused(Refusal),
    /// Somebody else changed the same thing first; read it again and decide anew.
    #[error("changed meanwhile by somebody else: {0}")]
    Stale(&'static str),
    /// A value that cannot be what it should be.
    #[error("{0}: {1}")]
    Invalid(String, String),
    /// A setting that is missing or wrong. The text names it.
    #[error("{0}")]
    Settings(String),
    /// A key that is missing, wrong or readable by others, or a ciphertext that does not open.
    #[error("{0}")]
    Crypto(String),
    /// A sum left the range of 64-bit minor units.
    #[error("an amount is too large to be counted")]
    Overflow,
    /// A stored value that this version cannot read: the database was changed by something else.
    #[error("the database holds a value that cannot be: {0}")]
    Corrupt(String),
    #[error("the database refused: {0}")]
    Database(#[from] diesel::result::Error),
    /// The store of documents is not there, or does not do what it should.
    #[error("the store of documents: {0}")]
    Objects(String),
    /// The connection was lost while something was committed: it may stand or not, and is not tried again.
    #[error("nobody can say whether this was carried out: {0}")]
    Unsure(String),
    #[error("no connection to the database: {0}")]
    Connection(String),
    #[error("{path}: {reason}")]
    File { path: String, reason: std::io::Error },
}

/// One wrong value of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Its name in the request.
    pub field: String,
    /// A stable word for programs; people read the text that `language` has for it.
    pub code: &'static str,
    /// What the text needs: (name, value).
    pub argument: Option<(&'static str, String)>,
}

/// A rule's no: a stable code for programs, a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: &'static str,
    pub message: String,
    /// What exactly stands in the way, where that can be named.
    pub fields: Vec<FieldError>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({})", self.message, self.code)
    }
}

impl Error {
    pub fn refused(code: &'static str, message: impl Into<String>) -> Self {
        Self::Refused(Refusal { code, message: message.into(), fields: Vec::new() })
    }

    /// The same, with what stands in the way.
    pub fn refused_for(code: &'static str, message: impl Into<String>, fields: Vec<FieldError>) -> Self {
        Self::Refused(Refusal { code, message: message.into(), fields })
    }

    /// The same of a rule's no, with the application that it is about.
    #[must_use]
    pub fn about(self, reference: &str) -> Self {
        match self {
            Self::Refused(Refusal { code, message, .. }) => {
                let argument = Some(("reference", reference.to_owned()));
                let about = FieldError { field: "application".to_owned(), code: "application_refused", argument };
                Self::refused_for(code, format!("application {reference}: {message}"), vec![about])
            }
            other => other,
        }
    }

    pub fn invalid(field: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self::Invalid(field.into(), reason.to_string())
    }

    /// A single wrong value.
    pub fn field(field: impl Into<String>, code: &'static str) -> Self {
        Self::Fields(vec![FieldError { field: field.into(), code, argument: None }])
    }

    pub fn corrupt(what: impl fmt::Display) -> Self {
        Self::Corrupt(what.to_string())
    }

    /// The code of a rule's no, if this is one.
    pub fn refusal_code(&self) -> Option<&'static str> {
        match self {
            Self::Refused(refusal) => Some(refusal.code),
            _ => None,
        }
    }
}

/// The name of a field that a request brought and nobody knows, as it is told back: only what can be a name of ours, of small
/// letters. Where somebody puts what is of a person in the place of a name, an answer that others keep holds nothing of it.
pub fn named(name: &str) -> String {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    let is_name = name.split('.').all(|part| !part.is_empty() && part.bytes().all(is_letter));
    if is_name { shown(name) } else { "?".to_owned() }
}

/// The beginning of a text that somebody else wrote, for messages.
pub fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_a_name_is_told_back() {
        for name in ["nickname", "ends_at", "rules.criteria.code"] {
            assert_eq!(named(name), name);
        }
        for name in
            ["0101985660001", "999-1-51", "Petrović", "petrović", "ana anić", "105000.00", "a.0101985660001", ""]
        {
            assert_eq!(named(name), "?");
        }
        assert_eq!(named(&"x".repeat(1000)).len(), 40);
    }
}
