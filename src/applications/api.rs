//! Applications over HTTP: drafts, submitting, what becomes of them, and the work of administrators on them.

use utoipa_actix_web::service_config::ServiceConfig;

/// Every route of this slice.
pub fn routes(_config: &mut ServiceConfig) {}
