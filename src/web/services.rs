//! What every handler needs: the database, the keys, the limits. Made once, when the server starts.

use std::sync::{Arc, OnceLock};
use std::time::Instant as Stopwatch;

use crate::config::Settings;
use crate::crypto::{AccessTokens, Hasher, Vault};
use crate::db::{Conn, Db};
use crate::error::Result;
use crate::objects::Objects;

use super::limits::Limits;
use super::metrics::Metrics;
use super::turns::DocumentTurns;
use super::uploads::Uploads;

/// The services, shared by all threads.
pub type App = actix_web::web::Data<Services>;

pub struct Services {
    pub db: Db,
    pub vault: Arc<Vault>,
    pub tokens: AccessTokens,
    pub hasher: Hasher,
    pub limits: Limits,
    pub uploads: Uploads,
    pub document_uploads: DocumentTurns,
    pub document_downloads: DocumentTurns,
    pub archives: DocumentTurns,
    pub objects: Objects,
    pub metrics: Metrics,
    /// The list of what was erased, outside the database.
    pub erasures_file: std::path::PathBuf,
    pub settings: Settings,
    /// Since when the server is told to stop, if it is: every answer is the last of its connection then.
    pub stopping_since: OnceLock<Stopwatch>,
    /// Tells the workers that jobs were committed.
    pub wake: Box<dyn Fn() + Send + Sync>,
}

impl Services {
    /// Runs `work` on one consistent view of the database.
    pub async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Conn, &Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let services = Arc::clone(self);
        self.db.read_async(move |conn| work(conn, &services)).await
    }

    /// Runs `work` without a transaction; see [`Db::glance_async`] for where that is right.
    pub async fn glance<T: Send + 'static>(
        self: &Arc<Self>,
        mut work: impl FnMut(&mut Conn, &Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let services = Arc::clone(self);
        self.db.glance_async(move |conn| work(conn, &services)).await
    }

    /// Runs `work` in one transaction and commits it; it may run more than once.
    pub async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        mut work: impl FnMut(&mut Conn, &Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let services = Arc::clone(self);
        self.db.write_async(move |conn| work(conn, &services)).await
    }
}
