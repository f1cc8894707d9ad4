//! What an application is, when one may come to exist, and the steps between its states.

mod draft;
mod facts;
mod handle;
mod reference;
mod state;
mod submission;

pub use draft::{Answers, Part, change, part_of};
pub use facts::{Household, Housing, Identity, Need, Payment, Ranking};
pub use handle::{Handle, Uncounted};
pub use reference::reference_code;
pub use state::{ApplicationEvent, ApplicationState, Standing};
pub use submission::{Refused, Submission};

use crate::clock::Instant;
use crate::crypto::BlindIndex;
use crate::ids::{ApplicationId, CallId, PersonId};

/// An application as everybody may see it who may see it at all: nothing that is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    pub id: ApplicationId,
    pub call_id: CallId,
    pub person_id: PersonId,
    /// The name-free handle that is printed everywhere.
    pub reference: String,
    pub state: ApplicationState,
    pub held_from: Option<ApplicationState>,
    /// The priority group of need; none where no category fits.
    pub category: Option<i32>,
    pub submitted_at: Instant,
    /// When its name, its account or whose that is was put right last.
    pub corrected_at: Option<Instant>,
    /// The administrator who entered it for somebody without e-mail.
    pub entered_by: Option<PersonId>,
    /// The same person's other application, while the two are merged.
    pub merged_into: Option<ApplicationId>,
    pub jmbg_index: BlindIndex,
    pub account_index: BlindIndex,
    pub name_index: BlindIndex,
    pub household_index: BlindIndex,
    pub version: i32,
    /// When why they need help was erased: it is checked and decided no more.
    pub need_erased_at: Option<Instant>,
    /// When who they are, and where their money went, was erased.
    pub identity_erased_at: Option<Instant>,
}

/// An application as a row of a list: nothing that is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub id: ApplicationId,
    pub reference: String,
    pub state: ApplicationState,
    pub held_from: Option<ApplicationState>,
    pub category: Option<i32>,
    pub municipality: String,
    pub discipline: String,
    pub association: Option<String>,
    pub submitted_at: Instant,
    /// Whether an administrator entered it for somebody without e-mail.
    pub is_entered: bool,
    pub merged_into: Option<ApplicationId>,
    pub version: i32,
}

impl Application {
    pub fn standing(&self) -> Standing {
        Standing { state: self.state, held_from: self.held_from }
    }
}
