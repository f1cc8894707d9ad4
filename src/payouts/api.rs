//! Payouts over HTTP: prepare, authorise, execute, return, cancel.

use utoipa_actix_web::service_config::ServiceConfig;

/// Every route of this slice.
pub fn routes(_config: &mut ServiceConfig) {}
