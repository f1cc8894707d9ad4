//! The applications of a call for administrators: pages, files, and who somebody is, for a purpose.

use actix_web::web::Path;
use actix_web::{get, post};
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::receipt::ReceiptBody;
use crate::accounts::{Permission, actions as accounts, signed_in};
use crate::applications::actions::{self, Purpose, Wanted};
use crate::applications::rules::{ApplicationState, Listed};
use crate::calls;
use crate::calls::api::CategoryNumber;
use crate::clock::Instant;
use crate::error::Error;
use crate::ids::ApplicationId;
use crate::page::{Limit, Page, TimeCursor};
use crate::serbian::BankAccount;
use crate::web::{Answer, App, Bearer, Cell, Csv, Field, Fields, Input, Json, Problem, Query, Spoken, Wrong, word};

crate::text_enum! {
    /// In which order applications are listed.
    pub enum ApplicationSort {
        OldestFirst => "submitted_at",
        NewestFirst => "-submitted_at",
    }
}

impl Field for ApplicationSort {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

impl Field for ApplicationState {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

impl Field for Purpose {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

/// Which applications, in which order, from where on. Filters add up.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "the parameters of a query that is read field by field")]
pub struct ApplicationsQuery {
    /// Only in this state.
    #[param(inline)]
    state: Option<ApplicationState>,
    /// Only of this category.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    category: Option<CategoryNumber>,
    /// Only from this municipality, in either script.
    #[param(max_length = 100, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F\\s][^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    municipality: Option<String>,
    /// Only of this discipline, as it was written.
    #[param(max_length = 100, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F\\s][^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    discipline: Option<String>,
    /// Only of this association.
    #[param(max_length = 100, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F\\s][^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    association: Option<String>,
    /// Only the one with this reference code, in capitals or not.
    #[param(max_length = 100, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F\\s][^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    reference: Option<String>,
    /// `submitted_at` (the oldest first, if left out) or `-submitted_at`.
    #[param(inline)]
    sort: Option<ApplicationSort>,
}

/// A filter, as it is asked for.
pub struct Filter(Wanted);

impl Filter {
    fn read(fields: &mut Fields) -> Option<Self> {
        let short = |fields: &mut Fields, name| fields.optional::<ShortText>(name);
        let (state, category) = (fields.optional("state"), fields.optional::<CategoryNumber>("category"));
        let (municipality, discipline) = (short(fields, "municipality"), short(fields, "discipline"));
        let (association, reference) = (short(fields, "association"), short(fields, "reference"));
        let sort = fields.optional("sort");
        let text = |text: Option<ShortText>| text.map(|text| text.0);
        Some(Self(Wanted {
            state: state?,
            category: category?.map(|category| category.0),
            municipality: text(municipality?),
            discipline: text(discipline?),
            association: text(association?),
            reference: text(reference?),
            is_newest_first: sort? == Some(ApplicationSort::NewestFirst),
        }))
    }
}

/// A text of at most a hundred characters, as filters take it.
pub struct ShortText(pub String);

impl Field for ShortText {
    fn read(value: &Value) -> Result<Self, Wrong> {
        crate::web::text(value, 100).map(Self)
    }
}

/// The whole of what a file holds.
pub struct FileQuery(Wanted);

impl Input for FileQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        Filter::read(fields).map(|filter| Self(filter.0))
    }
}

/// A page of what a filter shows.
pub struct PageQuery {
    wanted: Wanted,
    limit: Limit,
    cursor: Option<TimeCursor>,
}

impl Input for PageQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (filter, limit, cursor) = (Filter::read(fields), fields.optional("limit"), fields.optional("cursor"));
        Some(Self { wanted: filter?.0, limit: limit?.unwrap_or_default(), cursor: cursor? })
    }
}

/// An application as administrators list it: the reference code and what is not personal.
#[derive(Serialize, ToSchema)]
pub struct ListedBody {
    #[schema(value_type = String, format = Uuid)]
    pub id: ApplicationId,
    #[schema(example = "K7QM-2X9D")]
    pub reference: String,
    pub state: ApplicationState,
    /// Where it was when a later finding came, while a person looks at that.
    pub held_from: Option<ApplicationState>,
    /// The priority group of need; none where no category fits.
    #[schema(example = 1)]
    pub category: Option<i32>,
    #[schema(example = "Beograd")]
    pub municipality: String,
    #[schema(example = "dance")]
    pub discipline: String,
    #[schema(example = "ULUS")]
    pub association: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub submitted_at: Instant,
    /// Whether the fund entered it for somebody without e-mail.
    pub is_entered: bool,
    /// The same person's other application, while the two are merged.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub merged_into: Option<ApplicationId>,
}

impl From<Listed> for ListedBody {
    fn from(listed: Listed) -> Self {
        let Listed { id, reference, state, held_from, category, municipality, discipline, association, .. } = listed;
        let Listed { submitted_at, is_entered, merged_into, .. } = listed;
        Self {
            id,
            reference,
            state,
            held_from,
            category,
            municipality,
            discipline,
            association,
            submitted_at,
            is_entered,
            merged_into,
        }
    }
}

