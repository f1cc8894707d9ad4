//! `fond user`: the first two administrators. Everybody else is invited by them, over the API.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::{Failure, Place, print};
use crate::accounts::{Actor, Email, Invitation, Role, actions::invitations};
use crate::clock::Instant;
use crate::config::Settings;
use crate::error::Error;
use crate::language::Language;
use crate::startup::{self, Fond};

/// Make the first administrators
#[derive(Subcommand)]
pub enum User {
    Create(Create),
}

/// Invite one of the first two administrators and print the link
///
/// Two are needed, for one alone can give nobody a role that counts. There is no default account: whoever follows the link
/// chooses a password and enrols a second factor. Once two are there, they invite everybody else over the API.
#[derive(Args)]
#[command(after_help = "\
Example:
  fond user create --role administrator --email ana@example.org
Then, with the token that is printed:
  curl -X POST http://127.0.0.1:8080/api/v1/invitations/accept -H 'Content-Type: application/json' \\
    -d '{\"token\": \"…\", \"name\": \"Ana Anić\", \"password\": \"at least fifteen characters\"}'")]
pub struct Create {
    /// The role; only administrators are made here
    #[arg(long, value_enum)]
    role: Founder,
    /// The address that the administrator signs in with
    #[arg(long)]
    email: String,
    /// For how many days the role is given, 1 to 1095
    #[arg(long, default_value_t = 730, value_parser = clap::value_parser!(u16).range(1..=1095))]
    days: u16,
    /// In which language the fund writes to them: sr-Latn, sr-Cyrl or en
    #[arg(long, default_value = "sr-Latn")]
    language: String,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, ValueEnum)]
enum Founder {
    Administrator,
}

impl User {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let Self::Create(command) = self;
        command.run()
    }
}

impl Create {
    fn run(&self) -> Result<(), Failure> {
        let Founder::Administrator = self.role;
        let email: Email = self.email.parse().map_err(|_| Error::invalid("--email", "is no address of mail"))?;
        let language: Language = self.language.parse().map_err(|error| Error::invalid("--language", error))?;
        let settings = Settings::load(self.place.config.as_deref())?;
        let Fond { db, vault } = startup::open(&settings, self.place.database.as_deref())?;
        let now = Instant::now();
        let invitation = Invitation {
            email,
            language,
            role: Role::Administrator,
            call: None,
            association: None,
            substitutes_for: None,
            ends_at: now.plus(Duration::from_secs(u64::from(self.days).saturating_mul(86_400))),
        };
        let invited = db.write(|conn| invitations::invite_founder(conn, &vault, &Actor::SYSTEM, &invitation, now));
        let (token, is_again) = invited?;
        crate::audit::number_committed(&db)?;
        let again = if is_again { "The link that was made for this address before is withdrawn.\n" } else { "" };
        print(&format!(
            "{again}Invited. The link works once, for 14 days; give it to nobody else:\n\n  {}/invitation#{token}\n\n\
             Without the pages: POST /api/v1/invitations/accept with this token, a name and a password of at least 15\n\
             characters; then sign in and enrol a second factor (POST /api/v1/me/second-factor).",
            settings.http.public_url
        ))
    }
}
