//! `fond access-log`: who read what of somebody who has no account to ask with.

use std::collections::BTreeMap;

use clap::Args;

use super::{Failure, Place, print, reached};
use crate::applications::actions::own;
use crate::applications::actions::reaching::{self, Reference};
use crate::audit::journal::{self, Access};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::language::{Language, text};
use crate::page::{Limit, TimeCursor};

/// List who read what of the person who sent an application
///
/// For those who have no account, because the fund entered their application for them: whoever has one asks themselves
/// (GET /api/v1/me/access-log). Make sure first that it is they who ask. One line for each reading, the latest first, as CSV
/// on stdout; readers are named by their ids, as in the event log, and nobody is where the fund itself worked.
#[derive(Args)]
#[command(after_help = "\
Examples:
  fond access-log --application K7QM-2X9D
  fond access-log --application 2020-1/K7QM-2X9D --language sr-Cyrl > readings.csv")]
pub struct AccessLog {
    /// The reference code of one of their applications; with the code of the call before it, where several calls have it
    #[arg(long, value_name = "REFERENCE")]
    application: String,
    /// In which language it says what for: sr-Latn, sr-Cyrl or en
    #[arg(long, value_name = "LANGUAGE", default_value = "sr-Latn")]
    language: String,
    #[command(flatten)]
    place: Place,
}

impl AccessLog {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let language: Language = self.language.parse().map_err(|unknown| Error::invalid("--language", unknown))?;
        let fond = self.place.open_existing()?;
        let readings = fond.db.read(|conn| {
            let person = named(conn, &self.application)?.person;
            let subjects = own::stands_under(conn, person)?;
            let (mut all, mut after) = (Vec::new(), None::<TimeCursor>);
            loop {
                let page = journal::of_subjects(conn, &subjects, after, Limit::default())?;
                all.extend(page.items);
                match page.next {
                    Some(next) => after = Some(next.parse().map_err(Error::corrupt)?),
                    None => return Ok(all),
                }
            }
        })?;
        print("opened_at,reader,role,purpose,fields,why")?;
        for access in &readings {
            print(&line(access, language))?;
        }
        Ok(())
    }
}

/// The application that a reference code names, alone or behind the code of its call.
fn named(conn: &mut Conn, text: &str) -> Result<Reference> {
    let code = text.rsplit_once('/').map_or(text, |(_, code)| code);
    let mut calls = BTreeMap::new();
    let mut found = Vec::new();
    for reference in reaching::by_reference(conn, code)? {
        let written = reached::written(conn, &mut calls, reference.call, &reference.reference)?;
        if text == code || text == written {
            found.push((written, reference));
        }
    }
    match found.pop() {
        None => Err(Error::invalid("--application", format!("“{text}” is the reference code of no application"))),
        Some((_, reference)) if found.is_empty() => Ok(reference),
        Some((last, _)) => {
            let all: Vec<&str> = found.iter().map(|(written, _)| written.as_str()).chain([last.as_str()]).collect();
            let message = format!("“{text}” is in several calls; say which: {}", all.join(", "));
            Err(Error::invalid("--application", message))
        }
    }
}

fn line(access: &Access, language: Language) -> String {
    let Access { opened_at, by, role, purpose, fields, .. } = access;
    let by = by.map(|by| by.to_string()).unwrap_or_default();
    let why = text(language, &format!("access-{purpose}"), &[]).unwrap_or_default().replace('"', "\"\"");
    format!("{opened_at},{by},{role},{purpose},{},\"{why}\"", fields.join(" "))
}
