//! The verbs of the awards: committing an allocation, releasing an award, giving it to the next in line.

mod allocation;
mod releases;
mod reserve;

pub use allocation::{Committed, CommittedPlace, PlaceOutcome, Preview, commit, commit_previewed, committed, preview};
pub use releases::{ReleaseReason, release};
pub use reserve::{Next, ReserveLine, award_next, reserve_list, whole_reserve_list};

use std::collections::BTreeMap;

use serde::Serialize;

use super::store;
pub use super::store::lists::{AwardSort, Wanted};
use crate::accounts::{self, Actor, Caller, Permission};
use crate::applications::{self, Application, ApplicationEvent, ApplicationState};
use crate::audit::{self, Kind};
use crate::calls::Call;
use crate::clock::Instant;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, AwardId, CallId};
use crate::ledger::{self, Account, Entry, Transfer};
use crate::money::Money;
use crate::page::{KeyCursor, Limit, Page};

/// What an approved application was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Award {
    pub id: AwardId,
    pub call_id: CallId,
    pub application_id: ApplicationId,
    /// From 1, the first in line.
    pub rank: i32,
    pub gross: Money,
    pub net: Money,
}

#[derive(Serialize)]
struct ApplicationAwarded {
    award: AwardId,
    application: ApplicationId,
    rank: i32,
    gross: Money,
}

/// Gives an application an award and books it.
fn give(
    conn: &mut Conn,
    actor: &Actor,
    call: &Call,
    application: Application,
    (rank, amount): (i32, Money),
    now: Instant,
) -> Result<Award> {
    let id = application.id;
    let award = Award { id: AwardId::new(), call_id: call.id, application_id: id, rank, gross: amount, net: amount };
    let application = applications::actions::advance(conn, application, ApplicationEvent::Award)?;
    store::insert_award(conn, &award, &application.reference)?;
    let transfer = Transfer { debit: Account::Undistributed, credit: Account::AwardsPayable, amount };
    let entry = Entry::new(call.book(), format!("award:{}", award.id), now.in_belgrade().0, "Award", vec![transfer])?;
    ledger::actions::post(conn, &entry, now)?;
    let facts = ApplicationAwarded { award: award.id, application: id, rank, gross: amount };
    audit::record(conn, actor.author(), now, Kind::ApplicationAwarded, &facts)?;
    Ok(award)
}

/// # Errors
/// [`Error::NotFound`] where there is no such award.
pub fn find(conn: &mut Conn, id: AwardId) -> Result<Award> {
    store::find(conn, id)?.ok_or(Error::NotFound)
}

/// The award that a path names, and somebody who may act on it; to whoever may not, it is as if it were not there.
///
/// # Errors
/// As for [`accounts::actions::act_on`].
pub fn act_on(
    conn: &mut Conn,
    caller: &Caller,
    permission: Permission,
    path: &str,
    now: Instant,
) -> Result<(Actor, Award)> {
    let award = path.parse().ok().map(|id| store::find(conn, id)).transpose()?.flatten();
    let actor = accounts::actions::act_on(conn, caller, permission, award.as_ref().map(|award| award.call_id), now)?;
    award.map(|award| (actor, award)).ok_or(Error::NotFound)
}

/// These awards, by their ids; what is not there is left out.
pub fn find_all(conn: &mut Conn, ids: &[AwardId]) -> Result<BTreeMap<AwardId, Award>> {
    store::find_all(conn, ids)
}

/// The award of an application that was not released.
pub fn standing(conn: &mut Conn, application: ApplicationId) -> Result<Option<Award>> {
    store::standing(conn, application)
}

/// What became of an application where the money was shared out.
#[derive(Debug, Clone)]
pub struct Share {
    pub award: Option<Award>,
    /// Why and when the award was released, where it was.
    pub release: Option<(ReleaseReason, Instant)>,
    /// Its rank, where it stands on the reserve list.
    pub reserve_rank: Option<i32>,
}

/// What an application was given, or where it waits: for slices that have asked who may know it.
pub fn share_of(conn: &mut Conn, application: ApplicationId) -> Result<Share> {
    let award = store::of_application(conn, application)?;
    let release = award.map(|award| store::release(conn, award.id)).transpose()?.flatten();
    Ok(Share { award, release, reserve_rank: store::reserve_rank(conn, application)? })
}

/// The awards of a call, best rank first.
pub fn list(conn: &mut Conn, actor: &Actor, call: CallId) -> Result<Vec<Award>> {
    actor.require(Permission::ReadTotals)?;
    store::list(conn, call)
}

crate::text_enum! {
    /// Whether an award is still somebody's.
    pub enum AwardState {
        /// To be paid, or paid.
        Standing => "standing",
        /// Declined, or the application failed a late check: its money can be awarded again.
        Released => "released",
    }
}

/// A line of the list of awards.
#[derive(Debug, Clone)]
pub struct AwardLine {
    pub award: Award,
    pub reference: String,
    pub category: Option<i32>,
    pub application_state: ApplicationState,
    /// Why it was released, where it was.
    pub release: Option<ReleaseReason>,
}

/// A page of the awards of a call; names and accounts are with the payouts.
pub fn page(
    conn: &mut Conn,
    actor: &Actor,
    call: CallId,
    wanted: &Wanted,
    (after, limit): (Option<KeyCursor>, Limit),
) -> Result<Page<AwardLine>> {
    actor.require(Permission::ReadPayouts)?;
    let awards = store::lists::page(conn, call, wanted, after, Some(limit.rows_and_one()))?;
    Ok(Page::new(lines(conn, awards)?, limit, |line| wanted.sort.place_of(&line.award)))
}

/// All awards that the filter shows, in its order.
pub fn all(conn: &mut Conn, actor: &Actor, call: CallId, wanted: &Wanted) -> Result<Vec<AwardLine>> {
    actor.require(Permission::ReadPayouts)?;
    let awards = store::lists::page(conn, call, wanted, None, None)?;
    lines(conn, awards)
}

fn lines(conn: &mut Conn, awards: Vec<Award>) -> Result<Vec<AwardLine>> {
    let ids: Vec<AwardId> = awards.iter().map(|award| award.id).collect();
    let releases = store::release_reasons(conn, &ids)?;
    let ids: Vec<ApplicationId> = awards.iter().map(|award| award.application_id).collect();
    let mut applications = applications::actions::find_all(conn, &ids)?;
    let line = |award: Award| {
        let application = applications.remove(&award.application_id).ok_or(Error::NotFound)?;
        let Application { reference, category, state, .. } = application;
        let release = releases.get(&award.id).copied();
        Ok(AwardLine { award, reference, category, application_state: state, release })
    };
    awards.into_iter().map(line).collect()
}

/// What applications were given, net, also where it was released since: for slices that ask where the application stands.
pub fn net_of(conn: &mut Conn, applications: &[ApplicationId]) -> Result<BTreeMap<ApplicationId, Money>> {
    Ok(store::net_of(conn, applications)?.into_iter().collect())
}