/// The applications of a call.
#[utoipa::path(
    tag = "Applications",
    params(
        ("id" = String, Path, description = "The call.", format = Uuid),
        ApplicationsQuery,
        ("limit" = Option<u8>, Query, description = "How many rows, 1 to 100; 50 if left out.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "`next` of the page before.", pattern = "^[A-Za-z0-9_-]{32}$")
    ),
    responses(
        (status = 200, description = "A page.", body = Page<ListedBody>),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such call.")
    )
)]
#[get("/calls/{id}/applications")]
pub async fn list(
    app: App,
    bearer: Bearer,
    id: Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Answer, Problem> {
    let page = signed_in::glance(&app, bearer, move |conn, _, caller, now| {
        let call = id.parse().ok();
        let actor = accounts::act_on(conn, caller, Permission::ReadApplications, call, now)?;
        let call = call.ok_or(Error::NotFound)?;
        let page = actions::page(conn, &actor, call, &query.wanted, (query.cursor, query.limit))?;
        if page.items.is_empty() {
            // Whether there is such a call matters only where nothing is in it.
            calls::actions::exists(conn, call)?.ok_or(Error::NotFound)?;
        }
        Ok(page)
    });
    Ok(Answer::ok(&page.await?.map(ListedBody::from))?)
}

/// The same as a file: exactly the rows that the filter shows, all pages of them.
#[utoipa::path(
    tag = "Applications",
    params(("id" = String, Path, description = "The call.", format = Uuid), ApplicationsQuery),
    responses(
        (status = 200, description = "A CSV file.", body = String, content_type = "text/csv"),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such call."),
        (status = 409, description = "More rows than one file holds.")
    )
)]
#[get("/calls/{id}/applications.csv")]
pub async fn file(app: App, bearer: Bearer, id: Path<String>, Query(query): Query<FileQuery>) -> Result<Csv, Problem> {
    let on = (Permission::ReadApplications, id.into_inner());
    let rows = calls::read(&app, bearer, on, move |conn, on| actions::export(conn, &on.actor, on.call.id, &query.0));
    let headings = [
        "reference",
        "state",
        "held_from",
        "category",
        "municipality",
        "discipline",
        "association",
        "submitted_at",
        "is_entered",
    ];
    let row = |listed: Listed| {
        [
            Cell::text(listed.reference),
            Cell::exact(listed.state),
            Cell::maybe(listed.held_from),
            Cell::maybe(listed.category),
            Cell::text(listed.municipality),
            Cell::text(listed.discipline),
            Cell::text(listed.association.unwrap_or_default()),
            Cell::exact(listed.submitted_at),
            Cell::exact(listed.is_entered),
        ]
    };
    Ok(Csv::new("applications", headings, rows.await?.into_iter().map(row))?)
}

/// What somebody is opened for.
#[derive(ToSchema)]
pub struct OpeningBody {
    #[schema(example = "resolve_finding")]
    pub(super) purpose: Purpose,
}

impl Input for OpeningBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { purpose: fields.required("purpose")? })
    }
}

/// Who an applicant is, and how they are reached.
#[derive(Serialize, ToSchema)]
pub struct PersonBody {
    #[schema(example = "Ana")]
    given_name: String,
    #[schema(example = "Anić")]
    family_name: String,
    #[schema(example = "0101965660012")]
    jmbg: String,
    #[schema(example = "ana@example.org")]
    email: String,
    #[schema(example = "+381 60 000 0000")]
    phone: String,
    #[schema(example = "Ana Anić")]
    account_holder: String,
    /// The account, but for its last digits hidden.
    #[schema(example = "**************0151")]
    bank_account: String,
}

/// Open who an applicant is. What for goes on the log.
#[utoipa::path(
    tag = "Applications",
    params(
        ("id" = String, Path, description = "The application.", format = Uuid)
    ),
    request_body = OpeningBody,
    responses(
        (status = 200, description = "The person.", body = PersonBody),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such application.")
    )
)]
#[post("/applications/{id}/person")]
pub async fn person(
    app: App,
    bearer: Bearer,
    id: Path<String>,
    Json(body): Json<OpeningBody>,
) -> Result<Answer, Problem> {
    let opened = signed_in::write(&app, bearer, move |conn, app, caller, now| {
        let (actor, application) = actions::act_on(conn, caller, Permission::OpenPerson, &id, now)?;
        actions::open_person(conn, &app.vault, &actor, (application.id, body.purpose), now)
    });
    let (identity, payment) = opened.await?;
    let account = BankAccount::parse(&payment.account).map_err(Error::corrupt)?;
    let body = PersonBody {
        given_name: identity.given_name,
        family_name: identity.family_name,
        jmbg: identity.jmbg,
        email: identity.email,
        phone: identity.phone,
        account_holder: payment.holder,
        bank_account: account.masked(),
    };
    Ok(Answer::ok(&body)?)
}

/// The receipt of an application that the fund entered for somebody, to print for them.
#[utoipa::path(
    tag = "Applications",
    params(
        ("id" = String, Path, description = "The application.", format = Uuid)
    ),
    responses(
        (status = 200, description = "The receipt.", body = ReceiptBody),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such application that the fund entered.")
    )
)]
#[post("/applications/{id}/receipt")]
pub async fn receipt(app: App, bearer: Bearer, spoken: Spoken, id: Path<String>) -> Result<Answer, Problem> {
    let receipt = signed_in::write(&app, bearer, move |conn, app, caller, now| {
        let (actor, application) = actions::act_on(conn, caller, Permission::EnterApplication, &id, now)?;
        actions::own::receipt_of_entered(conn, &app.vault, &actor, application.id, now)
    });
    Ok(Answer::ok(&ReceiptBody::of(&receipt.await?, spoken.0))?)
}
