//! Settings: the built-in defaults, then a file, then the environment. A wrong key or value names itself and stops the start.

use std::path::{Path, PathBuf};
use std::time::Duration;

use config::{Config, ConfigError, Environment, File, FileFormat};
use serde::Deserialize;

use crate::db::{ServerUrl, Tuning};
use crate::error::{Error, Result};

mod backup;
mod documents;
mod http;
mod mail;
mod retention;

pub use backup::BackupSettings;
pub use documents::DocumentSettings;
pub use http::{HttpSettings, LimitSettings};
pub use mail::{MailSettings, Secret, SmtpTls, Transport};
pub use retention::{Action, RetentionSettings, Term};

/// The defaults, with every key explained.
pub const DEFAULTS: &str = include_str!("../config/default.toml");
/// The variable that may hold the signing keys themselves.
pub const SIGNING_KEYS: &str = "FOND_SIGNING_KEYS";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub database_url: String,
    pub master_key_file: PathBuf,
    pub erasures_file: PathBuf,
    pub database: DatabaseSettings,
    pub passwords: PasswordSettings,
    pub tokens: TokenSettings,
    pub mail: MailSettings,
    pub http: HttpSettings,
    pub limits: LimitSettings,
    pub privacy: PrivacySettings,
    pub retention: RetentionSettings,
    pub backup: BackupSettings,
    pub documents: DocumentSettings,
}

/// What becomes of the data that people gave.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivacySettings {
    /// Opening data of more people than this within an hour raises an alarm.
    pub alarm_people_per_hour: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    pub pool_size: u32,
    pub patience_seconds: u64,
    pub group_commit: usize,
    pub queue: usize,
}

/// What hashing a password costs (Argon2id, RFC 9106).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordSettings {
    pub memory_kib: u32,
    pub iterations: u32,
    pub lanes: u32,
    /// How many may wait for their hash.
    pub queue: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenSettings {
    pub issuer: String,
    pub audience: String,
    pub access_seconds: u32,
    pub refresh_days: u32,
    pub session_days: u32,
    pub signing_keys_file: PathBuf,
    /// From the variable [`SIGNING_KEYS`] alone.
    #[serde(skip)]
    pub signing_keys: Option<Secret>,
}

impl Settings {
    /// Reads the settings; `file` may be left out.
    ///
    /// # Errors
    /// [`Error::Settings`], naming the key and where it stands.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let mut settings = Self::load_with(file, Environment::default())?;
        settings.mail.take_password(std::env::var("FOND__MAIL__SMTP_PASSWORD").ok())?;
        settings.documents.take_variables(|name| std::env::var(name).ok());
        let signing_keys = std::env::var_os(SIGNING_KEYS).map(|text| text.into_string().unwrap_or_default());
        settings.tokens.signing_keys = signing_keys.map(Secret::new);
        Ok(settings)
    }

    /// The same with other variables than the process's own, for tests.
    fn load_with(file: Option<&Path>, environment: Environment) -> Result<Self> {
        let mut sources = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        if let Some(path) = file {
            sources = sources.add_source(File::from(path).format(FileFormat::Toml));
            refuse_passwords(path)?;
        }
        let environment = environment.prefix("FOND").prefix_separator("__").separator("__").try_parsing(true);
        let place = file.map(|path| format!(" or {}", path.display())).unwrap_or_default();
        let unreadable = |error| Error::Settings(format!("wrong setting in FOND__…{place}: {error}"));
        let built = sources.add_source(environment).build().map_err(unreadable)?;
        let wrong = |error: serde_path_to_error::Error<ConfigError>| {
            let key = error.path().to_string();
            let reason = error.into_inner();
            Error::Settings(format!("wrong setting {key} (in FOND__…{place}): {reason}"))
        };
        let settings: Self = serde_path_to_error::deserialize(built).map_err(wrong)?;
        settings.check()
    }

    fn check(self) -> Result<Self> {
        let Self { database, passwords, tokens, privacy, .. } = &self;
        // OWASP's least for Argon2id; the upper bounds are those of a stored hash.
        let rules = [
            ("database.pool_size", (1..=1000).contains(&database.pool_size), "must be 1 to 1000"),
            ("database.patience_seconds", (1..=3600).contains(&database.patience_seconds), "must be 1 to 3600"),
            ("database.group_commit", (1..=4096).contains(&database.group_commit), "must be 1 to 4096"),
            ("database.queue", (1..=65_536).contains(&database.queue), "must be 1 to 65536"),
            ("passwords.memory_kib", (19_456..=1_048_576).contains(&passwords.memory_kib), "must be 19456 to 1048576"),
            ("passwords.iterations", (2..=64).contains(&passwords.iterations), "must be 2 to 64"),
            ("passwords.lanes", (1..=64).contains(&passwords.lanes), "must be 1 to 64"),
            ("passwords.queue", (1..=1024).contains(&passwords.queue), "must be 1 to 1024"),
            ("tokens.issuer", !tokens.issuer.is_empty(), "must not be empty"),
            ("tokens.audience", !tokens.audience.is_empty(), "must not be empty"),
            ("tokens.access_seconds", (60..=600).contains(&tokens.access_seconds), "must be 60 to 600"),
            ("privacy.alarm_people_per_hour", privacy.alarm_people_per_hour >= 1, "must be 1 or more"),
            (
                "tokens.session_days",
                (tokens.refresh_days..=3650).contains(&tokens.session_days),
                "must be at least refresh_days, and at most 3650",
            ),
            ("tokens.refresh_days", (1..=365).contains(&tokens.refresh_days), "must be 1 to 365"),
        ];
        match rules.into_iter().find(|(_, is_kept, _)| !is_kept) {
            Some((key, _, rule)) => Err(wrong_setting(key, rule)),
            None => {
                let checked = self.mail.check().and_then(|()| self.http.check()).and_then(|()| self.limits.check());
                let checked = checked.and_then(|()| self.retention.check());
                let checked = checked.and_then(|()| self.backup.check());
                let checked = checked.and_then(|()| self.documents.check());
                checked.map_err(|(key, rule)| wrong_setting(key, rule)).map(|()| self)
            }
        }
    }
}

