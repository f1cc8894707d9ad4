//! Two applications of one person put together, and taken apart again: nothing of either is lost.

use serde::Serialize;

use super::{erased, find};
use crate::accounts::{Actor, Permission};
use crate::applications::rules::{Application, ApplicationEvent, ApplicationState, Standing};
use crate::applications::store;
use crate::audit::{self, Kind};
use crate::calls::{self, CallState};
use crate::clock::Instant;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::ApplicationId;
use crate::version::Seen;

#[derive(Serialize)]
struct Merged {
    application: ApplicationId,
    into: ApplicationId,
}

/// Puts an application to another one of the same person: it is neither voted on nor paid while the two are together.
/// Whether money runs is asked by `payouts`, which knows.
///
/// # Errors
/// As for [`of_the_same_call`]; refused where they are the same, or one of them is not what it can be.
pub fn merge(
    conn: &mut Conn,
    actor: &Actor,
    (id, seen): (ApplicationId, Seen),
    into: ApplicationId,
    now: Instant,
) -> Result<Application> {
    actor.require(Permission::MergeApplications)?;
    let application = at_version(conn, id, seen)?;
    let other = of_the_same_call(conn, &application, into)?;
    if other.id == application.id {
        return Err(Error::field("into", "not_mergeable"));
    }
    if matches!(other.state, ApplicationState::Merged | ApplicationState::Withdrawn | ApplicationState::Declined) {
        return Err(Error::refused("application_over", format!("the other application is {}", other.state)));
    }
    let next = application.standing().after(ApplicationEvent::Merge)?.state;
    store::set_merged(conn, &application, next, (Some(into), Some(application.state)))?;
    audit::record(conn, actor.author(), now, Kind::ApplicationsMerged, &Merged { application: id, into })?;
    find(conn, id)
}

/// Another application of the call; one of another call is as if it were not there, whatever state it is in.
///
/// # Errors
/// [`Error::Invalid`] where there is none such.
pub fn of_the_same_call(conn: &mut Conn, application: &Application, other: ApplicationId) -> Result<Application> {
    let found = match find(conn, other) {
        Err(Error::NotFound) => None,
        found => Some(found?),
    };
    let is_of_call = |found: &Application| found.call_id == application.call_id;
    found.filter(is_of_call).ok_or_else(|| Error::field("into", "absent"))
}

/// What was merged into an application, into one of those, and so on.
pub fn below(conn: &mut Conn, id: ApplicationId) -> Result<Vec<Application>> {
    let mut all = store::merged_into(conn, id)?;
    let mut at = 0_usize;
    while let Some(next) = all.get(at).map(|application| application.id) {
        all.extend(store::merged_into(conn, next)?);
        at = at.saturating_add(1);
    }
    Ok(all)
}

/// Takes a merged application back to where it was.
///
/// # Errors
/// Refused where it is not merged, where it was erased (nobody could decide about it), and where it would wait for a voting or
/// an allocation that is over.
pub fn unmerge(conn: &mut Conn, actor: &Actor, (id, seen): (ApplicationId, Seen), now: Instant) -> Result<Application> {
    actor.require(Permission::MergeApplications)?;
    let application = at_version(conn, id, seen)?;
    let (Some(into), Some(before)) = (application.merged_into, store::merged_from(conn, id)?) else {
        return Err(Error::refused("not_merged", "this application is not merged into another one"));
    };
    if application.need_erased_at.is_some() {
        return Err(erased());
    }
    let waits_for_votes = matches!(before, ApplicationState::Eligible | ApplicationState::NeedsReview);
    let is_undecided = waits_for_votes && !(Standing { state: before, ..application.standing() }).is_decided();
    let call = calls::actions::voting(conn, application.call_id)?.state;
    if is_undecided && !call.has_voting_ahead() {
        return Err(Error::refused("voting_closed", "the voting is closed, and this application was not in it"));
    }
    if call == CallState::Allocated && application.held_from.unwrap_or(before) == ApplicationState::Approved {
        return Err(Error::refused("allocated", "the money is allocated, and this application was not in it"));
    }
    store::set_merged(conn, &application, before, (None, None))?;
    audit::record(conn, actor.author(), now, Kind::ApplicationsUnmerged, &Merged { application: id, into })?;
    find(conn, id)
}

fn at_version(conn: &mut Conn, id: ApplicationId, seen: Seen) -> Result<Application> {
    let application = find(conn, id)?;
    seen.require(application.version, "the application")?;
    Ok(application)
}
