//! The settings of the documents: where they lie, and how that place is reached.

use std::net::IpAddr;

use serde::Deserialize;

use super::Secret;

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

    /// Takes the secret from the environment as it stands there, and for a bucket what is still open from three of the
    /// variables that programs for S3 know.
    pub(super) fn take_variables(&mut self, variable: impl Fn(&str) -> Option<String>) {
        if let Some(secret) = variable("FOND__DOCUMENTS__S3_SECRET_KEY") {
            self.s3_secret_key = Secret::new(secret);
        }
        if !self.store.starts_with("s3://") {
            return;
        }
        if self.s3_secret_key.is_empty() {
            self.s3_secret_key = Secret::new(variable("AWS_SECRET_ACCESS_KEY").unwrap_or_default());
        }
        for (setting, name) in [(&mut self.s3_access_key, "AWS_ACCESS_KEY_ID"), (&mut self.s3_region, "AWS_REGION")] {
            if setting.is_empty() {
                *setting = variable(name).unwrap_or_default();
            }
        }
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
    use crate::error::Result;

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
        settings.take_variables(|name| (name == "FOND__DOCUMENTS__S3_SECRET_KEY").then(|| "007".into()));
        assert_eq!(settings.s3_secret_key.reveal(), "007");
        assert!(!format!("{settings:?}").contains("007"));
    }

    #[test]
    fn three_variables_of_other_programs_fill_what_is_open_of_a_bucket() {
        let variable = |name: &str| name.starts_with("AWS_").then(|| name.to_lowercase());
        let mut settings = with("STORE", "s3://fond").unwrap();
        settings.s3_region = "eu-central-1".into();
        settings.take_variables(variable);
        assert_eq!(settings.s3_access_key, "aws_access_key_id");
        assert_eq!(settings.s3_secret_key.reveal(), "aws_secret_access_key");
        assert_eq!((settings.s3_region.as_str(), settings.s3_endpoint.as_str()), ("eu-central-1", ""));
        let mut folder = with("STORE", "/var/lib/fond/documents").unwrap();
        folder.take_variables(variable);
        assert!(folder.s3_access_key.is_empty() && folder.s3_secret_key.is_empty(), "a folder wants none");
    }
}
