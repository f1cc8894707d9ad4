//! The checks over HTTP: asking beforehand, sending, what became of it, and resolving what a check left open.

mod admin;
mod bodies;
mod findings;
mod own;
mod pre_check;

pub use bodies::{FactsBody, FindingBody, FitBody};
pub use own::{OwnDetailBody, detail_as_owner};
use utoipa_actix_web::service_config::ServiceConfig;

/// What everybody asks for in the last hours of a call.
pub fn rush(config: &mut ServiceConfig) {
    config.service(own::submit).service(own::one);
}

/// Every other route of this slice.
pub fn routes(config: &mut ServiceConfig) {
    config.service(pre_check::pre_check);
    config
        .service(admin::one)
        .service(findings::list)
        .service(findings::export)
        .service(admin::resolve)
        .service(admin::enter);
}
