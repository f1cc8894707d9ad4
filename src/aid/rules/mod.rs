//! What other aid is, and what it does to an application.

mod register;
mod row;

pub use register::{Register, RegisterState, WithdrawReason};
pub use row::{Columns, Faults};

use crate::clock::{Date, Instant};
use crate::crypto::{BlindIndex, IndexKind};
use crate::ids::{CallId, ProgrammeId};
use crate::money::Money;

crate::text_enum! {
    /// What having received the aid does to an application.
    pub enum Effect {
        Disqualify => "disqualify",
        LowerPriority => "lower_priority",
        ReduceAmount => "reduce_amount",
        Ignore => "ignore",
    }
}

impl Effect {
    pub fn is_supported(self) -> bool {
        matches!(self, Self::Disqualify | Self::Ignore)
    }
}

crate::text_enum! {
    /// Who provides the aid.
    pub enum Level {
        Republic => "republic",
        Province => "province",
        Municipality => "municipality",
        Association => "association",
        Foundation => "foundation",
    }
}

/// An aid programme as it is added to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProgramme {
    pub code: String,
    pub provider: String,
    pub level: Level,
    pub is_universal: bool,
    pub effect: Effect,
    pub title: String,
}

/// An aid programme of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programme {
    pub id: ProgrammeId,
    pub call: CallId,
    pub code: String,
    pub provider: String,
    pub level: Level,
    pub is_universal: bool,
    pub effect: Effect,
    pub title: String,
}

/// A line of a register: who received how much on which day.
///
/// Registers come from elsewhere and hold errors. A JMBG is kept as it is written; a wrong one finds nobody.
#[derive(Debug, Clone)]
pub struct AidRecord {
    /// Some registers carry none.
    pub jmbg: Option<String>,
    pub name: String,
    pub municipality: String,
    pub amount: Money,
    pub paid_on: Date,
}

/// How a record is found: by its JMBG, or by name and place where it has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordIndexes {
    Jmbg(BlindIndex),
    NameAndPlace(BlindIndex),
}

impl RecordIndexes {
    /// The index, where it is of this kind.
    pub fn of_kind(self, kind: IndexKind) -> Option<BlindIndex> {
        match (self, kind) {
            (Self::Jmbg(index), IndexKind::Jmbg) | (Self::NameAndPlace(index), IndexKind::NameAndPlace) => Some(index),
            _ => None,
        }
    }
}

/// Whether an applicant stands on a register in force of a disqualifying programme, within the window of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hits {
    /// By JMBG: since when the newest register that says so is in force.
    pub certain: Option<Instant>,
    /// By name and place alone, likewise.
    pub possible: Option<Instant>,
}
