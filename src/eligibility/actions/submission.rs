//! Sending an application in, with its first check; and the same rules beforehand, for somebody who only asks.

use std::collections::BTreeMap;

use super::Round;
use super::checking::{note_check, recheck_in};
use crate::accounts::{Actor, Permission};
use crate::aid::{self, Hits};
use crate::applications::actions::Admitted;
use crate::applications::actions::drafts::Draft;
use crate::applications::{self, Application, Need, Submission};
use crate::calls;
use crate::clock::Instant;
use crate::crypto::{Keys, Vault};
use crate::db::{Conn, Writes};
use crate::eligibility::rules::{Examination, Facts, Outcome, Raised, conclude, examine};
use crate::eligibility::store;
use crate::error::Result;
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
    let call = calls::actions::find(conn, call)?;
    let round = Round::for_submission(conn, call, sent)?;
    let admitted = applications::actions::admit(conn, vault, actor, &round.call, sent, now)?;
    write_now(conn, vault, (actor, now), &round, admitted)
}

/// The same out of a draft of the person's own, which was read in this transaction with their keys; a letter tells them.
/// Gives what was found too. What is to be written is left in the writes.
///
/// # Errors
/// As for [`submit`].
pub fn submit_draft(
    (conn, writes): (&mut Conn, &mut Writes),
    vault: &Vault,
    actor: &Actor,
    draft: (&Draft, &Keys),
    sent: &Submission,
    now: Instant,
) -> Result<(Application, Vec<Raised>)> {
    actor.require(Permission::Submit)?;
    let round = Round::for_submission(conn, draft.0.call.clone(), sent)?;
    let admitted = applications::actions::admit_draft(conn, vault, actor, draft, sent, now)?;
    let letter = Some(JobKind::MailApplicationReceived);
    first_check((conn, writes), vault, (actor, now), &round, admitted, letter)
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
    let call = calls::actions::find(conn, call)?;
    let round = Round::for_submission(conn, call, sent)?;
    let admitted = applications::actions::admit_entered(conn, vault, actor, &round.call, sent, now)?;
    write_now(conn, vault, (actor, now), &round, admitted)
}

fn write_now(
    conn: &mut Conn,
    vault: &Vault,
    by: (&Actor, Instant),
    round: &Round,
    admitted: Admitted<'_>,
) -> Result<Application> {
    let mut writes = Writes::default();
    let (application, _) = first_check((conn, &mut writes), vault, by, round, admitted, None)?;
    writes.run(conn).map(|()| application)
}

/// Checks an application that was admitted and writes it with what was found, in the state that follows.
fn first_check(
    (conn, writes): (&mut Conn, &mut Writes),
    vault: &Vault,
    (actor, now): (&Actor, Instant),
    round: &Round,
    admitted: Admitted<'_>,
    letter: Option<JobKind>,
) -> Result<(Application, Vec<Raised>)> {
    let examination = examine(&round.facts((conn, vault), &admitted.application, &admitted.beside, &admitted.need)?);
    let Outcome { raised, event } = conclude(&examination.raised, &BTreeMap::new(), false);
    let others = admitted.beside.sharing_account.clone();
    let application = admitted.write(conn, writes, (event, examination.category), now)?;
    store::insert_findings(conn, writes, application.id, &raised)?;
    note_check(conn, writes, (actor.author(), now), &application, &raised)?;
    if let Some(letter) = letter {
        jobs::enqueue_with(conn, writes, letter, application.id.uuid(), now)?;
    }
    // Where there are two others, they have found each other already.
    if let [other] = others.as_slice() {
        std::mem::take(writes).run(conn)?;
        recheck_in(conn, vault, round, (&[*other], |_| false), now)?;
    }
    Ok((application, raised))
}

/// What somebody asks about before they apply: a call that is public, with its aid catalogue.
///
/// # Errors
/// [`Error::NotFound`] where there is no such public call.
pub fn asked_about(conn: &mut Conn, call: CallId) -> Result<Round> {
    let call = calls::actions::find_public(conn, call)?;
    Ok(Round { programmes: aid::actions::programmes(conn, call.id)?, call })
}

/// Runs the rules over facts that somebody tells before they apply. Nothing is kept, and no register is looked into: who
/// asks is not known.
pub fn pre_check(round: &Round, need: &Need) -> Examination {
    examine(&Facts {
        rules: &round.call.rules,
        need,
        hits: Hits::default(),
        declares_disqualifying_aid: round.disqualifies(&need.declared_aid),
        shares_account: false,
        follows_in_household: false,
    })
}
