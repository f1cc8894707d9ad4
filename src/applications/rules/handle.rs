//! Applications without their people: as the committee knows them, and as the totals count them.

use super::ApplicationState;
use crate::clock::Instant;
use crate::ids::{ApplicationId, CallId};

/// What names an application without naming anybody: enough to know whether one has a conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle {
    pub id: ApplicationId,
    pub reference: String,
    pub category: Option<i32>,
    pub municipality: String,
    pub discipline: String,
    pub association: Option<String>,
}

/// An application that has changed since the totals counted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncounted {
    pub id: ApplicationId,
    pub call: CallId,
    /// Where it stands; what is held for a late finding stands where it was.
    pub state: ApplicationState,
    pub category: Option<i32>,
    pub municipality: String,
    pub discipline: String,
    pub association: Option<String>,
    pub submitted_at: Instant,
    /// State and category as they were counted; nothing for one that never was.
    pub counted: Option<(ApplicationState, Option<i32>)>,
}
