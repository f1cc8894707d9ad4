//! What the server does by the clock: numbers, totals, metrics, alarms, votings without a chair, forgetting.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;

use crate::clock::Instant;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::web::{self as kernel, Services};
use crate::{accounts, aid, audit, committee, documents, jobs, privacy, transparency};

const BROOM: Duration = Duration::from_secs(3600);
/// How long the rows of jobs that were done are kept, to look into what went out.
const JOBS_KEPT: Duration = Duration::from_secs(30 * 86_400);
/// How often committed events get their numbers.
const NUMBERING: Duration = Duration::from_millis(200);
/// How often the totals are brought up to date.
const COUNTING: Duration = Duration::from_millis(200);
/// How often the clock looks for votings that nobody opens or closes, because nobody holds the chair's seat.
const PRESIDING: Duration = Duration::from_secs(60);
/// How often what is left of destroyed keys is overwritten, where there are such.
const SCRUBBING: Duration = Duration::from_secs(600);
/// How often what belongs to no document is taken out of the store.
const SWEEPING: Duration = Duration::from_secs(86_400);
/// When what is over its term is erased the first time, and how often from then on.
const FIRST_RETENTION: Duration = Duration::from_secs(600);
const RETENTION: Duration = Duration::from_secs(86_400);

/// Forgets what is over, once an hour, presides where nobody does, once a minute, and reads what waits for the metrics, once a
/// second.
pub(super) async fn sweep(services: Arc<Services>) {
    let mut second = tokio::time::interval(Duration::from_secs(1));
    let mut next_broom = Instant::now();
    let (mut scrubbed, mut next_scrub) = (None, next_broom);
    let mut next_presiding = next_broom;
    loop {
        second.tick().await;
        let counted = services.read(|conn, _| Ok((jobs::waiting_count(conn)?, jobs::dead_count(conn)?))).await;
        raise_alarms(&services).await;
        list_erasures(&services).await;
        if let Ok((waiting, dead)) = counted {
            services.metrics.jobs_waiting.set(waiting);
            services.metrics.jobs_dead.set(dead);
        }
        let now = Instant::now();
        if now >= next_scrub {
            next_scrub = now.plus(SCRUBBING);
            scrub(&services, &mut scrubbed).await;
        }
        if now >= next_presiding {
            next_presiding = now.plus(PRESIDING);
            preside(&services, now).await;
        }
        if now >= next_broom {
            next_broom = now.plus(BROOM);
            services.limits.forget();
            let swept = services.write(move |conn, app| {
                accounts::actions::forget_old(conn, &app.vault, now)?;
                jobs::forget(conn, now.minus(JOBS_KEPT))?;
                kernel::forget_answers(conn, now)
            });
            let swept = match swept.await {
                Ok(()) => sweep_registers(&services, now).await,
                failed => failed,
            };
            if let Err(error) = swept {
                tracing::warn!(%error, "what is over could not be forgotten; trying again in an hour");
            }
        }
    }
}

/// Says on the log who opened data of very many people.
async fn raise_alarms(services: &Arc<Services>) {
    let (db, most) = (services.db.clone(), services.settings.privacy.alarm_people_per_hour);
    let raised = web::block(move || audit::journal::raise_alarms(&db, most, Instant::now())).await;
    if let Ok(Err(error)) = raised {
        tracing::warn!(%error, "the access journal could not be watched; trying again");
    }
}

/// Opens and closes the votings that have no chair, each in a write of its own. What is refused is tried again.
async fn preside(services: &Arc<Services>, now: Instant) {
    let left = match services.read(move |conn, _| committee::actions::left_to_clock(conn, now)).await {
        Ok(left) => left,
        Err(error) => {
            tracing::warn!(%error, "votings without a chair could not be looked for; trying again");
            return;
        }
    };
    for call in left {
        let step =
            move |conn: &mut Conn, app: &Services| committee::actions::step_by_clock(conn, &app.vault, call, now);
        match services.write(step).await {
            Ok(true) => tracing::info!(%call, "a voting without a chair was opened or closed by the clock"),
            Ok(false) => {}
            Err(error @ Error::Refused(_)) => tracing::debug!(%call, %error, "a voting without a chair stays as it is"),
            Err(error) => tracing::warn!(%call, %error, "a voting without a chair stays as it is; trying again"),
        }
    }
}