/// Passwords that have a key of their own, and what to use instead of it.
const PASSWORDS: [(&str, &str); 2] = [
    ("mail.smtp_password", "FOND__MAIL__SMTP_PASSWORD or mail.smtp_password_file"),
    ("documents.s3_secret_key", "FOND__DOCUMENTS__S3_SECRET_KEY"),
];

/// A settings file is copied, mailed and kept in repositories; no password is in it, also none that something goes over.
fn refuse_passwords(file: &Path) -> Result<()> {
    let own = Config::builder().add_source(File::from(file).format(FileFormat::Toml)).build();
    // What cannot be read is told together with everything else.
    let Ok(own) = own else { return Ok(()) };
    let shown = file.display();
    if ServerUrl::parse(&own.get_string("database_url").unwrap_or_default()).holds_secret() {
        return Err(wrong_setting(
            "database_url",
            &format!(
                "holds a password in {shown}; use DATABASE_URL or FOND__DATABASE_URL, or name a password file of libpq in \
                 the URL (?passfile=/path/to/pgpass)"
            ),
        ));
    }
    for (key, instead) in PASSWORDS {
        if own.get_string(key).is_ok_and(|password| !password.is_empty()) {
            return Err(wrong_setting(key, &format!("stands in {shown}; use {instead}")));
        }
    }
    Ok(())
}

fn wrong_setting(key: &str, rule: &str) -> Error {
    Error::Settings(format!("wrong setting {key}: {rule}"))
}

