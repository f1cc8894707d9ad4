//! The book of a round: accounts, journal and trial balance. Donors stand there by name, applicants nowhere.

use actix_web::get;
use actix_web::web::Path;
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::accounts::Permission;
use crate::calls;
use crate::clock::{Date, Instant};
use crate::db::Conn;
use crate::error::Result as FondResult;
use crate::ids::EntryId;
use crate::ledger::actions::{self, EntryFilter};
use crate::ledger::rules::{Account, Posted, Turnover};
use crate::money::Money;
use crate::page::{Limit, Page};
use crate::web::{Answer, App, Bearer, Cell, Csv, Field, Fields, Input, Problem, Query, Wrong, text, word};

/// An account and what went through it.
#[derive(Serialize, ToSchema)]
pub struct AccountBody {
    /// `bank`, `fees`, `awards_payable`, `undistributed` or `donor:NAME`.
    #[schema(example = "bank")]
    account: String,
    #[schema(value_type = String, example = "5570000.00")]
    debits: Money,
    #[schema(value_type = String, example = "5182800.00")]
    credits: Money,
    /// Debits less credits; below zero for what is owed.
    #[schema(value_type = String, example = "387200.00")]
    balance: Money,
}

/// The accounts of a book.
#[derive(Serialize, ToSchema)]
pub struct AccountsBody {
    /// The code of the call.
    #[schema(example = "2020")]
    book: String,
    accounts: Vec<AccountBody>,
}

/// The balance of an account, on its side.
#[derive(Serialize, ToSchema)]
pub struct BalanceBody {
    #[schema(example = "bank")]
    account: String,
    #[schema(value_type = String, example = "387200.00")]
    debit: Money,
    #[schema(value_type = String, example = "0.00")]
    credit: Money,
}

/// All balances of a book.
#[derive(Serialize, ToSchema)]
pub struct TrialBalanceBody {
    /// The code of the call.
    #[schema(example = "2020")]
    book: String,
    balances: Vec<BalanceBody>,
    #[schema(value_type = String, example = "387200.00")]
    debit: Money,
    #[schema(value_type = String, example = "387200.00")]
    credit: Money,
    /// Debits less credits: books that close give zero.
    #[schema(value_type = String, example = "0.00")]
    sum: Money,
}

/// A line of an entry.
#[derive(Serialize, ToSchema)]
pub struct PostingBody {
    #[schema(example = "bank")]
    account: String,
    /// Debits above zero, credits below.
    #[schema(value_type = String, example = "-30000.00")]
    amount: Money,
}

/// A journal entry. Its postings sum to zero.
#[derive(Serialize, ToSchema)]
pub struct EntryBody {
    #[schema(value_type = String, format = Uuid)]
    id: EntryId,
    /// What it is for: `contribution:`, `reversal:`, `allocation:`, `award:`, `release:`, `execution:` or `return:` and an id. There is one entry with a key.
    #[schema(example = "award:0199f0c8-6f3f-7cc5-8a5e-0d5f3a1c2b4d")]
    key: String,
    #[schema(value_type = String, format = Date)]
    occurred_on: Date,
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Instant,
    #[schema(example = "Award")]
    narration: String,
    postings: Vec<PostingBody>,
}

impl From<Posted> for EntryBody {
    fn from(entry: Posted) -> Self {
        let Posted { id, key, occurred_on, recorded_at, narration, postings } = entry;
        let posting = |(account, amount): (Account, Money)| PostingBody { account: account.to_string(), amount };
        Self { id, key, occurred_on, recorded_at, narration, postings: postings.into_iter().map(posting).collect() }
    }
}

impl Field for Account {
    fn read(value: &Value) -> Result<Self, Wrong> {
        text(value, 250)?.parse().map_err(|_| ("ledger_account", None))
    }
}

crate::text_enum! {
    /// In which order entries are listed.
    pub enum EntrySort {
        OldestFirst => "recorded_at",
        NewestFirst => "-recorded_at",
    }
}