/// Overwrites what is left of destroyed keys, where something was erased since it was done last. `scrubbed` is how much was
/// erased before that.
async fn scrub(services: &Arc<Services>, scrubbed: &mut Option<i64>) {
    let (db, before) = (services.db.clone(), *scrubbed);
    let done = web::block(move || -> Result<i64> {
        let erased = db.read(privacy::erasure::count)?;
        if is_to_scrub(erased, before) {
            db.scrub()?;
        }
        Ok(erased)
    });
    match done.await {
        Ok(Ok(erased)) => *scrubbed = Some(erased),
        Ok(Err(error)) => tracing::warn!(%error, "what is left of destroyed keys is not overwritten; trying again"),
        Err(_) => {}
    }
}

/// Whether keys may lie about that were destroyed. Not told by when something was erased: a run of retention stamps all of
/// it with its beginning, and some is committed behind the last look. What was before the server started is not known.
fn is_to_scrub(erased: i64, before: Option<i64>) -> bool {
    erased > 0 && before != Some(erased)
}

/// Writes what was erased on the list outside the database, where a handler could not.
async fn list_erasures(services: &Arc<Services>) {
    let (db, list) = (services.db.clone(), services.erasures_file.clone());
    let written = web::block(move || privacy::list::write_down(&db, &list)).await;
    if let Ok(Err(error)) = written {
        tracing::error!(%error, "erasures are not on the list outside the database; trying again");
    }
}

/// Erases what is over its term, once a day.
pub(super) async fn retain(services: Arc<Services>) {
    tokio::time::sleep(FIRST_RETENTION).await;
    let mut day = tokio::time::interval(RETENTION);
    loop {
        day.tick().await;
        let app = Arc::clone(&services);
        let run = move || {
            let Services { db, vault, settings, erasures_file, .. } = &*app;
            privacy::retention::run(db, vault, &settings.retention, erasures_file, Instant::now())
        };
        match web::block(run).await {
            Ok(Ok(classes)) => {
                for class in classes.iter().filter(|class| class.count > 0 || class.held > 0) {
                    let privacy::retention::Due { class, count, held, action, .. } = class;
                    tracing::info!(class, count, held, action, "over its term");
                }
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "what is over its term could not be erased; trying again tomorrow")
            }
            Err(_) => {}
        }
    }
}

/// Deletes what was loaded of registers that nobody finished, a part at a time.
async fn sweep_registers(services: &Arc<Services>, now: Instant) -> Result<()> {
    while services.write(move |conn, app| aid::actions::sweep(conn, &app.vault, now)).await? {}
    Ok(())
}

/// Takes out of the store what belongs to no document, once a day. Nothing else waits for it: the store may be slow, and there
/// may be much.
pub(super) async fn sweep_store(services: Arc<Services>) {
    let mut day = tokio::time::interval(SWEEPING);
    loop {
        day.tick().await;
        if let Err(error) = documents::sweep(&services.db, &services.objects, Instant::now()).await {
            tracing::warn!(%error, "the store of documents could not be swept; trying again tomorrow");
        }
    }
}

/// Gives committed events their numbers.
pub(super) async fn number(services: Arc<Services>) {
    let mut tick = tokio::time::interval(NUMBERING);
    loop {
        tick.tick().await;
        let db = services.db.clone();
        let numbered = web::block(move || audit::number_waiting(&db)).await;
        if let Ok(Err(error)) = numbered {
            tracing::warn!(%error, "events could not be numbered; trying again");
        }
    }
}

/// Brings the totals up to date with what was committed.
pub(super) async fn count(services: Arc<Services>) {
    let mut tick = tokio::time::interval(COUNTING);
    loop {
        tick.tick().await;
        let db = services.db.clone();
        let counted = web::block(move || transparency::actions::count_waiting(&db)).await;
        if let Ok(Err(error)) = counted {
            tracing::warn!(%error, "the totals could not be brought up to date; trying again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_erased_since_the_last_scrubbing_is_scrubbed() {
        assert!(!is_to_scrub(0, None) && !is_to_scrub(0, Some(0)), "there is nothing");
        assert!(is_to_scrub(3, None), "nobody knows what the last server did");
        assert!(!is_to_scrub(3, Some(3)));
        assert!(is_to_scrub(4, Some(3)) && is_to_scrub(1, Some(0)));
    }
}
