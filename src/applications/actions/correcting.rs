//! Correcting what was sent: who somebody is, how they are reached, and where the money goes.
//!
//! By themselves, or for those without an account by an administrator.

use serde::Serialize;

use super::submitting::seal_salted;
use super::{erased, name_and_place, open_identity, open_need, open_payment, own};
use crate::accounts::actions::erasing::has_account;
use crate::accounts::{Actor, Caller, Permission};
use crate::applications::rules::{Application, Identity, Payment};
use crate::applications::store::{self, Corrected, SealedColumn};
use crate::audit::{self, Author, Kind, journal};
use crate::clock::Instant;
use crate::crypto::{Commitment, IndexKind, KeyClass, Keys, Opener, Purpose, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::ApplicationId;
use crate::serbian::{BankAccount, fold};
use crate::version::Seen;

/// What is put right; what is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Correction {
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub bank_account: Option<String>,
    pub account_holder: Option<String>,
}

/// What holds from now on, in place of the commitments of when it was sent.
#[derive(Serialize)]
struct ApplicationCorrected {
    application: ApplicationId,
    identity: Commitment,
    need: Commitment,
    payment: Commitment,
}

/// An application as it was put right.
#[derive(Debug)]
pub struct PutRight {
    pub application: Application,
    /// Who shared its account before: none, one, or two of them.
    pub shared_before: Vec<ApplicationId>,
}

/// Puts something of one's own application right. Whether its payment is under way is asked by `payouts`, which knows. The
/// caller checks it again then, for an account may be shared and a name stand in a register.
///
/// # Errors
/// [`Error::NotFound`] where there is none such of theirs, [`Error::Stale`] at another version; refused once it is over
/// (`application_over`) or erased (`data_erased`).
pub fn correct(
    conn: &mut Conn,
    vault: &Vault,
    caller: &Caller,
    (id, seen): (ApplicationId, Seen),
    correction: &Correction,
    now: Instant,
) -> Result<PutRight> {
    let application = own::application(conn, caller, id)?;
    seen.require(application.version, "the application")?;
    let opener = Opener::own(vault, caller.person);
    put_right((conn, vault), &opener, (&caller.keys, caller.applicant().author()), application, correction, now)
}

/// The same for an application that the fund entered for somebody, as they say on the telephone or on paper.
///
/// # Errors
/// [`Error::NotFound`] where it was not entered, or its applicant can sign in; else as for [`correct`].
pub fn correct_entered(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    (application, seen): (Application, Seen),
    correction: &Correction,
    now: Instant,
) -> Result<PutRight> {
    actor.require(Permission::EnterApplication)?;
    if application.entered_by.is_none() || has_account(conn, application.person_id)? {
        return Err(Error::NotFound);
    }
    seen.require(application.version, "the application")?;
    let (by, keys) = (actor.author(), Keys::of(application.person_id));
    journal::during(conn, vault, (by, Purpose::CorrectApplication, now), |conn, opener| {
        put_right((conn, vault), opener, (&keys, by), application, correction, now)
    })
}

fn put_right(
    (conn, vault): (&mut Conn, &Vault),
    opener: &Opener<'_>,
    (keys, by): (&Keys, Author),
    application: Application,
    correction: &Correction,
    now: Instant,
) -> Result<PutRight> {
    let id = application.id;
    if application.identity_erased_at.is_some() || application.need_erased_at.is_some() {
        return Err(erased());
    }
    if application.state.is_over() {
        return Err(Error::refused("application_over", "nothing more happens with this application"));
    }
    let (was, was_paid_to) = (open_identity(conn, opener, &application)?, open_payment(conn, opener, &application)?);
    let is_another = |identity: &Identity, payment: &Payment| {
        (&was.given_name, &was.family_name) != (&identity.given_name, &identity.family_name) || was_paid_to != *payment
    };
    let identity = corrected_identity(was.clone(), correction);
    let payment = corrected_payment(was_paid_to.clone(), correction)?;
    // What people said of the old name or account they have not said of the new one.
    let corrected_at = if is_another(&identity, &payment) { Some(now) } else { application.corrected_at };
    let mut need = open_need(conn, opener, &application)?;
    let full_name = format!("{} {}", identity.given_name, identity.family_name);
    need.is_account_holder = fold(&payment.holder) == fold(&full_name);
    let name = name_and_place(&full_name, &store::municipality(conn, id)?);
    let name_index = vault.index(conn, IndexKind::NameAndPlace, &name)?.written()?;
    let account_index = vault.index(conn, IndexKind::Account, &payment.account)?.written()?;
    let mut key = |class| vault.among(conn, keys, class);
    let (identity_key, need_key, payment_key) =
        (key(KeyClass::Identity)?, key(KeyClass::Need)?, key(KeyClass::Payment)?);
    let (identity_sealed, identity) = seal_salted(&identity_key, id, SealedColumn::Identity, identity)?;
    let (need_sealed, need) = seal_salted(&need_key, id, SealedColumn::Need, need)?;
    let (payment_sealed, payment) = seal_salted(&payment_key, id, SealedColumn::Payment, payment)?;
    let shared_before = super::beside(conn, vault, &application)?.sharing_account;
    let corrected = Corrected { identity_sealed, need_sealed, payment_sealed, account_index, name_index, corrected_at };
    store::correct(conn, &application, corrected)?;
    let facts = ApplicationCorrected { application: id, identity, need, payment };
    audit::record(conn, by, now, Kind::ApplicationCorrected, &facts)?;
    let version = application.version.saturating_add(1);
    let application = Application { account_index, name_index, corrected_at, version, ..application };
    Ok(PutRight { application, shared_before })
}

fn corrected_identity(was: Identity, correction: &Correction) -> Identity {
    let given = |corrected: &Option<String>, was: String| corrected.clone().unwrap_or(was);
    Identity {
        given_name: given(&correction.given_name, was.given_name),
        family_name: given(&correction.family_name, was.family_name),
        email: given(&correction.email, was.email),
        phone: given(&correction.phone, was.phone),
        jmbg: was.jmbg,
    }
}

fn corrected_payment(was: Payment, correction: &Correction) -> Result<Payment> {
    let account = match &correction.bank_account {
        Some(written) => {
            BankAccount::parse(written).map_err(|_| Error::field("bank_account", "account"))?.as_str().to_owned()
        }
        None => was.account,
    };
    Ok(Payment { account, holder: correction.account_holder.clone().unwrap_or(was.holder) })
}