impl Field for EntrySort {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

/// Which entries, in which order.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EntriesFilterQuery {
    /// Only entries that touch this account.
    #[param(value_type = Option<String>, max_length = 206, example = "awards_payable", pattern = "^(bank|fees|awards_payable|undistributed|donor:[^\\u0000-\\u001F\\u007F-\\u009F\\s][^\\u0000-\\u001F\\u007F-\\u009F]*)$")]
    account: Option<Account>,
    /// `recorded_at` (the oldest first, if left out) or `-recorded_at`.
    #[param(inline)]
    sort: Option<EntrySort>,
}

impl Input for EntriesFilterQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (account, sort) = (fields.optional("account"), fields.optional("sort"));
        Some(Self { account: account?, sort: sort? })
    }
}

impl EntriesFilterQuery {
    fn into_filter(self) -> EntryFilter {
        EntryFilter { account: self.account, is_newest_first: self.sort == Some(EntrySort::NewestFirst) }
    }
}

/// Where the page starts.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EntriesPlace {
    /// How many rows, 1 to 100; 50 if left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<Limit>,
    /// `next` of the page before.
    #[param(value_type = Option<String>, format = Uuid)]
    cursor: Option<EntryId>,
}

/// A filter and a place.
pub struct EntriesQuery(EntriesFilterQuery, EntriesPlace);

impl Input for EntriesQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (limit, cursor) = (fields.optional("limit"), fields.optional("cursor"));
        let filter = EntriesFilterQuery::read(fields);
        Some(Self(filter?, EntriesPlace { limit: limit?, cursor: cursor? }))
    }
}

fn present_account(turnover: &Turnover) -> FondResult<AccountBody> {
    let (debits, credits) = (turnover.debits, turnover.credits);
    Ok(AccountBody { account: turnover.account.to_string(), debits, credits, balance: turnover.balance()? })
}

fn present_balance(turnover: &Turnover) -> FondResult<BalanceBody> {
    let (account, balance) = (turnover.account.to_string(), turnover.balance()?);
    Ok(match balance.is_negative() {
        true => BalanceBody { account, debit: Money::ZERO, credit: balance.negated()? },
        false => BalanceBody { account, debit: balance, credit: Money::ZERO },
    })
}

/// The accounts of a round's book.
#[utoipa::path(
    tag = "Books",
    params(("id" = String, Path, description = "The call.", format = Uuid)),
    responses(
        (status = 200, description = "The accounts, by their codes.", body = AccountsBody),
        (status = 403, description = "Only who reads the books: treasurer, authoriser, auditor."),
        (status = 404, description = "There is no such call.")
    )
)]
#[get("/calls/{id}/accounts")]
pub async fn list_accounts(app: App, bearer: Bearer, id: Path<String>) -> Result<Answer, Problem> {
    let on = (Permission::ReadBooks, id.into_inner());
    let body = calls::read(&app, bearer, on, move |conn, on| {
        let accounts = actions::accounts(conn, &on.actor, on.call.book())?;
        let accounts = accounts.iter().map(present_account).collect::<FondResult<_>>()?;
        Ok(AccountsBody { book: on.call.code, accounts })
    });
    Ok(Answer::ok(&body.await?)?)
}

/// The trial balance of a round's book.
#[utoipa::path(
    tag = "Books",
    params(("id" = String, Path, description = "The call.", format = Uuid)),
    responses(
        (status = 200, description = "The balances and their sum.", body = TrialBalanceBody),
        (status = 403, description = "Only who reads the books: treasurer, authoriser, auditor."),
        (status = 404, description = "There is no such call.")
    )
)]
#[get("/calls/{id}/trial-balance")]
pub async fn trial_balance(app: App, bearer: Bearer, id: Path<String>) -> Result<Answer, Problem> {
    let on = (Permission::ReadBooks, id.into_inner());
    let body = calls::read(&app, bearer, on, |conn, on| balance_of(conn, &on));
    Ok(Answer::ok(&body.await?)?)
}

