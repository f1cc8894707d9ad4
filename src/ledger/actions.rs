//! Recording money that came in, and posting what other slices do with it.

use serde::Serialize;

use super::rules::{
    Account, Contribution, Entry, Posted, Received, Recorded, ReversalReason, Transfer, TrialBalance, Turnover,
    transfers_of,
};
use super::store::{self, ContributionsWanted, EntriesWanted};
use crate::accounts::{self, Actor, Caller, Permission};
use crate::audit::{self, Kind};
use crate::calls;
use crate::clock::{Date, Instant};
use crate::db::Conn;
use crate::error::{Error, FieldError, Result};
use crate::ids::{CallId, ContributionId, EntryId};
use crate::money::Money;
use crate::page::{Limit, Page, TimeCursor};

#[derive(Serialize)]
struct ContributionReceived<'a> {
    contribution: ContributionId,
    book: &'a str,
    amount: Money,
    fee: Money,
    received_on: Date,
}

#[derive(Serialize)]
struct ContributionReversed<'a> {
    contribution: ContributionId,
    book: &'a str,
    amount: Money,
    fee: Money,
    reason: ReversalReason,
}

/// The most that one contribution can be: a million millions of dinars. What is above is a slip, and a handful of slips
/// would be more than a sum can hold.
const MOST: Money = Money::from_minor(1_000_000_000_000 * 100);

/// Records money that a donor gave for the round with this book.
///
/// # Errors
/// A field error for a day that has not come, and an amount or a fee beyond reason; refused where a fee above its gift would
/// take what is awarded.
pub fn contribute(
    conn: &mut Conn,
    actor: &Actor,
    book: &str,
    given: &Contribution,
    now: Instant,
) -> Result<ContributionId> {
    actor.require(Permission::RecordContribution)?;
    if given.received_on > now.in_belgrade().0 {
        return Err(Error::field("received_on", "future"));
    }
    let gross = given.in_dinars().map_err(|error| match error {
        Error::Overflow => too_large("amount"),
        // It may be so only in dinars.
        Error::Invalid(field, _) if field == "amount" => Error::field(field, "above_zero"),
        error => error,
    })?;
    if given.amount > MOST || gross > MOST {
        return Err(too_large("amount"));
    }
    if given.fee > MOST {
        return Err(too_large("fee"));
    }
    if falls_short(conn, book, given.fee.minus(gross)?)? {
        let message = "this fee is above its gift by more than what is not awarded";
        return Err(Error::refused("fee_above_funds", message));
    }
    let id = ContributionId::new();
    store::insert_contribution(conn, id, book, given, gross, now)?;
    let transfers = transfers_of(&given.donor, gross, given.fee, is_closed(conn, book)?);
    post(conn, &Entry::new(book, format!("contribution:{id}"), given.received_on, "Contribution", transfers)?, now)?;
    let facts =
        ContributionReceived { contribution: id, book, amount: gross, fee: given.fee, received_on: given.received_on };
    audit::record(conn, actor.author(), now, Kind::ContributionReceived, &facts)?;
    Ok(id)
}

fn too_large(field: &str) -> Error {
    let argument = Some(("most", MOST.to_string()));
    Error::Fields(vec![FieldError { field: field.to_owned(), code: "amount_too_large", argument }])
}

/// One contribution.
///
/// # Errors
/// [`Error::NotFound`] where there is none such.
pub fn contribution(conn: &mut Conn, actor: &Actor, id: ContributionId) -> Result<Recorded> {
    actor.require(Permission::ReadBooks)?;
    store::contribution(conn, id)?.ok_or(Error::NotFound)
}

/// The contribution that a path names, and somebody who may act on it; to whoever may not, it is as if it were not there.
///
/// # Errors
/// As for [`accounts::actions::act_on`].
pub fn act_on(
    conn: &mut Conn,
    caller: &Caller,
    permission: Permission,
    path: &str,
    now: Instant,
) -> Result<(Actor, Recorded)> {
    let given = path.parse().ok().map(|id| store::contribution(conn, id)).transpose()?.flatten();
    let call = match &given {
        Some(given) => calls::actions::with_code(conn, &given.book)?,
        None => None,
    };
    let actor = accounts::actions::act_on(conn, caller, permission, call, now)?;
    given.map(|given| (actor, given)).ok_or(Error::NotFound)
}

