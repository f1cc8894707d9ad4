//! The states of a payout and the steps between them.

use crate::clock::{Date, Instant};
use crate::crypto::BlindIndex;
use crate::error::{Error, Result};
use crate::ids::{AwardId, CallId, PayoutId, PersonId};
use crate::money::Money;

crate::text_enum! {
    pub enum PayoutState {
        Prepared => "prepared",
        Authorised => "authorised",
        Executed => "executed",
        Returned => "returned",
        Cancelled => "cancelled",
    }
}

crate::text_enum! {
    pub enum PayoutEvent {
        Prepare => "prepare",
        Authorise => "authorise",
        Execute => "execute",
        Return => "return",
        Cancel => "cancel",
    }
}

impl PayoutState {
    /// Whether money is on its way, or has arrived: then the award is not given back.
    pub fn is_running(self) -> bool {
        match self {
            Self::Prepared | Self::Authorised | Self::Executed => true,
            Self::Returned | Self::Cancelled => false,
        }
    }

    /// The state after an event.
    ///
    /// # Errors
    /// Refused where the event does not follow from this state.
    pub fn after(self, event: PayoutEvent) -> Result<Self> {
        match (self, event) {
            (Self::Returned | Self::Cancelled, PayoutEvent::Prepare) => Ok(Self::Prepared),
            (Self::Prepared, PayoutEvent::Authorise) => Ok(Self::Authorised),
            (Self::Authorised, PayoutEvent::Execute) => Ok(Self::Executed),
            (Self::Executed, PayoutEvent::Return) => Ok(Self::Returned),
            (Self::Prepared | Self::Authorised, PayoutEvent::Cancel) => Ok(Self::Cancelled),
            (Self::Prepared | Self::Authorised | Self::Executed | Self::Returned | Self::Cancelled, _) => {
                Err(Error::refused("payout_state", format!("{event} does not follow on a payout that is {self}")))
            }
        }
    }
}

/// A payout of an award.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payout {
    pub id: PayoutId,
    pub award_id: AwardId,
    pub call_id: CallId,
    pub state: PayoutState,
    pub amount: Money,
    /// Keyed hash of payee, account, amount and reference. What is authorised is this.
    pub binding: BlindIndex,
    pub prepared_by: PersonId,
    /// Nothing until somebody authorised it as it was prepared last.
    pub authorised_at: Option<Instant>,
    pub version: i32,
}

/// What the bank says it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    pub executed_on: Date,
    pub amount: Money,
    pub bank_reference: String,
    /// The bank had paid before the fund knew of a finding: what happened is recorded all the same.
    pub despite_finding: bool,
}

impl Payout {
    /// The binding as people and programs pass it on.
    pub fn binding_hex(&self) -> String {
        self.binding.hex()
    }

    /// Whether the bank's execution is of this payout: of its amount, and not of a day before it was authorised in Belgrade.
    pub fn admit(&self, execution: &Execution) -> Result<()> {
        self.state.after(PayoutEvent::Execute)?;
        if self.authorised_at.is_some_and(|at| execution.executed_on < at.in_belgrade().0) {
            return Err(Error::field("executed_on", "before_authorisation"));
        }
        if execution.amount != self.amount {
            let message = format!("the bank paid {}, the award is {}", execution.amount, self.amount);
            return Err(Error::refused("amount_differs", message));
        }
        Ok(())
    }

    /// Whether a person may authorise it: never the one who prepared it.
    pub fn admit_authoriser(&self, person: PersonId) -> Result<()> {
        if person == self.prepared_by {
            return Err(Error::refused("own_payout", "who prepared a payout does not authorise it"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_table() {
        let mut table = String::new();
        for state in PayoutState::ALL {
            for event in PayoutEvent::ALL {
                if let Ok(next) = state.after(*event) {
                    table.push_str(&format!("{state} + {event} = {next}\n"));
                }
            }
        }
        insta::assert_snapshot!(table, @r"
        prepared + authorise = authorised
        prepared + cancel = cancelled
        authorised + execute = executed
        authorised + cancel = cancelled
        executed + return = returned
        returned + prepare = prepared
        cancelled + prepare = prepared
        ");
    }
}
