//! `fond erase`: forgetting somebody who asks for it and cannot do so themselves.

use clap::Args;

use super::{Failure, Place, no_id, print};
use crate::accounts::Actor;
use crate::applications::actions::erasing;
use crate::audit;
use crate::clock::Instant;
use crate::config::Settings;
use crate::db::Db;
use crate::error::Error;
use crate::ids::ApplicationId;
use crate::privacy::{erasure, list};
use crate::startup::{self, Fond};

/// Erase everything of the person who sent an application
///
/// For those who have no account, because the fund entered their application for them: whoever has one erases themselves
/// (DELETE /api/v1/me). Make sure first that it is they who ask. It cannot be undone. What the books need of who was paid
/// stays until its term. An application that is under way is withdrawn first, and an award that is not paid given back, by an
/// administrator: POST /api/v1/applications/ID/withdraw, with a reason.
#[derive(Args)]
#[command(after_help = "Example:\n  fond erase --application 01993c5e-7a52-7cc0-9d3c-6f3c1d1f0a11")]
pub struct Erase {
    /// The id of one of their applications
    #[arg(long, value_name = "ID")]
    application: String,
    #[command(flatten)]
    place: Place,
}

impl Erase {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let id: ApplicationId = self.application.parse().map_err(|_| no_id("--application", &self.application))?;
        let settings = Settings::load(self.place.config.as_deref())?;
        let database = self.place.database.as_deref();
        let Fond { db, vault } = startup::open_existing(&settings, database)?;
        let was_there = db.write(|conn| {
            let person = erasing::owner(conn, id).map_err(|error| match error {
                Error::NotFound => {
                    Error::invalid("--application", format!("“{id}” is no application in this database"))
                }
                other => other,
            })?;
            erasure::erase_person(conn, &vault, Actor::SYSTEM.author(), person, Instant::now())
        })?;
        write_down(&db, &settings, database)?;
        print(if was_there { "Erased." } else { "Nothing was left to erase: it was done before." })
    }
}

/// Overwrites what is left of destroyed keys. Where somebody reads what was there before it is said, and left to the server.
pub(super) fn scrub(db: &Db) -> Result<(), Failure> {
    match db.scrub() {
        Ok(()) => Ok(()),
        Err(error) => print(&format!(
            "What is left of destroyed keys could not be overwritten yet ({error}). A running server does it within ten minutes \
             of its start."
        )),
    }
}

const NOT_LISTED: &str = "what was erased is not on this list yet: a running server writes it down once it can, or the next run \
                          of fond retention";

/// Puts what was erased on the list outside the database, overwrites what is left of its keys, and gives its events their
/// numbers.
pub(super) fn write_down(db: &Db, settings: &Settings, database: Option<&str>) -> Result<(), Failure> {
    let engine = startup::engine(settings, database)?;
    let written = list::write_down(db, &startup::erasures_file(settings, &engine));
    written.map_err(|error| list::and_told(error, NOT_LISTED))?;
    scrub(db)?;
    audit::number_committed(db)?;
    Ok(())
}
