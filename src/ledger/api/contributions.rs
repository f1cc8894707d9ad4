//! What was given for a round: recorded by the treasurer, read by whoever reads the books.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{get, post};
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::accounts::Permission;
use crate::calls;
use crate::clock::{Date, Instant};
use crate::error::FieldError;
use crate::ids::ContributionId;
use crate::ledger::actions::{self, ContributionFilter};
use crate::ledger::rules::{Contribution, CurrencyCode, Recorded, ReversalReason};
use crate::money::{Money, MoneyError, Rate};
use crate::page::{Limit, Page, TimeCursor};
use crate::web::{
    Answer, App, Bearer, Cell, Csv, Field, Fields, Input, Json, Once, Problem, Query, Wrong, line, text, too_large,
    word,
};

impl Field for CurrencyCode {
    fn read(value: &Value) -> Result<Self, Wrong> {
        let text = value.as_str().ok_or(("wrong_type", None))?;
        text.parse().map_err(|_| ("currency", None))
    }
}

impl Field for Rate {
    /// A string, as amounts are.
    fn read(value: &Value) -> Result<Self, Wrong> {
        let text = value.as_str().ok_or(("rate", None))?;
        text.parse::<Self>().map_err(|error| match error {
            MoneyError::TooLarge(_) => too_large(Rate::most()),
            _ => ("rate", None),
        })
    }
}

/// Who gave.
pub struct Donor(String);

impl Field for Donor {
    fn read(value: &Value) -> Result<Self, Wrong> {
        line(value, 200).map(Self)
    }
}

/// What is said about a contribution, in one line or more.
struct Note(String);

impl Field for Note {
    fn read(value: &Value) -> Result<Self, Wrong> {
        text(value, 1000).map(Self)
    }
}

/// Money that came in.
#[derive(ToSchema)]
pub struct ContributionInput {
    /// Published as it stands here. Small gifts of people go under one common name, never each by their own.
    #[schema(value_type = String, example = "Fund for an Open Society", max_length = 200)]
    donor: Donor,
    /// In `currency`, above zero.
    #[schema(value_type = String, example = "3000000.00")]
    amount: Money,
    /// RSD if left out.
    #[schema(value_type = Option<String>, example = "RSD", pattern = "^[A-Z]{3}$")]
    currency: Option<CurrencyCode>,
    /// Dinars for one unit of a foreign currency; needed for all but RSD.
    #[schema(value_type = Option<String>, example = "1")]
    rate: Option<Rate>,
    /// What the bank kept, in dinars; nothing if left out. It may be above a small gift.
    #[schema(value_type = Option<String>, example = "0.00")]
    fee: Option<Money>,
    /// The day on the bank's statement.
    #[schema(value_type = String, format = Date, example = "2020-07-20")]
    received_on: Date,
    /// Open to everybody who reads the books.
    #[schema(value_type = Option<String>, max_length = 1000)]
    note: Option<String>,
}

impl Input for ContributionInput {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (donor, amount) = (fields.required("donor"), fields.required("amount"));
        let (currency, rate) = (fields.optional::<CurrencyCode>("currency"), fields.optional::<Rate>("rate"));
        let (fee, received_on) = (fields.optional("fee"), fields.required::<Date>("received_on"));
        let note = fields.filled::<Note>("note");
        let mut wrong = |field: &str, code| fields.wrong(FieldError { field: field.into(), code, argument: None });
        match received_on {
            Some(day) if day > Instant::now().in_belgrade().0 => wrong("received_on", "future"),
            Some(day) if !calls::YEARS.contains(&day.parts().0) => wrong("received_on", "year"),
            _ => {}
        }
        if matches!(&amount, Some(amount) if !Money::is_positive(*amount)) {
            wrong("amount", "above_zero");
        }
        // What hangs on more than one field is told beside the rest, as far as these could be read.
        if let (Some(currency), Some(rate)) = (&currency, &rate) {
            let is_dinar = currency.as_ref().is_none_or(CurrencyCode::is_dinar);
            match rate {
                None if !is_dinar => wrong("rate", "missing"),
                Some(rate) if is_dinar && !rate.is_one() => wrong("rate", "unfit"),
                _ => {}
            }
        }
        Some(Self {
            donor: donor?,
            amount: amount?,
            currency: currency?,
            rate: rate?,
            fee: fee?,
            received_on: received_on?,
            note: note?.map(|note| note.0),
        })
    }
}

