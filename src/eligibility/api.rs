//! The checks over HTTP: asking beforehand, sending, what became of it, and resolving what a check left open.

mod admin;
mod bodies;
mod own;
mod pre_check;

pub use bodies::{FactsBody, FindingBody, FitBody};
pub use own::{OwnDetailBody, detail};
use utoipa_actix_web::service_config::ServiceConfig;

/// Every route of this slice.
pub fn routes(config: &mut ServiceConfig) {
    config.service(pre_check::pre_check);
    config.service(own::one).service(own::submit);
    config.service(admin::one).service(admin::list).service(admin::resolve).service(admin::enter);
}
