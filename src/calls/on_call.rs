//! For the handlers of every slice behind this one: work on the call that a path names, for somebody who may do it.

use super::actions::{Call, act_on};
use crate::accounts::{Actor, Caller, Permission, signed_in};
use crate::audit::journal;
use crate::clock::Instant;
use crate::crypto::{OpenLog, Opener, Purpose};
use crate::db::Conn;
use crate::error::Result;
use crate::web::{Answer, App, Bearer, Once, Problem, Services, once};

/// Somebody acting on a call, at the moment of the transaction.
pub struct On<'a> {
    pub services: &'a Services,
    pub caller: &'a Caller,
    pub actor: Actor,
    pub call: Call,
    pub now: Instant,
    log: &'a OpenLog,
}

impl On<'_> {
    /// Somebody who opens what is sealed of others: what they open is on the journal before it is answered.
    pub fn opener(&self, purpose: Purpose) -> Opener<'_> {
        self.log.opener(&self.services.vault, journal::reader(self.actor.author(), purpose))
    }
}

/// Reads on one view of the database.
///
/// # Errors
/// As for [`signed_in::read`] and [`act_on`].
pub async fn read<T: Send + 'static>(
    app: &App,
    bearer: Bearer,
    (permission, path): (Permission, String),
    work: impl FnOnce(&mut Conn, On<'_>) -> Result<T> + Send + 'static,
) -> Result<T, Problem> {
    signed_in::read_others(app, bearer, move |conn, services, caller, log, now| {
        let (actor, call) = act_on(conn, caller, permission, &path, now)?;
        work(conn, On { services, caller, actor, call, now, log })
    })
    .await
}

/// Writes once however often it is sent. The right is asked before a first answer is given again.
///
/// # Errors
/// As for [`signed_in::write_once`] and [`act_on`].
pub async fn write_once(
    app: &App,
    bearer: Bearer,
    key: Once,
    (permission, path): (Permission, String),
    mut work: impl FnMut(&mut Conn, On<'_>) -> Result<Answer> + Send + 'static,
) -> Result<Answer, Problem> {
    signed_in::write(app, bearer, move |conn, services, caller, now| {
        let (actor, call) = act_on(conn, caller, permission, &path, now)?;
        once(conn, &services.vault, &caller.keys, &key, now, |conn| {
            let log = OpenLog::new(&services.vault);
            let answer = work(conn, On { services, caller, actor, call, now, log: &log })?;
            journal::keep(conn, &log.take_within(), now).map(|()| answer)
        })
    })
    .await
}
