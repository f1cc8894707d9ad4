//! An award's way back: its money can be awarded again.

use serde::Serialize;

use super::Award;
use crate::audit::{self, Author, Kind};
use crate::awards::store;
use crate::calls;
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
    store::insert_release(conn, award.id, reason, now)?;
    let transfer = Transfer { debit: Account::AwardsPayable, credit: Account::Undistributed, amount: award.gross };
    let key = format!("release:{}", award.id);
    ledger::actions::post(conn, &Entry::new(call.book(), key, now.date(), "Award released", vec![transfer])?, now)?;
    let facts = AwardReleased { award: award.id, application: award.application_id, reason, gross: award.gross };
    audit::record(conn, by, now, Kind::AwardReleased, &facts)
}