impl ContributionInput {
    fn into_contribution(self) -> Contribution {
        Contribution {
            received_on: self.received_on,
            donor: self.donor.0,
            amount: self.amount,
            currency: self.currency.unwrap_or_else(CurrencyCode::dinar),
            rate: self.rate.unwrap_or(Rate::ONE),
            fee: self.fee.unwrap_or(Money::ZERO),
            note: self.note.unwrap_or_default(),
        }
    }
}

/// A contribution on record. It is never changed; one that was recorded wrongly is reversed, and counted no more.
#[derive(Serialize, ToSchema)]
pub struct ContributionBody {
    #[schema(value_type = String, format = Uuid)]
    id: ContributionId,
    #[schema(example = "Fund for an Open Society")]
    donor: String,
    /// In dinars, before the fee.
    #[schema(value_type = String, example = "3000000.00")]
    amount: Money,
    #[schema(value_type = String, example = "0.00")]
    fee: Money,
    /// What was given, where that was not dinars.
    #[schema(value_type = Option<String>, example = "1000.00")]
    foreign_amount: Option<Money>,
    #[schema(example = "EUR")]
    currency: String,
    #[schema(example = "117")]
    rate: String,
    #[schema(value_type = String, format = Date)]
    received_on: Date,
    /// What the treasurer wrote beside it; empty where nothing.
    note: String,
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Instant,
    /// When it was taken out of the books again; nothing where it stands.
    #[schema(value_type = Option<String>, format = DateTime)]
    reversed_at: Option<Instant>,
    /// Why that was.
    reversal_reason: Option<ReversalReason>,
}

impl From<Recorded> for ContributionBody {
    fn from(given: Recorded) -> Self {
        let (reversed_at, reversal_reason) = given.reversed.unzip();
        Self {
            id: given.id,
            donor: given.donor,
            amount: given.amount,
            fee: given.fee,
            foreign_amount: given.foreign_amount,
            currency: given.currency,
            rate: given.rate,
            received_on: given.received_on,
            note: given.note,
            recorded_at: given.recorded_at,
            reversed_at,
            reversal_reason,
        }
    }
}

crate::text_enum! {
    /// In which order contributions are listed.
    pub enum ContributionSort {
        NewestFirst => "-received_on",
        OldestFirst => "received_on",
    }
}

impl Field for ContributionSort {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

/// Which contributions, in which order.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ContributionsFilterQuery {
    /// Of this donor alone, by the exact name.
    #[param(value_type = Option<String>, max_length = 200, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F\\s\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180B-\\u180F\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\uFFF0-\\uFFFB][^\\u0000-\\u001F\\u007F-\\u009F\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180B-\\u180F\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\uFFF0-\\uFFFB]*$")]
    donor: Option<Donor>,
    /// From this day on.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Until this day, which belongs to it.
    #[param(value_type = Option<String>, format = Date)]
    until: Option<Date>,
    /// `received_on` (the oldest first, if left out) or `-received_on`.
    #[param(inline)]
    sort: Option<ContributionSort>,
}

impl Input for ContributionsFilterQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (donor, sort) = (fields.optional("donor"), fields.optional("sort"));
        let (from, until) = (fields.optional::<Date>("from"), fields.optional::<Date>("until"));
        if let (Some(Some(from)), Some(Some(until))) = (&from, &until) {
            fields.in_order(("from", from), ("until", until));
        }
        Some(Self { donor: donor?, from: from?, until: until?, sort: sort? })
    }
}

impl ContributionsFilterQuery {
    fn into_filter(self) -> ContributionFilter {
        ContributionFilter {
            donor: self.donor.map(|donor| donor.0),
            from: self.from,
            until: self.until,
            is_newest_first: self.sort == Some(ContributionSort::NewestFirst),
        }
    }
}

/// Where the page starts.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ContributionsPlace {
    /// How many rows, 1 to 100; 50 if left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<Limit>,
    /// `next` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{32}$")]
    cursor: Option<TimeCursor>,
}

/// A filter and a place.
pub struct ContributionsQuery(ContributionsFilterQuery, ContributionsPlace);

