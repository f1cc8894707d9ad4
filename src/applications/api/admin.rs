//! The applications of a call for administrators: pages, files, and who somebody is, for a purpose.

use actix_web::web::Path;
use actix_web::{get, post};
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::receipt::ReceiptBody;
use crate::accounts::actions::act_on;
use crate::accounts::{Permission, signed_in};
use crate::applications::actions::{self, Purpose, Wanted, call_of};
use crate::applications::rules::{ApplicationState, Listed};
use crate::clock::Instant;
use crate::ids::{ApplicationId, CallId};
use crate::page::{Limit, Page, TimeCursor};
use crate::web::{
    Answer, App, Bearer, Cell, Csv, Field, Fields, Input, Json, Problem, Query, Spoken, Wrong, path_id, word,
};

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
    category: Option<CategoryFilter>,
    /// Only from this municipality, as it was written.
    #[param(max_length = 100, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F\\s][^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    municipality: Option<String>,
    /// Only of this discipline, as it was written.
    #[param(max_length = 100, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F\\s][^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    discipline: Option<String>,
    /// Only of this association.
    #[param(max_length = 100, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F\\s][^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    association: Option<String>,
    /// Only the one with this reference code.
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
        let (state, category) = (fields.optional("state"), fields.optional::<CategoryFilter>("category"));
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

/// The number of a category, 1 to 1000.
pub struct CategoryFilter(i32);

impl Field for CategoryFilter {
    fn read(value: &Value) -> Result<Self, Wrong> {
        let number = i32::try_from(u32::read(value)?).ok().filter(|number| (1..=1000).contains(number));
        number.map(Self).ok_or(("number", None))
    }
}

struct ShortText(String);

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
    let page = signed_in::read(&app, bearer, move |conn, _, caller, now| {
        let call = crate::calls::actions::existing(conn, path_id(&id).ok())?;
        let actor = act_on(conn, caller, Permission::ReadApplications, call, now)?;
        let call = call.unwrap_or(CallId::NONE);
        actions::page(conn, &actor, call, &query.wanted, (query.cursor, query.limit))
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
    let rows = signed_in::read(&app, bearer, move |conn, _, caller, now| {
        let call = crate::calls::actions::existing(conn, path_id(&id).ok())?;
        let actor = act_on(conn, caller, Permission::ReadApplications, call, now)?;
        actions::export(conn, &actor, call.unwrap_or(CallId::NONE), &query.0)
    });
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
    purpose: Purpose,
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
        let call = match path_id(&id) {
            Ok(id) => call_of(conn, id)?,
            Err(_) => None,
        };
        let actor = act_on(conn, caller, Permission::OpenPerson, call, now)?;
        actions::open_person(conn, &app.vault, &actor, (path_id(&id)?, body.purpose), now)
    });
    let (identity, payment) = opened.await?;
    let body = PersonBody {
        given_name: identity.given_name,
        family_name: identity.family_name,
        jmbg: identity.jmbg,
        email: identity.email,
        phone: identity.phone,
        account_holder: payment.holder,
        bank_account: masked(&payment.account),
    };
    Ok(Answer::ok(&body)?)
}

/// All but the last four signs hidden.
fn masked(number: &str) -> String {
    let hidden = number.chars().count().saturating_sub(4);
    number.chars().enumerate().map(|(at, sign)| if at < hidden { '*' } else { sign }).collect()
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
        let call = match path_id(&id) {
            Ok(id) => call_of(conn, id)?,
            Err(_) => None,
        };
        let actor = act_on(conn, caller, Permission::EnterApplication, call, now)?;
        actions::own::receipt_of_entered(conn, &app.vault, &actor, path_id(&id)?, now)
    });
    Ok(Answer::ok(&ReceiptBody::of(&receipt.await?, spoken.0))?)
}
