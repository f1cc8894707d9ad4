//! What the server does by the clock: numbers, totals, metrics, alarms, forgetting.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;

use crate::clock::Instant;
use crate::error::Result;
use crate::web::{self as kernel, Services};
use crate::{accounts, aid, audit, documents, jobs, privacy, transparency};

const BROOM: Duration = Duration::from_secs(3600);
/// How long the rows of jobs that were done are kept, to look into what went out.
const JOBS_KEPT: Duration = Duration::from_secs(30 * 86_400);
/// How often committed events get their numbers.
const NUMBERING: Duration = Duration::from_millis(200);
/// How often the totals are brought up to date.
const COUNTING: Duration = Duration::from_millis(200);
/// How often what is left of destroyed keys is overwritten, where there are such.
const SCRUBBING: Duration = Duration::from_secs(600);
/// How often what belongs to no document is taken out of the store.
const SWEEPING: Duration = Duration::from_secs(86_400);
/// When what is over its term is erased the first time, and how often from then on.
const FIRST_RETENTION: Duration = Duration::from_secs(600);
const RETENTION: Duration = Duration::from_secs(86_400);

/// Forgets what is over, once an hour, and reads what waits for the metrics, once a second.
pub(super) async fn sweep(services: Arc<Services>) {
    let mut second = tokio::time::interval(Duration::from_secs(1));
    let mut next_broom = Instant::now();
    let (mut scrubbed_at, mut next_scrub) = (None, next_broom);
    let mut next_sweep = next_broom;
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
            scrub(&services, &mut scrubbed_at).await;
        }
        if now >= next_broom {
            next_broom = now.plus(BROOM);
            services.limits.forget();
            let swept = services.write(move |conn, _| {
                accounts::actions::forget_old(conn, now)?;
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
            if now >= next_sweep {
                next_sweep = now.plus(SWEEPING);
                if let Err(error) = documents::sweep(&services.db, &services.objects, now).await {
                    tracing::warn!(%error, "the store of documents could not be swept; trying again tomorrow");
                }
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

/// Overwrites what is left of destroyed keys, where somebody was forgotten since it was done last.
async fn scrub(services: &Arc<Services>, scrubbed_at: &mut Option<Instant>) {
    let (db, last, now) = (services.db.clone(), *scrubbed_at, Instant::now());
    let scrubbed = web::block(move || match db.read(privacy::erasure::latest)? {
        Some(erased_at) if last.is_none_or(|last| last <= erased_at) => db.scrub(),
        _ => Ok(()),
    });
    match scrubbed.await {
        Ok(Ok(())) => *scrubbed_at = Some(now),
        Ok(Err(error)) => tracing::warn!(%error, "what is left of destroyed keys is not overwritten; trying again"),
        Err(_) => {}
    }
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
