//! The reserve list: who waits for an award that falls free, and giving it to the first of them.

use super::{Award, give};
use crate::accounts::{Actor, Permission};
use crate::applications::{self, Application, ApplicationState};
use crate::audit::journal;
use crate::awards::rules::next_amount;
use crate::awards::store;
use crate::calls;
use crate::clock::Instant;
use crate::crypto::{Purpose, Vault};
use crate::db::Conn;
use crate::eligibility;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId};
use crate::page::{Cursor, Limit, Page};

/// A place of the reserve list, and where its application stands now.
#[derive(Debug, Clone)]
pub struct ReserveLine {
    pub rank: i32,
    pub reference: String,
    pub category: Option<i32>,
    pub state: ApplicationState,
}

/// What came of asking for the next on the list.
#[derive(Debug, Clone)]
pub enum Next {
    Awarded(Award, Application),
    /// The check before the award found something: the application is before a person now, and keeps its place.
    Held(Application),
}

/// How many places are looked at in one go for the first that still waits.
const CHUNK: usize = 100;

/// A page of the reserve list as it was committed, with where each stands now.
pub fn reserve_list(
    conn: &mut Conn,
    actor: &Actor,
    call: CallId,
    (after, limit): (Option<Cursor>, Limit),
) -> Result<Page<ReserveLine>> {
    actor.require(Permission::ReadAllocation)?;
    let places = store::reserve(conn, call, after, Some(limit.rows_and_one()))?;
    let ids: Vec<ApplicationId> = places.iter().map(|(_, application)| *application).collect();
    let mut applications = applications::actions::find_all(conn, &ids)?;
    let line = |(rank, application): (i32, ApplicationId)| {
        let application = applications.remove(&application).ok_or(Error::NotFound)?;
        let Application { reference, category, state, .. } = application;
        Ok(ReserveLine { rank, reference, category, state })
    };
    let lines: Vec<ReserveLine> = places.into_iter().map(line).collect::<Result<_>>()?;
    Ok(Page::new(lines, limit, |line| Cursor(i64::from(line.rank))))
}

/// Gives the first on the reserve list what fell free. It is checked once more before that; what the check finds is kept,
/// so it is no error.
///
/// # Errors
/// Refused where nobody waits, the first waits for a person's decision on a finding, or too little fell free.
pub fn award_next(conn: &mut Conn, vault: &Vault, actor: &Actor, call: CallId, now: Instant) -> Result<Next> {
    actor.require(Permission::CommitAllocation)?;
    let call = calls::actions::find(conn, call)?;
    let (rank, application) = first_in_line(conn, call.id)?;
    let ranking = journal::during(conn, vault, (actor.author(), Purpose::Allocate, now), |conn, opener| {
        applications::actions::open_ranking(conn, opener, &application)
    })?;
    let released = store::released(conn, call.id)?;
    let passed_on = store::passed_on(conn, call.id)?;
    let Some(amount) = next_amount(&call.rules.allocation, &ranking, &released, &passed_on)? else {
        return Err(Error::refused("nothing_fell_free", "too little fell free for the next on the reserve list"));
    };
    let application = eligibility::actions::check_before_payment(conn, vault, application, now)?;
    if application.state != ApplicationState::Reserve {
        return Ok(Next::Held(application));
    }
    let award = give(conn, actor, &call, application.clone(), (rank, amount), now)?;
    Ok(Next::Awarded(award, application))
}

/// Whoever left the line (withdrawn, merged, failed a check, awarded) is passed over; whoever waits for a decision keeps
/// everybody behind them waiting too, for the place is theirs until it is decided.
fn first_in_line(conn: &mut Conn, call: CallId) -> Result<(i32, Application)> {
    let places = store::reserve(conn, call, None, None)?;
    for chunk in places.chunks(CHUNK) {
        let ids: Vec<ApplicationId> = chunk.iter().map(|(_, application)| *application).collect();
        let mut applications = applications::actions::find_all(conn, &ids)?;
        for (rank, application) in chunk {
            let Some(application) = applications.remove(application) else { continue };
            match (application.state, application.held_from) {
                (ApplicationState::Reserve, _) => return Ok((*rank, application)),
                (ApplicationState::NeedsReview, Some(ApplicationState::Reserve)) => {
                    let message = "a finding on the first on the reserve list waits for a person";
                    return Err(Error::refused("reserve_waits", message));
                }
                _ => {}
            }
        }
    }
    Err(Error::refused("reserve_empty", "nobody waits on the reserve list"))
}
