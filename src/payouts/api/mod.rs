//! Payouts over HTTP: prepare, look, authorise, execute, return, cancel; and giving one's own award back.

mod decline;
mod duplicates;
mod list;
mod moves;
mod one;

use utoipa_actix_web::service_config::ServiceConfig;

/// Every route of this slice.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list::page).service(list::export).service(one::show);
    config.service(moves::prepare).service(moves::authorise).service(moves::execute);
    config.service(moves::record_return).service(moves::cancel);
    config.service(decline::decline);
    config.service(duplicates::merge).service(duplicates::unmerge);
}
