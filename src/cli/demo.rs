//! `fond demo`: the API on a throw-away database that holds the round of 2020 and work for everybody.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;

use super::replay::Bar;
use super::serve::start_log;
use super::{Failure, print};
use crate::config::{Secret, Settings, Transport};
use crate::crypto::{Hasher, PasswordText};
use crate::demo::{self, Demo, PASSWORD};
use crate::error::Error;
use crate::startup::{self, Fond};

/// Serve a fund to try, on a throw-away database
///
/// Plays the round of 2020 (synthetic people, published figures), adds a call that takes applications, one that is voted
/// on and one that is paid, prints a login for each kind of user, and serves the API. Everything is gone when it ends.
/// A store of documents, a mail server and keys that the environment names are left alone.
#[derive(Args)]
#[command(after_help = "Examples:\n  fond demo\n  fond demo --listen 127.0.0.1:9000")]
pub struct DemoCommand {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

impl DemoCommand {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let folder = tempfile::tempdir().map_err(|reason| Error::File { path: "temporary folder".into(), reason })?;
        let mut settings = Settings::load(None)?;
        settings.http.listen = self.listen;
        settings.http.metrics_listen = String::new();
        settings.http.public_url = format!("http://{}", self.listen);
        // Nobody's data is in it, and its password is known to all.
        settings.http.open_without_tls = true;
        settings.http.docs = true;
        keep_inside(&mut settings, folder.path());
        // What was played is years old, and is there to be looked at.
        settings.retention.keep_all();
        let url = format!("sqlite://{}", folder.path().join("demo.sqlite3").display());
        start_log(&settings.http.log)?;
        let demo = fill(&settings, &url)?;
        let serve = async {
            let running = startup::start(&settings, Some(&url))?;
            print(&told(&demo, running.address, &settings.mail.folder.display().to_string()))?;
            running.stopped().await?;
            print("Stopped. The demo and everything in it is gone.")
        };
        actix_web::rt::System::new().block_on(serve)
    }
}

/// Whatever the environment names for a real fund: letters, documents and the list of erasures stay in the folder, and the
/// keys are new ones beside the database.
fn keep_inside(settings: &mut Settings, folder: &Path) {
    settings.mail.transport = Transport::File;
    settings.mail.folder = folder.join("mail");
    settings.mail.smtp_password = Secret::default();
    let documents = &mut settings.documents;
    // Beside the database.
    documents.store.clear();
    documents.s3_endpoint.clear();
    documents.s3_region.clear();
    documents.s3_access_key.clear();
    documents.s3_secret_key = Secret::default();
    settings.master_key_file = PathBuf::new();
    settings.tokens.signing_keys_file = PathBuf::new();
    settings.tokens.signing_keys = None;
    settings.erasures_file = PathBuf::new();
}

/// Plays the round and makes the people, and closes the database again.
fn fill(settings: &Settings, url: &str) -> Result<Demo, Failure> {
    let hash = Hasher::start(&settings.passwords)?.hash_blocking(PasswordText::new(PASSWORD.to_owned()))?;
    let Fond { db, vault } = startup::open(settings, Some(url))?;
    let mut bar = Bar::default();
    let demo = demo::fill(&db, &vault, &hash, |progress| bar.show(progress));
    bar.end();
    Ok(demo?)
}

/// What somebody needs to begin.
fn told(demo: &Demo, address: SocketAddr, mail: &str) -> String {
    let totals = &demo.report.totals;
    let mut lines = vec![
        format!(
            "The round of 2020: {} applications, {} awards, {} RSD paid.",
            totals.submitted,
            totals.awards,
            totals.paid.serbian()
        ),
        format!("Fond listens on http://{address} (every route: http://{address}/api/docs/index.html)"),
        format!("Letters are files in {mail}. Everything is gone when this ends."),
        String::new(),
        format!("Everybody's password: {PASSWORD}"),
        format!("{:<15} {:<34} {:<33} {}", "who", "e-mail", "secret of the second factor", "what waits"),
    ];
    for person in &demo.people {
        let secret = person.secret.as_deref().unwrap_or("-");
        lines.push(format!("{:<15} {:<34} {secret:<33} {}", person.role.as_str(), person.email, person.waiting));
    }
    let json = "-H 'Content-Type: application/json'";
    let sign_in = format!("{{\"email\": \"applicant@example.org\", \"password\": \"{PASSWORD}\"}}");
    lines.extend([
        String::new(),
        "To begin with:".to_owned(),
        format!("  curl http://{address}/api/v1/calls"),
        format!(
            "  TOKEN=$(curl -s -X POST http://{address}/api/v1/sessions {json} -d '{sign_in}' | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')"
        ),
        format!("  curl http://{address}/api/v1/me/applications -H \"Authorization: Bearer $TOKEN\""),
        String::new(),
        "The others sign in with \"totp_code\" too: six digits that an authenticator app makes of the secret.".to_owned(),
    ]);
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_environment_names_for_a_real_fund_is_left_alone() {
        let folder = Path::new("/tmp/demo");
        let mut settings = Settings::load(None).unwrap();
        settings.mail.transport = Transport::Smtp;
        settings.mail.folder = "/var/lib/fond/mail".into();
        settings.mail.smtp_password = Secret::new("secret".into());
        settings.documents.store = "s3://fond/documents".into();
        settings.documents.s3_access_key = "key".into();
        settings.documents.s3_secret_key = Secret::new("secret".into());
        settings.master_key_file = "/etc/fond/master.key".into();
        settings.erasures_file = "/var/lib/fond/erasures".into();
        settings.tokens.signing_keys_file = "/etc/fond/signing.keys".into();
        settings.tokens.signing_keys = Some(Secret::new("secret".into()));
        keep_inside(&mut settings, folder);
        assert_eq!((settings.mail.transport, settings.mail.folder), (Transport::File, folder.join("mail")));
        assert!(settings.mail.smtp_password.is_empty());
        let documents = &settings.documents;
        assert!(documents.store.is_empty() && documents.s3_access_key.is_empty() && documents.s3_secret_key.is_empty());
        for file in [&settings.master_key_file, &settings.erasures_file, &settings.tokens.signing_keys_file] {
            assert!(file.as_os_str().is_empty());
        }
        assert!(settings.tokens.signing_keys.is_none());
    }
}
