//! Other aid over HTTP: the call as everybody sees it, programmes, and registers as files.

mod call;
mod programmes;
mod registers;
mod upload;

use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use super::rules::{Effect, Level, RegisterState, WithdrawReason};
use crate::web::{Field, Wrong, word};

/// Every route of this slice.
pub fn routes(config: &mut ServiceConfig) {
    config.service(call::one);
    config.service(programmes::list).service(programmes::add).service(programmes::remove);
    config.service(registers::list).service(registers::export).service(registers::one).service(registers::withdraw);
    config.service(upload::upload);
}

impl Field for Level {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

impl Field for Effect {
    fn read(value: &Value) -> Result<Self, Wrong> {
        let effect: Self = word(value)?;
        if effect.is_supported() { Ok(effect) } else { Err(("effect_unsupported", None)) }
    }
}

impl Field for WithdrawReason {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}

impl Field for RegisterState {
    fn read(value: &Value) -> Result<Self, Wrong> {
        word(value)
    }
}
