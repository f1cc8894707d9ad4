//! How PostgreSQL's own programs reach the server: by the URL on the command line, but for what is secret in it.

use std::process::Command;

use crate::db::ServerUrl;
use crate::error::{Error, Result};

/// A database of a server. Its URL has no password, for everybody on the machine can read the arguments of a process.
pub(super) struct Server(ServerUrl);

impl Server {
    /// # Errors
    /// [`Error::Settings`] for a URL with a secret that no variable can carry.
    pub fn parse(url: &str) -> Result<Self> {
        let url = ServerUrl::parse(url);
        if url.has_key_password {
            return Err(Error::Settings(
                "the database URL holds sslpassword, which pg_dump could take from a command line alone, for everybody to \
                 read: use a key file without a password, of mode 0600"
                    .into(),
            ));
        }
        Ok(Self(url))
    }

    /// A program that works on this database.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        // Messages in English, for they are read here, too; and never a question that nobody answers.
        command.args(["--no-password", "--dbname", &self.0.shown]).env("LC_ALL", "C");
        if let Some(password) = &self.0.password {
            command.env("PGPASSWORD", password.as_str());
        }
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_on_the_command_line() {
        for (url, kept, password) in [
            ("postgres://127.0.0.1:5432/fond", "postgres://127.0.0.1:5432/fond", None),
            ("postgres://ana@h/fond", "postgres://ana@h/fond", None),
            ("postgresql://ana:s%40f%25e@h:5432/fond", "postgresql://ana@h:5432/fond", Some("s@f%e")),
            ("postgres://ana:wh?t@h/fond?sslmode=require", "postgres://ana@h/fond?sslmode=require", Some("wh?t")),
            ("postgres://ana:@h/fond", "postgres://ana@h/fond", Some("")),
            ("postgres:///fond?host=/run&password=a%20b&user=x", "postgres:///fond?host=/run&user=x", Some("a b")),
            ("postgres://h/fond?pass%77ord=safe", "postgres://h/fond", Some("safe")),
            ("postgres://h/fond?options=-csearch_path%3Da@b", "postgres://h/fond?options=-csearch_path%3Da@b", None),
            ("postgres://ana:1@h1,h2:5433/fond", "postgres://ana@h1,h2:5433/fond", Some("1")),
        ] {
            let server = Server::parse(url).unwrap();
            assert_eq!(server.0.shown, kept);
            assert_eq!(server.0.password.as_deref().map(String::as_str), password, "{url}");
            let command = server.command("pg_dump");
            let arguments: Vec<_> = command.get_args().map(|argument| argument.to_str().unwrap()).collect();
            assert_eq!(arguments, ["--no-password", "--dbname", kept]);
        }
        assert!(Server::parse("postgres://h/fond?sslpassword=x").is_err());
    }
}
