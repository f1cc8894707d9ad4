//! A member's queue.

use actix_web::get;
use actix_web::web::Path;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::named;
use crate::accounts::{Permission, signed_in};
use crate::calls::api::CategoryNumber;
use crate::committee::actions::{self, QueueRow, QueueWanted};
use crate::committee::rules::QueuePlace;
use crate::ids::{ApplicationId, CallId};
use crate::page::{Limit, Page};
use crate::web::{Answer, App, Bearer, Fields, Input, Problem, Query};

/// Which rows of the queue, from where on.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct QueueQuery {
    /// Only those that one has voted on, or has not.
    voted: Option<bool>,
    /// Only those about which one has declared no conflict, or has declared nothing yet.
    declared: Option<bool>,
    /// Only those of the category with this number.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    category: Option<CategoryNumber>,
    /// How many rows, 1 to 100; 50 if left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<Limit>,
    /// `next` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{43}$")]
    cursor: Option<QueuePlace>,
}

impl Input for QueueQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (voted, declared) = (fields.optional("voted"), fields.optional("declared"));
        let category = fields.optional("category");
        let (limit, cursor) = (fields.optional("limit"), fields.optional("cursor"));
        Some(Self { voted: voted?, declared: declared?, category: category?, limit: limit?, cursor: cursor? })
    }
}

/// An application in the queue: what is needed to know whether one has a conflict, and no facts.
#[derive(Serialize, ToSchema)]
pub struct QueueRowBody {
    #[schema(value_type = String, format = Uuid)]
    id: ApplicationId,
    /// The name-free handle.
    #[schema(example = "A-0001")]
    reference: String,
    /// The priority group of need.
    #[schema(example = 1)]
    category: Option<i32>,
    #[schema(example = "Beograd")]
    municipality: String,
    #[schema(example = "dance")]
    discipline: String,
    #[schema(example = "ULUS")]
    association: Option<String>,
    /// Whether one has declared that there is no conflict.
    declared: bool,
    /// Whether one has voted.
    voted: bool,
}

impl From<QueueRow> for QueueRowBody {
    fn from(row: QueueRow) -> Self {
        let QueueRow { handle, has_declared, has_voted } = row;
        Self {
            id: handle.id,
            reference: handle.reference,
            category: handle.category,
            municipality: handle.municipality,
            discipline: handle.discipline,
            association: handle.association,
            declared: has_declared,
            voted: has_voted,
        }
    }
}

/// One's own queue on a call: the applications to vote on.
///
/// Each member's is in an order of its own that does not change. What one is recused from is not in it; a substitute finds
/// only what the member they stand for is recused from.
#[utoipa::path(
    tag = "Committee",
    params(("id" = String, Path, description = "The call.", format = Uuid), QueueQuery),
    responses(
        (status = 200, description = "A page.", body = Page<QueueRowBody>),
        (status = 403, description = "Only the committee."),
        (status = 404, description = "One has no seat on this call.")
    )
)]
#[get("/calls/{id}/committee/queue")]
pub async fn list(
    app: App,
    bearer: Bearer,
    id: Path<String>,
    Query(query): Query<QueueQuery>,
) -> Result<Answer, Problem> {
    let call = named::<CallId>(&id);
    let page = signed_in::read(&app, bearer, move |conn, _, caller, now| {
        let actor = actions::act(conn, caller, Permission::ReadBlind, call, now)?;
        let QueueQuery { voted, declared, category, limit, cursor } = query;
        let wanted = QueueWanted { voted, declared, category: category.map(|category| category.0) };
        let place = (cursor, limit.unwrap_or_default());
        actions::queue(conn, &actor, call.unwrap_or(CallId::NONE), wanted, place)
    });
    Ok(Answer::ok(&page.await?.map(QueueRowBody::from))?)
}
