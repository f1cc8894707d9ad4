//! The name of a backup: the moment it holds, to the second, and the kind of database.

use std::fmt;
use std::str::FromStr;

use crate::clock::Instant;
use crate::db::Engine;

/// What a backup is a copy of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub fn of(engine: &Engine) -> Self {
        match engine {
            Engine::Sqlite(_) => Self::Sqlite,
            Engine::Postgres(_) => Self::Postgres,
        }
    }

    /// What its kind of copy begins with.
    pub fn first_bytes(self) -> &'static [u8] {
        match self {
            Self::Sqlite => b"SQLite format 3\0",
            Self::Postgres => b"PGDMP",
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Sqlite => ".sqlite3.age",
            Self::Postgres => ".pgdump.age",
        }
    }
}

/// Such as `fond-20261127T101500Z.sqlite3.age`; nothing else is a name of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name {
    /// A whole second.
    moment: Instant,
    kind: Kind,
}

impl Name {
    pub fn new(moment: Instant, kind: Kind) -> Self {
        Self { moment: Instant::from_micros(moment.unix_seconds().saturating_mul(1_000_000)), kind }
    }

    pub fn moment(self) -> Instant {
        self.moment
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = self.moment.to_string().replace(['-', ':'], "");
        write!(out, "fond-{moment}{}", self.kind.ending())
    }
}

impl FromStr for Name {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let behind = text.strip_prefix("fond-").ok_or(())?;
        let ends = |kind: Kind| behind.strip_suffix(kind.ending()).map(|moment| (kind, moment));
        let (kind, moment) = ends(Kind::Sqlite).or_else(|| ends(Kind::Postgres)).ok_or(())?;
        let part = |from: usize, until: usize| moment.get(from..until).ok_or(());
        let (day, time) = ((part(0, 4)?, part(4, 6)?, part(6, 8)?), (part(9, 11)?, part(11, 13)?, part(13, 15)?));
        let moment = format!("{}-{}-{}T{}:{}:{}Z", day.0, day.1, day.2, time.0, time.1, time.2);
        let name = Self { moment: moment.parse().map_err(|_| ())?, kind };
        if name.to_string() == text { Ok(name) } else { Err(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_moment_and_kind() {
        let moment = "2026-11-27T10:15:00.999999Z".parse().unwrap();
        for (kind, text) in
            [(Kind::Sqlite, "fond-20261127T101500Z.sqlite3.age"), (Kind::Postgres, "fond-20261127T101500Z.pgdump.age")]
        {
            let name = Name::new(moment, kind);
            assert_eq!(name.to_string(), text);
            assert_eq!(text.parse(), Ok(name));
            assert_eq!(name.moment().to_string(), "2026-11-27T10:15:00Z");
        }
    }

    #[test]
    fn nothing_else_is_a_name_of_ours() {
        for text in [
            "",
            "fond-20261127T101500Z.sqlite3",
            "fond-20261127T101500Z.age",
            "fond-20261127T101500Z.sqlite3.age.old",
            "a fond-20261127T101500Z.sqlite3.age",
            "fond-20261127T101500.sqlite3.age",
            "fond-20261127 101500Z.sqlite3.age",
            "fond-20261127T1015001Z.sqlite3.age",
            "fond-20261327T101500Z.sqlite3.age",
            "fond-20261127T101560Z.sqlite3.age",
            "fond-20261127T101500Z.SQLITE3.age",
            "fond-2026112čT101500Z.sqlite3.age",
        ] {
            assert!(text.parse::<Name>().is_err(), "{text}");
        }
    }
}
