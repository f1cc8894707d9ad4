//! Taking out of the store what belongs to no document: removed, or put there by a request that then failed.

use std::time::Duration;

use super::actions;
use crate::clock::Instant;
use crate::db::Db;
use crate::error::Result;
use crate::objects::{ObjectName, Objects};

/// How much is taken out between two looks into the database.
const AT_ONCE: i64 = 500;
/// What is younger may still get its row: a request that puts something there commits within minutes.
const YOUNG: Duration = Duration::from_secs(86_400);

/// Takes things out of the store once their rows say that they are removed. Nobody waits for it, for the store may be slow:
/// what cannot be taken now, or not before the server stops, is swept away later.
pub fn discard(objects: &Objects, names: Vec<ObjectName>) {
    let objects = objects.clone();
    actix_web::rt::spawn(async move {
        for name in &names {
            if let Err(error) = objects.delete(name).await {
                tracing::warn!(%error, "a document could not be taken out of the store; it is swept away later");
            }
        }
    });
}

/// Takes out what was written down more than a day ago as belonging to no document; says how much that was. What the
/// database knows nothing of stays: it may be another's.
///
/// # Errors
/// Those of the store and of the database; what was swept until then is gone.
pub async fn sweep(db: &Db, objects: &Objects, now: Instant) -> Result<usize> {
    let before = now.minus(YOUNG);
    let mut swept: usize = 0;
    loop {
        let some = db.read_async(move |conn| actions::left_before(conn, before, AT_ONCE)).await?;
        if some.is_empty() {
            return Ok(swept);
        }
        for name in &some {
            objects.delete(name).await?;
        }
        swept = swept.saturating_add(some.len());
        db.write_async(move |conn| actions::taken_out(conn, &some)).await?;
    }
}
