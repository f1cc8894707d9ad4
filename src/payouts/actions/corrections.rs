//! Putting right what was sent: never who is paid, or where, while the payment is under way.

use super::reading;
use crate::accounts::{Actor, Caller, Permission};
use crate::applications::Application;
use crate::applications::actions::correcting::{self, Correction, PutRight};
use crate::clock::Instant;
use crate::crypto::Vault;
use crate::db::Conn;
use crate::eligibility::actions as eligibility;
use crate::error::{Error, Result};
use crate::ids::ApplicationId;
use crate::payouts::rules::PayoutState;
use crate::version::Seen;

/// Puts something of one's own application right; it is checked again, and so is whoever shares its account.
///
/// # Errors
/// As for [`correcting::correct`]; refused as `correction_fixed` where it says who is paid, or where, and the payment is
/// authorised.
pub fn correct(
    conn: &mut Conn,
    vault: &Vault,
    caller: &Caller,
    own: (ApplicationId, Seen),
    correction: &Correction,
    now: Instant,
) -> Result<Application> {
    let put_right = correcting::correct(conn, vault, caller, own, correction, now)?;
    admit((conn, vault), put_right, is_of_payee(correction), now)
}

/// The same for an application that the fund entered for somebody without an account.
///
/// # Errors
/// As for [`correcting::correct_entered`]; refused as `correction_fixed` as for [`correct`].
pub fn correct_entered(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    entered: (Application, Seen),
    correction: &Correction,
    now: Instant,
) -> Result<Application> {
    actor.require(Permission::EnterApplication)?;
    let put_right = correcting::correct_entered(conn, vault, actor, entered, correction, now)?;
    admit((conn, vault), put_right, is_of_payee(correction), now)
}

/// Lets a correction stand, and checks the application again. Its payment is asked behind the correction, which a refusal undoes:
/// what is not theirs to put right is not there, whatever its payment does.
fn admit(
    (conn, vault): (&mut Conn, &Vault),
    put_right: PutRight,
    is_of_payee: bool,
    now: Instant,
) -> Result<Application> {
    let PutRight { application, shared_before } = put_right;
    require_free(conn, application.id, is_of_payee)?;
    eligibility::check_corrected(conn, vault, application, &shared_before, now)
}

/// Whether it says who is paid, or where. How somebody is reached may change at any time.
fn is_of_payee(correction: &Correction) -> bool {
    let Correction { given_name, family_name, bank_account, account_holder, .. } = correction;
    [given_name, family_name, bank_account, account_holder].into_iter().any(Option::is_some)
}

/// What was authorised may be at the bank already. Changed now, what the bank pays could not be recorded any more, and a second
/// payment would be the only way on.
fn require_free(conn: &mut Conn, application: ApplicationId, is_of_payee: bool) -> Result<()> {
    let payout = reading::of_application(conn, application)?;
    match payout.is_some_and(|payout| is_of_payee && payout.state == PayoutState::Authorised) {
        true => Err(Error::refused("correction_fixed", "the payment is under way; it has to be cancelled first")),
        false => Ok(()),
    }
}
