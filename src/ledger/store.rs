//! Queries on the books.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::actions::{ContributionFilter, EntryFilter};
use super::rules::{
    Account, Balance, Contribution, Entry, Posted, Received, Recorded, ReversalReason, TrialBalance, Turnover,
};
use crate::clock::{Date, Instant};
use crate::db::{Conn, sum_i64};
use crate::error::Result;
use crate::ids::{AccountId, ContributionId, EntryId, PersonId};
use crate::money::Money;
use crate::page::TimeCursor;
use crate::schema::{contribution_reversals, contributions, ledger_accounts, ledger_entries, ledger_postings};

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

/// Whether there is an entry with this key.
pub(super) fn is_posted(conn: &mut Conn, key: &str) -> Result<bool> {
    let with_key = ledger_entries::table.filter(ledger_entries::entry_key.eq(key));
    let found: Option<EntryId> = with_key.select(ledger_entries::id).first(conn).optional()?;
    Ok(found.is_some())
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

/// The sum of each book.
pub(super) fn sums(conn: &mut Conn) -> Result<Vec<(String, Money)>> {
    let by_book = ledger_postings::table.inner_join(ledger_accounts::table).group_by(ledger_accounts::book);
    let sums = by_book.order(ledger_accounts::book).select((ledger_accounts::book, sum_i64(ledger_postings::amount)));
    Ok(sums.load(conn)?)
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

pub(super) fn insert_reversal(
    conn: &mut Conn,
    contribution: ContributionId,
    reason: ReversalReason,
    by: PersonId,
    now: Instant,
) -> Result<()> {
    let row = (
        contribution_reversals::contribution_id.eq(contribution),
        contribution_reversals::reason.eq(reason),
        contribution_reversals::reversed_by.eq(by),
        contribution_reversals::reversed_at.eq(now),
    );
    diesel::insert_into(contribution_reversals::table).values(row).execute(conn)?;
    Ok(())
}

/// Without what was reversed.
pub(super) fn received(conn: &mut Conn, book: &str) -> Result<Received> {
    let reversed = contribution_reversals::table.select(contribution_reversals::contribution_id);
    let of_book = contributions::table.filter(contributions::book.eq(book)).filter(contributions::id.ne_all(reversed));
    let (gross, fees) = of_book.select((sum_i64(contributions::amount), sum_i64(contributions::fee))).first(conn)?;
    Ok(Received { gross, fees })
}

#[derive(Queryable)]
struct RecordedRow {
    id: ContributionId,
    book: String,
    donor: String,
    amount: Money,
    fee: Money,
    foreign_amount: Option<Money>,
    currency: String,
    rate: String,
    received_on: Date,
    note: String,
    recorded_at: Instant,
}

impl RecordedRow {
    fn into_recorded(self, reversed: Option<(Instant, ReversalReason)>) -> Recorded {
        let Self { id, book, donor, amount, fee, foreign_amount, currency, rate, received_on, note, recorded_at } =
            self;
        Recorded {
            id,
            book,
            donor,
            amount,
            fee,
            foreign_amount,
            currency,
            rate,
            received_on,
            note,
            recorded_at,
            reversed,
        }
    }
}

pub(super) fn contribution(conn: &mut Conn, id: ContributionId) -> Result<Option<Recorded>> {
    let row: Option<RecordedRow> =
        contributions::table.filter(contributions::id.eq(id)).select(RECORDED).first(conn).optional()?;
    Ok(with_reversals(conn, row.into_iter().collect())?.pop())
}

/// Contributions, each with when and why it was reversed, in the same order.
fn with_reversals(conn: &mut Conn, rows: Vec<RecordedRow>) -> Result<Vec<Recorded>> {
    let ids: Vec<ContributionId> = rows.iter().map(|row| row.id).collect();
    let mut reversed: BTreeMap<ContributionId, (Instant, ReversalReason)> = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        let found: Vec<(ContributionId, Instant, ReversalReason)> = contribution_reversals::table
            .filter(contribution_reversals::contribution_id.eq_any(chunk))
            .select((
                contribution_reversals::contribution_id,
                contribution_reversals::reversed_at,
                contribution_reversals::reason,
            ))
            .load(conn)?;
        reversed.extend(found.into_iter().map(|(id, at, reason)| (id, (at, reason))));
    }
    let recorded = |row: RecordedRow| {
        let reversed = reversed.remove(&row.id);
        row.into_recorded(reversed)
    };
    Ok(rows.into_iter().map(recorded).collect())
}

/// In the order of [`RecordedRow`].
type RecordedColumns = (
    contributions::id,
    contributions::book,
    contributions::donor,
    contributions::amount,
    contributions::fee,
    contributions::foreign_amount,
    contributions::currency,
    contributions::rate,
    contributions::received_on,
    contributions::note,
    contributions::recorded_at,
);
const RECORDED: RecordedColumns = (
    contributions::id,
    contributions::book,
    contributions::donor,
    contributions::amount,
    contributions::fee,
    contributions::foreign_amount,
    contributions::currency,
    contributions::rate,
    contributions::received_on,
    contributions::note,
    contributions::recorded_at,
);

/// What a list of contributions is asked for; all rows where their number is left out.
pub(super) struct ContributionsWanted<'a> {
    pub book: &'a str,
    pub filter: &'a ContributionFilter,
    pub after: Option<TimeCursor>,
    pub rows: Option<i64>,
}

