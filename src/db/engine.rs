//! Which database: told by the scheme of its URL, never guessed.

use std::path::PathBuf;

use crate::error::{Error, Result};

/// A database, not opened yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// The path of the file.
    Sqlite(PathBuf),
    /// The URL, as libpq reads it.
    Postgres(String),
}

impl Engine {
    /// Reads `sqlite://path` or `postgres://…` (also `postgresql://…`).
    ///
    /// # Errors
    /// [`Error::Settings`] for every other scheme, so that a slip never becomes a new SQLite file.
    pub fn parse(url: &str) -> Result<Self> {
        match url.split_once("://") {
            Some(("sqlite", "")) => Err(Error::Settings("the database URL “sqlite://” names no file".into())),
            Some(("sqlite", path)) if path.starts_with(":memory:") || path.contains('?') => {
                Err(Error::Settings(format!("the database URL “sqlite://{path}” must be a plain file path")))
            }
            Some(("sqlite", path)) => {
                Ok(Self::Sqlite(std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path))))
            }
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(url.to_owned())),
            scheme => Err(Error::Settings(format!(
                "unknown kind of database “{}”: use sqlite://path or postgres://user@host/name",
                scheme.map_or(url.chars().take(12).collect(), |(scheme, _)| format!("{scheme}://"))
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_schemes_are_known() {
        assert_eq!(Engine::parse("sqlite:///tmp/x").unwrap(), Engine::Sqlite("/tmp/x".into()));
        assert!(matches!(Engine::parse("postgresql://localhost/x").unwrap(), Engine::Postgres(_)));
        for wrong in [
            "mysql://localhost/x",
            "/tmp/x.db",
            "sqlite:x",
            "",
            "postgres",
            "sqlite://",
            "sqlite://:memory:",
            "sqlite://x?mode=ro",
        ] {
            assert!(matches!(Engine::parse(wrong), Err(Error::Settings(_))), "{wrong}");
        }
    }
}
