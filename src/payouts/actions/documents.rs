//! Taking back what came with an application: never what an authorised payment stands on.

use super::reading;
use crate::accounts::{Actor, Caller, Permission};
use crate::applications::Application;
use crate::applications::actions::documents;
use crate::clock::Instant;
use crate::db::Conn;
use crate::documents::actions as kept;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, DocumentId};
use crate::objects::ObjectName;
use crate::payouts::rules::PayoutState;

/// Takes back a document of one's own; gives what is to be taken out of the store once this is committed.
///
/// # Errors
/// As for [`documents::remove`]; refused as `document_fixed` once its payment is authorised.
pub fn take_back(conn: &mut Conn, caller: &Caller, id: DocumentId, now: Instant) -> Result<Vec<ObjectName>> {
    let document = kept::own(conn, caller, id)?;
    require_not_authorised(conn, document.application)?;
    documents::remove(conn, caller, &document, now)
}

/// The same for a document of an application that the fund entered for somebody.
///
/// # Errors
/// As for [`documents::remove_for`]; refused as `document_fixed` once its payment is authorised.
pub fn remove_for(
    conn: &mut Conn,
    actor: &Actor,
    (application, id): (&Application, DocumentId),
    now: Instant,
) -> Result<Vec<ObjectName>> {
    actor.require(Permission::EnterApplication)?;
    require_not_authorised(conn, application.id)?;
    documents::remove_for(conn, actor, (application, id), now)
}

fn require_not_authorised(conn: &mut Conn, application: ApplicationId) -> Result<()> {
    let payout = reading::of_application(conn, application)?;
    match payout.is_some_and(|payout| matches!(payout.state, PayoutState::Authorised | PayoutState::Executed)) {
        true => Err(Error::refused("document_fixed", "a payment was authorised on it")),
        false => Ok(()),
    }
}