/// By the day they came, then by id; an index range in either direction.
pub(super) fn contributions(conn: &mut Conn, wanted: &ContributionsWanted<'_>) -> Result<Vec<Recorded>> {
    let ContributionsWanted { book, filter, after, rows } = wanted;
    let mut found = contributions::table.filter(contributions::book.eq(*book)).select(RECORDED).into_boxed();
    if let Some(donor) = &filter.donor {
        found = found.filter(contributions::donor.eq(donor));
    }
    if let Some(from) = filter.from {
        found = found.filter(contributions::received_on.ge(from));
    }
    if let Some(until) = filter.until {
        found = found.filter(contributions::received_on.le(until));
    }
    let place = after.map(|cursor| (cursor.at.date(), ContributionId::from(cursor.id)));
    found = match (filter.is_newest_first, place) {
        (false, Some((day, id))) => found
            .filter(contributions::received_on.ge(day))
            .filter(contributions::received_on.gt(day).or(contributions::id.gt(id))),
        (true, Some((day, id))) => found
            .filter(contributions::received_on.le(day))
            .filter(contributions::received_on.lt(day).or(contributions::id.lt(id))),
        (_, None) => found,
    };
    found = match filter.is_newest_first {
        false => found.order((contributions::received_on, contributions::id)),
        true => found.order((contributions::received_on.desc(), contributions::id.desc())),
    };
    if let Some(rows) = rows {
        found = found.limit(*rows);
    }
    let rows: Vec<RecordedRow> = found.load(conn)?;
    with_reversals(conn, rows)
}

/// The accounts of a book by code, with the sums of their debits and credits.
pub(super) fn turnovers(conn: &mut Conn, book: &str) -> Result<Vec<Turnover>> {
    let rows: Vec<(String, Money)> = ledger_postings::table
        .inner_join(ledger_accounts::table)
        .filter(ledger_accounts::book.eq(book))
        .filter(ledger_postings::amount.gt(Money::ZERO))
        .group_by(ledger_accounts::code)
        .select((ledger_accounts::code, sum_i64(ledger_postings::amount)))
        .load(conn)?;
    let debits: BTreeMap<String, Money> = rows.into_iter().collect();
    let turnover = |Balance { account, amount }: Balance| {
        let debits = debits.get(&account.to_string()).copied().unwrap_or(Money::ZERO);
        Ok(Turnover { account, debits, credits: debits.minus(amount)? })
    };
    balances(conn, book)?.0.into_iter().map(turnover).collect()
}

/// What a list of entries is asked for; all rows where their number is left out.
pub(super) struct EntriesWanted<'a> {
    pub book: &'a str,
    pub filter: &'a EntryFilter,
    pub after: Option<EntryId>,
    pub rows: Option<i64>,
}

/// How many entries or contributions one query asks for by their ids.
const CHUNK: usize = 500;

