//! The committee over HTTP: seats, the queue, conflicts, votes, opening and closing, and what was decided.

mod application;
mod decisions;
mod queue;
mod seats;
mod voting;

use actix_web::web::Path;
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use super::rules::{Outcome, QueuePlace, Vote};
use crate::web::{Field, Wrong, path_id, text, word};

/// Every route of this slice.
pub fn routes(config: &mut ServiceConfig) {
    config.service(seats::own_seats).service(seats::of_call).service(seats::end);
    config.service(queue::list);
    config.service(application::declare).service(application::one).service(application::vote_on);
    config.service(voting::open).service(voting::close).service(voting::show_progress);
    config.service(decisions::list).service(decisions::export).service(decisions::read_minutes);
}

/// An id from a path; what is no id names nothing that is there.
fn named<T: From<uuid::Uuid>>(id: &Path<String>) -> Option<T> {
    path_id(id).ok()
}

/// What somebody gives as a reason.
struct Reason(String);

impl Reason {
    const LONGEST: usize = 4000;
}

impl Field for Reason {
    fn read(value: &Value) -> Result<Self, Wrong> {
        text(value, Self::LONGEST).map(Self)
    }
}

/// 0 to 100.
struct Score(u8);

impl Field for Score {
    fn read(value: &Value) -> Result<Self, Wrong> {
        let score = value.as_u64().and_then(|score| u8::try_from(score).ok()).filter(|score| *score <= 100);
        score.map(Self).ok_or(("score", None))
    }
}

impl Field for Vote {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

impl Field for Outcome {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

impl Field for QueuePlace {
    fn read(value: &Value) -> Result<Self, Wrong> {
        value.as_str().and_then(|text| text.parse().ok()).ok_or(("cursor", None))
    }
}
