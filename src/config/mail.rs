//! The settings of the mail: how letters leave, and from whom.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use serde::Deserialize;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::crypto::read_private;
use crate::error::{Error, Result};

crate::text_enum! {
    /// How letters leave.
    pub enum Transport {
        File => "file",
        Smtp => "smtp",
    }
}

crate::text_enum! {
    /// How the conversation with the mail server is kept secret.
    pub enum SmtpTls {
        Starttls => "starttls",
        Tls => "tls",
        None => "none",
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    pub transport: Transport,
    /// Empty: in the data folder of this platform.
    pub folder: PathBuf,
    pub from: String,
    pub help_address: String,
    pub fund_name: String,
    pub smtp_host: String,
    pub smtp_port: u16,
    pub smtp_tls: SmtpTls,
    pub smtp_ca_file: PathBuf,
    pub smtp_user: String,
    pub smtp_password_file: PathBuf,
    /// From the environment or that file; a settings file that holds one is refused.
    #[serde(default)]
    pub smtp_password: Secret,
}

/// A text that is never printed, and wiped when it is no longer used.
#[derive(Clone, Default, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, to be handed on at once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

impl MailSettings {
    /// What is wrong: the key and why.
    pub(super) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let is_address = |text: &str| text.parse::<lettre::Address>().is_ok();
        let is_one_line = |text: &str| !text.trim().is_empty() && !text.chars().any(char::is_control);
        if !is_address(&self.from) {
            return Err(("mail.from", "is not an address such as fond@example.org"));
        }
        if !is_address(&self.help_address) {
            return Err(("mail.help_address", "is not an address such as fond@example.org"));
        }
        if !is_one_line(&self.fund_name) {
            return Err(("mail.fund_name", "must be a line of text"));
        }
        if self.transport == Transport::Smtp { self.check_smtp() } else { Ok(()) }
    }

    fn check_smtp(&self) -> Result<(), (&'static str, &'static str)> {
        if self.smtp_host.trim().is_empty() {
            return Err(("mail.smtp_host", "names no server"));
        }
        if self.smtp_port == 0 {
            return Err(("mail.smtp_port", "must be 1 to 65535"));
        }
        if self.smtp_tls == SmtpTls::None && !is_loopback(&self.smtp_host) {
            return Err((
                "mail.smtp_tls",
                "letters hold links that open accounts: “none” is for a server on this machine",
            ));
        }
        Ok(())
    }

    /// Takes the password from the environment as it stands there (the settings' own reading would make 007 a number),
    /// else from the file that is named, which nobody else may read.
    pub(super) fn take_password(&mut self, of_environment: Option<String>) -> Result<()> {
        let path = &self.smtp_password_file;
        if let Some(password) = of_environment {
            self.smtp_password = Secret::new(password);
        } else if !path.as_os_str().is_empty() {
            let text = read_private(path, "mail password", "make it, or use FOND__MAIL__SMTP_PASSWORD");
            let text = text.map_err(|error| match error {
                Error::Crypto(reason) => Error::Crypto(format!("mail.smtp_password_file: {reason}")),
                other => other,
            })?;
            self.smtp_password = Secret::new(text.trim_end_matches(['\r', '\n']).to_owned());
        }
        let is_complete = self.smtp_user.is_empty() || !self.smtp_password.is_empty();
        if self.transport == Transport::Smtp && !is_complete {
            let reason = "wants a password: FOND__MAIL__SMTP_PASSWORD or mail.smtp_password_file";
            return Err(Error::Settings(format!("wrong setting mail.smtp_user: {reason}")));
        }
        Ok(())
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::super::Settings;
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Result<MailSettings> {
        let name = |key: &str| format!("FOND__MAIL__{}", key.to_uppercase());
        let variables = variables.iter().map(|(key, value)| (name(key), (*value).to_owned())).collect();
        let environment = config::Environment::default().source(Some(variables));
        Settings::load_with(None, environment).map(|settings| settings.mail)
    }

    #[test]
    fn what_is_wrong_names_itself() {
        let smtp = ("transport", "smtp");
        let cases: [(&[(&str, &str)], &str); 8] = [
            (&[("transport", "pigeon")], "transport"),
            (&[("from", "nobody")], "mail.from"),
            (&[("from", "a@example.org\r\nBcc: b@example.org")], "mail.from"),
            (&[("help_address", "")], "mail.help_address"),
            (&[("fund_name", "Fond\nBcc: x")], "mail.fund_name"),
            (&[smtp, ("smtp_host", " ")], "mail.smtp_host"),
            (&[smtp, ("smtp_host", "mail.example.org"), ("smtp_tls", "none")], "mail.smtp_tls"),
            (&[smtp, ("smtp_host", "localhost.example.org"), ("smtp_tls", "none")], "mail.smtp_tls"),
        ];
        for (variables, key) in cases {
            let message = with(variables).unwrap_err().to_string();
            assert!(message.contains(key), "{message}");
        }
        for host in ["localhost", "127.0.0.1", "127.1.2.3", "::1"] {
            with(&[smtp, ("smtp_host", host), ("smtp_tls", "none")]).unwrap();
        }
        assert_eq!(with(&[]).unwrap().transport, Transport::File);
    }

    #[test]
    fn a_password_comes_from_outside_and_is_never_shown() {
        let smtp = [("transport", "smtp"), ("smtp_user", "fond")];
        let mut settings = with(&smtp).unwrap();
        assert!(settings.take_password(None).unwrap_err().to_string().contains("mail.smtp_user"));
        settings.take_password(Some("007".into())).unwrap();
        assert_eq!(settings.smtp_password.reveal(), "007");
        assert!(!format!("{settings:?}").contains("007"));

        let folder = tempfile::tempdir().unwrap();
        settings.smtp_password_file = folder.path().join("password");
        assert!(settings.take_password(None).unwrap_err().to_string().contains("mail.smtp_password_file"));
        write_private(&settings.smtp_password_file, "from a file \n");
        settings.take_password(None).unwrap();
        assert_eq!(settings.smtp_password.reveal(), "from a file ");
    }

    /// Writes a file that its owner alone may read.
    fn write_private(path: &std::path::Path, text: &str) {
        std::fs::write(path, text).unwrap();
        #[cfg(unix)]
        set_mode(path, 0o600);
    }

    #[cfg(unix)]
    fn set_mode(path: &std::path::Path, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_password_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = with(&[("transport", "smtp"), ("smtp_user", "fond")]).unwrap();
        settings.smtp_password_file = folder.path().join("password");
        write_private(&settings.smtp_password_file, "cranes");
        for mode in [0o644, 0o640, 0o604] {
            set_mode(&settings.smtp_password_file, mode);
            let message = settings.take_password(None).unwrap_err().to_string();
            assert!(message.contains("mail.smtp_password_file") && message.contains("chmod 600"), "{message}");
            assert!(!message.contains("cranes"), "{message}");
        }
        set_mode(&settings.smtp_password_file, 0o400);
        settings.take_password(None).unwrap();
        assert_eq!(settings.smtp_password.reveal(), "cranes");
    }
}