pub(super) fn entries(conn: &mut Conn, wanted: &EntriesWanted<'_>) -> Result<Vec<Posted>> {
    let ids = match &wanted.filter.account {
        None => entry_ids(conn, wanted)?,
        Some(account) => entry_ids_on(conn, wanted, account)?,
    };
    let mut posted = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let mut postings = postings(conn, chunk)?;
        let heads: Vec<(EntryId, String, Date, Instant, String)> = ledger_entries::table
            .filter(ledger_entries::id.eq_any(chunk))
            .select((
                ledger_entries::id,
                ledger_entries::entry_key,
                ledger_entries::occurred_on,
                ledger_entries::recorded_at,
                ledger_entries::narration,
            ))
            .load(conn)?;
        let mut heads: BTreeMap<EntryId, _> = heads.into_iter().map(|head| (head.0, head)).collect();
        for (id, key, occurred_on, recorded_at, narration) in chunk.iter().filter_map(|id| heads.remove(id)) {
            let postings = postings.remove(&id).unwrap_or_default();
            posted.push(Posted { id, key, occurred_on, recorded_at, narration, postings });
        }
    }
    Ok(posted)
}

fn entry_ids(conn: &mut Conn, wanted: &EntriesWanted<'_>) -> Result<Vec<EntryId>> {
    let of_book = ledger_entries::table.filter(ledger_entries::book.eq(wanted.book)).select(ledger_entries::id);
    let mut found = of_book.into_boxed();
    found = match (wanted.filter.is_newest_first, wanted.after) {
        (false, Some(after)) => found.filter(ledger_entries::id.gt(after)).order(ledger_entries::id),
        (false, None) => found.order(ledger_entries::id),
        (true, Some(after)) => found.filter(ledger_entries::id.lt(after)).order(ledger_entries::id.desc()),
        (true, None) => found.order(ledger_entries::id.desc()),
    };
    if let Some(rows) = wanted.rows {
        found = found.limit(rows);
    }
    Ok(found.load(conn)?)
}

/// The entries that touch an account, each once.
fn entry_ids_on(conn: &mut Conn, wanted: &EntriesWanted<'_>, account: &Account) -> Result<Vec<EntryId>> {
    let by_code = ledger_accounts::table
        .filter(ledger_accounts::book.eq(wanted.book))
        .filter(ledger_accounts::code.eq(account.to_string()));
    let Some(account) = by_code.select(ledger_accounts::id).first::<AccountId>(conn).optional()? else {
        return Ok(Vec::new());
    };
    let on_account = ledger_postings::table.filter(ledger_postings::account_id.eq(account));
    let mut found = on_account.select(ledger_postings::entry_id).distinct().into_boxed();
    found = match (wanted.filter.is_newest_first, wanted.after) {
        (false, Some(after)) => found.filter(ledger_postings::entry_id.gt(after)).order(ledger_postings::entry_id),
        (false, None) => found.order(ledger_postings::entry_id),
        (true, Some(after)) => {
            found.filter(ledger_postings::entry_id.lt(after)).order(ledger_postings::entry_id.desc())
        }
        (true, None) => found.order(ledger_postings::entry_id.desc()),
    };
    if let Some(rows) = wanted.rows {
        found = found.limit(rows);
    }
    Ok(found.load(conn)?)
}

fn postings(conn: &mut Conn, entries: &[EntryId]) -> Result<BTreeMap<EntryId, Vec<(Account, Money)>>> {
    let rows: Vec<(EntryId, String, Money)> = ledger_postings::table
        .inner_join(ledger_accounts::table)
        .filter(ledger_postings::entry_id.eq_any(entries))
        .order((ledger_postings::entry_id, ledger_postings::position))
        .select((ledger_postings::entry_id, ledger_accounts::code, ledger_postings::amount))
        .load(conn)?;
    let mut postings: BTreeMap<EntryId, Vec<(Account, Money)>> = BTreeMap::new();
    for (entry, code, amount) in rows {
        postings.entry(entry).or_default().push((code.parse()?, amount));
    }
    Ok(postings)
}
