//! The committee over HTTP: seats, the queue, conflicts, votes, opening and closing.

use utoipa_actix_web::service_config::ServiceConfig;

/// Every route of this slice.
pub fn routes(_config: &mut ServiceConfig) {}
