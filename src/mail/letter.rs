//! What letters say: one kind each, in the reader's language, in the frame that all share.

use std::sync::LazyLock;

use crate::language::{Language, Texts, text};
use crate::serbian::latin;

/// Makes the folder of a letter into its texts, together with those of the frame.
macro_rules! texts {
    ($folder:literal) => {{
        static TEXTS: LazyLock<Texts> = LazyLock::new(|| {
            Texts::new(
                &[
                    include_str!("letters/frame/sr-Cyrl.ftl"),
                    include_str!(concat!("letters/", $folder, "/sr-Cyrl.ftl")),
                ],
                &[include_str!("letters/frame/en.ftl"), include_str!(concat!("letters/", $folder, "/en.ftl"))],
            )
        });
        &TEXTS
    }};
}

/// A letter with all that it tells. Links and codes open accounts: it is neither stored nor printed.
pub struct Letter {
    pub language: Language,
    pub kind: LetterKind,
}

/// Which letter, and what stands in it. A role is its word in the code (`treasurer`).
pub enum LetterKind {
    ConfirmRegistration {
        link: String,
        hours: u32,
    },
    /// An account was asked for with an address that has one. The link leads to where one signs in.
    AlreadyRegistered {
        link: String,
    },
    SignInLink {
        link: String,
        code: String,
        minutes: u32,
    },
    /// Somebody wanted to sign in with an address that has no account. The link leads to where one is opened.
    NoAccount {
        link: String,
    },
    ResetPassword {
        link: String,
        hours: u32,
    },
    PasswordChanged,
    /// The second factor was enrolled or removed.
    SecondFactorChanged,
    ConfirmNewEmail {
        link: String,
        hours: u32,
    },
    /// To the old address. The new one is shown masked.
    ConfirmOldEmail {
        link: String,
        new_address: String,
        hours: u32,
    },
    EmailChanged,
    /// A refresh token came twice, so its session was ended.
    SessionEndedForReuse,
    Invitation {
        link: String,
        role: String,
        days: u32,
    },
    RoleGiven {
        role: String,
    },
    ApplicationReceived {
        reference: String,
        link: String,
    },
    ClarificationAsked {
        reference: String,
        link: String,
    },
    /// An administrator suspended the reader.
    RolesSuspended,
    /// And gave the roles back.
    RolesRestored,
}

/// What stands around every letter.
#[derive(Debug, Clone)]
pub struct Frame {
    /// As the association writes it; Cyrillic is given in Latin script where the letter is.
    pub fund_name: String,
    pub help_address: String,
}

impl Frame {
    pub fn fund_name(&self, language: Language) -> String {
        match language {
            Language::SerbianCyrillic => self.fund_name.clone(),
            // A name is not translated: in English too it stands in Latin letters.
            Language::SerbianLatin | Language::English => latin(&self.fund_name),
        }
    }
}

/// A letter as it is sent: plain text, lines ended by `\n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    pub body: String,
}

impl LetterKind {
    fn texts(&self) -> &'static Texts {
        match self {
            Self::ConfirmRegistration { .. } => texts!("confirm_registration"),
            Self::AlreadyRegistered { .. } => texts!("already_registered"),
            Self::SignInLink { .. } => texts!("sign_in_link"),
            Self::NoAccount { .. } => texts!("no_account"),
            Self::ResetPassword { .. } => texts!("reset_password"),
            Self::PasswordChanged => texts!("password_changed"),
            Self::SecondFactorChanged => texts!("second_factor_changed"),
            Self::ConfirmNewEmail { .. } => texts!("confirm_new_email"),
            Self::ConfirmOldEmail { .. } => texts!("confirm_old_email"),
            Self::EmailChanged => texts!("email_changed"),
            Self::SessionEndedForReuse => texts!("session_ended_for_reuse"),
            Self::Invitation { .. } => texts!("invitation"),
            Self::RoleGiven { .. } => texts!("role_given"),
            Self::ApplicationReceived { .. } => texts!("application_received"),
            Self::ClarificationAsked { .. } => texts!("clarification_asked"),
            Self::RolesSuspended => texts!("roles_suspended"),
            Self::RolesRestored => texts!("roles_restored"),
        }
    }

    /// None where a role has no name in the language.
    fn arguments(&self, language: Language) -> Option<Vec<(&'static str, String)>> {
        let named = |role: &String| text(language, &format!("role-{role}"), &[]);
        Some(match self {
            Self::AlreadyRegistered { link } | Self::NoAccount { link } => vec![("link", link.clone())],
            Self::ConfirmRegistration { link, hours }
            | Self::ResetPassword { link, hours }
            | Self::ConfirmNewEmail { link, hours } => vec![("link", link.clone()), ("hours", hours.to_string())],
            Self::SignInLink { link, code, minutes } => {
                vec![("link", link.clone()), ("code", code.clone()), ("minutes", minutes.to_string())]
            }
            Self::ConfirmOldEmail { link, new_address, hours } => {
                vec![("link", link.clone()), ("new_address", masked(new_address)), ("hours", hours.to_string())]
            }
            Self::Invitation { link, role, days } => {
                vec![("link", link.clone()), ("role", named(role)?), ("days", days.to_string())]
            }
            Self::ApplicationReceived { reference, link } | Self::ClarificationAsked { reference, link } => {
                vec![("reference", reference.clone()), ("link", link.clone())]
            }
            Self::RoleGiven { role } => vec![("role", named(role)?)],
            Self::PasswordChanged
            | Self::SecondFactorChanged
            | Self::EmailChanged
            | Self::SessionEndedForReuse
            | Self::RolesSuspended
            | Self::RolesRestored => Vec::new(),
        })
    }
}

impl Letter {
    /// Subject and body. None where a text is missing or asks for what the letter does not tell; the tests render every
    /// kind in every language, so that only a role nobody has named can end so.
    pub fn render(&self, frame: &Frame) -> Option<Rendered> {
        let fund_name = frame.fund_name(self.language);
        let told = self.kind.arguments(self.language)?;
        let mut arguments = vec![("fund", fund_name.as_str()), ("help", frame.help_address.as_str())];
        arguments.extend(told.iter().map(|(name, value)| (*name, value.as_str())));

        let say = |key| self.kind.texts().text(self.language, key, &arguments);
        let parts = [say("opening")?, say("body")?, say("closing")?];
        Some(Rendered { subject: say("subject")?, body: parts.join("\n\n") + "\n" })
    }
}

/// An address that its owner recognises and nobody else learns: `a***@example.org`.
pub fn masked(address: &str) -> String {
    let (user, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let first: String = user.chars().take(1).collect();
    format!("{first}***@{domain}")
}

#[cfg(test)]
mod tests;
