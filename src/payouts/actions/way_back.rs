//! Giving back an award, or what the fund entered; releasing what a late finding was confirmed on. Never while money runs.

use serde::Serialize;

use super::{PayoutMoved, advance};
use crate::accounts::actions::erasing;
use crate::accounts::{Actor, Permission};
use crate::applications::{self, Application, ApplicationEvent, ApplicationState};
use crate::audit::{self, Author, Kind};
use crate::awards::{self, actions::ReleaseReason};
use crate::clock::Instant;
use crate::crypto::Vault;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, AwardId};
use crate::jobs::Job;
use crate::payouts::rules::{Payout, PayoutEvent, PayoutState};
use crate::payouts::store;
use crate::version::Seen;

#[derive(Serialize)]
struct AwardDeclined {
    application: ApplicationId,
    award: AwardId,
}

/// Gives one's own award back; its money goes to the next in line. Somebody else's application is not there.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Stale`] where it is not at this version any more; refused where it is not awarded, or
/// the payment runs.
pub fn decline(conn: &mut Conn, actor: &Actor, (id, seen): (ApplicationId, Seen), now: Instant) -> Result<Application> {
    actor.require(Permission::DeclineAward)?;
    let application = own(conn, actor, id)?;
    seen.require(application.version, "the application")?;
    give_back(conn, actor.author(), application, now)
}

/// Takes back an application that the fund entered, or gives back its award, as its applicant would: they wish so, and have no
/// account to do it with.
///
/// # Errors
/// [`Error::NotFound`] where it was not entered, or its applicant can sign in; [`Error::Stale`] at another version; refused
/// where it is over, erased, or its payment runs.
pub fn withdraw_entered(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    (id, seen): (ApplicationId, Seen),
    reason: &str,
    now: Instant,
) -> Result<Application> {
    actor.require(Permission::EnterApplication)?;
    if reason.trim().is_empty() {
        return Err(Error::invalid("reason", "is empty; say how its applicant asked for it"));
    }
    let application = applications::actions::find(conn, id)?;
    if application.entered_by.is_none() || erasing::has_account(conn, application.person_id)? {
        return Err(Error::NotFound);
    }
    seen.require(application.version, "the application")?;
    let by = actor.author();
    let left = match is_awarded(&application) {
        true => give_back(conn, by, application, now)?,
        false => applications::actions::own::take_out(conn, by, application, now)?,
    };
    applications::actions::keep_withdrawal(conn, vault, &left, reason)?;
    Ok(left)
}

/// Takes an application out of its call that a restored database has to forget: its owner had withdrawn it, or given its award
/// back, after the backup was made. A payment that runs in the backup had been ended too.
///
/// # Errors
/// Refused where it is over.
pub fn leave_erased(conn: &mut Conn, id: ApplicationId, now: Instant) -> Result<()> {
    let (by, application) = (Actor::SYSTEM.author(), applications::actions::find(conn, id)?);
    if !is_awarded(&application) {
        return applications::actions::own::take_out(conn, by, application, now).map(|_| ());
    }
    if let Some(award) = awards::actions::standing(conn, id)? {
        let payout = store::find_by_award(conn, award.id)?;
        let is_open = |payout: &Payout| matches!(payout.state, PayoutState::Prepared | PayoutState::Authorised);
        if let Some(payout) = payout.filter(is_open) {
            cancel(conn, payout, now)?;
        }
    }
    give_back(conn, by, application, now).map(|_| ())
}

/// Cancels a payout by the fund itself.
fn cancel(conn: &mut Conn, payout: Payout, now: Instant) -> Result<()> {
    let cancelled = advance(conn, payout, PayoutEvent::Cancel)?;
    audit::record(conn, Actor::SYSTEM.author(), now, Kind::PayoutCancelled, &PayoutMoved::of(&cancelled))
}

fn is_awarded(application: &Application) -> bool {
    application.standing().counts_as() == ApplicationState::Awarded
}

fn give_back(conn: &mut Conn, by: Author, application: Application, now: Instant) -> Result<Application> {
    let id = application.id;
    application.standing().after(ApplicationEvent::Decline)?;
    let award = awards::actions::standing(conn, id)?.ok_or(Error::NotFound)?;
    if store::find_by_award(conn, award.id)?.is_some_and(|payout| payout.state.is_running()) {
        return Err(Error::refused("payment_running", "the payment is on its way; the award cannot be given back"));
    }
    let declined = applications::actions::advance(conn, application, ApplicationEvent::Decline)?;
    audit::record(conn, by, now, Kind::AwardDeclined, &AwardDeclined { application: id, award: award.id })?;
    awards::actions::release(conn, by, &award, ReleaseReason::Declined, now)?;
    Ok(declined)
}

/// An application of the actor's own.
///
/// # Errors
/// [`Error::NotFound`] where there is none such, or it is another's.
fn own(conn: &mut Conn, actor: &Actor, id: ApplicationId) -> Result<Application> {
    let application = applications::actions::find(conn, id)?;
    if application.person_id == actor.person()? { Ok(application) } else { Err(Error::NotFound) }
}

/// Releases the award of an application that failed a late check. What was only prepared is cancelled first. What was
/// authorised may be at the bank already: the treasurer says whether it was paid or cancels it, which comes back here. What
/// was executed stays. A job that runs twice does it once.
pub fn release_ineligible(conn: &mut Conn, job: &Job, now: Instant) -> Result<()> {
    let id = ApplicationId::from(job.subject);
    let application = applications::actions::find(conn, id)?;
    if application.state != ApplicationState::Ineligible {
        return Ok(());
    }
    let Some(award) = awards::actions::standing(conn, id)? else { return Ok(()) };
    let by = Actor::SYSTEM.author();
    match store::find_by_award(conn, award.id)? {
        Some(payout) if matches!(payout.state, PayoutState::Authorised | PayoutState::Executed) => return Ok(()),
        Some(payout) if payout.state == PayoutState::Prepared => cancel(conn, payout, now)?,
        _ => {}
    }
    awards::actions::release(conn, by, &award, ReleaseReason::Ineligible, now)?;
    applications::actions::advance(conn, application, ApplicationEvent::Release).map(|_| ())
}
