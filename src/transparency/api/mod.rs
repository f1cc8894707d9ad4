//! Totals and the log over HTTP.

mod events;
mod totals;

use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use super::rules::Dimension;
use crate::audit::Kind;
use crate::web::{Field, Wrong, word};

/// Every route of this slice.
pub fn routes(config: &mut ServiceConfig) {
    config.service(totals::of_call).service(totals::export);
    config.service(events::list).service(events::export);
}

impl Field for Dimension {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

/// The kind of an event, as a query gives it.
struct EventKind(Kind);

impl Field for EventKind {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value).map(Self)
    }
}
