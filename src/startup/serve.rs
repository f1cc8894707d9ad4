//! The running server: routes, workers, the hourly broom, and a stop that drops nothing it has accepted.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant as Stopwatch};

use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServerHandle, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::{ALLOW, CONTENT_TYPE};
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::{App as ActixApp, HttpRequest, HttpResponse, HttpServer, web};
use utoipa_actix_web::AppExt;

use super::clockwork::{count, number, retain, sweep, sweep_store};
use super::listen::listen;
use super::{Fond, engine, erasures_file, open_on, signing_keys, work};
use crate::config::Settings;
use crate::crypto::{AccessTokens, Hasher, Openings};
use crate::error::{Error, Result};
use crate::jobs::Worker;
use crate::objects::Objects;
use crate::web::{self as kernel, Document, DocumentTurns, Limits, Metrics, Problem, Services, Uploads};
use crate::{
    accounts, aid, applications, audit, awards, calls, committee, eligibility, ledger, payouts, privacy, transparency,
};

/// A server that listens. Dropping it without [`Running::stopped`] leaves its threads to the end of the process.
pub struct Running {
    server: Server,
    metrics_server: Option<Server>,
    services: Arc<Services>,
    workers: Arc<Vec<Worker>>,
    /// Where the API listens: the port is a real one, also where the settings say 0.
    pub address: std::net::SocketAddr,
    pub metrics_address: Option<std::net::SocketAddr>,
}

/// How long the server goes on once it is told to stop. actix hangs up on a connection whose request it has not read
/// yet; in this time those that were sent before are read, and every answer says that its connection ends.
const FAREWELL: Duration = Duration::from_secs(1);
/// How long accepted requests may take then, in seconds: ten with the farewell.
const STOP_SECONDS: u64 = 9;
/// How long jobs that run are waited for, counted from when the server was told to stop; and at least a moment.
const JOBS: Duration = Duration::from_secs(9);
const LEAST_FOR_JOBS: Duration = Duration::from_secs(1);
/// The page to read the document on and to try the routes.
const DOCS: &str = "/api/docs/index.html";
/// Opens everything and listens. Runs inside an actix system.
///
/// # Errors
/// As for [`super::open`] and [`signing_keys`]; [`Error::Settings`] where a port is taken, or people would come from elsewhere
/// without TLS.
pub fn start(settings: &Settings, database: Option<&str>) -> Result<Running> {
    settings.http.require_tls()?;
    let engine = engine(settings, database)?;
    let (keys, erasures_file) = (signing_keys(settings, &engine)?, erasures_file(settings, &engine));
    let objects = Objects::open(&settings.documents, &engine)?;
    let Fond { db, vault } = open_on(settings, &engine)?;
    let vault = Arc::new(vault);
    let workers = Arc::new(work::start(settings, &db, &vault)?);
    // Whoever still holds the services must not keep the workers at work.
    let bells = Arc::downgrade(&workers);
    let services = web::Data::new(Services {
        db,
        vault,
        tokens: AccessTokens::new(keys, &settings.tokens),
        hasher: Hasher::start(&settings.passwords)?,
        limits: Limits::new(&settings.limits),
        uploads: Uploads::default(),
        document_uploads: DocumentTurns::of_uploads(),
        document_downloads: DocumentTurns::of_downloads(),
        archives: DocumentTurns::of_archives(),
        objects,
        metrics: Metrics::new()?,
        erasures_file,
        settings: settings.clone(),
        stopping_since: OnceLock::new(),
        wake: Box::new(move || bells.upgrade().iter().for_each(|bells| bells.iter().for_each(Worker::wake))),
    });
    let shared = Arc::clone(&services);
    let document = web::Data::new(document_of(settings.http.docs)?);
    let make = {
        let services = services.clone();
        move || app(services.clone(), document.clone())
    };
    let listening = listen(settings.http.listen, settings.http.workers, STOP_SECONDS, &services, make);
    let (server, address) = listening.map_err(|error| taken("http.listen", &settings.http.listen, &error))?;
    let (metrics_server, metrics_address) = metrics(settings, &shared)?;
    Ok(Running { server, metrics_server, services: shared, workers, address, metrics_address })
}

