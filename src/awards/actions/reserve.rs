//! The reserve list: who waits for an award that falls free, and giving it to the first of them.

use super::releases::reinstate;
use super::{Award, give};
use crate::accounts::{Actor, Permission};
use crate::applications::{self, Application, ApplicationState};
use crate::audit::journal;
use crate::awards::rules::{is_free, next_amount};
use crate::awards::store;
use crate::calls;
use crate::clock::Instant;
use crate::crypto::{Opener, Purpose, Vault};
use crate::db::Conn;
use crate::eligibility;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId};
use crate::ledger;
use crate::page::{Cursor, Limit, MOST_EXPORTED, Page, whole};

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
    let lines = lines(conn, places)?;
    Ok(Page::new(lines, limit, |line| Cursor(i64::from(line.rank))))
}

/// The whole of it.
///
/// # Errors
/// As for [`whole`].
pub fn whole_reserve_list(conn: &mut Conn, actor: &Actor, call: CallId) -> Result<Vec<ReserveLine>> {
    actor.require(Permission::ReadAllocation)?;
    let places = whole(store::reserve(conn, call, None, Some(MOST_EXPORTED.saturating_add(1)))?)?;
    lines(conn, places)
}

fn lines(conn: &mut Conn, places: Vec<(i32, ApplicationId)>) -> Result<Vec<ReserveLine>> {
    let ids: Vec<ApplicationId> = places.iter().map(|(_, application)| *application).collect();
    let mut applications = applications::actions::find_all(conn, &ids)?;
    let line = |(rank, application): (i32, ApplicationId)| {
        let application = applications.remove(&application).ok_or(Error::NotFound)?;
        let Application { reference, category, state, .. } = application;
        Ok(ReserveLine { rank, reference, category, state })
    };
    places.into_iter().map(line).collect()
}

/// Gives the first in line what fell free. It is checked once more before that; what the check finds is kept, so it is no
/// error. Whoever lost an award because of a finding that does not stand any more is before the reserve list, by rank, and
/// gets that award again.
///
/// # Errors
/// Refused where nobody waits, the first waits for a person's decision on a finding, or too little fell free.
pub fn award_next(conn: &mut Conn, vault: &Vault, actor: &Actor, call: CallId, now: Instant) -> Result<Next> {
    actor.require(Permission::CommitAllocation)?;
    let call = calls::actions::find(conn, call)?;
    let taken_back = store::taken_back(conn, call.id)?;
    let (rank, application) = first_in_line(conn, call.id, &taken_back)?;
    let again = taken_back.into_iter().find(|award| award.application_id == application.id);
    let released = store::released(conn, call.id)?;
    let mut taken = store::passed_on(conn, call.id)?;
    taken.extend(store::given_again(conn, call.id)?);
    let amount = match &again {
        Some(award) => is_free(award.gross, &released, &taken)?.then_some(award.gross),
        None => {
            let by = (actor.author(), Purpose::Allocate, now);
            let open =
                |conn: &mut Conn, opener: &Opener<'_>| applications::actions::open_ranking(conn, opener, &application);
            let ranking = journal::during(conn, vault, by, open)?;
            next_amount(&call.rules.allocation, &ranking, &released, &taken)?
        }
    };
    // What fell free may have been lost since: a contribution was reversed.
    let undistributed = ledger::actions::undistributed(conn, call.book())?;
    let Some(amount) = amount.filter(|amount| *amount <= undistributed) else {
        return Err(Error::refused("nothing_fell_free", "too little fell free for the next on the reserve list"));
    };
    let application = eligibility::actions::check_before_payment(conn, vault, application, now)?;
    if application.state != ApplicationState::Reserve {
        return Ok(Next::Held(application));
    }
    let award = match again {
        Some(award) => {
            reinstate(conn, actor, &call, application.clone(), &award, now)?;
            award
        }
        None => give(conn, actor, &call, application.clone(), (rank, amount), now)?,
    };
    Ok(Next::Awarded(award, application))
}

/// Whoever left the line (withdrawn, merged, failed a check, awarded, erased) is passed over; whoever waits for a decision keeps
/// everybody behind them waiting too, for the place is theirs until it is decided.
fn first_in_line(conn: &mut Conn, call: CallId, taken_back: &[Award]) -> Result<(i32, Application)> {
    let mut places: Vec<(i32, ApplicationId)> =
        taken_back.iter().map(|award| (award.rank, award.application_id)).collect();
    places.extend(store::reserve(conn, call, None, None)?);
    for chunk in places.chunks(CHUNK) {
        let ids: Vec<ApplicationId> = chunk.iter().map(|(_, application)| *application).collect();
        let mut applications = applications::actions::find_all(conn, &ids)?;
        for (rank, application) in chunk {
            let Some(application) = applications.remove(application) else { continue };
            if application.need_erased_at.is_some() {
                continue;
            }
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