impl Input for ContributionsQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (limit, cursor) = (fields.optional("limit"), fields.optional("cursor"));
        let filter = ContributionsFilterQuery::read(fields);
        Some(Self(filter?, ContributionsPlace { limit: limit?, cursor: cursor? }))
    }
}

/// Record money that came in for a round.
#[utoipa::path(
    tag = "Books",
    params(
        ("id" = String, Path, description = "The call.", format = Uuid),
        ("Idempotency-Key" = String, Header, description = "New for each contribution: a retry with the same key books it once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = ContributionInput,
    responses(
        (status = 201, description = "Recorded and booked.", body = ContributionBody),
        (status = 403, description = "Only the treasurer."),
        (status = 404, description = "There is no such call."),
        (status = 409, description = "Its fee is above the gift by more than what is not awarded (fee_above_funds).")
    )
)]
#[post("/calls/{id}/contributions")]
pub async fn record(
    app: App,
    bearer: Bearer,
    key: Once,
    id: Path<String>,
    Json(body): Json<ContributionInput>,
) -> Result<Answer, Problem> {
    let given = body.into_contribution();
    let on = (Permission::RecordContribution, id.into_inner());
    let recorded = calls::write_once(&app, bearer, key.require()?, on, move |conn, on| {
        let id = actions::contribute(conn, &on.actor, on.call.book(), &given, on.now)?;
        let recorded = actions::contribution(conn, &on.actor, id)?;
        Answer::new(StatusCode::CREATED, &ContributionBody::from(recorded))
    });
    recorded.await
}

/// What was given for a round.
#[utoipa::path(
    tag = "Books",
    params(
        ("id" = String, Path, description = "The call.", format = Uuid), ContributionsFilterQuery, ContributionsPlace
    ),
    responses(
        (status = 200, description = "A page.", body = Page<ContributionBody>),
        (status = 403, description = "Only who reads the books: treasurer, authoriser, auditor."),
        (status = 404, description = "There is no such call.")
    )
)]
#[get("/calls/{id}/contributions")]
pub async fn list(
    app: App,
    bearer: Bearer,
    id: Path<String>,
    Query(query): Query<ContributionsQuery>,
) -> Result<Answer, Problem> {
    let ContributionsQuery(filter, place) = query;
    let (filter, place) = (filter.into_filter(), (place.cursor, place.limit.unwrap_or_default()));
    let on = (Permission::ReadBooks, id.into_inner());
    let page = calls::read(&app, bearer, on, move |conn, on| {
        actions::contributions(conn, &on.actor, on.call.book(), &filter, place)
    });
    Ok(Answer::ok(&page.await?.map(ContributionBody::from))?)
}

/// What was given for a round, as a file: every row that the filter shows.
#[utoipa::path(
    tag = "Books",
    params(("id" = String, Path, description = "The call.", format = Uuid), ContributionsFilterQuery),
    responses(
        (status = 200, description = "The file.", body = String, content_type = "text/csv"),
        (status = 403, description = "Only who reads the books: treasurer, authoriser, auditor."),
        (status = 404, description = "There is no such call.")
    )
)]
#[get("/calls/{id}/contributions.csv")]
pub async fn export(
    app: App,
    bearer: Bearer,
    id: Path<String>,
    Query(query): Query<ContributionsFilterQuery>,
) -> Result<Csv, Problem> {
    let filter = query.into_filter();
    let on = (Permission::ReadBooks, id.into_inner());
    let given = calls::read(&app, bearer, on, move |conn, on| {
        actions::all_contributions(conn, &on.actor, on.call.book(), &filter)
    });
    let row = |given: Recorded| {
        let (reversed_at, reversal_reason) = given.reversed.unzip();
        [
            Cell::exact(given.received_on),
            Cell::text(given.donor),
            Cell::exact(given.amount),
            Cell::exact(given.fee),
            Cell::maybe(given.foreign_amount),
            Cell::exact(given.currency),
            Cell::exact(given.rate),
            Cell::text(given.note),
            Cell::exact(given.recorded_at),
            Cell::maybe(reversed_at),
            Cell::maybe(reversal_reason),
        ]
    };
    let headings = [
        "received_on",
        "donor",
        "amount",
        "fee",
        "foreign_amount",
        "currency",
        "rate",
        "note",
        "recorded_at",
        "reversed_at",
        "reversal_reason",
    ];
    Ok(Csv::new("contributions", headings, given.await?.into_iter().map(row))?)
}
