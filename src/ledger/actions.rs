//! Recording money that came in, and posting what other slices do with it.

use serde::Serialize;

use super::rules::{Account, Contribution, Entry, Received, Transfer, TrialBalance};
use super::store;
use crate::accounts::{Actor, Permission};
use crate::audit::{self, Kind};
use crate::clock::{Date, Instant};
use crate::db::Conn;
use crate::error::Result;
use crate::ids::{CallId, ContributionId};
use crate::money::Money;

#[derive(Serialize)]
struct ContributionReceived<'a> {
    contribution: ContributionId,
    book: &'a str,
    amount: Money,
    fee: Money,
    received_on: Date,
}

/// Records money that a donor gave for the round with this book.
pub fn contribute(
    conn: &mut Conn,
    actor: &Actor,
    book: &str,
    given: &Contribution,
    now: Instant,
) -> Result<ContributionId> {
    actor.require(Permission::RecordContribution)?;
    let gross = given.in_dinars()?;
    let id = ContributionId::new();
    store::insert_contribution(conn, id, book, given, gross, now)?;
    let transfers = vec![
        Transfer { debit: Account::Bank, credit: Account::Donor(given.donor.clone()), amount: gross },
        Transfer { debit: Account::Fees, credit: Account::Bank, amount: given.fee },
    ];
    post(conn, &Entry::new(book, format!("contribution:{id}"), given.received_on, "Contribution", transfers)?, now)?;
    let facts =
        ContributionReceived { contribution: id, book, amount: gross, fee: given.fee, received_on: given.received_on };
    audit::record(conn, actor.author(), now, Kind::ContributionReceived, &facts)?;
    Ok(id)
}

/// Posts an entry. The action that it belongs to asks for the permission and writes the event.
pub fn post(conn: &mut Conn, entry: &Entry, now: Instant) -> Result<()> {
    store::insert_entry(conn, entry, now)
}

/// Closes what was given and what it cost into the undistributed money of the round.
///
/// From here on `Undistributed` is what can be awarded; it stands there by name until it is.
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
    post(conn, &Entry::new(book, format!("allocation:{call}"), day, "Contributions and fees closed", transfers)?, now)
}

/// What the round has received and what fees it bore.
pub fn received(conn: &mut Conn, book: &str) -> Result<Received> {
    store::received(conn, book)
}

/// The balances of a round's book.
pub fn trial_balance(conn: &mut Conn, actor: &Actor, book: &str) -> Result<TrialBalance> {
    actor.require(Permission::ReadTotals)?;
    store::balances(conn, book)
}
