//! The allocation over HTTP: budget, preview, commit, awards, the reserve list.

use utoipa_actix_web::service_config::ServiceConfig;

/// Every route of this slice.
pub fn routes(_config: &mut ServiceConfig) {}