/// Takes a contribution out of the books again, by an entry that turns its own around. It stays on record and is counted
/// no more.
///
/// # Errors
/// [`Error::NotFound`] where there is none such; refused a second time, and where less would have been received than is
/// awarded.
pub fn reverse(
    conn: &mut Conn,
    actor: &Actor,
    id: ContributionId,
    reason: ReversalReason,
    now: Instant,
) -> Result<Recorded> {
    actor.require(Permission::RecordContribution)?;
    let given = store::contribution(conn, id)?.ok_or(Error::NotFound)?;
    if given.reversed.is_some() {
        return Err(Error::refused("contribution_reversed", "this contribution is reversed already"));
    }
    require_spared(conn, &given)?;
    store::insert_reversal(conn, id, reason, actor.person()?, now)?;
    let Recorded { ref book, ref donor, amount, fee, .. } = given;
    let transfers = transfers_of(donor, amount, fee, is_closed(conn, book)?);
    let back = transfers.into_iter().map(Transfer::turned).collect();
    let day = now.in_belgrade().0;
    post(conn, &Entry::new(book, format!("reversal:{id}"), day, "Contribution reversed", back)?, now)?;
    let facts = ContributionReversed { contribution: id, book, amount, fee, reason };
    audit::record(conn, actor.author(), now, Kind::ContributionReversed, &facts)?;
    Ok(Recorded { reversed: Some((now, reason)), ..given })
}

/// What the awards need is not taken back.
fn require_spared(conn: &mut Conn, given: &Recorded) -> Result<()> {
    if falls_short(conn, &given.book, given.net()?)? {
        let message = "without this contribution less would have been received than is awarded";
        return Err(Error::refused("contribution_needed", message));
    }
    Ok(())
}

/// Whether so much is more than is undistributed, once the money is allocated: the fund never awards what it has not received.
/// Before the allocation nothing is awarded, and committing it asks for the money.
fn falls_short(conn: &mut Conn, book: &str, gone: Money) -> Result<bool> {
    if !gone.is_positive() {
        return Ok(false);
    }
    Ok(is_closed(conn, book)? && standing(conn, book)?.undistributed < gone)
}

/// Posts an entry. The action that it belongs to asks for the permission and writes the event.
pub fn post(conn: &mut Conn, entry: &Entry, now: Instant) -> Result<()> {
    store::insert_entry(conn, entry, now)
}

/// Closes what was given and what it cost into the undistributed money of the round.
///
/// From here on `Undistributed` is what can be awarded; it stands there by name until it is. What is given later is closed
/// when it is recorded.
pub fn close_income(conn: &mut Conn, book: &str, call: CallId, day: Date, now: Instant) -> Result<()> {
    let mut transfers = Vec::new();
    for balance in store::balances(conn, book)?.0 {
        match balance.account {
            donor @ Account::Donor(_) => {
                transfers.push(Transfer {
                    debit: donor,
                    credit: Account::Undistributed,
                    amount: balance.amount.negated()?,
                });
            }
            Account::Fees => {
                transfers.push(Transfer {
                    debit: Account::Undistributed,
                    credit: Account::Fees,
                    amount: balance.amount,
                });
            }
            Account::Bank | Account::AwardsPayable | Account::Undistributed => {}
        }
    }
    post(conn, &Entry::new(book, closing_key(call), day, "Contributions and fees closed", transfers)?, now)
}

fn closing_key(call: CallId) -> String {
    format!("allocation:{call}")
}

/// Whether the donors and fees of a book are closed. A book may have money before its call is made.
fn is_closed(conn: &mut Conn, book: &str) -> Result<bool> {
    match calls::actions::with_code(conn, book)? {
        Some(call) => store::is_posted(conn, &closing_key(call)),
        None => Ok(false),
    }
}

/// What the round has received and what fees it bore, without what was reversed.
pub fn received(conn: &mut Conn, book: &str) -> Result<Received> {
    store::received(conn, book)
}

