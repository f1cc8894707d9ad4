//! The allocation over HTTP: budget, seed, preview, commit, awards, the reserve list.

mod allocation;
mod awards;
mod budget;
mod reserve;

use utoipa_actix_web::service_config::ServiceConfig;

/// Every route of this slice.
pub fn routes(config: &mut ServiceConfig) {
    config.service(budget::show).service(budget::set).service(budget::record_seed);
    config.service(allocation::show_preview).service(allocation::commit).service(allocation::show);
    config.service(awards::list).service(awards::export);
    config.service(reserve::list).service(reserve::export).service(reserve::next);
}
