//! Giving an award back: by the applicant, or because a finding that came late was confirmed. Never while money runs.

use serde::Serialize;

use super::{PayoutMoved, advance};
use crate::accounts::{Actor, Permission};
use crate::applications::{self, Application, ApplicationEvent, ApplicationState};
use crate::audit::{self, Kind};
use crate::awards::{self, actions::ReleaseReason};
use crate::clock::Instant;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, AwardId};
use crate::jobs::Job;
use crate::payouts::rules::{PayoutEvent, PayoutState};
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
    application.standing().after(ApplicationEvent::Decline)?;
    let award = awards::actions::standing(conn, id)?.ok_or(Error::NotFound)?;
    if store::find_by_award(conn, award.id)?.is_some_and(|payout| payout.state.is_running()) {
        return Err(Error::refused("payment_running", "the payment is on its way; the award cannot be given back"));
    }
    let declined = applications::actions::advance(conn, application, ApplicationEvent::Decline)?;
    audit::record(conn, actor.author(), now, Kind::AwardDeclined, &AwardDeclined { application: id, award: award.id })?;
    awards::actions::release(conn, actor.author(), &award, ReleaseReason::Declined, now)?;
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
        Some(payout) if payout.state == PayoutState::Prepared => {
            let cancelled = advance(conn, payout, PayoutEvent::Cancel)?;
            audit::record(conn, by, now, Kind::PayoutCancelled, &PayoutMoved::of(&cancelled))?;
        }
        _ => {}
    }
    awards::actions::release(conn, by, &award, ReleaseReason::Ineligible, now)?;
    applications::actions::advance(conn, application, ApplicationEvent::Release).map(|_| ())
}