impl DatabaseSettings {
    pub fn tuning(&self) -> Tuning {
        Tuning {
            pool_size: self.pool_size,
            patience: Duration::from_secs(self.patience_seconds),
            group: self.group_commit,
            queue: self.queue,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Result<Settings> {
        let variables = variables.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Settings::load_with(None, Environment::default().source(Some(variables)))
    }

    #[test]
    fn the_environment_goes_over_the_defaults() {
        assert_eq!(with(&[]).unwrap().database.pool_size, 8);
        assert_eq!(with(&[("FOND__DATABASE__POOL_SIZE", "3")]).unwrap().database.pool_size, 3);
        assert_eq!(with(&[("FOND__MASTER_KEY_FILE", "/keys/a")]).unwrap().master_key_file, Path::new("/keys/a"));
    }

    #[test]
    fn a_wrong_key_or_value_names_itself() {
        let message = |key, value| with(&[(key, value)]).unwrap_err().to_string();
        assert!(message("FOND__DATABSE_URL", "x").contains("databse_url"));
        assert!(message("FOND__DATABASE__POOL_SIZE", "many").contains("pool_size"));
        assert!(message("FOND__DATABASE__POOL_SIZE", "0").contains("database.pool_size"));
        assert!(message("FOND__DATABASE__POOLSIZE", "1").contains("poolsize"));
        assert!(message("FOND__PASSWORDS__MEMORY_KIB", "19455").contains("passwords.memory_kib"));
        assert!(message("FOND__PASSWORDS__QUEUE", "0").contains("passwords.queue"));
        assert!(message("FOND__TOKENS__ACCESS_SECONDS", "601").contains("tokens.access_seconds"));
        assert!(message("FOND__TOKENS__AUDIENCE", "").contains("tokens.audience"));
        assert!(message("FOND__BACKUP__KEEP_DAYS", "0").contains("backup.keep_days"));
        assert!(message("FOND__BACKUP__HOLD_SECONDS", "5").contains("backup.hold_seconds"));
    }

    #[test]
    fn what_cannot_be_read_names_its_key_too() {
        for (variable, value, key) in [
            ("FOND__HTTP__LISTEN", "8080", "http.listen"),
            ("FOND__HTTP__LISTEN", "localhost:8080", "http.listen"),
            ("FOND__HTTP__LISTEN", "127.0.0.1:99999", "http.listen"),
            ("FOND__HTTP__METRICS_LISTEN", "9464", "http.metrics_listen"),
            ("FOND__HTTP__WORKERS", "-1", "http.workers"),
            ("FOND__HTTP__TRUSTED_PROXIES", "127.0.0.1,proxy", "http.trusted_proxies"),
            ("FOND__HTTP__ALLOWED_ORIGINS", "https://a.example.org,b", "http.allowed_origins"),
            ("FOND__MAIL__SMTP_PORT", "70000", "mail.smtp_port"),
            ("FOND__MAIL__TRANSPORT", "pigeon", "mail.transport"),
            ("FOND__DATABASE__POOL_SIZE", "many", "database.pool_size"),
            ("FOND__LIMITS__LETTERS_PER_HOUR", "few", "limits.letters_per_hour"),
        ] {
            let message = with(&[(variable, value)]).unwrap_err().to_string();
            assert!(message.contains(&format!("wrong setting {key}")), "{variable}={value}: {message}");
        }
    }

    #[test]
    fn a_list_in_the_environment_has_commas() {
        let http = |key: &str, value: &str| with(&[(&format!("FOND__HTTP__{key}"), value)]).unwrap().http;
        let origins = http("ALLOWED_ORIGINS", "https://a.example.org, https://b.example.org").allowed_origins;
        assert_eq!(origins, ["https://a.example.org", "https://b.example.org"]);
        assert_eq!(http("ALLOWED_ORIGINS", "https://a.example.org").allowed_origins, ["https://a.example.org"]);
        assert_eq!(http("ALLOWED_ORIGINS", "").allowed_origins, Vec::<String>::new());
        let proxies = http("TRUSTED_PROXIES", "127.0.0.1,::1").trusted_proxies;
        assert_eq!(proxies.iter().map(ToString::to_string).collect::<Vec<_>>(), ["127.0.0.1", "::1"]);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("fond.toml");
        std::fs::write(
            &file,
            "[http]\ntrusted_proxies = [\"10.0.0.1\"]\nallowed_origins = [\"https://a.example.org\"]",
        )
        .unwrap();
        let none = Environment::default().source(Some(Default::default()));
        let http = Settings::load_with(Some(&file), none).unwrap().http;
        assert_eq!((http.trusted_proxies.len(), http.allowed_origins.len()), (1, 1));
    }

    #[test]
    fn a_password_of_the_database_stands_in_no_settings_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("fond.toml");
        let load = |url: &str, variables: &[(&str, &str)]| {
            std::fs::write(&file, format!("database_url = \"{url}\"")).unwrap();
            let variables = variables.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            Settings::load_with(Some(&file), Environment::default().source(Some(variables)))
        };
        for secret in ["postgres://fond:cranes@db/fond", "postgres://fond@db/fond?password=cranes"] {
            // Also where another URL goes over it: it stands there all the same.
            for variables in [&[][..], &[("FOND__DATABASE_URL", "postgres://fond@db/fond")]] {
                let message = load(secret, variables).unwrap_err().to_string();
                assert!(message.contains("database_url") && message.contains("fond.toml"), "{message}");
                assert!(message.contains("passfile") && !message.contains("cranes"), "{message}");
            }
        }
        let by_file = "postgres://fond@db/fond?passfile=/run/pgpass";
        assert_eq!(load(by_file, &[]).unwrap().database_url, by_file);
        let secret = "postgres://fond:cranes@db/fond";
        assert_eq!(load(by_file, &[("FOND__DATABASE_URL", secret)]).unwrap().database_url, secret);
    }

    #[test]
    fn no_other_password_stands_in_a_settings_file_either() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("fond.toml");
        for (text, variable, key) in [
            ("[mail]\nsmtp_password = \"cranes\"", "FOND__MAIL__SMTP_PASSWORD", "mail.smtp_password"),
            ("[documents]\ns3_secret_key = \"cranes\"", "FOND__DOCUMENTS__S3_SECRET_KEY", "documents.s3_secret_key"),
        ] {
            let load = |text: &str, value: Option<&str>| {
                std::fs::write(&file, text).unwrap();
                let variables = value.map(|value| (variable.to_owned(), value.to_owned())).into_iter().collect();
                Settings::load_with(Some(&file), Environment::default().source(Some(variables)))
            };
            // Also where the environment has another: it stands there all the same.
            for other in [None, Some("another")] {
                let message = load(text, other).unwrap_err().to_string();
                assert!(message.starts_with(&format!("wrong setting {key}: stands in ")), "{message}");
                assert!(message.contains("fond.toml") && message.contains(variable), "{message}");
                assert!(!message.contains("cranes"), "{message}");
            }
            load(&text.replace("cranes", ""), Some("another")).unwrap();
        }
    }

    #[test]
    fn the_files_in_the_project_are_right() {
        for file in ["config/development.toml", "config/test.toml"] {
            Settings::load_with(Some(Path::new(file)), Environment::default().source(Some(Default::default())))
                .unwrap();
        }
    }
}
