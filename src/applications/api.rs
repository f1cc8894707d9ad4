//! Applications over HTTP: drafts, one's own applications, and the lists and questions of administrators.
//!
//! Sending, and whatever shows findings, is in `eligibility`, which knows them.

mod admin;
mod answers;
mod clarifications;
mod documents;
mod drafts;
mod own;
mod receipt;

pub use admin::{ListedBody, ShortText};
pub use answers::{AnswersBody, Birthday, Birthdays, Complete, CorrectionBody, Corrections};
pub use clarifications::ClarificationBody;
pub use documents::read_own;
pub use drafts::with_current;
pub use own::{LongText, OwnBody, complete, present};
pub use receipt::ReceiptBody;
use utoipa_actix_web::service_config::ServiceConfig;

/// What everybody asks for in the last hours of a call, and administrators all day.
pub fn rush(config: &mut ServiceConfig) {
    config.service(own::list).service(drafts::change).service(admin::list);
}

/// Every other route of this slice.
pub fn routes(config: &mut ServiceConfig) {
    config.service(drafts::begin).service(drafts::discard);
    config.service(own::withdraw).service(own::answer).service(own::receipt);
    config.service(admin::file).service(admin::person).service(admin::receipt);
    config.service(clarifications::ask).service(clarifications::answer_for);
    config.service(documents::add).service(documents::list).service(documents::one);
    config.service(documents::work::list).service(documents::work::open).service(documents::work::add);
}
