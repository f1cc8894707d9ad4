//! Payouts over HTTP: prepare, look, authorise, execute, return, cancel; giving an award back; putting right or taking back what was sent or entered.

mod corrections;
mod decline;
mod documents;
mod duplicates;
mod list;
mod moves;
mod one;
mod withdraw;

use utoipa_actix_web::service_config::ServiceConfig;

/// Every route of this slice.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list::page).service(list::export).service(one::show);
    config.service(moves::prepare).service(moves::authorise).service(moves::execute);
    config.service(moves::record_return).service(moves::cancel);
    config.service(decline::decline);
    config.service(withdraw::withdraw);
    config.service(corrections::correct).service(corrections::correct_entered);
    config.service(documents::take_back).service(documents::remove);
    config.service(duplicates::merge).service(duplicates::unmerge);
}
