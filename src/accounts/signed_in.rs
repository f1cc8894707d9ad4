//! For the handlers of every slice: work for somebody signed in, whose session is asked in the same transaction.
//!
//! The moment that `work` is given is that of the transaction, not of the request: a write may wait for its turn, and a
//! right that is taken away meanwhile is gone.

use crate::audit::journal;
use crate::clock::Instant;
use crate::crypto::{OpenLog, Opener, Purpose};
use crate::db::{Conn, Writes};
use crate::error::Result;
use crate::ids::CallId;
use crate::web::{Answer, App, Bearer, Once, Problem, Services, once, once_with};

use super::actions;
use super::rules::{Actor, Caller, Permission, Reach};

/// Reads on one view of the database.
///
/// # Errors
/// 401 where the session has ended; whatever `work` fails with.
pub async fn read<T: Send + 'static>(
    app: &App,
    bearer: Bearer,
    work: impl FnOnce(&mut Conn, &Services, &Caller, Instant) -> Result<T> + Send + 'static,
) -> Result<T, Problem> {
    let read = app.read(move |conn, services| {
        let now = Instant::now();
        let caller = actions::caller(conn, bearer.person, bearer.session, now)?;
        work(conn, services, &caller, now)
    });
    Ok(read.await?)
}

/// Reads without a transaction, which spares PostgreSQL half of the round trips: for a list, where a change between session,
/// right and rows does no harm. `work` may run again.
///
/// # Errors
/// As for [`read`].
pub async fn glance<T: Send + 'static>(
    app: &App,
    bearer: Bearer,
    mut work: impl FnMut(&mut Conn, &Services, &Caller, Instant) -> Result<T> + Send + 'static,
) -> Result<T, Problem> {
    let read = app.glance(move |conn, services| {
        let now = Instant::now();
        let caller = actions::caller(conn, bearer.person, bearer.session, now)?;
        work(conn, services, &caller, now)
    });
    Ok(read.await?)
}

/// Reads what is sealed of others too. What `work` opened is on the journal before this gives anything back.
///
/// # Errors
/// As for [`read`].
pub async fn read_others<T: Send + 'static>(
    app: &App,
    bearer: Bearer,
    work: impl FnOnce(&mut Conn, &Services, &Caller, &OpenLog, Instant) -> Result<T> + Send + 'static,
) -> Result<T, Problem> {
    let read = read(app, bearer, move |conn, services, caller, now| {
        let log = OpenLog::new(&services.vault);
        work(conn, services, caller, &log, now).map(|value| (value, log))
    });
    let (value, log) = read.await?;
    let opened = log.take();
    if !opened.is_empty() {
        app.write(move |conn, _| journal::keep(conn, &opened, Instant::now())).await?;
    }
    Ok(value)
}

