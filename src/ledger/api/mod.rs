//! The books over HTTP: contributions, accounts, entries, balances.

mod books;
mod contributions;
mod reversals;

use utoipa_actix_web::service_config::ServiceConfig;

/// Every route of this slice.
pub fn routes(config: &mut ServiceConfig) {
    config.service(contributions::record).service(contributions::list).service(contributions::export);
    config.service(reversals::reverse);
    config.service(books::list_accounts).service(books::trial_balance);
    config.service(books::export_trial_balance);
    config.service(books::journal).service(books::export);
}
