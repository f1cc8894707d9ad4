//! Putting right what was sent: never who is paid, or where, while the payment is under way.

use super::reading;
use crate::accounts::{Actor, Caller, Permission};
use crate::applications::Application;
use crate::applications::actions::correcting::{self, Correction};
use crate::applications::actions::own;
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
    (id, seen): (ApplicationId, Seen),
    correction: Correction,
    now: Instant,
) -> Result<Application> {
    let application = own::application(conn, caller, id)?;
    let shared = eligibility::sharing_account(conn, vault, &application)?;
    let is_of_payee = is_of_payee(&correction);
    correcting::correct(conn, vault, caller, (id, seen), correction, now)?;
    // Asked behind it, which undoes it: what is not theirs to put right is not there, whatever its payment does.
    require_free(conn, id, is_of_payee)?;
    eligibility::check_corrected(conn, vault, id, &shared, now)
}

/// The same for an application that the fund entered for somebody without an account.
///
/// # Errors
/// As for [`correcting::correct_entered`]; refused as `correction_fixed` as for [`correct`].
pub fn correct_entered(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    (application, seen): (Application, Seen),
    correction: Correction,
    now: Instant,
) -> Result<Application> {
    actor.require(Permission::EnterApplication)?;
    let id = application.id;
    let shared = eligibility::sharing_account(conn, vault, &application)?;
    let is_of_payee = is_of_payee(&correction);
    correcting::correct_entered(conn, vault, actor, (application, seen), correction, now)?;
    require_free(conn, id, is_of_payee)?;
    eligibility::check_corrected(conn, vault, id, &shared, now)
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