/// Writes in one transaction; `work` may run more than once.
///
/// # Errors
/// 401 where the session has ended; whatever `work` fails with.
pub async fn write<T: Send + 'static>(
    app: &App,
    bearer: Bearer,
    mut work: impl FnMut(&mut Conn, &Services, &Caller, Instant) -> Result<T> + Send + 'static,
) -> Result<T, Problem> {
    let written = app.write(move |conn, services| {
        let now = Instant::now();
        let caller = actions::caller(conn, bearer.person, bearer.session, now)?;
        work(conn, services, &caller, now)
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
    mut work: impl FnMut(&mut Conn, &Services, &Caller, Instant) -> Result<Answer> + Send + 'static,
) -> Result<Answer, Problem> {
    write(app, bearer, move |conn, services, caller, now| {
        once(conn, &services.vault, &caller.keys, &key, now, |conn| work(conn, services, caller, now))
    })
    .await
}

/// The same for what thousands send within hours, hardly one of them twice, and which does nothing beside its transaction: it
/// may be tried before anybody looks whether it was done, and what `work` leaves in the writes is written together with its
/// answer.
///
/// # Errors
/// As for [`write_once`].
pub async fn send_once(
    app: &App,
    bearer: Bearer,
    key: Once,
    mut work: impl FnMut(&mut Conn, &mut Writes, &Services, &Caller, Instant) -> Result<Answer> + Send + 'static,
) -> Result<Answer, Problem> {
    let key = key.seldom_twice();
    let sent = app.write(move |conn, services| {
        let now = Instant::now();
        let caller = actions::caller_with_keys(conn, bearer.person, bearer.session, now)?;
        let send = |conn: &mut Conn, writes: &mut Writes| work(conn, writes, services, &caller, now);
        once_with(conn, &services.vault, &caller.keys, &key, now, Box::new(send))
    });
    Ok(sent.await?)
}

/// The same as [`write_once`] for what needs a permission on something that is looked up first: `right` gives the actor, in
/// the same transaction, before a first answer is given again.
///
/// # Errors
/// As for [`write_once`]; whatever `right` fails with.
pub async fn once_as(
    app: &App,
    bearer: Bearer,
    key: Once,
    mut right: impl FnMut(&mut Conn, &Caller, Instant) -> Result<Actor> + Send + 'static,
    mut work: impl FnMut(&mut Conn, &Services, &Caller, &Actor, Instant) -> Result<Answer> + Send + 'static,
) -> Result<Answer, Problem> {
    write(app, bearer, move |conn, services, caller, now| {
        let actor = right(conn, caller, now)?;
        once(conn, &services.vault, &caller.keys, &key, now, |conn| work(conn, services, caller, &actor, now))
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
    mut work: impl FnMut(&mut Conn, &Services, &Caller, &Actor, Instant) -> Result<Answer> + Send + 'static,
) -> Result<Answer, Problem> {
    write(app, bearer, move |conn, services, caller, now| {
        let actor = actions::act(conn, caller, permission, call, now)?;
        once(conn, &services.vault, &caller.keys, &key, now, |conn| work(conn, services, caller, &actor, now))
    })
    .await
}

/// The same for something that exists already: `call_of` finds it, and says for which call it is; what else is asked of
/// the caller, it asks first. What is beyond the reach of somebody's roles does not exist for them.
///
/// # Errors
/// As for [`write_once`] and [`actions::reach`]; 404 where it is beyond that.
pub async fn act_on_once(
    app: &App,
    bearer: Bearer,
    key: Once,
    permission: Permission,
    call_of: impl Fn(&mut Conn, &Caller, Instant) -> Result<Option<CallId>> + Send + 'static,
    mut work: impl FnMut(&mut Conn, &Services, &Caller, &Actor, Instant) -> Result<Answer> + Send + 'static,
) -> Result<Answer, Problem> {
    write(app, bearer, move |conn, services, caller, now| {
        let (actor, reach) = actions::reach(conn, caller, permission, now)?;
        reach.require(call_of(conn, caller, now)?)?;
        once(conn, &services.vault, &caller.keys, &key, now, |conn| work(conn, services, caller, &actor, now))
    })
    .await
}

/// Reads what a permission reaches: everything, or what belongs to some calls.
///
/// # Errors
/// As for [`read`] and [`actions::reach`].
pub async fn read_within<T: Send + 'static>(
    app: &App,
    bearer: Bearer,
    permission: Permission,
    work: impl FnOnce(&mut Conn, &Services, (&Actor, &Reach), Instant) -> Result<T> + Send + 'static,
) -> Result<T, Problem> {
    read(app, bearer, move |conn, services, caller, now| {
        let (actor, reach) = actions::reach(conn, caller, permission, now)?;
        work(conn, services, (&actor, &reach), now)
    })
    .await
}

/// The same where what is sealed of others is opened for it, which is on the journal before this gives anything back.
///
/// # Errors
/// As for [`read_within`].
pub async fn read_others_within<T: Send + 'static>(
    app: &App,
    bearer: Bearer,
    (permission, purpose): (Permission, Purpose),
    work: impl FnOnce(&mut Conn, &Opener<'_>, (&Actor, &Reach), Instant) -> Result<T> + Send + 'static,
) -> Result<T, Problem> {
    read_others(app, bearer, move |conn, services, caller, log, now| {
        let (actor, reach) = actions::reach(conn, caller, permission, now)?;
        let opener = log.opener(&services.vault, journal::reader(actor.author(), purpose));
        work(conn, &opener, (&actor, &reach), now)
    })
    .await
}
