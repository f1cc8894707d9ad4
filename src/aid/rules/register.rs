//! A register of a programme and the steps between its states.

use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::ids::{CallId, ProgrammeId, RegisterId};

crate::text_enum! {
    /// A register counts only while it is in force.
    pub enum RegisterState {
        Loading => "loading",
        InForce => "in_force",
        Withdrawn => "withdrawn",
    }
}

crate::text_enum! {
    /// Why a register counts no more. A list, because the log must hold nothing in free words.
    pub enum WithdrawReason {
        WrongFile => "wrong_file",
        Superseded => "superseded",
        RequestOfProvider => "request_of_provider",
        NoLegalGround => "no_legal_ground",
        Other => "other",
    }
}

/// A list of recipients of a programme, without its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    pub id: RegisterId,
    pub programme: ProgrammeId,
    pub call: CallId,
    pub state: RegisterState,
    /// While it is loading, how many rows are there so far.
    pub record_count: i64,
    pub imported_at: Instant,
    pub in_force_at: Option<Instant>,
    pub withdrawn_at: Option<Instant>,
}

impl Register {
    /// The register once it counts no more.
    ///
    /// # Errors
    /// Refused unless it is in force.
    pub fn withdrawn(&self, now: Instant) -> Result<Self> {
        match self.state {
            RegisterState::InForce => {
                Ok(Self { state: RegisterState::Withdrawn, withdrawn_at: Some(now), ..self.clone() })
            }
            RegisterState::Loading | RegisterState::Withdrawn => {
                Err(Error::refused("register_state", format!("a register that is {} is not withdrawn", self.state)))
            }
        }
    }
}
