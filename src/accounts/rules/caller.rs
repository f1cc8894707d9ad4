//! Somebody signed in, as their session says at this moment.

use std::time::Duration;

use super::{Actor, Role};
use crate::clock::Instant;
use crate::crypto::{Keys, Sealed};
use crate::error::{Error, Result};
use crate::ids::{CallId, PersonId, SessionId};
use crate::language::Language;

/// How long a code of the second factor is fresh enough for what cannot be undone.
pub const STEP_UP_SECONDS: u64 = 300;

/// The owner of a session that was asked in this very transaction. What they may do beyond their own things is an
/// [`Actor`], which is made from this.
#[derive(Debug, Clone)]
pub struct Caller {
    pub person: PersonId,
    pub session: SessionId,
    pub language: Language,
    /// Their keys.
    pub keys: Keys,
    pub(in crate::accounts) email_sealed: Sealed,
    /// Whether a second factor is enrolled.
    pub has_second_factor: bool,
    pub(in crate::accounts) is_suspended: bool,
    pub(in crate::accounts) proven_at: Instant,
    pub(in crate::accounts) second_factor_at: Option<Instant>,
}

impl Caller {
    /// Everybody who is signed in may act for themselves.
    pub fn applicant(&self) -> Actor {
        Actor::new(self.person, Role::Applicant).in_session(self.session)
    }

    /// Asks for a code of the second factor within the last five minutes.
    ///
    /// # Errors
    /// [`Error::StepUpRequired`].
    pub fn require_step_up(&self, now: Instant) -> Result<()> {
        let fresh = self.second_factor_at.is_some_and(|at| is_fresh(at, now));
        fresh.then_some(()).ok_or(Error::StepUpRequired)
    }

    /// Asks for a proof of who it is within the last five minutes: the second factor, or whatever there is without one.
    ///
    /// # Errors
    /// [`Error::StepUpRequired`].
    pub fn require_proof(&self, now: Instant) -> Result<()> {
        match self.has_second_factor {
            true => self.require_step_up(now),
            false => is_fresh(self.proven_at, now).then_some(()).ok_or(Error::StepUpRequired),
        }
    }
}

/// On which calls somebody may use a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// On every one, and on what belongs to none.
    Everywhere,
    /// On these alone.
    Calls(Vec<CallId>),
}

impl Reach {
    /// Asks that something belongs to a call within reach; `call` is nothing for what is for all of them.
    ///
    /// # Errors
    /// [`Error::NotFound`]: what is beyond it does not exist for whoever asks.
    pub fn require(&self, call: Option<CallId>) -> Result<()> {
        let is_within = match (self, call) {
            (Self::Everywhere, _) => true,
            (Self::Calls(calls), Some(call)) => calls.contains(&call),
            (Self::Calls(_), None) => false,
        };
        is_within.then_some(()).ok_or(Error::NotFound)
    }

    /// The calls that it is bounded by; nothing where it is not.
    pub fn calls(&self) -> Option<&[CallId]> {
        match self {
            Self::Everywhere => None,
            Self::Calls(calls) => Some(calls),
        }
    }
}

fn is_fresh(at: Instant, now: Instant) -> bool {
    now <= at.plus(Duration::from_secs(STEP_UP_SECONDS))
}