/// The balances of a round's book.
pub fn trial_balance(conn: &mut Conn, actor: &Actor, book: &str) -> Result<TrialBalance> {
    actor.require(Permission::ReadTotals)?;
    store::balances(conn, book)
}

/// The sum of each book, by its name; books that close give zero. For whoever checks a whole database.
pub fn sums(conn: &mut Conn) -> Result<Vec<(String, Money)>> {
    store::sums(conn)
}

/// Which contributions of a round, in which order.
#[derive(Debug, Clone, Default)]
pub struct ContributionFilter {
    /// Of this donor alone, by the exact name.
    pub donor: Option<String>,
    /// Both days belong to it.
    pub from: Option<Date>,
    pub until: Option<Date>,
    pub is_newest_first: bool,
}

/// A page of what was given, by the day it came.
pub fn contributions(
    conn: &mut Conn,
    actor: &Actor,
    book: &str,
    filter: &ContributionFilter,
    (after, limit): (Option<TimeCursor>, Limit),
) -> Result<Page<Recorded>> {
    actor.require(Permission::ReadBooks)?;
    let wanted = ContributionsWanted { book, filter, after, rows: Some(limit.rows_and_one()) };
    let rows = store::contributions(conn, &wanted)?;
    Ok(Page::new(rows, limit, |given| TimeCursor { at: Instant::start_of(given.received_on), id: given.id.uuid() }))
}

/// All that a filter shows.
pub fn all_contributions(
    conn: &mut Conn,
    actor: &Actor,
    book: &str,
    filter: &ContributionFilter,
) -> Result<Vec<Recorded>> {
    actor.require(Permission::ReadBooks)?;
    store::contributions(conn, &ContributionsWanted { book, filter, after: None, rows: None })
}

/// The accounts of a round's book and what went through them.
pub fn accounts(conn: &mut Conn, actor: &Actor, book: &str) -> Result<Vec<Turnover>> {
    actor.require(Permission::ReadBooks)?;
    store::turnovers(conn, book)
}

/// Which entries of a round, in which order.
#[derive(Debug, Clone, Default)]
pub struct EntryFilter {
    /// Only those that touch this account.
    pub account: Option<Account>,
    pub is_newest_first: bool,
}

/// A page of the journal, in the order of recording.
pub fn entries(
    conn: &mut Conn,
    actor: &Actor,
    book: &str,
    filter: &EntryFilter,
    (after, limit): (Option<EntryId>, Limit),
) -> Result<Page<Posted>> {
    actor.require(Permission::ReadBooks)?;
    let wanted = EntriesWanted { book, filter, after, rows: Some(limit.rows_and_one()) };
    Ok(Page::new(store::entries(conn, &wanted)?, limit, |entry| entry.id))
}

/// All of the journal that a filter shows.
pub fn all_entries(conn: &mut Conn, actor: &Actor, book: &str, filter: &EntryFilter) -> Result<Vec<Posted>> {
    actor.require(Permission::ReadBooks)?;
    store::entries(conn, &EntriesWanted { book, filter, after: None, rows: None })
}

/// Where the money of a round stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Funds {
    pub received: Received,
    /// Awarded and not released again, paid or not.
    pub awarded: Money,
    /// Paid and not returned.
    pub paid: Money,
    /// Received less fees, and not awarded.
    pub undistributed: Money,
    pub bank: Money,
}

/// Where the money of a round stands, from its book alone.
pub fn funds(conn: &mut Conn, actor: &Actor, book: &str) -> Result<Funds> {
    actor.require(Permission::ReadBooks)?;
    standing(conn, book)
}

/// What was received less fees, and is not awarded.
pub fn undistributed(conn: &mut Conn, book: &str) -> Result<Money> {
    Ok(standing(conn, book)?.undistributed)
}

fn standing(conn: &mut Conn, book: &str) -> Result<Funds> {
    let received = store::received(conn, book)?;
    let balances = store::balances(conn, book)?;
    let bank = balances.of(&Account::Bank);
    let paid = received.net()?.minus(bank)?;
    // Awards payable are a debt: below zero.
    let awarded = paid.minus(balances.of(&Account::AwardsPayable))?;
    Ok(Funds { received, awarded, paid, undistributed: received.net()?.minus(awarded)?, bank })
}
