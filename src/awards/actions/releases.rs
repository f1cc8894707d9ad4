//! An award's way back, so that its money can be awarded again; and its return, where that should not have been.

use serde::Serialize;

use super::Award;
use crate::accounts::Actor;
use crate::applications::{self, Application, ApplicationEvent};
use crate::audit::{self, Author, Kind};
use crate::awards::store;
use crate::calls::{self, Call};
use crate::clock::Instant;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::{ApplicationId, AwardId};
use crate::ledger::{self, Account, Entry, Transfer};
use crate::money::Money;

crate::text_enum! {
    /// Why an award will not be paid.
    pub enum ReleaseReason {
        /// The applicant does not want it.
        Declined => "declined",
        /// A finding that came late was confirmed.
        Ineligible => "ineligible",
    }
}

#[derive(Serialize)]
struct AwardReleased {
    award: AwardId,
    application: ApplicationId,
    reason: ReleaseReason,
    gross: Money,
}

/// Releases an award that stands. The payouts' verbs call this: they have seen to it that no payment runs.
pub fn release(conn: &mut Conn, by: Author, award: &Award, reason: ReleaseReason, now: Instant) -> Result<()> {
    let call = calls::actions::find(conn, award.call_id)?;
    let turn = store::turn_of(conn, award.id)?;
    store::insert_release(conn, (award.id, turn), reason, now)?;
    let transfer = Transfer { debit: Account::AwardsPayable, credit: Account::Undistributed, amount: award.gross };
    let key = key("release", award, turn);
    ledger::actions::post(
        conn,
        &Entry::new(call.book(), key, now.in_belgrade().0, "Award released", vec![transfer])?,
        now,
    )?;
    let facts = AwardReleased { award: award.id, application: award.application_id, reason, gross: award.gross };
    audit::record(conn, by, now, Kind::AwardReleased, &facts)
}

/// The key of an entry: an award that came back may go again.
fn key(what: &str, award: &Award, turn: i32) -> String {
    if turn == 0 { format!("{what}:{}", award.id) } else { format!("{what}:{}:{turn}", award.id) }
}

#[derive(Serialize)]
struct AwardReinstated {
    award: AwardId,
    application: ApplicationId,
    gross: Money,
}

/// Gives an award again that was released because of a finding: the same one, so that it is paid at most once.
pub(super) fn reinstate(
    conn: &mut Conn,
    actor: &Actor,
    call: &Call,
    application: Application,
    award: &Award,
    now: Instant,
) -> Result<()> {
    let turn = store::turn_of(conn, award.id)?;
    store::insert_reinstatement(conn, (award.id, turn), now)?;
    applications::actions::advance(conn, application, ApplicationEvent::Award)?;
    let transfer = Transfer { debit: Account::Undistributed, credit: Account::AwardsPayable, amount: award.gross };
    let key = key("reinstatement", award, turn);
    ledger::actions::post(
        conn,
        &Entry::new(call.book(), key, now.in_belgrade().0, "Award given again", vec![transfer])?,
        now,
    )?;
    let facts = AwardReinstated { award: award.id, application: award.application_id, gross: award.gross };
    audit::record(conn, actor.author(), now, Kind::AwardReinstated, &facts)
}
