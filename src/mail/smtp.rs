//! The conversation with a mail server (RFC 5321), step by step, for what a refusal means depends on the step.

use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{Certificate, CertificateStore, SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::{Error as SmtpError, response::Code};

use crate::config::{MailSettings, Secret, SmtpTls};
use crate::error::{Error, Result};
use crate::jobs::Failure;

/// How long one answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// And the answer to the last word.
const GOODBYE: Duration = Duration::from_secs(2);

/// A mail server and how it is spoken to.
pub(super) struct Server {
    host: String,
    port: u16,
    /// Our name in the greeting.
    name: ClientId,
    security: Security,
    user: String,
    password: Secret,
}

enum Security {
    Starttls(TlsParameters),
    Tls(TlsParameters),
    None,
}

impl Server {
    pub fn open(settings: &MailSettings, own_domain: &str) -> Result<Self> {
        let security = match settings.smtp_tls {
            SmtpTls::Starttls => Security::Starttls(tls(settings)?),
            SmtpTls::Tls => Security::Tls(tls(settings)?),
            SmtpTls::None => Security::None,
        };
        Ok(Self {
            host: settings.smtp_host.clone(),
            port: settings.smtp_port,
            name: ClientId::Domain(own_domain.to_owned()),
            security,
            user: settings.smtp_user.clone(),
            password: settings.smtp_password.clone(),
        })
    }

    pub fn send(&self, envelope: &Envelope, message: &[u8]) -> Result<(), Failure> {
        let mut connection = self.connect().map_err(|error| of_relay(&error))?;
        let sent = converse(&mut connection, envelope, message);
        // How the goodbye goes changes nothing.
        let _ = connection.set_timeout(Some(GOODBYE));
        connection.abort();
        sent
    }

    /// Connected, greeted, encrypted and signed in.
    fn connect(&self) -> Result<SmtpConnection, SmtpError> {
        let from_the_start = match &self.security {
            Security::Tls(parameters) => Some(parameters),
            _ => None,
        };
        let address = (self.host.as_str(), self.port);
        let mut connection = SmtpConnection::connect(address, Some(PATIENCE), &self.name, from_the_start, None)?;
        if let Security::Starttls(parameters) = &self.security {
            connection.starttls(parameters, &self.name)?;
        }
        if !self.user.is_empty() {
            let credentials = Credentials::new(self.user.clone(), self.password.reveal().to_owned());
            connection.auth(DEFAULT_MECHANISMS, &credentials)?;
        }
        Ok(connection)
    }
}

fn converse(connection: &mut SmtpConnection, envelope: &Envelope, message: &[u8]) -> Result<(), Failure> {
    let is_international = envelope.to().iter().chain(envelope.from()).any(|address| !address.to_string().is_ascii());
    if is_international && !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
        return Err(Failure::permanent("address_unsupported"));
    }
    let parameters = if is_international { vec![MailParameter::SmtpUtfEight] } else { Vec::new() };
    connection.command(Mail::new(envelope.from().cloned(), parameters)).map_err(|error| of_relay(&error))?;
    for recipient in envelope.to() {
        connection.command(Rcpt::new(recipient.clone(), Vec::new())).map_err(|error| of_letter(&error))?;
    }
    connection.command(Data).map_err(|error| of_letter(&error))?;
    connection.message(message).map_err(|error| of_letter(&error))?;
    Ok(())
}

/// What the server says before it knows the letter is about us: a wrong password, a certificate, an address that may not
/// send. Somebody will mend it, and no letter is lost by it.
fn of_relay(error: &SmtpError) -> Failure {
    match error.status() {
        Some(code) => Failure::temporary("relay").with_code(number(code)),
        None => Failure::temporary("unreachable"),
    }
}

/// What the server says about recipient and content: 5xx will not change, 4xx may (RFC 5321, 4.2.1).
fn of_letter(error: &SmtpError) -> Failure {
    match error.status() {
        Some(code) if error.is_permanent() => Failure::permanent("refused").with_code(number(code)),
        Some(code) => Failure::temporary("postponed").with_code(number(code)),
        None => Failure::temporary("interrupted"),
    }
}

fn number(code: Code) -> u16 {
    code.into()
}

fn tls(settings: &MailSettings) -> Result<TlsParameters> {
    let wrong = |key: &str, error: SmtpError| Error::Settings(format!("wrong setting {key}: {error}"));
    let mut builder = TlsParameters::builder(settings.smtp_host.clone());
    let path = &settings.smtp_ca_file;
    if !path.as_os_str().is_empty() {
        let failed = |reason| Error::File { path: format!("mail.smtp_ca_file: {}", path.display()), reason };
        let pem = std::fs::read(path).map_err(failed)?;
        let authority = Certificate::from_pem(&pem).map_err(|error| wrong("mail.smtp_ca_file", error))?;
        // A file without any certificate is read as none, and would be found out only at the first letter.
        if !String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----") {
            return Err(Error::Settings("wrong setting mail.smtp_ca_file: holds no certificate (PEM)".into()));
        }
        // The authority that is named, and no other.
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(authority);
    }
    builder.build().map_err(|error| wrong("mail.smtp_tls", error))
}
