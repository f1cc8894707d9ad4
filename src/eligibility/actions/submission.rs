//! Sending an application in, with its first check; and the same rules beforehand, for somebody who only asks.

use super::{Round, check, recheck};
use crate::accounts::{Actor, Permission};
use crate::aid::{self, Hits};
use crate::applications::actions::drafts::Draft;
use crate::applications::{self, Application, Need, Submission};
use crate::audit::Author;
use crate::calls::{self, Call};
use crate::clock::Instant;
use crate::crypto::Vault;
use crate::db::Conn;
use crate::eligibility::rules::{Examination, Facts, examine};
use crate::error::{Error, Result};
use crate::ids::CallId;
use crate::jobs::{self, JobKind};

/// Submits an application and checks it; where it shares a bank account, the other side is checked again.
///
/// # Errors
/// Refused where no application comes to exist; a field error for an aid programme that the call does not know.
pub fn submit(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    call: CallId,
    sent: &Submission,
    now: Instant,
) -> Result<Application> {
    actor.require(Permission::Submit)?;
    let round = Round::for_submission(conn, call, sent)?;
    let application = applications::actions::submit(conn, vault, actor, &round.call, sent, now)?;
    first_check(conn, vault, actor.author(), &round, (application, sent), now)
}

/// The same out of a draft of the person's own.
///
/// # Errors
/// As for [`submit`]; [`Error::Stale`] where the draft was changed meanwhile.
pub fn submit_draft(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    draft: &Draft,
    sent: &Submission,
    now: Instant,
) -> Result<Application> {
    actor.require(Permission::Submit)?;
    let round = Round::for_submission(conn, draft.call.id, sent)?;
    let from = ((draft.id, draft.version), sent);
    let application = applications::actions::submit_draft(conn, vault, actor, &round.call, from, now)?;
    let application = first_check(conn, vault, actor.author(), &round, (application, sent), now)?;
    jobs::enqueue(conn, JobKind::MailApplicationReceived, application.id.uuid(), now)?;
    Ok(application)
}

/// Enters an application for somebody who has no e-mail.
///
/// # Errors
/// As for [`submit`].
pub fn enter(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    call: CallId,
    sent: &Submission,
    now: Instant,
) -> Result<Application> {
    actor.require(Permission::EnterApplication)?;
    let round = Round::for_submission(conn, call, sent)?;
    let application = applications::actions::enter(conn, vault, actor, &round.call, sent, now)?;
    first_check(conn, vault, actor.author(), &round, (application, sent), now)
}

fn first_check(
    conn: &mut Conn,
    vault: &Vault,
    by: Author,
    round: &Round,
    (application, sent): (Application, &Submission),
    now: Instant,
) -> Result<Application> {
    let jmbg = crate::serbian::Jmbg::parse(&sent.jmbg).map_err(Error::corrupt)?;
    let others = applications::actions::sharing_account(conn, &application)?;
    let shares_account = !others.is_empty();
    let application = check(conn, by, round, application, (&sent.need(&jmbg), shares_account), now)?;
    // Where there are two others, they have found each other already.
    if let [other] = others.as_slice() {
        recheck(conn, vault, Actor::SYSTEM.author(), round, *other, now)?;
    }
    Ok(application)
}

/// Runs the rules over facts that somebody tells before they apply. Nothing is kept, and no register is looked into: who
/// asks is not known.
///
/// # Errors
/// [`Error::NotFound`] where there is no such public call.
pub fn pre_check(conn: &mut Conn, call: CallId, need: &Need) -> Result<(Call, Examination)> {
    let call = calls::actions::find_public(conn, call)?;
    let round = Round { programmes: aid::actions::programmes(conn, call.id)?, call };
    round.require_known(&need.declared_aid)?;
    let facts = Facts {
        rules: &round.call.rules,
        need,
        hits: Hits::default(),
        declares_disqualifying_aid: round.disqualifies(&need.declared_aid),
        shares_account: false,
        follows_in_household: false,
    };
    let examination = examine(&facts);
    Ok((round.call, examination))
}