fn taken(key: &str, address: &std::net::SocketAddr, error: &std::io::Error) -> Error {
    Error::Settings(format!("{key}: cannot listen on {address}: {error}"))
}

/// The document of the API, from the routes as they are mounted.
///
/// # Errors
/// [`Error::Corrupt`] where it cannot be written.
pub fn document() -> Result<Document> {
    document_of(true)
}

fn document_of(has_docs: bool) -> Result<Document> {
    let app = ActixApp::new().into_utoipa_app().openapi(kernel::document());
    let app = if has_docs { app.configure(docs) } else { app };
    let (_, mut document) = app.configure(routes).split_for_parts();
    kernel::complete(&mut document);
    Document::new(&document)
}

/// The API with all its routes.
fn app(
    services: kernel::App,
    document: web::Data<Document>,
) -> ActixApp<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let origins = &services.settings.http.allowed_origins;
    let (has_origins, cors) = (!origins.is_empty(), cors(origins));
    let app = match services.settings.http.docs {
        true => {
            let app = ActixApp::new().into_utoipa_app().configure(docs).configure(routes).into_app();
            app.service(web::redirect("/api/docs", DOCS).permanent())
                .service(web::redirect("/api/docs/", DOCS).permanent())
        }
        false => ActixApp::new().into_utoipa_app().configure(routes).into_app(),
    };
    app.app_data(services)
        .app_data(document)
        .default_service(web::to(|request: HttpRequest, document: web::Data<Document>| async move {
            Err::<HttpResponse, Problem>(document.unknown_route(request.method().as_str(), request.path()))
        }))
        .wrap(from_fn(kernel::frame))
        .wrap(Condition::new(has_origins, cors))
        .wrap(Compress::default())
        .wrap(from_fn(kernel::outermost))
}

/// The document of the API and the page to try it, which the settings may leave out. They come before the routes, whose
/// scope would take them.
fn docs(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config.service(kernel::openapi_json).service(kernel::documentation);
}

/// Every other route of the server, each from the slice that it belongs to.
fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config.service(kernel::health).service(kernel::ready).service(kernel::version);
    // Routes are tried in this order, each by its pattern: what a rush asks for comes first.
    let api = utoipa_actix_web::scope("/api/v1")
        .configure(accounts::api::rush)
        .configure(eligibility::api::rush)
        .configure(applications::api::rush)
        .configure(eligibility::api::routes)
        .configure(applications::api::routes)
        .configure(accounts::api::routes)
        .configure(ledger::api::routes)
        .configure(calls::api::routes)
        .configure(aid::api::routes)
        .configure(committee::api::routes)
        .configure(awards::api::routes)
        .configure(payouts::api::routes)
        .configure(transparency::api::routes)
        .configure(privacy::api::routes);
    config.service(api);
}

/// Pages of other origins may call only where the settings name them.
fn cors(origins: &[String]) -> actix_cors::Cors {
    let cors = actix_cors::Cors::default()
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "Authorization",
            "Content-Type",
            "Accept-Language",
            "If-Match",
            "If-None-Match",
            "Idempotency-Key",
        ])
        .expose_headers(["ETag", "Location", "Retry-After", "X-Request-Id", "RateLimit", "RateLimit-Policy"])
        .max_age(600);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}

/// The metrics, on a port of their own.
fn metrics(settings: &Settings, services: &Arc<Services>) -> Result<(Option<Server>, Option<std::net::SocketAddr>)> {
    let listen = settings.http.metrics_listen().map_err(|error| Error::Settings(error.to_string()))?;
    let Some(listen) = listen else { return Ok((None, None)) };
    let services = Arc::clone(services);
    let app = move || {
        let services = Arc::clone(&services);
        let text = move || {
            let services = Arc::clone(&services);
            async move {
                match services.metrics.text() {
                    Ok(text) => HttpResponse::Ok()
                        .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
                        .body(text),
                    Err(_) => HttpResponse::InternalServerError().finish(),
                }
            }
        };
        ActixApp::new()
            .route("/metrics", web::get().to(text))
            .default_service(web::to(|| async { HttpResponse::NotFound().insert_header((ALLOW, "GET")).finish() }))
    };
    let server = HttpServer::new(app).workers(1).disable_signals().shutdown_timeout(1);
    let server = server.bind(listen).map_err(|error| taken("http.metrics_listen", &listen, &error))?;
    let address = server.addrs().first().copied();
    Ok((Some(server.run()), address))
}

