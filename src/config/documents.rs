//! The settings of the documents: where they lie, and how that place is reached.

use std::net::IpAddr;

use serde::Deserialize;

use super::Secret;
use crate::error::{Error, Result};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentSettings {
    /// A folder, or `s3://bucket/prefix`. Empty: beside a SQLite database.
    pub store: String,
    pub s3_endpoint: String,
    pub s3_region: String,
    pub s3_access_key: String,
    /// From the environment; a settings file that holds one is refused.
    #[serde(default)]
    pub s3_secret_key: Secret,
}

impl DocumentSettings {
    /// What is wrong: the key and why.
    pub(super) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let bucket = self.store.strip_prefix("s3://").map(|place| place.split('/').next().unwrap_or_default());
        if bucket == Some("") || (bucket.is_none() && self.store.contains("://")) {
            return Err(("documents.store", "must be a folder or s3://bucket/prefix"));
        }
        let endpoint = self.s3_endpoint.as_str();
        let is_local = endpoint.strip_prefix("http://").is_some_and(is_loopback);
        if !endpoint.is_empty() && !endpoint.starts_with("https://") && !is_local {
            return Err(("documents.s3_endpoint", "must begin with https://; http:// is for a store on this machine"));
        }
        Ok(())
    }

    /// Takes the secret from the environment as it stands there.
    pub(super) fn take_secret(&mut self, of_environment: Option<String>) -> Result<()> {
        match of_environment {
            Some(secret) => self.s3_secret_key = Secret::new(secret),
            None if !self.s3_secret_key.is_empty() => {
                let reason = "stands in a settings file; use FOND__DOCUMENTS__S3_SECRET_KEY";
                return Err(Error::Settings(format!("wrong setting documents.s3_secret_key: {reason}")));
            }
            None => {}
        }
        Ok(())
    }
}

/// Whether host and port are of this machine.
fn is_loopback(place: &str) -> bool {
    let place = place.split('/').next().unwrap_or_default();
    let host = place.rsplit_once(':').map_or(place, |(host, _)| host).trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::super::Settings;
    use super::*;

    fn with(key: &str, value: &str) -> Result<DocumentSettings> {
        let variables = [(format!("FOND__DOCUMENTS__{key}"), value.to_owned())].into_iter().collect();
        let environment = config::Environment::default().source(Some(variables));
        Settings::load_with(None, environment).map(|settings| settings.documents)
    }

    #[test]
    fn what_is_wrong_names_itself() {
        for (key, value) in [
            ("STORE", "s3://"),
            ("STORE", "ftp://x"),
            ("S3_ENDPOINT", "http://s3.example.org"),
            ("S3_ENDPOINT", "s3.example.org"),
        ] {
            let message = with(key, value).unwrap_err().to_string();
            assert!(message.contains(&format!("documents.{}", key.to_lowercase())), "{message}");
        }
        for (key, value) in [
            ("STORE", "/var/lib/fond/documents"),
            ("STORE", "s3://fond/documents"),
            ("S3_ENDPOINT", "http://127.0.0.1:9000"),
            ("S3_ENDPOINT", "http://[::1]:9000"),
        ] {
            with(key, value).unwrap();
        }
    }

    #[test]
    fn the_secret_comes_from_outside_and_is_never_shown() {
        let mut settings = with("STORE", "s3://fond").unwrap();
        settings.take_secret(Some("007".into())).unwrap();
        assert_eq!(settings.s3_secret_key.reveal(), "007");
        assert!(!format!("{settings:?}").contains("007"));
        assert!(with("S3_SECRET_KEY", "secret").unwrap().take_secret(None).is_err());
    }
}
