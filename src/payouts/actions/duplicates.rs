//! Two applications of one person, put together and taken apart: never one's own, and never while the money of any of them runs.

use super::reading;
use crate::accounts::{Actor, Permission};
use crate::applications::{self, Application, actions::merges};
use crate::clock::Instant;
use crate::crypto::Vault;
use crate::db::Conn;
use crate::eligibility;
use crate::error::{Error, Result};
use crate::ids::ApplicationId;
use crate::payouts::rules::PayoutState;
use crate::version::Seen;

/// Puts an application to another one of the same person. The other is checked again, and so is whoever shared its account: what
/// they shared counts no more.
///
/// # Errors
/// As for [`merges::merge`]; refused as `own_application` where either is the actor's own, for it may settle what was found on
/// it, and as `payout_running` while a payout of either is prepared or authorised.
pub fn merge(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    (id, seen): (ApplicationId, Seen),
    into: ApplicationId,
    now: Instant,
) -> Result<Application> {
    actor.require(Permission::MergeApplications)?;
    // Asked before the money of the other is: administrators of one call learn nothing of another call's payments.
    let application = applications::actions::find(conn, id)?;
    let other = merges::of_the_same_call(conn, &application, into)?;
    let both = [application, other];
    require_anothers(conn, actor, &both)?;
    require_no_payment(conn, &both)?;
    let [application, _] = &both;
    let shared = eligibility::actions::sharing_account(conn, vault, application)?;
    let merged = merges::merge(conn, actor, (id, seen), into, now)?;
    eligibility::actions::check_beside(conn, vault, into, now)?;
    check_third(conn, vault, (&shared, into), now)?;
    Ok(merged)
}

/// Takes a merged application back to where it was, and checks it again with all that it was merged into, and with whoever
/// shares its account or its household now.
///
/// # Errors
/// As for [`merges::unmerge`]; refused as `own_application` where it, or what it is merged into, is the actor's own, and as
/// `payout_running` while a payout of one of them is prepared or authorised.
pub fn unmerge(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    (id, seen): (ApplicationId, Seen),
    now: Instant,
) -> Result<Application> {
    actor.require(Permission::MergeApplications)?;
    let all = with_all_above(conn, id)?;
    require_anothers(conn, actor, &all)?;
    require_no_payment(conn, &all)?;
    merges::unmerge(conn, actor, (id, seen), now)?;
    let apart = eligibility::actions::check_anew(conn, vault, id, now)?;
    let above = all.get(1..).unwrap_or_default();
    for application in above {
        eligibility::actions::check_anew(conn, vault, application.id, now)?;
    }
    if let Some(into) = above.first() {
        let shared = eligibility::actions::sharing_account(conn, vault, &apart)?;
        check_third(conn, vault, (&shared, into.id), now)?;
    }
    eligibility::actions::check_household(conn, vault, &apart, now)?;
    // Another one of the household may be merged into it, and it was looked at again for that.
    applications::actions::find(conn, id)
}

/// Checks whoever alone shares the account of what was merged or taken apart, beside what it was merged into: where two others
/// share it, they have each other still.
fn check_third(
    conn: &mut Conn,
    vault: &Vault,
    (shared, into): (&[ApplicationId], ApplicationId),
    now: Instant,
) -> Result<()> {
    match shared {
        [third] if *third != into => eligibility::actions::check_beside(conn, vault, *third, now).map(|_| ()),
        _ => Ok(()),
    }
}

/// An application, the one that it is merged into, the one that this is merged into, and so on: the last is paid for all.
fn with_all_above(conn: &mut Conn, id: ApplicationId) -> Result<Vec<Application>> {
    let (mut all, mut next): (Vec<Application>, _) = (Vec::new(), Some(id));
    while let Some(id) = next.filter(|id| all.iter().all(|known| known.id != *id)) {
        let application = applications::actions::find(conn, id)?;
        next = application.merged_into;
        all.push(application);
    }
    Ok(all)
}

fn require_anothers(conn: &mut Conn, actor: &Actor, applications: &[Application]) -> Result<()> {
    let theirs = applications::actions::own::theirs(conn, actor.person()?)?;
    match applications.iter().any(|application| theirs.contains(&application.id)) {
        true => Err(Error::refused("own_application", "nobody merges their own application, or takes it apart")),
        false => Ok(()),
    }
}

fn require_no_payment(conn: &mut Conn, applications: &[Application]) -> Result<()> {
    for application in applications {
        let payout = reading::of_application(conn, application.id)?;
        if payout.is_some_and(|payout| matches!(payout.state, PayoutState::Prepared | PayoutState::Authorised)) {
            return Err(Error::refused("payout_running", "the payment of one of them is on its way"));
        }
    }
    Ok(())
}
