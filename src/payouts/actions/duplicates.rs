//! Two applications of one person, put together and taken apart: never while the money of either runs.

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

/// Puts an application to another one of the same person. The other is checked again: what the two shared counts no more.
///
/// # Errors
/// As for [`merges::merge`]; refused as `payout_running` while a payout of either is prepared or authorised.
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
    merges::of_the_same_call(conn, &application, into)?;
    require_no_payment(conn, &[id, into])?;
    let merged = merges::merge(conn, actor, (id, seen), into, now)?;
    eligibility::actions::check_beside(conn, vault, into, now)?;
    Ok(merged)
}

/// Takes a merged application back to where it was, and checks both again.
///
/// # Errors
/// As for [`merges::unmerge`]; refused as `payout_running` while a payout of either is prepared or authorised.
pub fn unmerge(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    (id, seen): (ApplicationId, Seen),
    now: Instant,
) -> Result<Application> {
    actor.require(Permission::MergeApplications)?;
    let into = applications::actions::find(conn, id)?.merged_into;
    require_no_payment(conn, &into.into_iter().chain([id]).collect::<Vec<_>>())?;
    merges::unmerge(conn, actor, (id, seen), now)?;
    if let Some(into) = into {
        eligibility::actions::check_anew(conn, vault, into, now)?;
    }
    eligibility::actions::check_anew(conn, vault, id, now)
}

fn require_no_payment(conn: &mut Conn, applications: &[ApplicationId]) -> Result<()> {
    for id in applications {
        let payout = reading::of_application(conn, *id)?;
        if payout.is_some_and(|payout| matches!(payout.state, PayoutState::Prepared | PayoutState::Authorised)) {
            return Err(Error::refused("payout_running", "the payment of one of the two is on its way"));
        }
    }
    Ok(())
}
