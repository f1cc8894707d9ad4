//! The letters about applications: from the id in a job's row to what is sent, looked up at the moment of sending.

use super::actions::{find, open_identity};
use crate::accounts;
use crate::crypto::{Opener, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::ApplicationId;
use crate::jobs::{Job, JobKind};
use crate::mail::{Letter, LetterKind};

/// The jobs that end in a letter of this slice.
pub const KINDS: &[JobKind] = &[JobKind::MailApplicationReceived, JobKind::MailClarification];

/// The address that a letter goes to, and the letter; nothing for whoever has no address, or whose data is erased.
pub fn letter(conn: &mut Conn, vault: &Vault, public_url: &str, job: &Job) -> Result<Option<(String, Letter)>> {
    let application = find(conn, ApplicationId::from(job.subject))?;
    let (reference, link) = (application.reference.clone(), format!("{public_url}/applications/{}", application.id));
    let kind = match job.kind {
        JobKind::MailApplicationReceived => LetterKind::ApplicationReceived { reference, link },
        JobKind::MailClarification => LetterKind::ClarificationAsked { reference, link },
        _ => return Err(Error::corrupt("a job that is no letter about an application")),
    };
    let Some((account, language)) = accounts::mails::reached_at(conn, vault, application.person_id)? else {
        return Ok(None);
    };
    // Somebody may have given another address in the application than the one they sign in with.
    let own = Opener::own(vault, application.person_id);
    let given = open_identity(conn, &own, &application).map(|identity| identity.email).unwrap_or_default();
    let address = if given.is_empty() { account } else { given };
    Ok(Some((address, Letter { language, kind })))
}
