//! Queries on the books.

use diesel::prelude::*;

use super::rules::{Account, Balance, Contribution, Entry, Received, TrialBalance};
use crate::clock::Instant;
use crate::db::{Conn, sum_i64};
use crate::error::Result;
use crate::ids::{AccountId, ContributionId, EntryId};
use crate::money::Money;
use crate::schema::{contributions, ledger_accounts, ledger_entries, ledger_postings};

pub(super) fn insert_entry(conn: &mut Conn, entry: &Entry, now: Instant) -> Result<()> {
    let id = EntryId::new();
    let row = (
        ledger_entries::id.eq(id),
        ledger_entries::entry_key.eq(&entry.key),
        ledger_entries::book.eq(&entry.book),
        ledger_entries::occurred_on.eq(entry.occurred_on),
        ledger_entries::recorded_at.eq(now),
        ledger_entries::narration.eq(&entry.narration),
    );
    diesel::insert_into(ledger_entries::table).values(row).execute(conn)?;
    for (position, (account, amount)) in (0_i32..).zip(entry.postings()?) {
        let row = (
            ledger_postings::entry_id.eq(id),
            ledger_postings::position.eq(position),
            ledger_postings::account_id.eq(account_id(conn, &entry.book, account)?),
            ledger_postings::amount.eq(amount),
        );
        diesel::insert_into(ledger_postings::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// The account with this code; it is opened where it does not exist.
fn account_id(conn: &mut Conn, book: &str, account: &Account) -> Result<AccountId> {
    let code = account.to_string();
    let known = ledger_accounts::table.filter(ledger_accounts::book.eq(book)).filter(ledger_accounts::code.eq(&code));
    if let Some(id) = known.select(ledger_accounts::id).first(conn).optional()? {
        return Ok(id);
    }
    let id = AccountId::new();
    let row = (ledger_accounts::id.eq(id), ledger_accounts::book.eq(book), ledger_accounts::code.eq(&code));
    diesel::insert_into(ledger_accounts::table).values(row).execute(conn)?;
    Ok(id)
}

/// The balances of a book, by account code.
pub(super) fn balances(conn: &mut Conn, book: &str) -> Result<TrialBalance> {
    let rows: Vec<(String, Money)> = ledger_postings::table
        .inner_join(ledger_accounts::table)
        .filter(ledger_accounts::book.eq(book))
        .group_by(ledger_accounts::code)
        .order(ledger_accounts::code)
        .select((ledger_accounts::code, sum_i64(ledger_postings::amount)))
        .load(conn)?;
    let balance = |(code, amount): (String, Money)| Ok(Balance { account: code.parse()?, amount });
    rows.into_iter().map(balance).collect::<Result<_>>().map(TrialBalance)
}

pub(super) fn insert_contribution(
    conn: &mut Conn,
    id: ContributionId,
    book: &str,
    given: &Contribution,
    gross: Money,
    now: Instant,
) -> Result<()> {
    let row = (
        contributions::id.eq(id),
        contributions::book.eq(book),
        contributions::donor.eq(&given.donor),
        contributions::amount.eq(gross),
        contributions::fee.eq(given.fee),
        contributions::foreign_amount.eq((!given.currency.is_dinar()).then_some(given.amount)),
        contributions::currency.eq(given.currency.as_str()),
        contributions::rate.eq(given.rate.to_string()),
        contributions::received_on.eq(given.received_on),
        contributions::note.eq(&given.note),
        contributions::recorded_at.eq(now),
    );
    diesel::insert_into(contributions::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn received(conn: &mut Conn, book: &str) -> Result<Received> {
    let of_book = contributions::table.filter(contributions::book.eq(book));
    let (gross, fees) = of_book.select((sum_i64(contributions::amount), sum_i64(contributions::fee))).first(conn)?;
    Ok(Received { gross, fees })
}
