//! One application for the person whose it is: what they sent, what became of it, and every decision about it.

use serde::Serialize;
use serde_json::{Value, json};

use crate::applications::Application;
use crate::applications::actions::{self as applications, own, own::Own};
use crate::applications::api::ReceiptBody;
use crate::awards::actions::{self as awards, Share};
use crate::committee::actions as committee;
use crate::crypto::{Opener, Vault};
use crate::db::Conn;
use crate::eligibility::{self, actions::Resolved};
use crate::error::{Error, Result};
use crate::ids::AwardId;
use crate::language::Language;
use crate::payouts::actions as payouts;

/// An application as it was sent, and what became of it. What was erased, or cannot be opened, withholds nothing else.
pub fn whole(
    conn: &mut Conn,
    vault: &Vault,
    (own, application): (&Own, &Application),
    language: Language,
) -> Result<Value> {
    let id = application.id;
    let listed = own::listed(conn, id)?;
    let opener = Opener::own(vault, application.person_id);
    let sent = match (application.need_erased_at, application.identity_erased_at) {
        (None, None) => own::receipt_as_owner(conn, vault, application.clone())
            .and_then(|sent| value(&ReceiptBody::of(&sent, language))),
        (Some(_), None) => left(conn, &opener, application),
        (_, Some(_)) => Ok(Value::Null),
    };
    let became = eligibility::api::detail_as_owner(conn, vault, own, language).and_then(|became| value(&became));
    let resolved = eligibility::actions::resolved_on(conn, &opener, application);
    let resolved = resolved.map(|resolved| resolved.into_iter().map(resolution).collect());
    let withdrawn = match application.need_erased_at {
        Some(_) => Ok(Value::Null),
        None => applications::open_withdrawal(conn, &opener, application).and_then(|reason| value(&reason)),
    };
    let mut is_unreadable = false;
    let mut readable = |opened: Result<Value>| match opened {
        Err(Error::Crypto(_) | Error::NotFound) => {
            is_unreadable = true;
            Ok(Value::Null)
        }
        opened => opened,
    };
    let (sent, became, resolutions) = (readable(sent)?, readable(became)?, readable(resolved)?);
    let withdrawal_reason = readable(withdrawn)?;
    let decision = committee::outcome_of(conn, id)?;
    let share = awards::share_of(conn, id)?;
    let payout = match &share.award {
        Some(award) => payout(conn, award.id)?,
        None => Value::Null,
    };
    Ok(json!({
        "id": id, "reference": listed.reference, "state": listed.state, "category": listed.category,
        "municipality": listed.municipality, "discipline": listed.discipline, "association": listed.association,
        "submitted_at": listed.submitted_at, "is_entered": listed.is_entered, "merged_into": listed.merged_into,
        "need_erased_at": application.need_erased_at, "identity_erased_at": application.identity_erased_at,
        "sent": sent, "became": became, "resolutions": resolutions, "withdrawal_reason": withdrawal_reason,
        "decision": decision.map(|(outcome, at)| json!({"outcome": outcome, "decided_at": at})),
        "award": award(&share), "reserve_rank": share.reserve_rank, "payout": payout,
        "is_unreadable": is_unreadable,
    }))
}

/// Who they are and where the money goes, where the books keep it longer than why they needed help.
fn left(conn: &mut Conn, opener: &Opener<'_>, application: &Application) -> Result<Value> {
    let identity = applications::open_identity(conn, opener, application)?;
    let payment = applications::open_payment(conn, opener, application)?;
    Ok(json!({"identity": identity, "payment": payment}))
}

/// What a person of the fund decided on a finding. Who it was is on the log, by their id.
fn resolution(resolved: Resolved) -> Value {
    let Resolved { finding, resolution, at, reason, .. } = resolved;
    json!({"finding": finding, "resolution": resolution, "reason": reason, "resolved_at": at})
}

fn award(share: &Share) -> Option<Value> {
    let release = share.release.map(|(reason, at)| json!({"reason": reason, "released_at": at}));
    let shown =
        |award: awards::Award| json!({"rank": award.rank, "gross": award.gross, "net": award.net, "release": release});
    share.award.map(shown)
}

/// What was paid of an award, when and under which number of the bank.
fn payout(conn: &mut Conn, award: AwardId) -> Result<Value> {
    let Some(line) = payouts::of_award(conn, award)? else { return Ok(Value::Null) };
    let executed = line.executions.iter().map(|executed| {
        let (on, returned_on) = (executed.executed_on, executed.returned_on);
        json!({"executed_on": on, "bank_reference": executed.bank_reference, "returned_on": returned_on})
    });
    let executed: Vec<Value> = executed.collect();
    Ok(json!({
        "state": line.payout.state, "amount": line.payout.amount, "prepared_at": line.times.prepared_at,
        "authorised_at": line.payout.authorised_at, "at_the_bank": executed,
    }))
}

fn value(body: &impl Serialize) -> Result<Value> {
    serde_json::to_value(body).map_err(Error::corrupt)
}