fn balance_of(conn: &mut Conn, on: &calls::On<'_>) -> FondResult<TrialBalanceBody> {
    let accounts = actions::accounts(conn, &on.actor, on.call.book())?;
    let balances: Vec<BalanceBody> = accounts.iter().map(present_balance).collect::<FondResult<_>>()?;
    let debit = Money::sum(balances.iter().map(|balance| balance.debit))?;
    let credit = Money::sum(balances.iter().map(|balance| balance.credit))?;
    Ok(TrialBalanceBody { book: on.call.code.clone(), balances, debit, credit, sum: debit.minus(credit)? })
}

/// The trial balance of a round's book as a file; the last row sums both sides.
#[utoipa::path(
    tag = "Books",
    params(("id" = String, Path, description = "The call.", format = Uuid)),
    responses(
        (status = 200, description = "The file.", body = String, content_type = "text/csv"),
        (status = 403, description = "Only who reads the books: treasurer, authoriser, auditor."),
        (status = 404, description = "There is no such call.")
    )
)]
#[get("/calls/{id}/trial-balance.csv")]
pub async fn export_trial_balance(
    app: App,
    bearer: Bearer,
    Query(()): Query<()>,
    id: Path<String>,
) -> Result<Csv, Problem> {
    let on = (Permission::ReadBooks, id.into_inner());
    let balance = calls::read(&app, bearer, on, |conn, on| balance_of(conn, &on)).await?;
    let sum = [Cell::exact("sum"), Cell::exact(balance.debit), Cell::exact(balance.credit)];
    let row = |line: BalanceBody| [Cell::text(line.account), Cell::exact(line.debit), Cell::exact(line.credit)];
    let rows = balance.balances.into_iter().map(row).chain([sum]);
    Ok(Csv::new("trial-balance", ["account", "debit", "credit"], rows)?)
}

/// The journal of a round's book.
#[utoipa::path(
    tag = "Books",
    params(("id" = String, Path, description = "The call.", format = Uuid), EntriesFilterQuery, EntriesPlace),
    responses(
        (status = 200, description = "A page.", body = Page<EntryBody>),
        (status = 403, description = "Only who reads the books: treasurer, authoriser, auditor."),
        (status = 404, description = "There is no such call.")
    )
)]
#[get("/calls/{id}/entries")]
pub async fn journal(
    app: App,
    bearer: Bearer,
    id: Path<String>,
    Query(query): Query<EntriesQuery>,
) -> Result<Answer, Problem> {
    let EntriesQuery(filter, place) = query;
    let (filter, place) = (filter.into_filter(), (place.cursor, place.limit.unwrap_or_default()));
    let on = (Permission::ReadBooks, id.into_inner());
    let page = calls::read(&app, bearer, on, move |conn, on| {
        actions::entries(conn, &on.actor, on.call.book(), &filter, place)
    });
    Ok(Answer::ok(&page.await?.map(EntryBody::from))?)
}

/// The journal of a round's book as a file: one row a posting.
#[utoipa::path(
    tag = "Books",
    params(("id" = String, Path, description = "The call.", format = Uuid), EntriesFilterQuery),
    responses(
        (status = 200, description = "The file.", body = String, content_type = "text/csv"),
        (status = 403, description = "Only who reads the books: treasurer, authoriser, auditor."),
        (status = 404, description = "There is no such call.")
    )
)]
#[get("/calls/{id}/entries.csv")]
pub async fn export(
    app: App,
    bearer: Bearer,
    id: Path<String>,
    Query(query): Query<EntriesFilterQuery>,
) -> Result<Csv, Problem> {
    let filter = query.into_filter();
    let on = (Permission::ReadBooks, id.into_inner());
    let entries =
        calls::read(&app, bearer, on, move |conn, on| actions::all_entries(conn, &on.actor, on.call.book(), &filter));
    let rows = entries.await?.into_iter().flat_map(|entry| {
        let Posted { key, occurred_on, recorded_at, narration, postings, .. } = entry;
        postings.into_iter().map(move |(account, amount)| {
            [
                Cell::exact(&key),
                Cell::exact(occurred_on),
                Cell::exact(recorded_at),
                Cell::text(&narration),
                Cell::text(account.to_string()),
                Cell::exact(amount),
            ]
        })
    });
    let headings = ["key", "occurred_on", "recorded_at", "narration", "account", "amount"];
    Ok(Csv::new("entries", headings, rows)?)
}
