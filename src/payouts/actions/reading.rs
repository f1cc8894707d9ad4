//! Reading payouts: lists by reference code, and one with the person and the account that it goes to.

use serde::Serialize;

use super::{application_of, find};
use crate::accounts::{Actor, Permission};
use crate::applications::{self, Application, ApplicationState};
use crate::audit::{self, Kind, journal};
use crate::awards;
use crate::clock::Instant;
use crate::crypto::{Opener, Purpose, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, AwardId, CallId, PayoutId};
use crate::page::{KeyCursor, Limit, Page};
use crate::payouts::rules::Payout;
pub use crate::payouts::store::lists::{PayoutSort, Wanted};
use crate::payouts::store::{self, Executed, Times};
use crate::serbian::{BankAccount, Reference};

/// A payout, when it was what, and under which code. Nobody's name.
#[derive(Debug, Clone)]
pub struct PayoutLine {
    pub payout: Payout,
    pub times: Times,
    pub reference: String,
    /// What the bank did, oldest first.
    pub executions: Vec<Executed>,
}

/// What is on the way to an application, or has arrived: the payout of its award, where one stands and was prepared.
pub(super) fn of_application(conn: &mut Conn, application: ApplicationId) -> Result<Option<Payout>> {
    match awards::actions::standing(conn, application)? {
        Some(award) => store::find_by_award(conn, award.id),
        None => Ok(None),
    }
}

/// A page of the payouts of a call.
pub fn page(
    conn: &mut Conn,
    actor: &Actor,
    call: CallId,
    wanted: &Wanted,
    (after, limit): (Option<KeyCursor>, Limit),
) -> Result<Page<PayoutLine>> {
    actor.require(Permission::ReadPayouts)?;
    let rows = store::lists::page(conn, call, wanted, after, Some(limit.rows_and_one()))?;
    Ok(Page::new(lines(conn, rows)?, limit, |line| wanted.sort.place_of(&line.payout, &line.times)))
}

/// All payouts that the filter shows, in its order.
pub fn all(conn: &mut Conn, actor: &Actor, call: CallId, wanted: &Wanted) -> Result<Vec<PayoutLine>> {
    actor.require(Permission::ReadPayouts)?;
    let rows = store::lists::page(conn, call, wanted, None, None)?;
    lines(conn, rows)
}

fn lines(conn: &mut Conn, rows: Vec<(Payout, Times)>) -> Result<Vec<PayoutLine>> {
    let awards: Vec<AwardId> = rows.iter().map(|(payout, _)| payout.award_id).collect();
    let awards = awards::actions::find_all(conn, &awards)?;
    let applications: Vec<ApplicationId> = awards.values().map(|award| award.application_id).collect();
    let applications = applications::actions::find_all(conn, &applications)?;
    let payouts: Vec<PayoutId> = rows.iter().map(|(payout, _)| payout.id).collect();
    let mut executions = store::executions(conn, &payouts)?;
    let line = |(payout, times): (Payout, Times)| {
        let award = awards.get(&payout.award_id).ok_or(Error::NotFound)?;
        let application = applications.get(&award.application_id).ok_or(Error::NotFound)?;
        let executions = executions.remove(&payout.id).unwrap_or_default();
        Ok(PayoutLine { payout, times, reference: application.reference.clone(), executions })
    };
    rows.into_iter().map(line).collect()
}

/// One payout as the lists show it.
///
/// # Errors
/// [`Error::NotFound`] where there is none such.
pub fn one(conn: &mut Conn, actor: &Actor, id: PayoutId) -> Result<PayoutLine> {
    actor.require(Permission::ReadPayouts)?;
    let payout = find(conn, id)?;
    let times = store::times(conn, id)?.ok_or(Error::NotFound)?;
    lines(conn, vec![(payout, times)])?.pop().ok_or(Error::NotFound)
}

/// The payout of an award, as the lists show it: for slices that have asked who may know it.
pub fn of_award(conn: &mut Conn, award: AwardId) -> Result<Option<PayoutLine>> {
    let Some(payout) = store::find_by_award(conn, award)? else { return Ok(None) };
    let times = store::times(conn, payout.id)?.ok_or(Error::NotFound)?;
    Ok(lines(conn, vec![(payout, times)])?.pop())
}

/// To whom a payout goes.
#[derive(Debug, Clone)]
pub struct Payee {
    pub holder: String,
    /// Eighteen digits.
    pub account: String,
    /// As people write it: 205-351975-08.
    pub account_written: String,
}

/// A payout as it is looked at before it is authorised.
#[derive(Debug, Clone)]
pub struct Shown {
    pub line: PayoutLine,
    /// Nobody, once the award is nobody's any more: only the awarded are shown.
    pub payee: Option<Payee>,
    /// The reference code as poziv na broj of model 97, where it can be one.
    pub payment_reference: Option<String>,
}

#[derive(Serialize)]
struct PersonOpened<'a> {
    application: ApplicationId,
    payout: PayoutId,
    purpose: &'a str,
}

/// Shows a payout with name and account, and writes down who looked.
///
/// # Errors
/// [`Error::NotFound`] where there is none such.
pub fn show(conn: &mut Conn, vault: &Vault, actor: &Actor, id: PayoutId, now: Instant) -> Result<Shown> {
    actor.require(Permission::ReadPayouts)?;
    let line = one(conn, actor, id)?;
    let application = application_of(conn, &line.payout)?;
    let payment_reference = Reference::of(&application.reference).ok().map(|reference| reference.written());
    let payee = match is_awarded(&application) {
        true => {
            let facts = PersonOpened { application: application.id, payout: id, purpose: "payout" };
            audit::record(conn, actor.author(), now, Kind::PersonOpened, &facts)?;
            let access = (actor.author(), Purpose::Pay, now);
            Some(journal::during(conn, vault, access, |conn, opener| payee(conn, opener, &application))?)
        }
        false => None,
    };
    Ok(Shown { line, payee, payment_reference })
}

fn is_awarded(application: &Application) -> bool {
    let standing = application.held_from.unwrap_or(application.state);
    matches!(standing, ApplicationState::Awarded | ApplicationState::Paid)
}

fn payee(conn: &mut Conn, opener: &Opener<'_>, application: &Application) -> Result<Payee> {
    let paid_to = applications::actions::open_payment(conn, opener, application)?;
    let account = BankAccount::parse(&paid_to.account).map_err(Error::corrupt)?;
    let (written, digits) = (account.written(), account.as_str().to_owned());
    Ok(Payee { holder: paid_to.holder, account: digits, account_written: written })
}