impl Running {
    /// How often sealed data of people were opened.
    pub fn openings(&self) -> Arc<Openings> {
        Arc::clone(self.services.vault.openings())
    }

    /// The way to stop it from elsewhere.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until it is told to stop (SIGTERM, SIGINT), then lets accepted requests and running jobs end.
    ///
    /// # Errors
    /// [`Error::Connection`] where the server fails; those of the database for the last numbers of events.
    pub async fn stopped(self) -> Result<()> {
        let Self { server, metrics_server, services, workers, .. } = self;
        let metrics_handle = metrics_server.as_ref().map(Server::handle);
        if let Some(metrics_server) = metrics_server {
            actix_web::rt::spawn(metrics_server);
        }
        let signals = Signals::listen()?;
        let stopper = actix_web::rt::spawn(stop_when_told(signals, Arc::clone(&services), server.handle()));
        let sweeper = actix_web::rt::spawn(sweep(Arc::clone(&services)));
        let store_sweeper = actix_web::rt::spawn(sweep_store(Arc::clone(&services)));
        let numberer = actix_web::rt::spawn(number(Arc::clone(&services)));
        let counter = actix_web::rt::spawn(count(Arc::clone(&services)));
        let retainer = actix_web::rt::spawn(retain(Arc::clone(&services)));
        let ended = server.await;
        stopper.abort();
        sweeper.abort();
        store_sweeper.abort();
        numberer.abort();
        counter.abort();
        retainer.abort();
        if let Some(handle) = metrics_handle {
            handle.stop(true).await;
        }
        ended.map_err(|error| Error::Connection(format!("the server failed: {error}")))?;
        let since = services.stopping_since.get_or_init(Stopwatch::now).elapsed();
        end_jobs(workers, JOBS.saturating_sub(since).max(LEAST_FOR_JOBS)).await;
        let last = move || audit::number_committed(&services.db).map(|_| ());
        web::block(last).await.map_err(|error| Error::Connection(error.to_string()))?
    }
}

/// SIGTERM and SIGINT; elsewhere than on Unix, Ctrl-C.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn listen() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let failed = |error| Error::Settings(format!("signals cannot be heard: {error}"));
        let terminate = signal(SignalKind::terminate()).map_err(failed)?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt()).map_err(failed)? })
    }

    #[cfg(not(unix))]
    fn listen() -> Result<Self> {
        Ok(Self {})
    }

    async fn heard(&mut self) {
        #[cfg(unix)]
        futures_util::future::select(Box::pin(self.terminate.recv()), Box::pin(self.interrupt.recv())).await;
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Says farewell, then lets nothing new in; see [`FAREWELL`]. A second signal ends it at once.
async fn stop_when_told(mut signals: Signals, services: Arc<Services>, server: ServerHandle) {
    signals.heard().await;
    services.stopping_since.get_or_init(Stopwatch::now);
    let gracefully = async {
        tokio::time::sleep(FAREWELL).await;
        server.stop(true).await;
    };
    futures_util::future::select(Box::pin(gracefully), Box::pin(signals.heard())).await;
    server.stop(false).await;
}

/// Lets jobs that run end. One that takes too long (a mail server that hangs) is left: it is tried again after its lease.
async fn end_jobs(workers: Arc<Vec<Worker>>, patience: Duration) {
    let (tell, ended) = tokio::sync::oneshot::channel();
    // On a thread of its own: one that blocks would be waited for when the runtime ends.
    std::thread::spawn(move || {
        drop(workers);
        tell.send(())
    });
    if tokio::time::timeout(patience, ended).await.is_err() {
        tracing::warn!("a job did not end in time; it will be done again");
    }
}
