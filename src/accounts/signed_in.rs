//! For the handlers of every slice: work for somebody signed in, whose session is asked in the same transaction.

use crate::clock::Instant;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::CallId;
use crate::web::{Answer, App, Bearer, Once, Problem, Services, once};

use super::actions;
use super::rules::{Actor, Caller, Permission};

/// Reads on one view of the database.
///
/// # Errors
/// 401 where the session has ended; whatever `work` fails with.
pub async fn read<T: Send + 'static>(
    app: &App,
    bearer: Bearer,
    now: Instant,
    work: impl FnOnce(&mut Conn, &Services, &Caller) -> Result<T> + Send + 'static,
) -> Result<T, Problem> {
    let read = app.read(move |conn, services| {
        let caller = actions::caller(conn, bearer.person, bearer.session, now)?;
        work(conn, services, &caller)
    });
    Ok(read.await?)
}

/// Writes in one transaction; `work` may run more than once.
///
/// # Errors
/// 401 where the session has ended; whatever `work` fails with.
pub async fn write<T: Send + 'static>(
    app: &App,
    bearer: Bearer,
    now: Instant,
    mut work: impl FnMut(&mut Conn, &Services, &Caller) -> Result<T> + Send + 'static,
) -> Result<T, Problem> {
    let written = app.write(move |conn, services| {
        let caller = actions::caller(conn, bearer.person, bearer.session, now)?;
        work(conn, services, &caller)
    });
    Ok(written.await?)
}

/// Writes what must happen once however often it is sent: the first answer is kept with it.
///
/// # Errors
/// 401 where the session has ended, 422 where the key came with something else; whatever `work` fails with.
pub async fn write_once(
    app: &App,
    bearer: Bearer,
    key: Once,
    now: Instant,
    mut work: impl FnMut(&mut Conn, &Services, &Caller) -> Result<Answer> + Send + 'static,
) -> Result<Answer, Problem> {
    write(app, bearer, now, move |conn, services, caller| {
        once(conn, &services.vault, caller.person, &key, now, |conn| work(conn, services, caller))
    })
    .await
}

/// The same for what needs a permission, on one call or in general. It is asked before the first answer is given again:
/// whoever has lost it does not read that any more.
///
/// # Errors
/// As for [`write_once`] and [`actions::act`].
pub async fn act_once(
    app: &App,
    bearer: Bearer,
    key: Once,
    (permission, call): (Permission, Option<CallId>),
    now: Instant,
    mut work: impl FnMut(&mut Conn, &Services, &Caller, &Actor) -> Result<Answer> + Send + 'static,
) -> Result<Answer, Problem> {
    write(app, bearer, now, move |conn, services, caller| {
        let actor = actions::act(conn, caller, permission, call, now)?;
        once(conn, &services.vault, caller.person, &key, now, |conn| work(conn, services, caller, &actor))
    })
    .await
}
