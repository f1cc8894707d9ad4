//! For those who run the server: does it live, can it answer, which one is it.

use actix_web::get;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::Answer;
use super::problem::Problem;
use super::services::App;

#[derive(Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "ok")]
    status: &'static str,
}

#[derive(Serialize, ToSchema)]
pub struct Version {
    #[schema(example = "fond")]
    name: &'static str,
    #[schema(example = "0.1.0")]
    version: &'static str,
}

/// Whether the process lives. Asks nothing of the database.
#[utoipa::path(tag = "Operation", security(()), responses((status = 200, description = "It lives.", body = Health)))]
#[get("/health")]
pub async fn health() -> Result<Answer, Problem> {
    Ok(Answer::ok(&Health { status: "ok" })?)
}

/// Whether requests can be answered: the database is asked.
#[utoipa::path(
    tag = "Operation",
    security(()),
    responses((status = 200, description = "Requests can be answered.", body = Health))
)]
#[get("/ready")]
pub async fn ready(app: App) -> Result<Answer, Problem> {
    app.glance(|conn, _| crate::jobs::dead_count(conn)).await?;
    Ok(Answer::ok(&Health { status: "ok" })?)
}

/// Which Fond this is.
#[utoipa::path(
    tag = "Operation",
    security(()),
    responses((status = 200, description = "Name and version.", body = Version))
)]
#[get("/version")]
pub async fn version() -> Result<Answer, Problem> {
    Ok(Answer::ok(&Version { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") })?)
}
