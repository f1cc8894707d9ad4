//! Other aid over HTTP: programmes, and registers as files.

use utoipa_actix_web::service_config::ServiceConfig;

/// Every route of this slice.
pub fn routes(_config: &mut ServiceConfig) {}
