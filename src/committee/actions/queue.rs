//! What a member has before them: the applications to vote on, each member's in an order of their own.

use std::collections::{BTreeMap, BTreeSet};

use crate::accounts::{Actor, Permission};
use crate::applications::Handle;
use crate::applications::actions::blind as applications;
use crate::committee::rules::QueuePlace;
use crate::committee::store::own;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::{ApplicationId, CallId};
use crate::page::{Limit, Page};

/// Which rows of a queue are asked for; all of them, where nothing is said.
#[derive(Debug, Clone, Copy, Default)]
pub struct QueueWanted {
    pub voted: Option<bool>,
    pub declared: Option<bool>,
    pub category: Option<i32>,
}

/// An application in a queue: enough to know whether one has a conflict, and no more.
#[derive(Debug, Clone)]
pub struct QueueRow {
    pub handle: Handle,
    /// Whether the member declared that they have no conflict.
    pub has_declared: bool,
    /// Whether the member has voted; never whether others have.
    pub has_voted: bool,
}

/// A page of a member's queue. What they are recused from is not in it; a substitute's holds only what the member they
/// stand for is recused from, and nothing after a chair who was followed by another.
pub fn queue(
    conn: &mut Conn,
    actor: &Actor,
    call: CallId,
    wanted: QueueWanted,
    (after, limit): (Option<QueuePlace>, Limit),
) -> Result<Page<QueueRow>> {
    actor.require(Permission::ReadBlind)?;
    let seat = actor.seat_on(call)?;
    let eligible = applications::eligible(conn, call, actor.person()?, wanted.category)?;
    let recused = own::recusals_of(conn, seat.id)?;
    let standing_in = match seat.substitutes_for {
        Some(principal) if super::is_voting_seat(conn, call, principal)? => Some(own::recusals_of(conn, principal)?),
        Some(_) => Some(BTreeSet::new()),
        None => None,
    };
    let (declared, voted) = (own::declared(conn, seat.id)?, own::voted(conn, seat.id)?);
    let is_wanted = |id: &ApplicationId| {
        let is_theirs = !recused.contains(id) && standing_in.as_ref().is_none_or(|only| only.contains(id));
        let fits = |wanted: Option<bool>, is: bool| wanted.is_none_or(|wanted| wanted == is);
        is_theirs && fits(wanted.declared, declared.contains(id)) && fits(wanted.voted, voted.contains(id))
    };
    let places = eligible.into_iter().filter(is_wanted).map(|id| (QueuePlace::of(seat.id, id), id));
    let mut places: Vec<(QueuePlace, ApplicationId)> =
        places.filter(|(place, _)| after.is_none_or(|after| *place > after)).collect();
    places.sort_unstable();
    places.truncate(limit.rows().saturating_add(1));
    let page = Page::new(places, limit, |(place, _)| *place);
    let ids: Vec<ApplicationId> = page.items.iter().map(|(_, id)| *id).collect();
    let mut handles: BTreeMap<ApplicationId, Handle> =
        applications::handles(conn, &ids)?.into_iter().map(|handle| (handle.id, handle)).collect();
    let row = |id: &ApplicationId| {
        let handle = handles.remove(id)?;
        Some(QueueRow { handle, has_declared: declared.contains(id), has_voted: voted.contains(id) })
    };
    Ok(Page { items: ids.iter().filter_map(row).collect(), next: page.next })
}
