//! The checks over HTTP: asking beforehand, and resolving what a check left open.

use utoipa_actix_web::service_config::ServiceConfig;

/// Every route of this slice.
pub fn routes(_config: &mut ServiceConfig) {}
