//! Everything about one person, gathered from the slices that hold it.

use serde_json::{Value, json};

use crate::accounts::Caller;
use crate::accounts::actions::{self as accounts, sessions};
use crate::applications::actions::own::{self, Own};
use crate::applications::api::ReceiptBody;
use crate::audit::journal;
use crate::awards;
use crate::clock::Instant;
use crate::crypto::Vault;
use crate::db::Conn;
use crate::eligibility;
use crate::error::{Error, Result};
use crate::ids::ApplicationId;
use crate::language::Language;
use crate::page::{Limit, Page, TimeCursor};

/// Everything that the fund holds of the caller, as one JSON object: account, roles, sessions, drafts, applications with what
/// was sent, found, asked and awarded, and who read what.
///
/// # Errors
/// [`Error::StepUpRequired`] without a fresh proof of who they are.
pub fn everything(conn: &mut Conn, vault: &Vault, caller: &Caller, language: Language, now: Instant) -> Result<Value> {
    caller.require_proof(now)?;
    let me = accounts::me(conn, vault, caller.person, caller.session, now)?;
    let roles: Vec<Value> = accounts::own_grants(conn, caller, now)?
        .into_iter()
        .map(|grant| {
            let (role, from, until) = (grant.role.as_str(), grant.granted_at, grant.ends_at);
            json!({"role": role, "call_id": grant.call, "granted_at": from, "ends_at": until})
        })
        .collect();
    let sessions = all_pages(
        |after| sessions::list(conn, caller, after, Limit::default(), now),
        |session| json!({"device": session.device, "created_at": session.created_at, "expires_at": session.expires_at}),
    )?;
    let (mut drafts, mut applications) = (Vec::new(), Vec::new());
    for own in own::list(conn, vault, caller)? {
        match own {
            Own::Draft(draft) => {
                drafts.push(
                    json!({"call_code": draft.call.code, "changed_at": draft.changed_at, "answers": draft.answers}),
                );
            }
            Own::Sent { application, .. } => {
                let id = application.id;
                applications.push(match sent(conn, vault, caller, id, language) {
                    // What cannot be opened must not withhold the rest.
                    Err(Error::Crypto(_) | Error::NotFound) => json!({"id": id, "is_unreadable": true}),
                    sent => sent?,
                });
            }
        }
    }
    let readings = all_pages(
        |after| journal::of_subject(conn, caller.person, after, Limit::default()),
        |access| {
            let (purpose, by) = (access.purpose.as_str(), access.by);
            json!({"opened_at": access.opened_at, "role": access.role, "person_id": by, "purpose": purpose, "fields": access.fields})
        },
    )?;
    let account = json!({
        "id": me.person, "email": me.email.as_str(), "language": me.language.as_str(), "has_password": me.has_password,
        "has_second_factor": me.has_second_factor, "is_suspended": me.is_suspended,
    });
    Ok(json!({
        "account": account, "roles": roles, "sessions": sessions, "drafts": drafts,
        "applications": applications, "readings": readings,
    }))
}

/// An application as it was sent, and what became of it.
fn sent(conn: &mut Conn, vault: &Vault, caller: &Caller, id: ApplicationId, language: Language) -> Result<Value> {
    let receipt = own::receipt(conn, vault, caller, id)?;
    let became = eligibility::api::detail(conn, vault, caller, id, language)?;
    let award = awards::actions::standing(conn, id)?.map(|award| json!({"gross": award.gross, "net": award.net}));
    let sent = serde_json::to_value(ReceiptBody::of(&receipt, language)).map_err(Error::corrupt)?;
    let became = serde_json::to_value(became).map_err(Error::corrupt)?;
    Ok(json!({"sent": sent, "became": became, "award": award}))
}

/// The rows of every page.
fn all_pages<T>(
    mut page: impl FnMut(Option<TimeCursor>) -> Result<Page<T>>,
    show: impl Fn(T) -> Value,
) -> Result<Vec<Value>> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let Page { items, next } = page(after)?;
        all.extend(items.into_iter().map(&show));
        match next {
            Some(next) => after = Some(next.parse().map_err(Error::corrupt)?),
            None => return Ok(all),
        }
    }
}
