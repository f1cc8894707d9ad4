//! Settings: the built-in defaults, then a file, then the environment. A wrong key or value names itself and stops the start.

use std::path::{Path, PathBuf};
use std::time::Duration;

use config::{Config, Environment, File, FileFormat};
use serde::Deserialize;

use crate::db::Tuning;
use crate::error::{Error, Result};

/// The defaults, with every key explained.
pub const DEFAULTS: &str = include_str!("../config/default.toml");

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub database_url: String,
    pub master_key_file: PathBuf,
    pub database: DatabaseSettings,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    pub pool_size: u32,
    pub patience_seconds: u64,
    pub group_commit: usize,
}

impl Settings {
    /// Reads the settings; `file` may be left out.
    ///
    /// # Errors
    /// [`Error::Settings`], naming the key and where it stands.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        Self::load_with(file, Environment::default())
    }

    /// The same with other variables than the process's own, for tests.
    fn load_with(file: Option<&Path>, environment: Environment) -> Result<Self> {
        let mut sources = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        if let Some(path) = file {
            sources = sources.add_source(File::from(path).format(FileFormat::Toml));
        }
        let environment = environment.prefix("FOND").prefix_separator("__").separator("__").try_parsing(true);
        let named = |error: config::ConfigError| {
            let file = file.map(|path| format!(" or {}", path.display())).unwrap_or_default();
            Error::Settings(format!("wrong setting in FOND__…{file}: {error}"))
        };
        let settings: Self =
            sources.add_source(environment).build().and_then(Config::try_deserialize).map_err(named)?;
        settings.check()
    }

    fn check(self) -> Result<Self> {
        let wrong = |key: &str, reason: &str| Err(Error::Settings(format!("wrong setting {key}: {reason}")));
        if !(1..=1000).contains(&self.database.pool_size) {
            return wrong("database.pool_size", "must be 1 to 1000");
        }
        if !(1..=3600).contains(&self.database.patience_seconds) {
            return wrong("database.patience_seconds", "must be 1 to 3600");
        }
        if !(1..=4096).contains(&self.database.group_commit) {
            return wrong("database.group_commit", "must be 1 to 4096");
        }
        Ok(self)
    }
}

impl DatabaseSettings {
    pub fn tuning(&self) -> Tuning {
        Tuning {
            pool_size: self.pool_size,
            patience: Duration::from_secs(self.patience_seconds),
            group: self.group_commit,
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
    }

    #[test]
    fn the_files_in_the_project_are_right() {
        for file in ["config/development.toml", "config/test.toml"] {
            Settings::load_with(Some(Path::new(file)), Environment::default().source(Some(Default::default())))
                .unwrap();
        }
    }
}
